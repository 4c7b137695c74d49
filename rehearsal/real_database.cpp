#include "rehearsal/real_database.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_database.hpp"
#include "postgres/catalog/assume.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::rehearsal {
namespace {

using analyzer::Bytes;
using analyzer::DatabaseState;
using analyzer::Pair;
using analyzer::Program;
using analyzer::RowsOutcome;
using analyzer::RunOutcome;
using analyzer::SchemaDifference;
using analyzer::Trouble;
using model::Transaction;

constexpr const char* kLocks =
    "SELECT l.mode, n.nspname || '.' || c.relname FROM pg_locks l JOIN pg_class c ON c.oid = "
    "l.relation "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = pg_backend_pid() AND l.locktype = "
    "'relation' AND l.granted "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' "
    "ORDER BY 2, 1";

/// Columns that a unique index has alone and a sequence numbers, as (schema, table, column,
/// sequence, increment).
constexpr const char* kNumberedColumns =
    "SELECT DISTINCT n.nspname, c.relname, a.attname, s.seq::regclass::text, q.seqincrement FROM "
    "pg_index i JOIN pg_class c ON c.oid = i.indrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND "
    "a.attnum = i.indkey[0] "
    "CROSS JOIN LATERAL ("
    "SELECT d.refobjid AS seq FROM pg_attrdef f JOIN pg_depend d ON d.classid = "
    "'pg_attrdef'::regclass AND d.objid = f.oid "
    "AND d.refclassid = 'pg_class'::regclass WHERE f.adrelid = c.oid AND f.adnum = a.attnum "
    "UNION SELECT d.objid FROM pg_depend d WHERE a.attidentity <> '' AND d.classid = "
    "'pg_class'::regclass "
    "AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum) "
    "s "
    "JOIN pg_sequence q ON q.seqrelid = s.seq "
    "WHERE i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND q.seqincrement > 0 ORDER "
    "BY 1, 2, 3";

/// A refusal that says nothing of the migration, only of this server: why it is so.
std::optional<std::string> fault_of_server(const Trouble& trouble,
                                           const std::set<std::string>& roles_elsewhere) {
  if (trouble.message.starts_with("extension \"") && trouble.message.ends_with("is not available"))
    return trouble.message + " on this server";
  if (trouble.message.find("could not open extension control file") != std::string::npos)
    return trouble.message;
  if (trouble.message.starts_with("language \"")) return trouble.message + " on this server";
  if (trouble.sqlstate == "42501") return "this server's user may not: " + trouble.message;
  if (trouble.sqlstate == "42710" &&
      roles_elsewhere.contains(postgres::quoted_after(trouble.message, "role \""))) {
    return trouble.message + ": roles belong to the server, and another scratch database needs it";
  }
  return std::nullopt;
}

struct RealProgram : Program {
  RealProgram(const model::SqlText& text, std::unique_ptr<const Program> read)
      : Program(text), fake(std::move(read)) {
    if (auto found = postgres::split_statements(text.text)) {
      for (const auto& [begin, end] : *found) statements.push_back({begin, end});
    }
    const postgres::Script script = postgres::Script::parse(text.text);
    for (const auto& statement : script.statements()) {
      ends_transactions =
          ends_transactions || statement.tree->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT;
    }
  }

  std::vector<analyzer::Precheck> prechecks() const override { return fake->prechecks(); }

  std::string text_of(const Bytes& place) const {
    return script().text.substr(place.begin, place.end - place.begin);
  }

  const std::unique_ptr<const Program> fake;
  std::vector<Bytes> statements;  ///< none when they cannot be told apart
  bool ends_transactions = false;
};

const RealProgram& real(const Program& program) { return static_cast<const RealProgram&>(program); }

/// "AccessExclusiveLock" in the words of PostgreSQL's manual.
std::string mode_name(const std::string& mode) {
  std::string words;
  for (const char c : mode.substr(0, mode.size() - std::string_view("Lock").size())) {
    if (c >= 'A' && c <= 'Z' && !words.empty()) words += ' ';
    words += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return words;
}

std::string say(const std::map<std::string, Cell>& row) {
  std::string text;
  for (const auto& [column, value] : row)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", column, value ? *value : "NULL");
  return "(" + text + ")";
}

template <class Value>
Value or_throw(tl::expected<Value, std::string>&& value) {
  if (!value) throw ServerLost(value.error());
  return std::move(*value);
}

template <class Value>
const Value& or_throw(const tl::expected<Value, std::string>& value) {
  if (!value) throw ServerLost(value.error());
  return *value;
}

class RealDatabase : public DatabaseState {
 public:
  RealDatabase(std::shared_ptr<ScratchServer> server, Observations& seen)
      : server_(std::move(server)),
        seen_(&seen),
        fake_(analyzer::postgres_database()),
        database_(or_throw(server_->make_empty())) {}
  RealDatabase(const RealDatabase& other)
      : DatabaseState(),
        server_(other.server_),
        seen_(other.seen_),
        fake_(other.fake_->clone()),
        database_(other.database_),
        roles_(other.roles_),
        search_path_(other.search_path_),
        doubt_(other.doubt_) {}

  std::unique_ptr<DatabaseState> clone() const override {
    return std::make_unique<RealDatabase>(*this);
  }

  std::unique_ptr<const Program> read(const model::SqlText& script) const override {
    return std::make_unique<RealProgram>(script, fake_->read(script));
  }

  RunOutcome run(const Program& given, Transaction mode, bool same_session) override {
    const RealProgram& program = real(given);
    RunOutcome outcome;
    outcome.refused = run_for_real(program, mode, same_session);
    if (outcome.refused) {
      if (auto why = fault_of_server(*outcome.refused, kept_roles_)) doubt_ = std::move(*why);
      // Past a script that this server cannot run a refusal says nothing for certain.
      if (!doubt_.empty()) outcome.opaque.push_back({"", doubt_, outcome.refused->place});
    }
    run_on_fake(program, mode, same_session, outcome.refused.has_value());
    return outcome;
  }

  std::vector<Trouble> run_what_runs(const Program& given, const std::string& why) override {
    const RealProgram& program = real(given);
    std::vector<Trouble> refused;
    auto connection = begin_session(false);
    for (const Bytes& place : program.statements) {
      const Answer answer = connection.query(program.text_of(place));
      if (answer) continue;
      refused.push_back(trouble_of(answer.error(), place));
      if (auto reason = fault_of_server(refused.back(), kept_roles_)) doubt_ = std::move(*reason);
    }
    end_session(connection);
    fake_->run_what_runs(*program.fake, why);
    return refused;
  }

  std::optional<std::string> assume(const Trouble& trouble) override {
    auto said = fake_->assume(trouble);
    if (!said) return std::nullopt;
    const std::string role = postgres::quoted_after(*said, "role \"");
    const std::string extension = postgres::quoted_after(*said, "extension \"");
    auto connection = begin_session(false);
    const std::string statement =
        !role.empty() ? "CREATE ROLE " + postgres::quote_identifier(role)
                      : "CREATE EXTENSION " + postgres::quote_identifier(extension) + " CASCADE";
    const bool done = connection.query(statement).has_value();
    end_session(connection);
    return done ? said : std::nullopt;
  }

  std::vector<SchemaDifference> differences(const DatabaseState& after) const override {
    const Snapshot& before = or_throw(database_->snapshot());
    const Snapshot& then = or_throw(world(after).database_->snapshot());
    std::vector<SchemaDifference> found;
    const auto add = [&](const char* op, const auto& key, const std::string& from,
                         const std::string& to) {
      found.push_back({op, key.first, key.second, "", from, to, {}});
    };
    for (const auto& [key, definition] : before) {
      const auto other = then.find(key);
      if (other == then.end())
        add("missing", key, definition, "");
      else if (other->second != definition)
        add("changed", key, definition, other->second);
    }
    for (const auto& [key, definition] : then) {
      if (!before.contains(key)) add("extra", key, "", definition);
    }
    // The order of columns follows from which there are, when some are gone or new.
    std::erase_if(found, [&](const SchemaDifference& one) {
      return one.kind == "colorder" && one.op != "changed";
    });
    return found;
  }

  std::string schema_doubt(const DatabaseState& after) const override {
    return doubt_.empty() ? world(after).doubt_ : doubt_;
  }

  RowsOutcome compare_rows(const DatabaseState& after) const override {
    const Contents& before = or_throw(database_->contents());
    const Contents& then = or_throw(world(after).database_->contents());
    for (const auto& [table, rows] : before) {
      if (rows.empty()) continue;
      const auto other = then.find(table);
      const std::string name = table.first + "." + table.second;
      if (other == then.end())
        return {RowsOutcome::State::lost, fmt::format("table {} is gone with its rows", name),
                say(rows.front())};
      if (auto lost = lost_row(rows, other->second, columns_of(world(after), table))) {
        return {RowsOutcome::State::lost,
                fmt::format("a row of {} is no longer there as it was", name), say(*lost)};
      }
    }
    return {};
  }

  analyzer::SeedOutcome seed(const Pair& pair, const DatabaseState& before,
                             const DatabaseState& after, analyzer::RowKind kind) override {
    const Pair on_fake{*real(pair.up).fake, pair.up_mode,
                       pair.down == nullptr ? nullptr : real(*pair.down).fake.get(),
                       pair.down_mode};
    analyzer::SeedOutcome outcome =
        fake_->seed(on_fake, *world(before).fake_, *world(after).fake_, kind);
    auto connection = begin_session(false);
    for (const std::string& row : outcome.rows()) {
      const Answer stored = connection.query(row);
      if (stored) continue;
      seen_->refused_rows.push_back(fmt::format("{}: {}", stored.error().message, row));
      outcome.stored -= outcome.stored > 0 ? 1 : 0;
    }
    advance_sequences(connection);
    end_session(connection);
    return outcome;
  }

  std::vector<std::string> fewest_new_rows(const Pair& pair, const DatabaseState& before,
                                           const DatabaseState& after) const override {
    const Pair on_fake{*real(pair.up).fake, pair.up_mode, real(*pair.down).fake.get(),
                       pair.down_mode};
    return fake_->fewest_new_rows(on_fake, *world(before).fake_, *world(after).fake_);
  }

  std::optional<Trouble> next_insert(const DatabaseState& before) const override {
    const std::set<std::string> then = world(before).clashing_numbers();
    for (const std::string& column : clashing_numbers()) {
      if (then.contains(column)) continue;
      return Trouble{
          "23505", fmt::format("duplicate key value: the next number of {} is taken", column), {}};
    }
    return std::nullopt;
  }

 private:
  /// Rows that are stored with their numbers written out: an application would have taken these
  /// from the sequences.
  static void advance_sequences(Connection& connection) {
    const Answer numbered = connection.query(kNumberedColumns);
    for (const auto& row : numbered ? *numbered : Rows()) {
      static_cast<void>(connection.query(
          fmt::format("SELECT setval({}::regclass, max({})) FROM {}.{} HAVING max({}) > 0",
                      postgres::quote_literal(*row[3]), postgres::quote_identifier(*row[2]),
                      postgres::quote_identifier(*row[0]), postgres::quote_identifier(*row[1]),
                      postgres::quote_identifier(*row[2]))));
    }
  }

  /// Columns whose sequence gives a number next that a row has already, or that later rows have,
  /// and no other may have.
  std::set<std::string> clashing_numbers() const {
    Connection connection = or_throw(database_->connect());
    std::set<std::string> columns;
    const Answer numbered = connection.query(kNumberedColumns);
    for (const auto& row : numbered ? *numbered : Rows()) {
      const std::string next = fmt::format(
          "SELECT CASE WHEN is_called THEN last_value + {} ELSE last_value END AS n FROM {}",
          *row[4], *row[3]);
      const Answer taken = connection.query(
          fmt::format("SELECT 1 FROM ({}) next, {}.{} WHERE {} >= n LIMIT 1", next,
                      postgres::quote_identifier(*row[0]), postgres::quote_identifier(*row[1]),
                      postgres::quote_identifier(*row[2])));
      if (taken && !taken->empty())
        columns.insert(fmt::format("{}.{}.{}", *row[0], *row[1], *row[2]));
    }
    return columns;
  }

  static const RealDatabase& world(const DatabaseState& world) {
    return static_cast<const RealDatabase&>(world);
  }

  static Trouble trouble_of(const Refusal& refusal, Bytes place) {
    if (refusal.sqlstate.empty()) throw ServerLost(refusal.message);
    return {refusal.sqlstate, refusal.message, place};
  }

  static std::set<std::string> columns_of(const RealDatabase& world,
                                          const std::pair<std::string, std::string>& table) {
    std::set<std::string> columns;
    const std::string prefix = table.first + "." + table.second + ".";
    for (const auto& [key, definition] : or_throw(world.database_->snapshot())) {
      if (key.first == "column" && key.second.starts_with(prefix))
        columns.insert(key.second.substr(prefix.size()));
    }
    return columns;
  }

  /// A row of `before` that `after` has not in the columns that are left; each row counts once.
  static std::optional<std::map<std::string, Cell>> lost_row(const TableRows& before,
                                                             const TableRows& after,
                                                             const std::set<std::string>& columns) {
    const auto seen = [&](std::map<std::string, Cell> row) {
      std::erase_if(row, [&](const auto& cell) { return !columns.contains(cell.first); });
      return row;
    };
    std::multiset<std::map<std::string, Cell>> left;
    const std::map<std::string, Cell>& first = before.front();
    for (std::map<std::string, Cell> row : after) {
      std::erase_if(row, [&](const auto& cell) { return !first.contains(cell.first); });
      left.insert(std::move(row));
    }
    for (const auto& row : before) {
      const bool value_gone = std::any_of(row.begin(), row.end(), [&](const auto& cell) {
        return cell.second && !columns.contains(cell.first);
      });
      const auto found = left.find(seen(row));
      if (value_gone || found == left.end()) return row;
      left.erase(found);
    }
    return std::nullopt;
  }

  /// A connection to a database that no other world shares, with the roles that this world has.
  Connection begin_session(bool same_session) {
    if (database_.use_count() > 1) database_ = or_throw(database_->copy());
    server_->set_new_roles(roles_);
    kept_roles_ = server_->new_roles();
    for (const std::string& role : roles_) kept_roles_.erase(role);
    Connection connection = or_throw(database_->connect());
    static_cast<void>(connection.query("SET statement_timeout = '60s'; SET lock_timeout = '10s'"));
    if (same_session && search_path_)
      static_cast<void>(
          connection.query("SET search_path = " + (search_path_->empty() ? "''" : *search_path_)));
    return connection;
  }

  void end_session(Connection& connection) {
    const Answer path = connection.query("ROLLBACK; SHOW search_path");
    search_path_ = path && !path->empty() ? path->at(0).at(0) : std::nullopt;
    roles_ = server_->new_roles();
    std::erase_if(roles_, [&](const std::string& role) { return kept_roles_.contains(role); });
    database_->touch();
  }

  std::optional<Trouble> run_for_real(const RealProgram& program, Transaction mode,
                                      bool same_session) {
    Connection connection = begin_session(same_session);
    std::optional<Trouble> refused;
    const bool told_apart = !program.statements.empty() || program.script().text.empty();
    if (!told_apart || (mode == Transaction::implicit && program.ends_transactions)) {
      const Answer answer = connection.query(program.script().text);
      if (!answer)
        refused = trouble_of(answer.error(), place_of(program, answer.error().statement));
    } else {
      refused = run_by_statements(connection, program, mode != Transaction::none);
      // A single statement as a simple query is in no transaction block.
      const bool alone = mode == Transaction::implicit && program.statements.size() == 1;
      if (alone && refused && refused->sqlstate == "25001") {
        static_cast<void>(connection.query("ROLLBACK"));
        refused = run_by_statements(connection, program, false);
      }
    }
    end_session(connection);
    return refused;
  }

  static Bytes place_of(const RealProgram& program, std::size_t statement) {
    return statement < program.statements.size() ? program.statements[statement]
                                                 : Bytes{0, program.script().text.size()};
  }

  std::optional<Trouble> run_by_statements(Connection& connection, const RealProgram& program,
                                           bool in_transaction) {
    if (in_transaction) static_cast<void>(connection.query("BEGIN"));
    for (const Bytes& place : program.statements) {
      const auto start = std::chrono::steady_clock::now();
      const Answer answer = connection.query(program.text_of(place));
      const std::chrono::duration<double, std::milli> taken =
          std::chrono::steady_clock::now() - start;
      if (!answer) return trouble_of(answer.error(), place);
      note(connection, program, place, taken.count(), in_transaction);
    }
    if (!in_transaction) return std::nullopt;
    const Answer committed = connection.query("COMMIT");
    if (committed || program.statements.empty()) return std::nullopt;
    return trouble_of(committed.error(), program.statements.back());
  }

  void note(Connection& connection, const RealProgram& program, Bytes place, double milliseconds,
            bool in_transaction) {
    Observed& statement = seen_->statements[&program.script()][place.begin];
    statement.place = place;
    statement.milliseconds = std::max(statement.milliseconds, milliseconds);
    if (!in_transaction || !statement.locks.empty()) return;
    const Answer locks = connection.query(kLocks);
    for (const auto& row : locks ? *locks : Rows())
      statement.locks.push_back(fmt::format("{} on {}", mode_name(*row[0]), *row[1]));
  }

  /// Takes the fake along: where it is wrong about a refusal it goes on with what it does not know.
  void run_on_fake(const RealProgram& program, Transaction mode, bool same_session, bool refused) {
    std::unique_ptr<DatabaseState> after = fake_->clone();
    const bool fake_refused = after->run(*program.fake, mode, same_session).refused.has_value();
    if (fake_refused && !refused) {
      after = fake_->clone();
      after->run_what_runs(*program.fake, "the fake refuses a script that PostgreSQL runs");
    }
    if (refused && !fake_refused && mode != Transaction::none) return;
    fake_ = std::move(after);
  }

  std::shared_ptr<ScratchServer> server_;
  Observations* seen_;
  std::unique_ptr<DatabaseState> fake_;
  std::shared_ptr<Scratch> database_;  ///< shared with worlds that are the same so far
  std::set<std::string> roles_;        ///< that its scripts made
  std::set<std::string>
      kept_roles_;  ///< those of other worlds that could not be dropped when the session began
  std::optional<std::string> search_path_;  ///< what the last session left
  std::string
      doubt_;  ///< why what is there is not what the scripts would have made; empty when it is
};

}  // namespace

std::unique_ptr<DatabaseState> real_database(const std::shared_ptr<ScratchServer>& server,
                                             Observations& seen) {
  return std::make_unique<RealDatabase>(server, seen);
}

}  // namespace backout::rehearsal
