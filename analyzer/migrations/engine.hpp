#pragma once
// What the judge asks of a fake PostgreSQL. The judge is a pure function of these answers, so tests
// give it any.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/migrations/verdict.hpp"
#include "model/migration.hpp"

namespace backout::analyzer {

/// Bytes [begin, end) of a script.
struct Bytes {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// A statement that was refused, or that could not be followed.
struct Trouble {
  std::string sqlstate;  ///< of a refusal; empty when the statement is opaque
  std::string message;   ///< PostgreSQL's words, or what is not modelled
  Bytes place;
};

/// What came of running a script.
struct RunOutcome {
  std::optional<Trouble> refused;  ///< the first refusal; the script stopped there
  std::vector<Trouble> opaque;     ///< statements whose effect is not known
};

/// Whether an answer about rows is known, and what it is.
struct RowsOutcome {
  enum class State { same, lost, unknown } state = State::same;
  std::string message;  ///< which column or row, or why it is not known
  std::string witness;
};

/// What came of storing representative rows.
struct SeedOutcome {
  std::size_t stored = 0;
  std::string doubt;  ///< not empty: why rows of some table could not be made
  /// The rows as INSERT statements, in the order of storing.
  std::function<std::vector<std::string>()> rows = [] { return std::vector<std::string>(); };
  /// Of old rows the few that suffice for the down to be refused or for one of them not to be
  /// intact after up and down, each stored under the constraints of the schema; none when these
  /// rows do not show it.
  std::function<std::vector<std::string>()> fewest = [] { return std::vector<std::string>(); };
  /// Whether one of these few is not intact after the up already; nothing when there are none.
  std::function<std::optional<bool>()> harmed_by_up = [] { return std::optional<bool>(); };
};

enum class RowKind {
  plain_old_rows,  ///< two plain rows of each table without NULLs, and none that the scripts speak
                   ///< of
  old_rows,
  old_rows_without_nulls,
  old_rows_that_the_up_takes,  ///< table by table; a table whose rows the up refuses stays empty,
                               ///< with a doubt unless it has to be
  new_rows,
  old_rows_again,  ///< those of the world before that are gone, as an application may store them
                   ///< anew
};

/// A script as an engine has read it. Immutable: worlds on several threads may run it at once.
class Program {
 public:
  /// `script` outlives it.
  explicit Program(const model::SqlText& script) : script_(script) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  virtual ~Program() = default;

  const model::SqlText& script() const { return script_; }
  /// What to ask a database before the script runs on it.
  virtual std::vector<Precheck> prechecks() const { return {}; }

 private:
  const model::SqlText& script_;
};

/// The scripts of one migration, and how its up runs.
struct Pair {
  const Program& up;
  model::Transaction up_mode;
  const Program* down;  ///< null when there is none
  model::Transaction down_mode = model::Transaction::wrapped;
};

/// A state of a database: schema and rows. Copies are cheap and independent, also of what happens
/// on other threads.
class DatabaseState {
 public:
  virtual ~DatabaseState() = default;
  virtual std::unique_ptr<DatabaseState> clone() const = 0;

  /// What all worlds of this engine run. `script` outlives the program.
  virtual std::unique_ptr<const Program> read(const model::SqlText& script) const = 0;
  /// Runs a script as its tool would. After a refusal in a transaction the world is as before.
  /// With `same_session` on the session that the last run left.
  virtual RunOutcome run(const Program& program, model::Transaction mode, bool same_session) = 0;
  /// Runs every statement that can run, each by itself, on one connection. What the others would
  /// have done is not known because of `why`. Returns these others.
  virtual std::vector<Trouble> run_what_runs(const Program& program, const std::string& why) = 0;
  /// Adds what a refusal missed and a platform usually brings (a role, an extension); what it took
  /// for granted, or nothing.
  virtual std::optional<std::string> assume(const Trouble& trouble) = 0;

  /// In what `after` differs from this world; column order has kind "colorder".
  virtual std::vector<SchemaDifference> differences(const DatabaseState& after) const = 0;
  /// What keeps the comparison with `after` from being certain; empty when nothing does.
  virtual std::string schema_doubt(const DatabaseState& after) const = 0;
  /// Whether the rows of this world are intact in `after`, in the columns that both have.
  virtual RowsOutcome compare_rows(const DatabaseState& after) const = 0;
  /// Columns whose values an up overwrote with what it worked out of them, and that the down left
  /// as the up had made them: nothing brings the old values back, whatever the function gives.
  /// `after_up` and `after_down` come from this world.
  virtual RowsOutcome overwritten(const DatabaseState& /*after_up*/,
                                  const DatabaseState& /*after_down*/) const {
    return {};
  }
  /// Stores representative rows in the tables that the pair touches: those that differ between
  /// `before` and `after`, or that one of the scripts names. New rows obey every constraint of this
  /// world and hold what `before` could not.
  virtual SeedOutcome seed(const Pair& pair, const DatabaseState& before,
                           const DatabaseState& after, RowKind kind) = 0;
  /// From here on this world and those that are cloned from it remember together which statements
  /// met rows.
  virtual void watch_reach() {}
  /// Whether an INSERT ... SELECT that selects nothing is remembered, too: in an up, not in a down.
  virtual void heed_inserts(bool /*heeded*/) {}
  /// This world remembers together with `other`.
  virtual void watch_reach_with(const DatabaseState& /*other*/) {}
  /// What to say of statements that write and met no row in any run since watch_reach(), as far as
  /// they could change what this world held then.
  virtual std::vector<std::string> unmet() const { return {}; }

  /// Of values that statements worked out and that are not known: whether they fit where they went.
  virtual std::vector<std::string> doubts() const { return {}; }
  /// Constraints of `before` that this world has not, and that none of its rows breaks though it
  /// could hold such rows: what to say of each.
  virtual std::vector<std::string> untried(const DatabaseState& /*before*/) const { return {}; }
  /// Of the new rows that seed() stores in this world the few with which the down of the pair is
  /// refused, as INSERT statements.
  virtual std::vector<std::string> fewest_new_rows(const Pair& pair, const DatabaseState& before,
                                                   const DatabaseState& after) const = 0;
  /// The refusal of an INSERT that leaves its number to a sequence, in a table in which `before`
  /// takes one; nothing when all go.
  virtual std::optional<Trouble> next_insert(const DatabaseState& before) const = 0;
};

}  // namespace backout::analyzer
