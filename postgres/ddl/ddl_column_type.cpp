// PostgreSQL casts default and rows to the new type, refuses where a view, rule, policy, trigger or
// generated column uses the column, and makes the indexes and constraints on it anew from their
// texts (ATExecAlterColumnType() and ATPostAlterTypeCleanup() in tablecmds.c).
// Left out: that inherited columns and those of a partition key may not change (42P16); casts that
// PostgreSQL adds to expressions of indexes and that stay there when the type changes back.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/alter_table.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/values/cast.hpp"

namespace backout::postgres {
namespace {

/// Whether a value of `from` may be stored into `to` without USING.
bool converts_by_itself(const ValueType& from, const ValueType& to) {
  if (from.family == TypeClass::unknown || to.family == TypeClass::unknown) return true;
  if (from.user != to.user &&
      (from.family == TypeClass::enumeration || to.family == TypeClass::enumeration)) {
    return from.family == TypeClass::enumeration && is_string(to.family) && !from.is_array() &&
           !to.is_array();
  }
  if (from.family == to.family && from.user != to.user && from.name.empty() &&
      from.family != TypeClass::other)
    return true;
  const CastRule rule = cast_rule(from, to);
  return rule == CastRule::implicit || rule == CastRule::assignment;
}

/// 0A000 when something that cannot follow the new type uses the column.
Checked<void> no_followers(const Database& database, const Table& table, ColumnId column) {
  for (const ObjectId id : database.dependents(table.id)) {
    const Object& object = *database.find(id);
    const bool view = object.kind == ObjectKind::view || object.kind == ObjectKind::rule;
    const bool policy = object.kind == ObjectKind::policy || object.kind == ObjectKind::trigger;
    if (!view && !policy) continue;
    for (const Dependency& need : object.needs) {
      if (need.on != table.id || need.on_column != column) continue;
      return tl::unexpected(refuse(
          "0A000", view ? "cannot alter type of a column used by a view or rule"
                        : "cannot alter type of a column used in a policy or trigger definition"));
    }
  }
  for (const Dependency& need : table.needs) {
    const bool generated = need.on == table.id && need.on_column == column &&
                           need.part == Dependency::Part::column_default;
    if (generated && table.column(need.from_column).generated) {
      return tl::unexpected(
          refuse("0A000", "cannot alter type of a column used by a generated column"));
    }
  }
  return {};
}

bool default_converts(const Column& column, const ValueType& before, const ValueType& after) {
  const PgQuery__Node& node = *column.default_value.node;
  if (node.node_case == PG_QUERY__NODE__NODE_A_CONST && node.a_const->isnull != 0) return true;
  return converts_by_itself(before, after);
}

Checked<void> keys_still_fit(const Database& database, ObjectId table, ColumnId column) {
  for (const ObjectId id : database.dependents(table)) {
    const auto* key = database.get<Constraint>(id);
    if (key == nullptr || key->type != 'f') continue;
    for (std::size_t at = 0; at < key->columns.size() && at < key->referenced_columns.size();
         ++at) {
      const bool own = key->parent == table && key->columns[at] == column;
      const bool other = key->referenced == table && key->referenced_columns[at] == column;
      if (!own && !other) continue;
      const ValueType& one = database.get<Table>(key->parent)->column(key->columns[at]).type;
      const ValueType& two =
          database.get<Table>(key->referenced)->column(key->referenced_columns[at]).type;
      const bool known = one.family != TypeClass::unknown && two.family != TypeClass::unknown;
      const bool alike = one.family == two.family ||
                         (is_number(one.family) && is_number(two.family)) ||
                         (is_string(one.family) && is_string(two.family)) ||
                         cast_rule(one, two) == CastRule::implicit;
      if (known && !alike) {
        return tl::unexpected(
            refuse("42804",
                   fmt::format("foreign key constraint \"{}\" cannot be implemented", key->name)));
      }
    }
  }
  return {};
}

/// A column that gets another type.
struct TypeChange {
  const Table& table;
  ColumnId column;
  const ValueType& before;
  const ValueType& now;
};

/// Types whose values have operators with each other.
int kinship(const ValueType& type) {
  if (is_string(type.family)) return 1;
  if (is_number(type.family)) return 2;
  const bool day = type.family == TypeClass::date || type.family == TypeClass::timestamp ||
                   type.family == TypeClass::timestamptz;
  return day ? 3 : 4 + static_cast<int>(type.family);
}

/// Whether constants of the type `constant` have operators with values of `now`.
bool compares_with(const ValueType& now, const ValueType& constant) {
  const auto open = [](const ValueType& type) {
    return type.family == TypeClass::unknown || type.family == TypeClass::other;
  };
  if (open(now) || open(constant) || now.dimensions != constant.dimensions) return true;
  const bool user_made =
      now.family == TypeClass::enumeration || constant.family == TypeClass::enumeration;
  if (user_made) return now.family == constant.family && now.user == constant.user;
  return kinship(now) == kinship(constant);
}

bool is_constant(const PgQuery__Node* node) {
  if (node == nullptr) return false;
  if (node->node_case == PG_QUERY__NODE__NODE_LIST)
    return node->list->n_items > 0 && is_constant(node->list->items[0]);
  if (node->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR)
    return node->a_array_expr->n_elements > 0 && is_constant(node->a_array_expr->elements[0]);
  if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) return is_constant(node->type_cast->arg);
  return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull == 0;
}

/// 42883 when a stored expression compares the column with a constant, which keeps the type that it
/// had when the expression was stored. PostgreSQL builds indexes and CHECK constraints anew from
/// their text (ATPostAlterTypeCleanup), constants with their types.
Checked<void> still_compares(const Database& database, const Expression& expression,
                             const TypeChange& place) {
  if (!expression) return {};
  std::set<std::string> names;
  for (const BoundColumn& bound : expression.columns) {
    if (bound.relation == place.table.id && bound.column == place.column) names.insert(bound.name);
  }
  std::optional<Stop> refused;
  const auto is_column = [&](const PgQuery__Node* node) {
    return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
           names.contains(std::string(last_name(*node->column_ref)));
  };
  walk(expression.node->base, [&](const ProtobufCMessage& message) {
    if (message.descriptor != &pg_query__a__expr__descriptor) return true;
    const auto& comparison = reinterpret_cast<const PgQuery__AExpr&>(message);
    const bool right = is_column(comparison.lexpr) && is_constant(comparison.rexpr);
    const bool left = is_column(comparison.rexpr) && is_constant(comparison.lexpr);
    if ((!left && !right) || refused || compares_with(place.now, place.before)) return true;
    const std::string now = print_type(database, place.now, "");
    const std::string before = print_type(database, place.before, "");
    std::string name(string_of(comparison.name[comparison.n_name - 1]));
    if (comparison.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN) name = ">=";
    refused = refuse("42883", fmt::format("operator does not exist: {} {} {}", right ? now : before,
                                          name, right ? before : now));
    return true;
  });
  if (refused) return tl::unexpected(std::move(*refused));
  return {};
}

Checked<void> expressions_still_fit(const Database& database, const TypeChange& place) {
  // A varchar is compared as text, by a cast that stays in the expression.
  if (place.before.family == TypeClass::varchar) return {};
  for (const Constraint* check : database.parts_of<Constraint>(place.table.id)) {
    if (check->type != 'c') continue;
    if (auto fits = still_compares(database, check->check, place); !fits) return fits;
  }
  for (const Index* index : database.parts_of<Index>(place.table.id)) {
    if (auto fits = still_compares(database, index->where, place); !fits) return fits;
    for (const IndexColumn& column : index->columns) {
      if (auto fits = still_compares(database, column.expression, place); !fits) return fits;
    }
  }
  return {};
}

Checked<void> change(Execution& execution, ObjectId id, const PgQuery__AlterTableCmd& command) {
  const PgQuery__ColumnDef& definition = *command.def->column_def;
  Database& database = execution.database;
  const Table table = *database.get<Table>(id);
  const ColumnId column = table.find(command.name);
  if (column == 0) {
    return tl::unexpected(refuse(
        "42703",
        fmt::format("column \"{}\" of relation \"{}\" does not exist", command.name, table.name)));
  }
  // serial and the like are words of CREATE TABLE and ADD COLUMN, no types.
  const QualifiedName written =
      qualified(definition.type_name->names, definition.type_name->n_names);
  if (written.name.find("serial") != std::string::npos &&
      database.get<Type>(resolve(database, NameSpace::type, written)) == nullptr) {
    return tl::unexpected(refuse("42704", fmt::format("type \"{}\" does not exist", written.name)));
  }
  auto named = resolve_type(database, *definition.type_name);
  if (!named) return tl::unexpected(named.error());
  const ValueType before = table.column(column).type;
  if (table.column(column).identity != '\0' && named->type.family != TypeClass::unknown &&
      (!is_integer(named->type.family) || named->type.is_array())) {
    return tl::unexpected(
        refuse("22023", "identity column type must be smallint, integer, or bigint"));
  }
  if (auto free = no_followers(database, table, column); !free) return free;
  if (definition.raw_default == nullptr && !converts_by_itself(before, named->type)) {
    return tl::unexpected(refuse(
        "42804", fmt::format("column \"{}\" cannot be cast automatically to type {}", command.name,
                             print_type(database, named->type, named->modifiers))));
  }
  auto changed = database.edit<Table>(id);
  Column& target = changed->column(column);
  if (target.default_value && !target.generated && !default_converts(target, before, named->type)) {
    return tl::unexpected(refuse(
        "42804", fmt::format("default for column \"{}\" cannot be cast automatically to type {}",
                             command.name, print_type(database, named->type, named->modifiers))));
  }
  target.type = named->type;
  target.modifiers = named->modifiers;
  target.storage = '\0';
  target.collation =
      definition.coll_clause == nullptr
          ? std::string()
          : qualified(definition.coll_clause->collname, definition.coll_clause->n_collname).name;
  if (target.collation == "default") target.collation.clear();
  std::erase_if(changed->needs, [&](const Dependency& need) {
    return need.part == Dependency::Part::column_type && need.from_column == column;
  });
  need_type(*changed, column);
  database.replace(std::move(changed));
  if (auto fits = keys_still_fit(database, id, column); !fits) return fits;
  if (auto fits = expressions_still_fit(database, {table, column, before, named->type}); !fits)
    return fits;
  return convert_column(execution, id, column, before, definition.raw_default);
}

}  // namespace

Checked<void> alter_column_type(Execution& execution, ObjectId table,
                                const PgQuery__AlterTableCmd& command) {
  if (auto done = change(execution, table, command); !done) return done;
  for (const ObjectId child : descendants(execution.database, table)) {
    if (execution.database.get<Table>(child)->find(command.name) == 0) continue;
    if (auto done = change(execution, child, command); !done) return done;
  }
  return {};
}

}  // namespace backout::postgres
