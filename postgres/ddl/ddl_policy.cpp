// Policies, rewrite rules and extended statistics are parts of a table in catalogs of their own
// (policy.c, rewriteDefine.c, statscmds.c). Their expressions depend on the columns, functions and
// types that they name.
// Left out: policies hide and refuse no row. A rule is stored, and an INSERT, UPDATE or DELETE that
// it rewrites is not followed (require_written() in dml_change.cpp). Not known: statistics without
// a name or over an expression.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/query/view_query.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

Checked<std::vector<std::string>> roles_of(const Database& database,
                                           const PgQuery__Node* const* roles, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__RoleSpec& role = *roles[at]->role_spec;
    if (role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC) continue;
    const std::string name = role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING
                                 ? role.rolename
                                 : database.session().role;
    if (auto known = require_role(database, name); !known) return tl::unexpected(known.error());
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// A condition of a policy in one spelling; `needs` becomes what it names.
Checked<std::string> condition(const Execution& execution, const Table& table,
                               const PgQuery__Node* node, std::vector<Dependency>& needs) {
  if (node == nullptr) return std::string();
  const Database& database = execution.database;
  auto bound = bind_query(execution, *node);
  if (!bound) return tl::unexpected(bound.error());
  needs = bound->needs;
  for_each_column(*node, [&](const PgQuery__ColumnRef& reference) {
    if (const ColumnId column = table.find(last_name(reference)); column != 0)
      needs.push_back({.on = table.id, .on_column = column});
  });
  Printing printing;
  printing.column = [&](const PgQuery__ColumnRef& reference) {
    const ColumnId column = table.find(last_name(reference));
    return column == 0 ? escaped(last_name(reference)) : mark(table.id, column);
  };
  printing.type = [&](const PgQuery__TypeName& name) {
    const auto named = resolve_type(database, name);
    return named ? escaped(print_type(database, named->type, "")) : std::string("?");
  };
  printing.relation = [](std::string_view text) { return escaped(quote_literal(text)); };
  return print_tree(*node, printing);
}

Checked<void> fill(const Execution& execution, Policy& policy, PgQuery__Node* const* roles,
                   std::size_t count, const PgQuery__Node* qual, const PgQuery__Node* with_check) {
  const Table& table = *execution.database.get<Table>(policy.parent);
  if (count > 0) {
    auto names = roles_of(execution.database, roles, count);
    if (!names) return tl::unexpected(names.error());
    policy.roles = std::move(*names);
  }
  auto using_text = condition(execution, table, qual, policy.using_needs);
  if (!using_text) return tl::unexpected(using_text.error());
  if (qual != nullptr) policy.using_text = std::move(*using_text);
  auto check_text = condition(execution, table, with_check, policy.check_needs);
  if (!check_text) return tl::unexpected(check_text.error());
  if (with_check != nullptr) policy.check_text = std::move(*check_text);
  policy.needs = {{.on = policy.parent, .kind = DependencyKind::automatic}};
  for (const auto* needs : {&policy.using_needs, &policy.check_needs})
    policy.needs.insert(policy.needs.end(), needs->begin(), needs->end());
  return {};
}

}  // namespace

Checked<void> create_policy(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreatePolicyStmt& statement = *node.create_policy_stmt;
  auto table = require_table(execution.database, *statement.table);
  if (!table) return tl::unexpected(table.error());
  auto policy = std::make_shared<Policy>();
  policy->parent = *table;
  policy->schema = execution.database.find(*table)->schema;
  policy->name = truncated_identifier(statement.policy_name);
  policy->command = statement.cmd_name;
  policy->permissive = statement.permissive != 0;
  if (execution.database.lookup(NameSpace::policy, *table, policy->name) != 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("policy \"{}\" for table \"{}\" already exists", policy->name,
                                    statement.table->relname)));
  }
  if (auto filled = fill(execution, *policy, statement.roles, statement.n_roles, statement.qual,
                         statement.with_check);
      !filled)
    return filled;
  execution.database.add(std::move(policy));
  return {};
}

Checked<void> alter_policy(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterPolicyStmt& statement = *node.alter_policy_stmt;
  auto table = require_table(execution.database, *statement.table);
  if (!table) return tl::unexpected(table.error());
  const ObjectId id = execution.database.lookup(NameSpace::policy, *table, statement.policy_name);
  if (id == 0)
    return tl::unexpected(refuse(
        "42704", fmt::format("policy \"{}\" for table does not exist", statement.policy_name)));
  auto policy = execution.database.edit<Policy>(id);
  if (auto filled = fill(execution, *policy, statement.roles, statement.n_roles, statement.qual,
                         statement.with_check);
      !filled)
    return filled;
  execution.database.replace(std::move(policy));
  return {};
}

Checked<void> create_rule(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__RuleStmt& statement = *node.rule_stmt;
  auto relation = require_relation(execution.database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  auto rule = std::make_shared<Rule>();
  rule->parent = *relation;
  rule->schema = execution.database.find(*relation)->schema;
  rule->name = truncated_identifier(statement.rulename);
  rule->needs.push_back({.on = *relation, .kind = DependencyKind::automatic});
  rule->definition = fmt::format("{} {}", static_cast<int>(statement.event), statement.instead);
  if (statement.where_clause != nullptr)
    rule->definition += " WHERE " + print_plain(*statement.where_clause);
  for (std::size_t at = 0; at < statement.n_actions; ++at) {
    auto bound = bind_query(execution, *statement.actions[at]);
    if (!bound) return tl::unexpected(bound.error());
    rule->definition += ";" + bound->text;
  }
  const ObjectId old = execution.database.lookup(NameSpace::rule, *relation, rule->name);
  if (old != 0 && statement.replace == 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("rule \"{}\" for relation already exists", rule->name)));
  }
  rule->id = old;
  if (old == 0)
    execution.database.add(std::move(rule));
  else
    execution.database.replace(std::move(rule));
  return {};
}

Checked<void> create_statistics(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateStatsStmt& statement = *node.create_stats_stmt;
  Database& database = execution.database;
  auto table = require_table(database, *statement.relations[0]->range_var);
  if (!table) return tl::unexpected(table.error());
  const QualifiedName name = qualified(statement.defnames, statement.n_defnames);
  if (name.name.empty()) return tl::unexpected(not_known("statistics without a name"));
  auto schema = creation_schema(database, name.schema);
  if (!schema) return tl::unexpected(schema.error());
  if (database.lookup(NameSpace::statistics, *schema, name.name) != 0) {
    if (statement.if_not_exists != 0) return {};
    return tl::unexpected(
        refuse("42710", fmt::format("statistics object \"{}\" already exists", name.name)));
  }
  auto statistics = std::make_shared<Statistics>();
  statistics->schema = *schema;
  statistics->name = name.name;
  const Table& owner = *database.get<Table>(*table);
  for (std::size_t at = 0; at < statement.n_stat_types; ++at)
    statistics->definition += escaped(string_of(statement.stat_types[at])) + ",";
  for (std::size_t at = 0; at < statement.n_exprs; ++at) {
    const PgQuery__StatsElem& element = *statement.exprs[at]->stats_elem;
    const ColumnId column = element.name == nullptr ? ColumnId{0} : owner.find(element.name);
    if (column == 0) return tl::unexpected(not_known("statistics over an expression"));
    statistics->definition += mark(*table, column) + ",";
    statistics->needs.push_back(
        {.on = *table, .on_column = column, .kind = DependencyKind::automatic});
  }
  database.add(std::move(statistics));
  return {};
}

}  // namespace backout::postgres
