#include "services/postgres_sql.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/print.hpp"
#include "postgres/undo/undo_print.hpp"
#include "postgres/witness/clues.hpp"
#include "postgres/witness/fitting.hpp"
#include "postgres/witness/generate.hpp"
#include "postgres/witness/sample_values.hpp"
#include "postgres/witness/seeding.hpp"
#include "services/postgres_keys.hpp"
#include "services/postgres_literals.hpp"
#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = backout::postgres;

bool only_reads(const pg::Script::Statement& statement) {
  return statement.tree->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ||
         statement.tree->node_case == PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT ||
         statement.tree->node_case == PG_QUERY__NODE__NODE_EXPLAIN_STMT;
}

SqlRun run_sql(pg::Database& database, const std::string& sql, SqlRun::Mode mode,
               const std::string& tag) {
  const pg::Script script = pg::Script::parse(sql);
  if (script.mistake()) {
    const bool unread = script.mistake()->sqlstate.empty();
    return {unread ? Outcome::Result::opaque : Outcome::Result::refused, script.mistake()->message};
  }
  SqlRun run;
  const pg::Database before = database;
  const auto worse = [&](Outcome::Result result, const std::string& message) {
    if (run.result == Outcome::Result::refused) return;
    if (run.result == Outcome::Result::opaque && result == Outcome::Result::opaque) return;
    run = {result, message};
  };
  for (std::size_t i = 0; i < script.statements().size(); ++i) {
    const pg::ExecResult result = database.execute(script, i);
    if (result.status == pg::ExecStatus::opaque && !only_reads(script.statements()[i]))
      worse(Outcome::Result::opaque, result.message);
    if (result.status != pg::ExecStatus::refused) continue;
    worse(Outcome::Result::refused, result.message);
    if (run.sqlstate.empty()) run.sqlstate = result.sqlstate;
    if (mode == SqlRun::Mode::transaction) database = before;
    if (mode != SqlRun::Mode::go_on) break;
  }
  name_rows(database, tag);
  return run;
}

namespace {

/// How often a statement with placeholders is tried with other values when a unique constraint
/// refuses the first ones: its values are fresh, and only those that this fake made up were taken.
constexpr int kFreshValues = 4;

}  // namespace

SqlRun run_with_values(pg::Database& database, const pg::Database* start, const std::string& sql,
                       const std::string& tag) {
  const pg::Database before = database;
  const std::map<std::string, std::string> met =
      keys_of_met_row(start == nullptr ? before : *start, sql, tag);
  std::set<std::string> free;
  for (const auto& [name, column] : placeholders(sql)) {
    if (!met.contains(':' + name)) free.insert(column);
  }
  SqlRun first;
  for (int attempt = 0; attempt <= kFreshValues; ++attempt) {
    const std::string tried = attempt == 0 ? tag : fmt::format("{} {}", tag, attempt);
    const SqlRun run = run_sql(database, with_literals(before, sql, tried, met, start),
                               SqlRun::Mode::transaction, tried);
    if (attempt == 0) first = run;
    if (run.result != Outcome::Result::refused) return run;
    if (run.sqlstate != "23505" || free.empty()) break;
  }
  const auto about_values = [&](const SqlRun& run) {
    return run.result == Outcome::Result::refused &&
           pg::is_about(before, {pg::ExecStatus::refused, run.sqlstate, run.message, -1}, free);
  };
  if (!about_values(first)) return first;
  const auto number = static_cast<long>(10'000 + digest(tag) % 20'000);
  for (const pg::Database* seen : {start, &before}) {
    if (seen == nullptr) continue;
    for (const pg::Fitting& fitting :
         pg::fittings(*seen, with_literals(*seen, sql, tag, met), free, number)) {
      database = before;
      pg::store_valid(database, fitting.parents);
      std::map<std::string, std::string> chosen = fitting.literals;
      chosen.insert(met.begin(), met.end());
      const SqlRun run = run_sql(database, with_literals(before, sql, tag, chosen, start),
                                 SqlRun::Mode::transaction, tag);
      if (!about_values(run)) return run;
    }
  }
  database = before;
  return {Outcome::Result::opaque,
          fmt::format("no row was found that the schema allows: {}", first.message)};
}

namespace {

/// The table that the only statement of a script writes to.
const pg::Table* written_table(const pg::Database& database, const pg::Script& script) {
  if (script.mistake() || script.statements().size() != 1) return nullptr;
  const PgQuery__Node& node = *script.statements().front().tree;
  const PgQuery__RangeVar* range =
      node.node_case == PG_QUERY__NODE__NODE_INSERT_STMT   ? node.insert_stmt->relation
      : node.node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ? node.update_stmt->relation
                                                           : nullptr;
  const auto id =
      range == nullptr ? pg::Checked<pg::ObjectId>(0) : pg::require_table(database, *range);
  return id && *id != 0 ? database.get<pg::Table>(*id) : nullptr;
}

/// The table of that name before the deploy.
const pg::Table* table_at_start(const pg::Database& start, const pg::Database& now,
                                const pg::Table& table) {
  const pg::Object* schema = now.find(table.schema);
  return schema == nullptr
             ? nullptr
             : start.get<pg::Table>(start.lookup(pg::NameSpace::relation,
                                                 start.schema_named(schema->name), table.name));
}

/// Literals that one column may take now and perhaps could not before: what the types and CHECK
/// constraints of both say.
std::vector<std::string> wider_candidates(const pg::Database& start, const pg::Table& then,
                                          const pg::Column& old, const pg::Database& now,
                                          const pg::Table& table, pg::ColumnId id) {
  using Family = pg::TypeClass;
  const pg::ValueType& type = table.column(id).type;
  std::vector<std::string> all;
  const auto* labels = type.is_array() || type.user == 0 ? nullptr : now.get<pg::Type>(type.user);
  if (labels != nullptr && labels->variety == 'e')
    all.insert(all.end(), labels->labels.begin(), labels->labels.end());
  const std::vector<pg::CheckHints> hints = pg::hints_of(now, table);
  all.insert(all.end(), hints[id - std::size_t{1}].literals.begin(),
             hints[id - std::size_t{1}].literals.end());
  for (const pg::Constraint* check : start.parts_of<pg::Constraint>(then.id)) {
    if (check->type != 'c') continue;
    for (const pg::Clue& clue : pg::clues_of(*check->check.node, 1)) {
      if (const auto said = clue.values.find(old.name); said != clue.values.end() && said->second)
        all.push_back(*said->second);
    }
  }
  if ((old.type.family == Family::varchar || old.type.family == Family::bpchar) &&
      old.type.length > 0) {
    all.emplace_back(static_cast<std::size_t>(old.type.length) + 1, 'w');
  }
  if (old.type.family == Family::int2) all.emplace_back("40001");
  if (old.type.family == Family::int4) all.emplace_back("3000000001");
  if (old.type.family == Family::numeric && old.type.length > old.type.scale) {
    all.push_back("1" +
                  std::string(static_cast<std::size_t>(old.type.length - old.type.scale), '0'));
  }
  return all;
}

/// Whether a row of the table could not hold the value before the deploy, though it holds others.
bool start_refuses(pg::Database start, const pg::Table& then, const std::string& column,
                   const std::string& literal) {
  pg::RowMaker maker(start, then.id, nullptr);
  if (start.rows().of(then.id).rows.empty() && !pg::put_plain(maker, 9301)) return false;
  pg::TableRows one{{start.rows().of(then.id).rows.front()}, {}};
  start.rows().store(then.id, std::move(one));
  const std::string sql = fmt::format("UPDATE {} SET {} = {}", pg::sql_name(start, then),
                                      pg::quote_identifier(column), pg::quote_literal(literal));
  const SqlRun run = run_sql(start, sql, SqlRun::Mode::transaction, "");
  return run.result == Outcome::Result::refused &&
         (run.sqlstate.starts_with("22") || run.sqlstate == "23514");
}

/// For each key that was unique before the deploy and is not now: the values of a row that is
/// there, once more.
std::vector<std::map<std::string, std::string>> former_keys(
    const pg::Database& start, const pg::Table& then, const pg::Database& now,
    const pg::Table& table, const pg::Row& row, const std::set<std::string>& free) {
  const auto columns_of = [](const pg::Table& of, const pg::Index& key) {
    std::set<std::string> names;
    for (const pg::IndexColumn& column : key.columns)
      names.insert(column.column == 0 ? std::string() : of.column(column.column).name);
    return names;
  };
  std::vector<std::map<std::string, std::string>> all;
  for (const pg::Index* key : start.parts_of<pg::Index>(then.id)) {
    const std::set<std::string> names = columns_of(then, *key);
    const auto is_same = [&](const pg::Index* other) {
      return other->unique && columns_of(table, *other) == names;
    };
    if (!key->unique || key->where ||
        std::ranges::any_of(now.parts_of<pg::Index>(table.id), is_same))
      continue;
    std::map<std::string, std::string> chosen;
    for (const std::string& name : names) {
      const pg::ColumnId id = table.find(name);
      if (id != 0 && free.contains(name) && row.at(id - std::size_t{1}).is_known())
        chosen[name] = pg::quote_literal(row.at(id - std::size_t{1}).text());
    }
    if (!chosen.empty() && chosen.size() == names.size()) all.push_back(std::move(chosen));
  }
  return all;
}

/// The first row of `table` that `before` does not have.
const pg::Row* new_row(const pg::Database& now, const pg::Database& before,
                       const pg::Table& table) {
  const auto& old = before.rows().of(table.id).rows;
  for (const auto& row : now.rows().of(table.id).rows) {
    if (std::ranges::find(old, row) == old.end()) return row.get();
  }
  return nullptr;
}

}  // namespace

void write_wider(pg::Database& database, const pg::Database& before, const pg::Database& start,
                 const std::string& sql, const std::string& tag) {
  const std::map<std::string, std::string> said = placeholders(sql);
  const pg::Table* table =
      said.empty() ? nullptr
                   : written_table(database, pg::Script::parse(with_literals(database, sql, tag)));
  const pg::Table* then = table == nullptr ? nullptr : table_at_start(start, database, *table);
  if (then == nullptr) return;
  const pg::Table now = *table;
  const std::map<std::string, std::string> met = keys_of_met_row(start, sql, tag);
  std::set<std::string> free;
  for (const auto& [name, column] : said) {
    if (!met.contains(':' + name)) free.insert(column);
  }
  std::vector<std::map<std::string, std::string>> choices;
  if (const pg::Row* row = new_row(database, before, now))
    choices = former_keys(start, *then, database, now, *row, free);
  for (const std::string& name : free) {
    const pg::ColumnId id = now.find(name);
    const pg::ColumnId old = then->find(name);
    if (id == 0 || old == 0) continue;
    for (const std::string& literal :
         wider_candidates(start, *then, then->column(old), database, now, id)) {
      if (start_refuses(start, *then, name, literal))
        choices.push_back({{name, pg::quote_literal(literal)}});
    }
  }
  std::set<std::string> written;
  for (auto& chosen : choices) {
    const std::string wide = fmt::format("{} {}", tag, chosen.begin()->first);
    if (written.contains(wide)) continue;
    chosen.insert(met.begin(), met.end());
    const SqlRun run = run_sql(database, with_literals(database, sql, wide, chosen),
                               SqlRun::Mode::transaction, wide);
    if (run.result == Outcome::Result::done) written.insert(wide);
  }
}

}  // namespace backout::services
