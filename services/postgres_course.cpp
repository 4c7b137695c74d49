// What the SQL of a plan says of the rows that its tables may hold before its deploy.
#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "model/flow.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/generate.hpp"
#include "services/postgres_guards.hpp"
#include "services/postgres_verbs.hpp"
#include "services/sweeping.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

/// A column that a script sets to a constant in rows that a condition on other columns picks.
struct Setting {
  std::string table;
  std::string column;
  std::string where;
  bool operator==(const Setting&) const = default;
};

void add_settings(const pg::Script& script, std::vector<Setting>& settings) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case != PG_QUERY__NODE__NODE_UPDATE_STMT ||
        statement.tree->update_stmt->where_clause == nullptr)
      continue;
    const PgQuery__UpdateStmt& update = *statement.tree->update_stmt;
    const std::string where = pg::print_plain(*update.where_clause);
    std::set<std::string> asked;
    pg::for_each_column(*update.where_clause, [&](const PgQuery__ColumnRef& column) {
      asked.emplace(pg::last_name(column));
    });
    const std::string schema =
        update.relation->schemaname == nullptr ? "" : update.relation->schemaname;
    const std::string table = schema.empty() || schema == "public"
                                  ? update.relation->relname
                                  : schema + '.' + update.relation->relname;
    for (std::size_t at = 0; at < update.n_target_list; ++at) {
      const PgQuery__ResTarget& target = *update.target_list[at]->res_target;
      const bool constant =
          target.val != nullptr && target.val->node_case == PG_QUERY__NODE__NODE_A_CONST;
      if (constant && !asked.contains(target.name)) settings.push_back({table, target.name, where});
    }
  }
}

/// Whether it changes rows that are there.
bool overwrites(const PgQuery__InsertStmt& insert) {
  return insert.on_conflict_clause != nullptr &&
         insert.on_conflict_clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
}

/// The rows that a script inserts; where it goes on when they are there (DO NOTHING) they are taken
/// not to be. Those that it would overwrite go to `upserted`.
void add_inserted(const pg::Script& script, std::vector<pg::Clue>& rows,
                  std::vector<pg::Clue>& upserted) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case != PG_QUERY__NODE__NODE_INSERT_STMT) continue;
    const pg::Clues clues = pg::clues_of(
        pg::Script::parse(script.text().substr(statement.begin, statement.end - statement.begin)));
    std::vector<pg::Clue>& to = overwrites(*statement.tree->insert_stmt) ? upserted : rows;
    std::ranges::copy_if(clues.rows, std::back_inserter(to),
                         [](const pg::Clue& clue) { return !clue.table.empty(); });
  }
}

/// The tables that a script deletes rows of.
void add_deleted_from(const pg::Script& script, std::set<std::string>& tables) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case == PG_QUERY__NODE__NODE_DELETE_STMT)
      tables.insert(statement.tree->delete_stmt->relation->relname);
  }
}

}  // namespace

SqlCourse course_of(const Context& context, ServiceIndex self) {
  const Plan& plan = context.plan();
  SqlCourse course;
  std::vector<RunsSql> undos;
  std::vector<Setting> set_forth;
  std::vector<Setting> set_back;
  std::vector<pg::Clue> upserted;
  std::set<std::string> deleted_from;
  const auto add = [&](const Action& action,
                       std::vector<RunsSql>& runs) {  // to the deploy's or to a path's
    const SqlVerb* verb = find_sql_verb(action.verb);
    RunsSql runner = verb == nullptr ? RunsSql() : verb->runs(context, action);
    if (!runner) return;
    const std::string sql = verb->text(context, action);
    const pg::Script script = pg::Script::parse(sql);
    const pg::Clues clues = pg::clues_of(script);
    course.clues.writes = course.clues.writes || clues.writes;
    course.clues.rows.insert(course.clues.rows.end(), clues.rows.begin(), clues.rows.end());
    course.words.merge(pg::words_of(sql));
    if (&runs == &course.deploy)
      add_inserted(script, course.inserted, upserted);
    else
      add_deleted_from(script, deleted_from);
    add_settings(script, &runs == &course.deploy ? set_forth : set_back);
    runs.push_back(std::move(runner));
  };
  for (std::size_t at = 0; at < plan.deploy_count; ++at) {
    for (const model::Check& check : plan.steps[at].precheck) {
      if (!model::stops_the_run(plan.steps[at])) break;
      if (course.clues.writes || check.services.empty() || check.services.front() != self)
        continue;  // too late for what was written
      if (std::optional<RunsSql> guard = guard_of(check))
        course.deploy.push_back(std::move(*guard));
    }
    if (plan.steps[at].target != self) continue;
    const Action action = action_of(plan, plan.steps[at]);
    add(action, course.deploy);
    const SqlVerb* verb = find_sql_verb(action.verb);
    for (const Action& back : verb == nullptr ? std::vector<Action>() : verb->undo(action))
      add(back, undos);
  }
  for (const Operation* work : sweeping_operations(plan, self)) {
    add(action_of_sql(self, work->sql), course.deploy);
  }
  for (const model::RollbackPath& path : plan.paths) {
    course.paths.emplace_back();
    for (const model::StepIndex step : path.steps) {
      if (plan.steps[step].target == self)
        add(action_of(plan, plan.steps[step]), course.paths.back());
    }
  }
  for (const Setting& each : set_forth) {
    if (std::ranges::find(set_back, each) != set_back.end())
      course.given_back.emplace(each.table, each.column);
  }
  std::ranges::copy_if(upserted, std::back_inserter(course.upserted),
                       [&](const pg::Clue& row) { return deleted_from.contains(row.table); });
  if (plan.paths.empty()) course.paths.emplace_back(undos.rbegin(), undos.rend());
  if (const model::Node* tables = plan.services[self].fields.find("tables")) {
    for (const model::Node::Entry& table : tables->entries) {
      const model::Node* rows = table.value.find("rows");
      course.short_tables.insert(table.key);
      if (rows != nullptr && rows->as_integer() == 0) course.empty_tables.insert(table.key);
    }
  }
  return course;
}

}  // namespace backout::services
