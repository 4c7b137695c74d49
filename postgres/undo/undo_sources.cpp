// PostgreSQL prints a routine, view, trigger or policy from its catalogs (pg_get_functiondef and
// its like). Here the statement that made it last is taken from the scripts as it was written.
// Left out: changes that came after it (ALTER FUNCTION, ALTER POLICY and others), statements inside
// of DO blocks, schemas: objects are found by name, kind and table, functions by the number of
// their inputs.
#include "postgres/undo/undo_sources.hpp"

#include <algorithm>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

std::string_view name_in(const PgQuery__RangeVar* range) {
  return range == nullptr || range->relname == nullptr ? std::string_view() : range->relname;
}

bool makes_function(const PgQuery__Node& node, const Function& function) {
  if (node.node_case != PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT) return false;
  const PgQuery__CreateFunctionStmt& statement = *node.create_function_stmt;
  if (qualified(statement.funcname, statement.n_funcname).name != function.name) return false;
  std::size_t inputs = 0;
  for (std::size_t at = 0; at < statement.n_parameters; ++at) {
    const auto mode = statement.parameters[at]->function_parameter->mode;
    const bool result = mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT ||
                        mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
    inputs += result ? 0 : 1;
  }
  return inputs == function.input_types.size();
}

/// Whether the statement makes an object of that name and kind; `owner` is its table's name.
bool makes(const PgQuery__Node& node, const Object& object, std::string_view owner) {
  switch (object.kind) {
    case ObjectKind::function:
      return makes_function(node, static_cast<const Function&>(object));
    case ObjectKind::view:
      if (node.node_case == PG_QUERY__NODE__NODE_VIEW_STMT)
        return name_in(node.view_stmt->view) == object.name;
      return node.node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT &&
             name_in(node.create_table_as_stmt->into->rel) == object.name;
    case ObjectKind::trigger:
      return node.node_case == PG_QUERY__NODE__NODE_CREATE_TRIG_STMT &&
             node.create_trig_stmt->trigname == object.name &&
             name_in(node.create_trig_stmt->relation) == owner;
    case ObjectKind::policy:
      return node.node_case == PG_QUERY__NODE__NODE_CREATE_POLICY_STMT &&
             node.create_policy_stmt->policy_name == object.name &&
             name_in(node.create_policy_stmt->table) == owner;
    case ObjectKind::rule:
      return node.node_case == PG_QUERY__NODE__NODE_RULE_STMT &&
             node.rule_stmt->rulename == object.name;
    case ObjectKind::event_trigger:
      return node.node_case == PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT &&
             node.create_event_trig_stmt->trigname == object.name;
    case ObjectKind::type:
      if (node.node_case == PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT)
        return name_in(node.composite_type_stmt->typevar) == object.name;
      return node.node_case == PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT &&
             qualified(node.create_domain_stmt->domainname, node.create_domain_stmt->n_domainname)
                     .name == object.name;
    default:
      return false;
  }
}

void add_targets(PgQuery__Node* const* targets, std::size_t count, std::set<std::string>& columns) {
  for (std::size_t at = 0; at < count; ++at) {
    if (targets[at]->node_case == PG_QUERY__NODE__NODE_RES_TARGET &&
        targets[at]->res_target->name != nullptr)
      columns.emplace(targets[at]->res_target->name);
  }
}

void add_written(const PgQuery__Node& node, std::map<std::string, WrittenRows>& tables) {
  walk(node.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__update_stmt__descriptor) {
      const auto& update = reinterpret_cast<const PgQuery__UpdateStmt&>(message);
      add_targets(update.target_list, update.n_target_list,
                  tables[std::string(name_in(update.relation))].columns);
    }
    if (message.descriptor == &pg_query__delete_stmt__descriptor) {
      tables[std::string(name_in(reinterpret_cast<const PgQuery__DeleteStmt&>(message).relation))]
          .taken_away = true;
    }
    if (message.descriptor == &pg_query__insert_stmt__descriptor) {
      const auto& insert = reinterpret_cast<const PgQuery__InsertStmt&>(message);
      const auto* conflict = insert.on_conflict_clause;
      if (conflict != nullptr && conflict->n_target_list > 0)
        add_targets(conflict->target_list, conflict->n_target_list,
                    tables[std::string(name_in(insert.relation))].columns);
    }
    if (message.descriptor == &pg_query__truncate_stmt__descriptor) {
      const auto& truncate = reinterpret_cast<const PgQuery__TruncateStmt&>(message);
      for (std::size_t at = 0; at < truncate.n_relations; ++at)
        tables[std::string(name_in(truncate.relations[at]->range_var))].taken_away = true;
    }
    return true;
  });
}

}  // namespace

std::string UndoSources::of(const Database& database, const Object& object) const {
  const Object* parent = database.find(object.parent);
  const std::string_view owner =
      parent == nullptr ? std::string_view() : std::string_view(parent->name);
  for (auto script = scripts_.rbegin(); script != scripts_.rend(); ++script) {
    const auto& statements = (*script)->statements();
    const auto found =
        std::find_if(statements.rbegin(), statements.rend(),
                     [&](const Script::Statement& one) { return makes(*one.tree, object, owner); });
    if (found != statements.rend())
      return (*script)->text().substr(found->begin, found->end - found->begin) + ";";
  }
  return {};
}

std::map<std::string, WrittenRows> written_rows(const Script& script) {
  std::map<std::string, WrittenRows> tables;
  for (const Script::Statement& statement : script.statements())
    add_written(*statement.tree, tables);
  tables.erase("");
  return tables;
}

}  // namespace backout::postgres
