// An expression that is stored (a default, CHECK, index) is analysed once: its columns, functions,
// types and sequences are looked up and become dependencies, subqueries are refused (0A000;
// parse_expr.c, recordDependencyOnExpr() in dependency.c), untyped literals get the type of their
// place.
// Left out: among overloads the first routine of the name is the one that is needed; aggregates,
// window functions and functions that return sets are not refused, nor is what is not immutable.
#include "postgres/query/bind.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/query/check_types.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/values/cast.hpp"

namespace backout::postgres {
namespace {

/// Gathers what an expression needs while walking it once.
class Binder {
 public:
  Binder(const Execution& execution, ObjectId table, std::vector<Dependency>& needs)
      : database_(execution.database), table_(table), needs_(needs) {}

  Checked<void> run(const PgQuery__Node& node) {
    walk(node.base, [&](const ProtobufCMessage& message) { return !stop_ && visit(message); });
    if (stop_) return tl::unexpected(std::move(*stop_));
    return {};
  }

  std::vector<BoundColumn> columns;

 private:
  bool visit(const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__column_ref__descriptor) {
      column(reinterpret_cast<const PgQuery__ColumnRef&>(message));
      return false;
    }
    if (message.descriptor == &pg_query__func_call__descriptor)
      function(reinterpret_cast<const PgQuery__FuncCall&>(message));
    if (message.descriptor == &pg_query__type_name__descriptor)
      type(reinterpret_cast<const PgQuery__TypeName&>(message));
    if (message.descriptor == &pg_query__sub_link__descriptor) {
      stop_ = refuse("0A000", "cannot use subquery in this expression");
    }
    return true;
  }

  void column(const PgQuery__ColumnRef& reference) {
    const std::string_view name = last_name(reference);
    const auto* table = database_.get<Table>(table_);
    // A domain's CHECK speaks of VALUE.
    if (table == nullptr && name == "value") return;
    const ColumnId id = table == nullptr ? ColumnId{0} : table->find(name);
    if (id == 0) {
      if (table != nullptr && reference.n_fields == 1 && name == table->name) return;
      stop_ =
          refuse("42703", fmt::format("column \"{}\" does not exist", name), reference.location);
      return;
    }
    const auto known = [&](const BoundColumn& bound) { return bound.name == name; };
    if (std::any_of(columns.begin(), columns.end(), known)) return;
    columns.push_back({std::string(name), table_, id});
  }

  void function(const PgQuery__FuncCall& call) {
    const QualifiedName name = qualified(call.funcname, call.n_funcname);
    if ((name.name == "nextval" || name.name == "currval") && call.n_args == 1)
      return sequence(*call.args[0]);
    if (name.schema == "pg_catalog") return;
    const auto routines = routines_named(database_, name.schema, name.name);
    if (name.schema.empty() && is_built_in_function(name.name)) return;
    if (routines.empty()) {
      stop_ = refuse("42883",
                     fmt::format("function {}{}() does not exist",
                                 name.schema.empty() ? "" : name.schema + ".", name.name),
                     call.location);
      return;
    }
    needs_.push_back({.on = routines.front()});
  }

  void sequence(const PgQuery__Node& argument) {
    const PgQuery__Node* node = &argument;
    while (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) node = node->type_cast->arg;
    if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
      return;
    const ObjectId id =
        resolve(database_, NameSpace::relation, name_from_text(node->a_const->sval->sval));
    if (id == 0) {
      stop_ =
          refuse("42P01", fmt::format("relation \"{}\" does not exist", node->a_const->sval->sval),
                 node->a_const->location);
      return;
    }
    needs_.push_back({.on = id});
  }

  void type(const PgQuery__TypeName& name) {
    const auto named = resolve_type(database_, name);
    if (!named) {
      stop_ = named.error();
      return;
    }
    if (named->type.user != 0) needs_.push_back({.on = named->type.user});
  }

  const Database& database_;
  ObjectId table_;
  std::vector<Dependency>& needs_;
  std::optional<Stop> stop_;
};

/// User-made types by identity: they may be renamed.
std::string print_marked(const Database& database, const ValueType& type) {
  if (type.user == 0) return print_type(database, type, "");
  return mark(type.user) + (type.is_array() ? "[]" : "");
}

/// An untyped literal prints with the type of its place, as PostgreSQL stores it converted.
std::string typed_literal(const Database& database, const PgQuery__AConst& constant,
                          const ValueType& target, std::string printed) {
  if (target.family == TypeClass::unknown || target.family == TypeClass::unknown_literal)
    return printed;
  ValueType bare = target;
  bare.length = -1;
  if (constant.isnull != 0) return fmt::format("NULL::{}", print_marked(database, bare));
  if (constant.val_case == PG_QUERY__A__CONST__VAL_SVAL) {
    if (!target.is_array() && target.user == 0) {
      const auto value = read_text(constant.sval->sval, bare);
      if (value && value->is_known()) {
        if (target.family == TypeClass::boolean) return value->text();
        if (target.family == TypeClass::int4 && value->text()[0] != '-') return value->text();
        printed = escaped(quote_literal(value->text()));
      }
    }
    return fmt::format("{}::{}", printed, print_marked(database, bare));
  }
  return printed;
}

}  // namespace

QualifiedName name_from_text(std::string_view text) {
  QualifiedName name;
  std::string part;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      name.schema = std::move(part);
      part.clear();
    } else {
      part += quoted || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    }
  }
  name.name = std::move(part);
  return name;
}

Checked<Expression> bind_expression(const Execution& execution, const PgQuery__Node& node,
                                    ObjectId table, const ValueType& target,
                                    std::vector<Dependency>& needs) {
  Binder binder(execution, table, needs);
  if (auto bound = binder.run(node); !bound) return tl::unexpected(bound.error());
  const auto* owner = execution.database.get<Table>(table);
  const VisibleColumns visible = owner == nullptr ? VisibleColumns() : visible_columns(*owner);
  if (auto fits = check_types(execution, node, visible.columns, target); !fits)
    return tl::unexpected(fits.error());
  Expression expression{execution.trees, &node, std::move(binder.columns), {}};
  const auto id_of = [&](std::string_view name) -> std::string {
    for (const BoundColumn& column : expression.columns) {
      if (column.name == name) return mark(column.relation, column.column);
    }
    return escaped(name);
  };
  Printing printing;
  printing.column = [&](const PgQuery__ColumnRef& reference) {
    return id_of(last_name(reference));
  };
  printing.type = [&](const PgQuery__TypeName& name) -> std::string {
    auto named = resolve_type(execution.database, name);
    if (!named) return "?";
    named->type.length = -1;
    return print_marked(execution.database, named->type);
  };
  printing.relation = [&](std::string_view text) {
    const ObjectId id = resolve(execution.database, NameSpace::relation, name_from_text(text));
    return id == 0 ? escaped(quote_literal(text)) : mark(id);
  };
  printing.literal = [&](std::string_view text,
                         const PgQuery__TypeName& name) -> std::optional<std::string> {
    auto named = resolve_type(execution.database, name);
    if (!named || named->type.user != 0 || named->type.is_array()) return std::nullopt;
    named->type.length = -1;
    const auto value = read_text(std::string(text), named->type);
    return value && value->is_known() ? std::optional(value->text()) : std::nullopt;
  };
  printing.type_of = [&](const PgQuery__ColumnRef& reference) -> std::string {
    const auto found = std::find_if(
        visible.columns.begin(), visible.columns.end(),
        [&](const ScopeColumn& column) { return column.name == last_name(reference); });
    if (found == visible.columns.end()) return {};
    ValueType type = found->type;
    type.length = -1;
    return print_marked(execution.database, type);
  };
  expression.text = print_tree(node, printing);
  const PgQuery__Node* bare = &node;
  while (bare->node_case == PG_QUERY__NODE__NODE_TYPE_CAST &&
         is_text_type(printing.type(*bare->type_cast->type_name)))
    bare = bare->type_cast->arg;
  const bool text =
      bare == &node || target.family == TypeClass::text || target.family == TypeClass::varchar;
  if (bare->node_case == PG_QUERY__NODE__NODE_A_CONST && text) {
    expression.text =
        typed_literal(execution.database, *bare->a_const, target, std::move(expression.text));
  }
  return expression;
}

std::string present_names(const Database& database, std::string_view text) {
  return read_marks(text, [&](Mark mark) -> std::string {
    const Object* object = database.find(mark.relation);
    if (object == nullptr) return {};
    if (mark.column == 0 && object->kind == ObjectKind::type)
      return printed_name(database, *object);
    if (mark.column == 0) return quote_literal(printed_name(database, *object)) + "::regclass";
    const auto* table = database.get<Table>(mark.relation);
    return table == nullptr || mark.column > table->columns.size()
               ? std::string()
               : quote_identifier(table->column(mark.column).name);
  });
}

}  // namespace backout::postgres
