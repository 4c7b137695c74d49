// PostgreSQL, as the service of a plan: the engine in postgres/ executes the SQL, this file is
// about what surrounds it: dumps and restores, databases that are renamed, sessions, psql's exit
// status.
//
// What the real thing does (measured, EXPERIMENTS X6-X14): pg_restore refuses a plain dump ("Please
// use psql"), and a script that goes on swaps an empty database in. `--clean` drops what the dump
// has and leaves what came later; a later foreign key on a restored table makes the whole restore
// fail. A damaged dump is restored up to the damage, unless all is one transaction. A database
// cannot be renamed while a session is open. `psql -f` exits 0 after errors unless ON_ERROR_STOP is
// set. SET NOT NULL refuses when a row holds NULL.
//
// What this fake leaves out: locks, vacuum, replication, statement times. Rows are representatives:
// a table holds a few rows that stand for many.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/sql_name.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/postgres_facts.hpp"
#include "services/postgres_literals.hpp"
#include "services/postgres_migrations.hpp"
#include "services/postgres_upgrade.hpp"
#include "services/postgres_verbs.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

using model::ValueType;

constexpr std::size_t kMostRows = 2;  ///< representatives that stand for `rows: N`

/// CREATE TABLE and a few rows for each entry of `tables`.
std::string short_form_sql(const model::Node& tables) {
  std::string sql;
  for (const model::Node::Entry& table : tables.entries) {
    const std::size_t dot = table.key.find('.');
    if (dot != std::string::npos)
      sql += fmt::format("CREATE SCHEMA IF NOT EXISTS {};\n",
                         model::sql_name(table.key.substr(0, dot)));
    sql += fmt::format("CREATE TABLE {} ({});\n", model::sql_name(table.key),
                       columns_sql(table.value.find("columns")));
  }
  return sql;
}

/// The INSERT of a representative row: every column without a default.
std::string insert_sql(const model::Node::Entry& table) {
  const model::Node* list = table.value.find("columns");
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const model::Node::Entry& column :
       list == nullptr ? std::vector<model::Node::Entry>{} : list->entries) {
    const bool filled = column.value.text.find("serial") != std::string::npos ||
                        column.value.text.find("default") != std::string::npos ||
                        column.value.text.find("generated") != std::string::npos;
    if (filled) continue;
    names.push_back(pg::quote_identifier(column.key));
    values.push_back(names.back() == column.key ? ":" + column.key
                                                : fmt::format(":v{}", values.size()));
  }
  const std::string name = model::sql_name(table.key);
  return names.empty() ? fmt::format("INSERT INTO {} DEFAULT VALUES", name)
                       : fmt::format("INSERT INTO {} ({}) VALUES ({})", name,
                                     fmt::join(names, ", "), fmt::join(values, ", "));
}

/// How many rows the short form says that a table has: 2 where it does not know, none where it does
/// not say.
std::int64_t said_rows(const model::Node::Entry& table, std::vector<model::Mistake>& mistakes) {
  const model::Node* rows = table.value.find("rows");
  if (rows == nullptr) return 0;
  if (rows->is_unknown()) return static_cast<std::int64_t>(kMostRows);
  const std::optional<std::int64_t> number = rows->as_integer();
  if (number && *number >= 0) return *number;
  mistakes.push_back({rows->span,
                      fmt::format("how many rows '{}' has is a whole number, 0 or more", table.key),
                      "write one, or unknown"});
  return 0;
}

StatePtr initial_postgres(const Context& context, ServiceIndex self,
                          std::vector<model::Mistake>& mistakes) {
  const model::Service& service = context.plan().services[self];
  PostgresState state;
  state.live = service.fields.text_or("database", service.name);
  state.engine = major_before(context.plan(), self);
  const std::size_t mistakes_before = mistakes.size();
  pg::Database database;
  if (const model::Node* version = service.fields.find("version");
      version != nullptr && !version->is_unknown()) {
    const std::int64_t major = version->as_integer().value_or(0);
    const bool known = major >= pg::kOldestServer && major <= pg::kNewestServer;
    if (known)
      pg::set_server(database, static_cast<int>(major));
    else
      mistakes.push_back({version->span,
                          fmt::format("'version' of '{}' is {} to {}", service.name,
                                      pg::kOldestServer, pg::kNewestServer),
                          ""});
  }
  const auto note = [&](const SqlRun& run, const model::Span& span) {
    if (run.result != Outcome::Result::done) {
      mistakes.push_back(
          {span,
           fmt::format("the state of '{}' before the deploy cannot be made: {}", service.name,
                       run.message),
           run.result == Outcome::Result::opaque ? "leave out what the plan does not need" : ""});
    }
  };
  const auto make = [&](const std::string& sql, const model::Span& span) {
    note(run_sql(database, sql, SqlRun::Mode::stop_at_first, "old"), span);
  };
  if (const model::Node* file = service.fields.find("schema")) {
    if (const auto text = named_text(context.plan(), file->text)) {
      make(*text, file->span);
    } else {
      mistakes.push_back(
          {file->span,
           fmt::format("the schema of '{}' before the deploy is not known", service.name),
           "name a file, or write the tables that the plan needs under 'tables'"});
    }
  } else {
    run_applied_migrations(context, self, database, mistakes);
  }
  if (const model::Node* sql = service.fields.find("sql")) make(sql->text, sql->span);
  const model::Node* tables = service.fields.find("tables");
  if (tables != nullptr && tables->is_unknown()) {
    mistakes.push_back(
        {tables->span,
         fmt::format("the tables of '{}' before the deploy are not known", service.name),
         "write those that the plan needs, or leave it out"});
  } else if (tables != nullptr) {
    make(short_form_sql(*tables), tables->span);
    for (const model::Node::Entry& table : tables->entries) {
      const auto wanted = static_cast<std::size_t>(said_rows(table, mistakes));
      for (std::size_t i = 0; i < std::min(wanted, kMostRows); ++i) {
        note(run_with_values(database, nullptr, insert_sql(table), fmt::format("old row {}", i)),
             table.key_span);
      }
    }
  }
  assume_for_migrations(context, self, database);
  if (mistakes.size() == mistakes_before) add_witnesses(database, course_of(context, self));
  state.databases[state.live] = database;
  for (const model::Backup& backup : context.plan().backups) {
    if (backup.of != self) continue;
    const std::string point = backup.age && !backup.age->unknown
                                  ? model::to_string(*backup.age) + " before"
                                  : "an unknown moment";
    state.dumps[backup.name] = {database, backup.format.empty() ? "unknown" : backup.format, point,
                                false, state.engine};
  }
  const std::string connections = service.fields.text_or("connections", "0");
  state.has_sessions = connections != "0";
  state.start = std::make_shared<const pg::Database>(database);
  state.nulls_at_start = std::make_shared<const NullsAtStart>(nulls_of_rows(database));
  state.at_start = std::make_shared<const std::set<std::string>>(content_of_rows(database));
  return state.seal();
}

/// Whether a version has it that does not serve before the deploy.
bool is_of_new_version(const Plan& plan, const Operation& operation) {
  return std::ranges::any_of(plan.services, [&](const model::Service& app) {
    return std::ranges::any_of(app.versions, [&](const model::Version& version) {
      return version.name != app.start &&
             std::ranges::any_of(version.operations,
                                 [&](const Operation& each) { return &each == &operation; });
    });
  });
}

Outcome operate_postgres(const Context& context, const World& world, const Operation& operation,
                         const std::string& tag) {
  const PostgresState& before = postgres_state(world, operation.on);
  if (before.locked) return Outcome::refused("the database lets nobody in");
  if (before.database() == nullptr)
    return Outcome::refused(fmt::format("database \"{}\" does not exist", before.live));
  PostgresState after = before;
  pg::Database& database = after.databases.at(after.live);
  const SqlRun run = run_with_values(database, before.start.get(), operation.sql, tag);
  if (run.result == Outcome::Result::refused) return Outcome::refused(run.message);
  if (run.result == Outcome::Result::opaque) return Outcome::opaque(run.message);
  if (before.start != nullptr && is_of_new_version(context.plan(), operation))
    write_wider(database, *before.database(), *before.start, operation.sql, tag);
  const pg::Script script =
      pg::Script::parse(with_literals(*before.database(), operation.sql, tag));
  const bool reads = std::ranges::all_of(script.statements(), only_reads);
  return reads ? Outcome::done() : Outcome::done().set(operation.on, after.seal());
}

/// The tolerance of `within`: "1%", "1-2%", 0.01. The widest end counts.
double tolerance(const std::string& within) {
  const std::size_t dash = within.rfind('-');
  const double value =
      std::strtod(within.substr(dash == std::string::npos ? 0 : dash + 1).c_str(), nullptr);
  return within.ends_with('%') ? value / 100 : value;
}

CheckResult check_postgres(const Context& context, const World& world, const model::Check& check) {
  const PostgresState& state = postgres_state(world, check.services.front());
  if (state.database() == nullptr) return {CheckResult::Value::fail, "the database does not exist"};
  if (check.type == model::Check::Type::sql) {
    if (!check.args.has("expect")) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::unknown, "the result of the query is not computed"};
  }
  if (check.type != model::Check::Type::rows)
    return context.kind(check.services.front()).Kind::check(context, world, check);
  const std::string baseline = check.args.text_or("baseline", "baseline");
  for (const std::string& name : check.args.strings("rows")) {
    const std::string table = name.substr(name.find('.') + 1);
    const auto recorded = state.baselines.find(baseline + ' ' + table);
    if (recorded == state.baselines.end())
      return {CheckResult::Value::unknown,
              fmt::format("no baseline '{}' was recorded for {}", baseline, table)};
    std::size_t rows = 0;
    for (const auto& [id, stored] : state.database()->rows().all()) {
      const auto* found = state.database()->get<pg::Table>(id);
      if (found != nullptr && fact_name(*state.database(), *found) == table)
        rows = stored->rows.size();
    }
    // More rows are traffic; fewer are a loss.
    const double lost = recorded->second <= rows ? 0
                                                 : static_cast<double>(recorded->second - rows) /
                                                       static_cast<double>(recorded->second);
    if (lost > tolerance(check.args.text_or("within", "0"))) {
      return {CheckResult::Value::fail, fmt::format("{} lost rows since the baseline", table)};
    }
  }
  return {CheckResult::Value::pass, ""};
}

KindRow postgres_row() {
  KindRow row;
  row.name = "postgres";
  row.help = "A PostgreSQL database.";
  row.fields = {
      field("database", ValueType::string, "Name of the live database."),
      field("server", ValueType::string, "Name of the server."),
      field("version", ValueType::integer,
            "Major version of PostgreSQL, 13 to 18: what came later is refused (default: nothing "
            "is)."),
      field("schema", ValueType::file,
            "SQL file that makes the schema and rows before the deploy."),
      field("sql", ValueType::string, "The same, inline."),
      field("tables", ValueType::map,
            "table: {rows: N, columns: {column: type}}: the same in short form."),
      field("connections", ValueType::any,
            "Open sessions besides those of apps and workers (default 0)."),
      field("migrations", ValueType::migrations,
            "Folder of up and down migrations, of any tool that `backout migrations` knows."),
      field("migrated_to", ValueType::migration,
            "Version or id of the last migration that it has before the deploy (default: it has "
            "none)."),
      field("location", ValueType::string, "Volume or account."),
      field("provider", ValueType::string, "Who runs it."),
      field("size", ValueType::string, "How big it is.")};
  row.verbs = {
      postgres_sql_row(),           postgres_migrate_row(),        postgres_down_row(),
      postgres_migration_row(true), postgres_migration_row(false), postgres_backup_row(),
      postgres_restore_row(),       postgres_upgrade_row(),        postgres_create_row(),
      postgres_rename_row(),        postgres_swap_row(),           postgres_terminate_row(),
      postgres_access_row(false),   postgres_access_row(true),     postgres_record_row(),
      postgres_baseline_row()};
  row.aliases = {"postgresql"};
  row.first_state = initial_postgres;
  row.facts = [](const Context&, ServiceIndex, const State& state) {
    return static_cast<const PostgresState&>(state).facts();
  };
  row.data_of_state = [](const State& state) {
    return static_cast<const PostgresState&>(state).data();
  };
  row.operate = operate_postgres;
  row.check = check_postgres;
  row.harmed = [](const Context&, const World& world, const Action& action, Harm harm) {
    return harm == Harm::connected ? connected_sessions(world, action.service) : Changes{};
  };
  return row;
}

}  // namespace

const PostgresState& postgres_state(const World& world, ServiceIndex self) {
  return static_cast<const PostgresState&>(*world.states[self]);
}

Outcome on_live_database(const Call& call, Outcome (*then)(const Call&, PostgresState)) {
  const PostgresState& state = postgres_state(call.world, call.action.service);
  if (state.database() == nullptr)
    return Outcome::refused(fmt::format("database \"{}\" does not exist", state.live));
  return then(call, state);
}

Changes connected_sessions(const World& world, ServiceIndex self) {
  PostgresState state = postgres_state(world, self);
  if (state.locked) return {};  // nobody gets in
  state.has_sessions = true;
  const StatePtr next = state.seal();
  if (next->equals(*world.states[self])) return {};
  return {{self, next}};
}

const Kind& kind_postgres() {
  static const std::unique_ptr<const Kind> kKind = make_kind(postgres_row());
  return *kKind;
}

}  // namespace backout::services
