// A column definition becomes a type, NOT NULL and a default; serial is an integer with a sequence
// that the column owns, identity a sequence that is part of it (transformColumnDefinition() in
// parse_utilcmd.c). A default is bound when it is stored, and a bare NULL is not stored.
// Left out: whether a collation exists and fits the type, whether a generated column's expression
// is immutable (42P17), whether STORAGE and COMPRESSION of a new column fit its type.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

/// Which integer type a serial stands for; nothing for other types.
std::optional<TypeClass> serial_family(const PgQuery__TypeName& type) {
  if (type.n_names != 1) return std::nullopt;
  const std::string_view name = string_of(type.names[0]);
  if (name == "serial" || name == "serial4") return TypeClass::int4;
  if (name == "bigserial" || name == "serial8") return TypeClass::int8;
  if (name == "smallserial" || name == "serial2") return TypeClass::int2;
  return std::nullopt;
}

/// A constraint of a column with the attributes that the grammar puts behind it (DEFERRABLE,
/// INITIALLY DEFERRED). Source: transformConstraintAttrs() in parse_utilcmd.c.
PgQuery__Constraint with_attributes(const PgQuery__ColumnDef& definition, std::size_t at) {
  PgQuery__Constraint constraint = *definition.constraints[at]->constraint;
  while (++at < definition.n_constraints &&
         definition.constraints[at]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
    switch (definition.constraints[at]->constraint->contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
        constraint.deferrable = 1;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
        constraint.deferrable = constraint.initdeferred = 1;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
        break;
      default:
        return constraint;
    }
  }
  return constraint;
}

template <class Visit>
void for_each_constraint(const PgQuery__ColumnDef& definition, const Visit& visit) {
  for (std::size_t at = 0; at < definition.n_constraints; ++at) {
    if (definition.constraints[at]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
      visit(with_attributes(definition, at));
  }
}

char storage_letter(const char* storage) {
  const std::string word = to_lower(storage == nullptr ? "" : storage);
  if (word == "plain") return 'p';
  if (word == "main") return 'm';
  if (word == "extended") return 'x';
  return word == "external" ? 'e' : '\0';
}

bool is_null_constant(const PgQuery__Node& node) {
  return node.node_case == PG_QUERY__NODE__NODE_A_CONST && node.a_const->isnull != 0;
}

}  // namespace

void need_type(Table& table, ColumnId column) {
  const ObjectId user = table.column(column).type.user;
  if (user == 0) return;
  table.needs.push_back({user, 0, DependencyKind::normal, Dependency::Part::column_type, column});
}

Checked<ColumnId> shape_column(const Execution& execution, Table& draft,
                               const PgQuery__ColumnDef& definition) {
  const std::string name = truncated_identifier(definition.colname);
  if (draft.find(name) != 0) {
    return tl::unexpected(refuse(
        "42701", fmt::format("column \"{}\" specified more than once", name), definition.location));
  }
  // Dropped ones count. Source: MaxHeapAttributeNumber in htup_details.h.
  constexpr std::size_t kMostColumns = 1600;
  if (draft.columns.size() >= kMostColumns)
    return tl::unexpected(
        refuse("54011", "tables can have at most 1600 columns", definition.location));
  Column column;
  column.name = name;
  if (const auto serial = serial_family(*definition.type_name)) {
    column.type = plain(*serial);
    column.not_null = true;
  } else {
    auto named = resolve_type(execution.database, *definition.type_name);
    if (!named) return tl::unexpected(named.error());
    column.type = named->type;
    column.modifiers = std::move(named->modifiers);
  }
  if (definition.coll_clause != nullptr) {
    column.collation =
        qualified(definition.coll_clause->collname, definition.coll_clause->n_collname).name;
    if (column.collation == "default") column.collation.clear();
  }
  column.storage = storage_letter(definition.storage);
  if (definition.compression != nullptr) column.compression = definition.compression;
  for_each_constraint(definition, [&](const PgQuery__Constraint& constraint) {
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) column.not_null = true;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) column.not_null = true;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY) {
      column.not_null = true;
      column.identity = constraint.generated_when != nullptr ? constraint.generated_when[0] : 'd';
    }
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED) column.generated = true;
  });
  draft.columns.push_back(std::move(column));
  const auto id = static_cast<ColumnId>(draft.columns.size());
  need_type(draft, id);
  return id;
}

Checked<void> set_default(Execution& execution, ObjectId table, ColumnId column,
                          const PgQuery__Node* expression) {
  auto changed = execution.database.edit<Table>(table);
  std::erase_if(changed->needs, [&](const Dependency& need) {
    return need.part == Dependency::Part::column_default && need.from_column == column;
  });
  Column& target = changed->column(column);
  target.default_value = {};
  // A bare NULL is not stored unless a length has to be applied to it.
  const bool nothing =
      expression == nullptr || (is_null_constant(*expression) && target.type.length < 0);
  if (!nothing) {
    std::vector<Dependency> needs;
    auto bound =
        bind_expression(execution, *expression, target.generated ? table : 0, target.type, needs);
    if (!bound) {
      if (bound.error().sqlstate == "42703" && !target.generated) bound.error().sqlstate = "0A000";
      return tl::unexpected(bound.error());
    }
    target.default_value = std::move(*bound);
    for (Dependency& need : needs) {
      need.part = Dependency::Part::column_default;
      need.from_column = column;
      changed->needs.push_back(need);
    }
    for (const BoundColumn& used : target.default_value.columns) {
      changed->needs.push_back(
          {table, used.column, DependencyKind::normal, Dependency::Part::column_default, column});
    }
  }
  execution.database.replace(std::move(changed));
  return {};
}

namespace {

/// The default of a serial column: nextval of its sequence.
void set_serial_default(Execution& execution, ObjectId table, ColumnId column, ObjectId sequence) {
  // The expression outlives this call through the owner that it shares.
  struct Tree {
    std::string name;
    PgQuery__String function_text = PG_QUERY__STRING__INIT;
    PgQuery__Node function = PG_QUERY__NODE__INIT;
    PgQuery__Node* function_list[1] = {&function};
    PgQuery__String literal_text = PG_QUERY__STRING__INIT;
    PgQuery__AConst literal = PG_QUERY__A__CONST__INIT;
    PgQuery__Node argument = PG_QUERY__NODE__INIT;
    PgQuery__Node* argument_list[1] = {&argument};
    PgQuery__FuncCall call = PG_QUERY__FUNC_CALL__INIT;
    PgQuery__Node node = PG_QUERY__NODE__INIT;
    char function_name[8] = "nextval";
  };
  auto tree = std::make_shared<Tree>();
  const Object& object = *execution.database.find(sequence);
  tree->name =
      fmt::format("\"{}\".\"{}\"", execution.database.find(object.schema)->name, object.name);
  tree->function_text.sval = tree->function_name;
  tree->function.node_case = PG_QUERY__NODE__NODE_STRING;
  tree->function.string = &tree->function_text;
  tree->literal_text.sval = tree->name.data();
  tree->literal.val_case = PG_QUERY__A__CONST__VAL_SVAL;
  tree->literal.sval = &tree->literal_text;
  tree->argument.node_case = PG_QUERY__NODE__NODE_A_CONST;
  tree->argument.a_const = &tree->literal;
  tree->call.n_funcname = 1;
  tree->call.funcname = tree->function_list;
  tree->call.n_args = 1;
  tree->call.args = tree->argument_list;
  tree->node.node_case = PG_QUERY__NODE__NODE_FUNC_CALL;
  tree->node.func_call = &tree->call;

  auto changed = execution.database.edit<Table>(table);
  Column& target = changed->column(column);
  target.default_value = {tree, &tree->node, {}, fmt::format("nextval({})", mark(sequence))};
  changed->needs.push_back(
      {sequence, 0, DependencyKind::normal, Dependency::Part::column_default, column});
  execution.database.replace(std::move(changed));
}

}  // namespace

Checked<void> finish_column(Execution& execution, ObjectId table, ColumnId column,
                            const PgQuery__ColumnDef& definition) {
  if (serial_family(*definition.type_name)) {
    auto sequence = create_owned_sequence(execution, table, column, false, nullptr, 0);
    if (!sequence) return tl::unexpected(sequence.error());
    set_serial_default(execution, table, column, *sequence);
  }
  Checked<void> done;
  for_each_constraint(definition, [&](const PgQuery__Constraint& constraint) {
    if (!done) return;
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
      case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        done = set_default(execution, table, column, constraint.raw_expr);
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY: {
        const auto sequence = create_owned_sequence(execution, table, column, true,
                                                    constraint.options, constraint.n_options);
        if (!sequence) done = tl::unexpected(sequence.error());
        break;
      }
      default:
        break;
    }
  });
  return done;
}

Checked<void> add_column_constraints(Execution& execution, ObjectId table, ColumnId column,
                                     const PgQuery__ColumnDef& definition, bool foreign_keys) {
  Checked<void> done;
  for_each_constraint(definition, [&](const PgQuery__Constraint& constraint) {
    const bool foreign = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
    const bool other = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK ||
                       constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE ||
                       constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
    if (repeats_index(execution.database, table, constraint, column)) return;
    if (done && (foreign_keys ? foreign : other))
      done = add_constraint(execution, table, constraint, column);
  });
  return done;
}

}  // namespace backout::postgres
