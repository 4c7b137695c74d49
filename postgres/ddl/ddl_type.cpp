// Enums, composite types, domains and ranges live in pg_type and share its names with the row types
// of tables. A label of an enum cannot be used in the transaction that adds it (55P04); constraints
// of a domain are checked on every column of it (typecmds.c, pg_enum.c).
// Left out: of a range type all but its name; rows that hold a composite type stay as they are when
// attributes come or go. Base types (CREATE TYPE with functions) and other changes of a domain are
// not known.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/alter_table.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/drop.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// A new type of that name: 42710 when it is taken.
Checked<std::shared_ptr<Type>> begin(const Database& database, const QualifiedName& name,
                                     char variety) {
  auto schema = creation_schema(database, name.schema);
  if (!schema) return tl::unexpected(schema.error());
  auto type = std::make_shared<Type>();
  type->schema = *schema;
  type->name = truncated_identifier(name.name);
  type->variety = variety;
  const Object* row_type = database.find(database.lookup(NameSpace::relation, *schema, type->name));
  const bool taken = database.lookup(NameSpace::type, *schema, type->name) != 0 ||
                     (row_type != nullptr &&
                      (row_type->kind == ObjectKind::table || row_type->kind == ObjectKind::view));
  if (taken)
    return tl::unexpected(refuse("42710", fmt::format("type \"{}\" already exists", type->name)));
  return type;
}

Checked<const Type*> require_type(const Database& database, const QualifiedName& name) {
  const auto* type = database.get<Type>(resolve(database, NameSpace::type, name));
  if (type == nullptr)
    return tl::unexpected(refuse("42704", fmt::format("type \"{}\" does not exist", name.name)));
  return type;
}

void need(Type& type, const ValueType& used) {
  if (used.user != 0) type.needs.push_back({.on = used.user});
}

/// Defaults are stored by the label's identity: they name the new one.
void rename_in_defaults(Database& database, ObjectId type, const std::string& before,
                        const std::string& after) {
  const std::string old_literal = escaped(quote_literal(before)) + "::";
  for (const ObjectId id : database.dependents(type)) {
    const auto* table = database.get<Table>(id);
    if (table == nullptr) continue;
    std::shared_ptr<Table> changed;
    for (std::size_t at = 0; at < table->columns.size(); ++at) {
      const Expression& value = table->columns[at].default_value;
      if (table->columns[at].type.user != type || !value || !value.text.starts_with(old_literal))
        continue;
      if (changed == nullptr) changed = database.edit<Table>(id);
      const Script script = Script::parse("SELECT " + quote_literal(after));
      const PgQuery__Node* literal =
          script.statements()[0].tree->select_stmt->target_list[0]->res_target->val;
      std::string text =
          escaped(quote_literal(after)) + "::" + value.text.substr(old_literal.size());
      changed->columns[at].default_value = {script.owner(), literal, {}, std::move(text)};
    }
    if (changed != nullptr) database.replace(std::move(changed));
  }
}

}  // namespace

Checked<void> create_enum(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateEnumStmt& statement = *node.create_enum_stmt;
  auto type = begin(execution.database, qualified(statement.type_name, statement.n_type_name), 'e');
  if (!type) return tl::unexpected(type.error());
  for (std::size_t at = 0; at < statement.n_vals; ++at) {
    std::string label(string_of(statement.vals[at]));
    if (std::find((*type)->labels.begin(), (*type)->labels.end(), label) != (*type)->labels.end()) {
      return tl::unexpected(refuse(
          "23505", "duplicate key value violates unique constraint \"pg_enum_typid_label_index\""));
    }
    (*type)->labels.push_back(std::move(label));
  }
  execution.database.add(std::move(*type));
  return {};
}

Checked<void> alter_enum(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterEnumStmt& statement = *node.alter_enum_stmt;
  Database& database = execution.database;
  const auto found = require_type(database, qualified(statement.type_name, statement.n_type_name));
  if (!found) return tl::unexpected(found.error());
  if ((*found)->variety != 'e')
    return tl::unexpected(refuse("42809", fmt::format("{} is not an enum", (*found)->name)));
  auto type = database.edit<Type>((*found)->id);
  auto& labels = type->labels;
  const auto place = [&](const char* label) {
    return std::find(labels.begin(), labels.end(), label);
  };
  if (statement.old_val != nullptr && *statement.old_val != '\0') {
    if (place(statement.old_val) == labels.end()) {
      return tl::unexpected(
          refuse("22023", fmt::format("\"{}\" is not an existing enum label", statement.old_val)));
    }
    if (place(statement.new_val) != labels.end()) {
      return tl::unexpected(
          refuse("42710", fmt::format("enum label \"{}\" already exists", statement.new_val)));
    }
    *place(statement.old_val) = statement.new_val;
    rename_label(database, type->id, statement.old_val, statement.new_val);
    rename_in_defaults(database, type->id, statement.old_val, statement.new_val);
  } else {
    if (place(statement.new_val) != labels.end()) {
      if (statement.skip_if_new_val_exists != 0) return {};
      return tl::unexpected(
          refuse("42710", fmt::format("enum label \"{}\" already exists", statement.new_val)));
    }
    auto at = labels.end();
    if (statement.new_val_neighbor != nullptr && *statement.new_val_neighbor != '\0') {
      at = place(statement.new_val_neighbor);
      if (at == labels.end()) {
        return tl::unexpected(refuse("22023", fmt::format("\"{}\" is not an existing enum label",
                                                          statement.new_val_neighbor)));
      }
      if (statement.new_val_is_after != 0) ++at;
    }
    labels.insert(at, statement.new_val);
    if (database.session().in_transaction) {
      type->fresh_labels.emplace_back(statement.new_val);
      database.session().fresh_enums.push_back(type->id);
    }
  }
  database.replace(std::move(type));
  return {};
}

Checked<void> create_composite(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CompositeTypeStmt& statement = *node.composite_type_stmt;
  auto type = begin(execution.database, qualified(*statement.typevar), 'c');
  if (!type) return tl::unexpected(type.error());
  for (std::size_t at = 0; at < statement.n_coldeflist; ++at) {
    const PgQuery__ColumnDef& definition = *statement.coldeflist[at]->column_def;
    auto named = resolve_type(execution.database, *definition.type_name);
    if (!named) return tl::unexpected(named.error());
    need(**type, named->type);
    (*type)->attributes.push_back({definition.colname, named->type, named->modifiers, {}});
  }
  execution.database.add(std::move(*type));
  return {};
}

namespace {

/// 0A000 while a column is of the type: rows cannot be written anew. Source:
/// find_composite_type_dependencies() in tablecmds.c.
Checked<void> holds_no_rows(const Database& database, const Type& type) {
  for (const ObjectId id : database.dependents(type.id)) {
    const auto* table = database.get<Table>(id);
    if (table == nullptr || table->relkind == 'p') continue;
    for (const Column& column : table->columns) {
      if (column.dropped || column.type.user != type.id) continue;
      return tl::unexpected(
          refuse("0A000", fmt::format("cannot alter type \"{}\" because column \"{}.{}\" uses it",
                                      type.name, table->name, column.name)));
    }
  }
  return {};
}

}  // namespace

Checked<void> alter_composite(Execution& execution, const PgQuery__AlterTableStmt& statement) {
  const auto found = require_type(execution.database, qualified(*statement.relation));
  // Composite types are looked for among the relations.
  if (!found)
    return tl::unexpected(found.error().sqlstate == "42704" ? refuse("42P01", found.error().message)
                                                            : found.error());
  auto type = execution.database.edit<Type>((*found)->id);
  auto& attributes = type->attributes;
  for (std::size_t at = 0; at < statement.n_cmds; ++at) {
    const PgQuery__AlterTableCmd& command = *statement.cmds[at]->alter_table_cmd;
    const std::string name = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn
                                 ? command.def->column_def->colname
                                 : command.name;
    const auto place = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const TypeAttribute& a) { return a.name == name; });
    if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn) {
      if (place == attributes.end()) {
        if (command.missing_ok != 0) continue;
        return tl::unexpected(refuse(
            "42703",
            fmt::format("column \"{}\" of relation \"{}\" does not exist", name, type->name)));
      }
      attributes.erase(place);
      continue;
    }
    auto named = resolve_type(execution.database, *command.def->column_def->type_name);
    if (!named) return tl::unexpected(named.error());
    need(*type, named->type);
    if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn) {
      if (place != attributes.end()) {
        return tl::unexpected(refuse(
            "42701",
            fmt::format("column \"{}\" of relation \"{}\" already exists", name, type->name)));
      }
      attributes.push_back({name, named->type, named->modifiers, {}});
    } else if (place != attributes.end()) {
      if (auto free = holds_no_rows(execution.database, *type); !free) return free;
      place->type = named->type;
      place->modifiers = named->modifiers;
    }
  }
  execution.database.replace(std::move(type));
  return {};
}

namespace {

Checked<void> add_domain_check(Execution& execution, ObjectId domain,
                               const PgQuery__Constraint& definition) {
  auto constraint = std::make_shared<Constraint>();
  const Type& type = *execution.database.get<Type>(domain);
  constraint->schema = type.schema;
  constraint->parent = domain;
  constraint->not_valid = definition.skip_validation != 0;
  constraint->name =
      definition.conname != nullptr && *definition.conname != '\0'
          ? std::string(definition.conname)
          : choose_constraint_name(execution.database, type.schema, domain, type.name, "", "check");
  if (execution.database.lookup(NameSpace::constraint, domain, constraint->name) != 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("constraint \"{}\" for domain \"{}\" already exists",
                                    constraint->name, type.name)));
  }
  auto bound = bind_expression(execution, *definition.raw_expr, 0, plain(TypeClass::boolean),
                               constraint->needs);
  if (!bound) return tl::unexpected(bound.error());
  constraint->check = std::move(*bound);
  constraint->needs.push_back({.on = domain, .kind = DependencyKind::automatic});
  execution.database.add(std::move(constraint));
  return {};
}

}  // namespace

Checked<void> create_domain(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateDomainStmt& statement = *node.create_domain_stmt;
  auto type =
      begin(execution.database, qualified(statement.domainname, statement.n_domainname), 'd');
  if (!type) return tl::unexpected(type.error());
  auto base = resolve_type(execution.database, *statement.type_name);
  if (!base) return tl::unexpected(base.error());
  (*type)->base = base->type;
  (*type)->base_modifiers = base->modifiers;
  need(**type, base->type);
  for (std::size_t at = 0; at < statement.n_constraints; ++at) {
    const PgQuery__Constraint& constraint = *statement.constraints[at]->constraint;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) (*type)->not_null = true;
    if (constraint.contype != PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) continue;
    auto bound = bind_expression(execution, *constraint.raw_expr, 0, base->type, (*type)->needs);
    if (!bound) return tl::unexpected(bound.error());
    (*type)->default_value = std::move(*bound);
  }
  const ObjectId id = execution.database.add(std::move(*type));
  for (std::size_t at = 0; at < statement.n_constraints; ++at) {
    const PgQuery__Constraint& constraint = *statement.constraints[at]->constraint;
    if (constraint.contype != PG_QUERY__CONSTR_TYPE__CONSTR_CHECK) continue;
    if (auto added = add_domain_check(execution, id, constraint); !added) return added;
  }
  return {};
}

namespace {

/// 0A000 when a column holds values of the domain inside of others, in which PostgreSQL does not
/// look for them. Source: get_rels_with_domain() in typecmds.c.
Checked<void> holds_it_plainly(const Database& database, const Type& domain) {
  std::string place;
  database.for_each([&](const Object& object) {
    const auto* table = database.get<Table>(object.id);
    if (table == nullptr) return;
    for (const Column& column : table->columns) {
      const auto* type = column.type.user == 0 ? nullptr : database.get<Type>(column.type.user);
      const bool in_row =
          type != nullptr && type->variety == 'c' &&
          std::any_of(type->attributes.begin(), type->attributes.end(),
                      [&](const auto& attribute) { return attribute.type.user == domain.id; });
      if (!column.dropped && place.empty() &&
          ((column.type.user == domain.id && column.type.is_array()) || in_row))
        place = table->name + "." + column.name;
    }
  });
  if (place.empty()) return {};
  return tl::unexpected(refuse(
      "0A000",
      fmt::format("cannot alter type \"{}\" because column \"{}\" uses it", domain.name, place)));
}

}  // namespace

Checked<void> alter_domain(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterDomainStmt& statement = *node.alter_domain_stmt;
  Database& database = execution.database;
  const auto found = require_type(database, qualified(statement.type_name, statement.n_type_name));
  if (!found) return tl::unexpected(found.error());
  const ObjectId id = (*found)->id;
  const char kind = statement.subtype[0];
  const bool checks = kind == 'O' || kind == 'V' ||
                      (kind == 'C' && statement.def->constraint->skip_validation == 0);
  if (checks) {
    if (auto plainly = holds_it_plainly(database, **found); !plainly) return plainly;
  }
  auto type = database.edit<Type>(id);
  switch (kind) {
    case 'T':
      type->default_value = {};
      if (statement.def != nullptr) {
        auto bound = bind_expression(execution, *statement.def, 0, type->base, type->needs);
        if (!bound) return tl::unexpected(bound.error());
        type->default_value = std::move(*bound);
      }
      break;
    case 'N':
      type->not_null = false;
      break;
    case 'O':
      type->not_null = true;
      break;
    case 'C': {
      if (auto added = add_domain_check(execution, id, *statement.def->constraint); !added)
        return added;
      return check_domain(database, id);
    }
    case 'X': {
      const ObjectId constraint = database.lookup(NameSpace::constraint, id, statement.name);
      if (constraint != 0) return drop_objects(database, {constraint}, false);
      if (statement.missing_ok != 0) return {};
      return tl::unexpected(
          refuse("42704", fmt::format("constraint \"{}\" of domain \"{}\" does not exist",
                                      statement.name, type->name)));
    }
    case 'V': {
      const ObjectId constraint = database.lookup(NameSpace::constraint, id, statement.name);
      if (constraint == 0)
        return tl::unexpected(refuse(
            "42704", fmt::format("constraint \"{}\" of domain does not exist", statement.name)));
      auto changed = database.edit<Constraint>(constraint);
      changed->not_valid = false;
      database.replace(std::move(changed));
      return check_domain(database, id);
    }
    default:
      return tl::unexpected(not_known("an ALTER DOMAIN of a kind that is not modelled"));
  }
  database.replace(std::move(type));
  return statement.subtype[0] == 'O' ? check_domain(database, id) : Checked<void>();
}

Checked<void> create_range(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateRangeStmt& statement = *node.create_range_stmt;
  auto type = begin(execution.database, qualified(statement.type_name, statement.n_type_name), 'r');
  if (!type) return tl::unexpected(type.error());
  execution.database.add(std::move(*type));
  return {};
}

}  // namespace backout::postgres
