#pragma once
// A PostgreSQL server as a plan sees it: its databases, its dumps, who may connect.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "services/service.hpp"

namespace backout::services {

/// A dump or snapshot of a database.
struct Dump {
  postgres::Database content;
  std::string format;       ///< custom | plain | directory | snapshot | unknown
  std::string point;        ///< the moment that it is of: "now" or its age
  bool damaged = false;     ///< it cannot be read to its end
  std::string engine = {};  ///< the major version that it is of; empty: no step changes that
};

/// Which columns of a row are NULL, by the row's identity.
using NullsAtStart = std::map<std::uint64_t, std::set<std::string>>;
/// Those of all rows of a database.
NullsAtStart nulls_of_rows(const postgres::Database& database);

/// Immutable once shared: changes are made on a copy, which is then sealed.
class PostgresState final : public State {
 public:
  std::map<std::string, postgres::Database> databases;
  std::string live;  ///< name of the database that the apps use; it need not exist
  std::map<std::string, Dump> dumps;
  std::set<std::string> leftovers;  ///< relations that a restore with --clean left behind
  std::map<std::string, std::size_t> baselines;  ///< "name table" -> rows
  std::string point = "now";                     ///< the moment that the live content is of
  bool locked = false;                           ///< new sessions are refused
  std::string engine;  ///< major version; empty: no step of the plan changes it, or nobody knows
  std::string old_engine;  ///< that of the cluster that an upgrade left as it was
  std::map<std::string, postgres::Database> old_cluster;  ///< what is in that one
  bool has_sessions = false;              ///< sessions besides those of apps and workers
  std::set<std::uint64_t> made_by_steps;  ///< identities of the rows that steps inserted
  std::shared_ptr<const std::set<std::string>>
      at_start;  ///< the rows before the deploy, by content: see content_of_rows()
  std::shared_ptr<const NullsAtStart> nulls_at_start;  ///< of the rows before the deploy
  std::shared_ptr<const postgres::Database> start;     ///< the live database before the deploy

  const postgres::Database* database() const;

  /// Works out facts, data and hash. Call it once, when the copy is as it should be.
  StatePtr seal();

  const std::vector<Fact>& facts() const { return facts_; }
  const std::vector<Datum>& data() const { return data_; }
  std::size_t hash() const override { return hash_; }
  bool equals(const State& other) const override;

 private:
  std::vector<Fact> facts_;
  std::vector<Datum> data_;
  std::size_t hash_ = 0;
};

/// Whether a table of that name holds the records of a migrations' tool.
bool is_record_table(std::string_view name);
/// Notes the rows that `after` has and `before` has not as made by a step, and what such a row is a
/// fact of: a rollback has to remove it.
void note_rows_of_step(const PostgresState& before, PostgresState& after);

/// Gives every row without an identity one that follows from `tag` and its place among the new rows
/// of its table: the same write makes the same rows in every world.
void name_rows(postgres::Database& database, const std::string& tag);

/// A number that follows from the text, the same everywhere.
std::uint64_t digest(std::string_view text);

}  // namespace backout::services
