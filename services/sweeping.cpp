// Which work of a new version changes the rows of before though nobody asked for it.
#include "services/sweeping.hpp"

#include <algorithm>

#include "postgres/query/expression.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/tree_walk.hpp"
#include "services/postgres_literals.hpp"
#include "services/postgres_state.hpp"
#include "services/record_kind.hpp"
#include "services/routing.hpp"

namespace backout::services {

namespace pg = postgres;

namespace {

/// Whether a column of that name says whose row it is: "id", "order_id", "orderId"; not "paid", not
/// "invalid".
bool is_key(std::string_view name) {
  for (const std::string_view key : {"id", "key", "uuid", "guid", "sid", "uid"}) {
    if (name == key) return true;
    if (name.size() <= key.size()) continue;
    const std::string_view end = name.substr(name.size() - key.size());
    if (end == key && name[name.size() - key.size() - 1] == '_') return true;
    const bool humped =
        end.front() == static_cast<char>(key.front() - 'a' + 'A') && end.substr(1) == key.substr(1);
    if (humped) return true;
  }
  return false;
}

bool is_key_column(const PgQuery__Node* node) {
  while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    node = node->type_cast->arg;
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
         is_key(pg::last_name(*node->column_ref));
}

bool has_columns(const PgQuery__Node* node) {
  bool any = false;
  if (node != nullptr) pg::for_each_column(*node, [&](const PgQuery__ColumnRef&) { any = true; });
  return any;
}

/// Whether it compares a key with values that do not come from rows: "id = 7", "order_id IN (1,
/// 2)", "id = ANY ('{1,2}')".
bool compares_key(const PgQuery__AExpr& expression) {
  using Kind = PgQuery__AExprKind;
  const Kind kind = expression.kind;
  if (kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP && kind != PG_QUERY__A__EXPR__KIND__AEXPR_IN &&
      kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY)
    return false;
  if (expression.n_name != 1 || std::string_view(expression.name[0]->string->sval) != "=")
    return false;
  if (is_key_column(expression.lexpr)) return !has_columns(expression.rexpr);
  return kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && is_key_column(expression.rexpr) &&
         !has_columns(expression.lexpr);
}

/// Whether the condition picks its rows by a key, whichever way it becomes true.
bool picks_by_key(const PgQuery__Node* where) {
  if (where == nullptr) return false;
  if (where->node_case == PG_QUERY__NODE__NODE_A_EXPR) return compares_key(*where->a_expr);
  if (where->node_case != PG_QUERY__NODE__NODE_BOOL_EXPR) return false;
  const PgQuery__BoolExpr& both = *where->bool_expr;
  const auto begin = both.args;
  const auto end = both.args + both.n_args;
  if (both.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
    return std::any_of(begin, end, picks_by_key);
  return both.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR && std::all_of(begin, end, picks_by_key);
}

/// The version that did the work of `app` before the deploy; nullptr: there was none.
const model::Version* version_before(const Plan& plan, ServiceIndex app) {
  const model::Service& before = plan.services[worker_before(plan, app)];
  return before.find_version(before.start);
}

bool does_already(const model::Version& first, const Operation& operation) {
  return std::ranges::any_of(first.operations, [&](const Operation& each) {
    return each.sql == operation.sql && each.on == operation.on;
  });
}

/// Whether it writes what fills a cache, in whose place other entries go.
bool fills_memory(const Plan& plan, const Operation& operation) {
  return operation.type == Operation::Type::write && operation.on != model::kNone &&
         holds(plan.services[operation.on].fields.strings("fills"), operation.subject);
}

bool writes_already(const model::Version& first, const Operation& operation) {
  return std::ranges::any_of(first.operations, [&](const Operation& each) {
    return each.type == operation.type && each.subject == operation.subject &&
           each.on == operation.on;
  });
}

}  // namespace

bool is_sweeping(const std::string& sql) {
  if (!placeholders(sql).empty()) return false;
  const pg::Script script = pg::Script::parse(sql);
  bool any = false;
  for (const pg::Script::Statement& statement : script.statements()) {
    pg::walk(statement.tree->base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__update_stmt__descriptor)
        any = any ||
              !picks_by_key(reinterpret_cast<const PgQuery__UpdateStmt&>(message).where_clause);
      if (message.descriptor == &pg_query__delete_stmt__descriptor)
        any = any ||
              !picks_by_key(reinterpret_cast<const PgQuery__DeleteStmt&>(message).where_clause);
      return true;
    });
  }
  return any;
}

bool sweeps(const Context& context, const LiveOperation& live) {
  const model::Version* first = version_before(context.plan(), live.app);
  if (fills_memory(context.plan(), *live.operation))
    return first != nullptr && !writes_already(*first, *live.operation);
  if (live.operation->type != Operation::Type::sql || !is_sweeping(live.operation->sql))
    return false;
  return first != nullptr && !does_already(*first, *live.operation);
}

std::vector<const Operation*> sweeping_operations(const Plan& plan, ServiceIndex database) {
  std::vector<const Operation*> all;
  for (ServiceIndex app = 0; app < plan.services.size(); ++app) {
    const model::Version* first = version_before(plan, app);
    for (const model::Version& version : plan.services[app].versions) {
      if (&version == first) continue;
      for (const Operation& operation : version.operations) {
        if (operation.type != Operation::Type::sql || operation.on != database ||
            !is_sweeping(operation.sql))
          continue;
        if (first == nullptr || !does_already(*first, operation)) all.push_back(&operation);
      }
    }
  }
  return all;
}

}  // namespace backout::services
