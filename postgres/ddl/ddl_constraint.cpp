// A key is a constraint over a unique index that it owns, a foreign key depends on the unique index
// of the other table, a CHECK is stored once for each table that inherits it
// (transformIndexConstraint() in parse_utilcmd.c, ATExecAddConstraint() in tablecmds.c). All are
// checked on the rows at once unless NOT VALID.
// Left out: that a key of a partitioned table must hold its partition key (0A000); foreign keys
// between temporary and lasting tables (42P16); whether two types of a foreign key have an equality
// operator is judged by their kinds, not by operator classes.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/ddl/partition.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/values/cast.hpp"

namespace backout::postgres {
namespace {

bool is_set(const char* text) { return text != nullptr && *text != '\0'; }

std::string joined_names(const Table& table, const std::vector<ColumnId>& columns) {
  std::string joined;
  for (const ColumnId column : columns)
    joined += (joined.empty() ? "" : "_") + table.column(column).name;
  return joined;
}

/// A constraint with the fields that every kind has; `label` names it when it has no name.
Checked<std::shared_ptr<Constraint>> begin(const Database& database, const Table& table,
                                           const PgQuery__Constraint& definition,
                                           const std::string& columns, std::string_view label) {
  auto constraint = std::make_shared<Constraint>();
  constraint->schema = table.schema;
  constraint->parent = table.id;
  constraint->deferrable = definition.deferrable != 0;
  constraint->initially_deferred = definition.initdeferred != 0;
  constraint->not_valid = definition.skip_validation != 0;
  constraint->no_inherit = definition.is_no_inherit != 0;
  if (!is_set(definition.conname)) {
    constraint->name =
        choose_constraint_name(database, table.schema, table.id, table.name, columns, label);
    return constraint;
  }
  constraint->name = truncated_identifier(definition.conname);
  if (database.lookup(NameSpace::constraint, table.id, constraint->name) != 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists",
                                    constraint->name, table.name)));
  }
  return constraint;
}

void need_columns(Constraint& constraint, ObjectId table, const std::vector<ColumnId>& columns) {
  for (const ColumnId column : columns) {
    constraint.needs.push_back(
        {.on = table, .on_column = column, .kind = DependencyKind::automatic});
  }
  if (columns.empty()) constraint.needs.push_back({.on = table, .kind = DependencyKind::automatic});
}

Checked<void> add_check(Execution& execution, const Table& table,
                        const PgQuery__Constraint& definition, ColumnId column) {
  std::vector<Dependency> needs;
  auto bound =
      bind_expression(execution, *definition.raw_expr, table.id, plain(TypeClass::boolean), needs);
  if (!bound) return tl::unexpected(bound.error());
  std::vector<ColumnId> columns;
  for (const BoundColumn& used : bound->columns) columns.push_back(used.column);
  std::sort(columns.begin(), columns.end());
  std::string part = column != 0 ? table.column(column).name : std::string();
  if (column == 0 && columns.size() == 1) part = table.column(columns[0]).name;
  auto constraint = begin(execution.database, table, definition, part, "check");
  if (!constraint) return tl::unexpected(constraint.error());
  (*constraint)->type = 'c';
  (*constraint)->check = std::move(*bound);
  (*constraint)->columns = columns;
  (*constraint)->needs = std::move(needs);
  need_columns(**constraint, table.id, columns);
  const std::string name = (*constraint)->name;
  const bool checked = !(*constraint)->not_valid;
  const bool inherits = !(*constraint)->no_inherit;
  const auto* stored = constraint->get();
  std::shared_ptr<Constraint> copy = std::make_shared<Constraint>(*stored);
  execution.database.add(std::move(*constraint));
  if (checked) {
    if (auto valid = check_constraint(execution.database, table.id, name); !valid) return valid;
  }
  if (!inherits) return {};
  for (const ObjectId child : descendants(execution.database, table.id)) {
    const auto* below = execution.database.get<Table>(child);
    if (execution.database.lookup(NameSpace::constraint, child, name) != 0) continue;
    auto inherited = std::make_shared<Constraint>(*copy);
    inherited->parent = child;
    inherited->schema = below->schema;
    inherited->inherited = true;
    std::erase_if(inherited->needs, [&](const Dependency& need) { return need.on == table.id; });
    inherited->columns.clear();
    for (BoundColumn& used : inherited->check.columns) {
      used.relation = child;
      used.column = below->find(table.column(used.column).name);
      inherited->columns.push_back(used.column);
    }
    std::sort(inherited->columns.begin(), inherited->columns.end());
    need_columns(*inherited, child, inherited->columns);
    execution.database.add(std::move(inherited));
    if (!checked) continue;
    if (auto valid = check_constraint(execution.database, child, name); !valid) return valid;
  }
  return {};
}

/// Marks the columns of a new primary key NOT NULL.
Checked<void> require_not_null(Execution& execution, ObjectId table,
                               const std::vector<ColumnId>& columns) {
  auto changed = execution.database.edit<Table>(table);
  for (const ColumnId column : columns) changed->column(column).not_null = true;
  execution.database.replace(std::move(changed));
  for (const ColumnId column : columns) {
    if (auto full = check_not_null(execution.database, table, column); !full) return full;
  }
  const Table whole = *execution.database.get<Table>(table);
  for (const ObjectId child : descendants(execution.database, table)) {
    auto below = execution.database.edit<Table>(child);
    for (const ColumnId column : columns)
      below->column(below->find(whole.column(column).name)).not_null = true;
    execution.database.replace(std::move(below));
    for (const ColumnId column : columns) {
      const ColumnId own = execution.database.get<Table>(child)->find(whole.column(column).name);
      if (auto full = check_not_null(execution.database, child, own); !full) return full;
    }
  }
  return {};
}

std::vector<ColumnId> key_columns(const Index& index) {
  std::vector<ColumnId> columns;
  for (const IndexColumn& column : index.columns) {
    if (column.column != 0) columns.push_back(column.column);
  }
  return columns;
}

bool has_primary_key(const Database& database, ObjectId table) {
  const auto constraints = database.parts_of<Constraint>(table);
  return std::any_of(constraints.begin(), constraints.end(),
                     [](const Constraint* c) { return c->type == 'p'; });
}

/// Stores the constraint over an index and makes the index part of it.
Checked<ObjectId> attach_index(Execution& execution, const Table& table,
                               const PgQuery__Constraint& definition, char type, ObjectId index) {
  Database& database = execution.database;
  PgQuery__Constraint named = definition;
  std::string name = database.get<Index>(index)->name;
  named.conname = name.data();
  auto constraint = begin(database, table, named, {}, {});
  if (!constraint) return tl::unexpected(constraint.error());
  (*constraint)->type = type;
  (*constraint)->index = index;
  (*constraint)->columns = key_columns(*database.get<Index>(index));
  (*constraint)->not_valid = false;
  need_columns(**constraint, table.id, (*constraint)->columns);
  const std::vector<ColumnId> columns = (*constraint)->columns;
  const ObjectId id = database.add(std::move(*constraint));
  auto changed = database.edit<Index>(index);
  std::erase_if(changed->needs, [&](const Dependency& need) { return need.on == table.id; });
  changed->needs.push_back({.on = id, .kind = DependencyKind::internal});
  changed->needs.push_back({.on = table.id, .kind = DependencyKind::automatic});
  database.replace(std::move(changed));
  if (type == 'p') {
    if (auto full = require_not_null(execution, table.id, columns); !full)
      return tl::unexpected(full.error());
  }
  return id;
}

/// Whether the index of ADD CONSTRAINT ... USING INDEX is one to make a constraint of.
Checked<void> may_adopt(const Database& database, const Table& table,
                        const PgQuery__Constraint& definition) {
  const auto* index =
      database.get<Index>(database.lookup(NameSpace::relation, table.schema, definition.indexname));
  if (index == nullptr || index->parent != table.id) {
    return tl::unexpected(
        refuse("42704", fmt::format("index \"{}\" does not exist", definition.indexname)));
  }
  if (!index->unique || index->where) {
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is not a unique index", definition.indexname)));
  }
  const auto internal = [](const Dependency& need) {
    return need.kind == DependencyKind::internal;
  };
  if (std::any_of(index->needs.begin(), index->needs.end(), internal)) {
    return tl::unexpected(refuse(
        "55000",
        fmt::format("index \"{}\" is already associated with a constraint", definition.indexname)));
  }
  return {};
}

/// ADD CONSTRAINT ... USING INDEX: the index takes the constraint's name.
Checked<void> adopt_index(Execution& execution, const Table& table,
                          const PgQuery__Constraint& definition, char type) {
  Database& database = execution.database;
  const ObjectId id = database.lookup(NameSpace::relation, table.schema, definition.indexname);
  auto changed = database.edit<Index>(id);
  if (is_set(definition.conname)) changed->name = truncated_identifier(definition.conname);
  changed->primary = type == 'p';
  changed->deferrable = definition.deferrable != 0;
  database.replace(std::move(changed));
  const auto attached = attach_index(execution, table, definition, type, id);
  if (!attached) return tl::unexpected(attached.error());
  return {};
}

Checked<void> add_key(Execution& execution, const Table& table,
                      const PgQuery__Constraint& definition, ColumnId column) {
  const bool primary = definition.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
  const bool exclusion = definition.contype == PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION;
  const char type = primary ? 'p' : (exclusion ? 'x' : 'u');
  const bool adopts = is_set(definition.indexname);
  if (adopts) {
    if (auto fits = may_adopt(execution.database, table, definition); !fits) return fits;
  }
  if (primary && has_primary_key(execution.database, table.id)) {
    return tl::unexpected(
        refuse("42P16",
               fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name)));
  }
  if (adopts) return adopt_index(execution, table, definition, type);
  IndexPlan plan;
  plan.table = table.id;
  if (is_set(definition.conname)) plan.name = definition.conname;
  plan.label = primary ? "pkey" : (exclusion ? "excl" : "key");
  plan.unique = !exclusion;
  plan.primary = primary;
  plan.nulls_not_distinct = definition.nulls_not_distinct != 0;
  plan.deferrable = definition.deferrable != 0;
  if (is_set(definition.access_method)) plan.method = definition.access_method;
  std::vector<const PgQuery__Node*> elements;
  for (std::size_t at = 0; at < definition.n_exclusions; ++at) {
    const PgQuery__List& pair = *definition.exclusions[at]->list;
    elements.push_back(pair.items[0]);
    const PgQuery__List& op = *pair.items[1]->list;
    plan.exclusions.emplace_back(string_of(op.items[op.n_items - 1]));
  }
  plan.elements = elements.data();
  plan.count = elements.size();
  for (std::size_t at = 0; at < definition.n_keys; ++at)
    plan.keys.emplace_back(string_of(definition.keys[at]));
  if (column != 0 && plan.keys.empty()) plan.keys.push_back(table.column(column).name);
  for (std::size_t at = 0; at < definition.n_including; ++at)
    plan.included.emplace_back(string_of(definition.including[at]));
  plan.where = definition.where_clause;
  plan.options = storage_options(definition.options, definition.n_options);
  auto index = add_index(execution, plan);
  if (!index) return tl::unexpected(index.error());
  const auto attached = attach_index(execution, table, definition, type, *index);
  if (!attached) return tl::unexpected(attached.error());
  if (exclusion)
    return check_constraint(execution.database, table.id, execution.database.find(*attached)->name);
  return add_to_partitions(execution, *index);
}

Checked<std::vector<ColumnId>> columns_named(const Table& table, const PgQuery__Node* const* names,
                                             std::size_t count) {
  std::vector<ColumnId> columns;
  for (std::size_t at = 0; at < count; ++at) {
    const ColumnId column = table.find(string_of(names[at]));
    if (column == 0) {
      return tl::unexpected(refuse(
          "42703", fmt::format("column \"{}\" referenced in foreign key constraint does not exist",
                               string_of(names[at]))));
    }
    columns.push_back(column);
  }
  return columns;
}

/// The unique index of `table` over exactly these columns, the primary key's when none are given.
const Index* key_index(const Database& database, ObjectId table,
                       const std::vector<ColumnId>& columns) {
  for (const Index* index : database.parts_of<Index>(table)) {
    if (!index->unique || index->where || (columns.empty() && !index->primary)) continue;
    auto keys = key_columns(*index);
    if (keys.size() != index->columns.size()) continue;
    auto wanted = columns;
    if (!columns.empty()) {
      std::sort(keys.begin(), keys.end());
      std::sort(wanted.begin(), wanted.end());
      if (keys != wanted) continue;
    }
    return index;
  }
  return nullptr;
}

char action_of(const char* letter) { return is_set(letter) ? *letter : 'a'; }

/// 42804 when PostgreSQL has no equality between the types of the two sides.
Checked<void> comparable_keys(const Database& database, const Table& table,
                              const Constraint& constraint) {
  const Table& other = *database.get<Table>(constraint.referenced);
  for (std::size_t at = 0;
       at < constraint.columns.size() && at < constraint.referenced_columns.size(); ++at) {
    const ValueType& one = table.column(constraint.columns[at]).type;
    const ValueType& two = other.column(constraint.referenced_columns[at]).type;
    if (one.family == TypeClass::unknown || two.family == TypeClass::unknown) continue;
    const bool fits = one.user == two.user && cast_rule(one, two) == CastRule::implicit;
    const bool numbers = is_number(one.family) && is_number(two.family);
    const bool strings = is_string(one.family) && is_string(two.family);
    if (fits || numbers || strings || one.family == two.family) continue;
    return tl::unexpected(refuse(
        "42804",
        fmt::format("foreign key constraint \"{}\" cannot be implemented", constraint.name)));
  }
  return {};
}

Checked<void> add_foreign_key(Execution& execution, const Table& table,
                              const PgQuery__Constraint& definition, ColumnId column) {
  Database& database = execution.database;
  auto columns = columns_named(table, definition.fk_attrs, definition.n_fk_attrs);
  if (!columns) return tl::unexpected(columns.error());
  if (column != 0 && columns->empty()) columns->push_back(column);
  auto referenced = require_table(database, *definition.pktable);
  if (!referenced) return tl::unexpected(referenced.error());
  auto constraint = begin(database, table, definition, joined_names(table, *columns), "fkey");
  if (!constraint) return tl::unexpected(constraint.error());
  const Table& other = *database.get<Table>(*referenced);
  auto other_columns = columns_named(other, definition.pk_attrs, definition.n_pk_attrs);
  if (!other_columns) return tl::unexpected(other_columns.error());
  const Index* index = key_index(database, *referenced, *other_columns);
  if (index == nullptr) {
    return tl::unexpected(
        other_columns->empty()
            ? refuse("42704",
                     fmt::format("there is no primary key for referenced table \"{}\"", other.name))
            : refuse("42830", fmt::format("there is no unique constraint matching given keys for "
                                          "referenced table \"{}\"",
                                          other.name)));
  }
  Constraint& key = **constraint;
  key.type = 'f';
  key.columns = *columns;
  key.referenced = *referenced;
  key.referenced_columns = other_columns->empty() ? key_columns(*index) : *other_columns;
  key.index = index->id;
  key.on_update = action_of(definition.fk_upd_action);
  key.on_delete = action_of(definition.fk_del_action);
  if (is_set(definition.fk_matchtype)) key.match = *definition.fk_matchtype;
  auto listed = columns_named(table, definition.fk_del_set_cols, definition.n_fk_del_set_cols);
  if (!listed) return tl::unexpected(listed.error());
  for (const ColumnId set : *listed) {
    if (std::find(key.columns.begin(), key.columns.end(), set) != key.columns.end()) continue;
    return tl::unexpected(
        refuse("42P10", fmt::format("column \"{}\" referenced in ON DELETE SET action must be part "
                                    "of foreign key",
                                    table.column(set).name)));
  }
  key.delete_set_columns = std::move(*listed);
  if (key.columns.size() != key.referenced_columns.size()) {
    return tl::unexpected(
        refuse("42830", "number of referencing and referenced columns for foreign key disagree"));
  }
  if (auto fits = comparable_keys(database, table, key); !fits) return fits;
  need_columns(key, table.id, key.columns);
  for (const ColumnId other_column : key.referenced_columns) {
    if (*referenced != table.id)
      key.needs.push_back({.on = *referenced, .on_column = other_column});
  }
  key.needs.push_back({.on = index->id});
  const std::string name = key.name;
  const bool checked = !key.not_valid;
  database.add(std::move(*constraint));
  if (table.relkind == 'p') {
    for (const ObjectId part : descendants(database, table.id))
      inherit_foreign_keys(execution, table.id, part);
  }
  return checked ? check_constraint(database, table.id, name) : Checked<void>();
}

}  // namespace

std::vector<ObjectId> descendants(const Database& database, ObjectId table) {
  std::vector<ObjectId> found;
  for (const ObjectId id : database.dependents(table)) {
    const auto* child = database.get<Table>(id);
    if (child == nullptr ||
        std::find(child->inherits.begin(), child->inherits.end(), table) == child->inherits.end())
      continue;
    found.push_back(id);
    const auto below = descendants(database, id);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

bool repeats_index(const Database& database, ObjectId table, const PgQuery__Constraint& constraint,
                   ColumnId column) {
  if (constraint.contype != PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE) return false;
  if ((constraint.conname != nullptr && *constraint.conname != '\0') || constraint.n_including > 0)
    return false;
  const auto* owner = database.get<Table>(table);
  std::vector<ColumnId> wanted;
  if (column != 0) wanted.push_back(column);
  for (std::size_t at = 0; owner != nullptr && at < constraint.n_keys; ++at)
    wanted.push_back(owner->find(string_of(constraint.keys[at])));
  for (const Index* index : database.parts_of<Index>(table)) {
    const bool alike = index->unique && !index->where && index->included.empty() &&
                       index->deferrable == (constraint.deferrable != 0) &&
                       index->nulls_not_distinct == (constraint.nulls_not_distinct != 0) &&
                       index->columns.size() == wanted.size();
    if (alike && std::equal(wanted.begin(), wanted.end(), index->columns.begin(),
                            [](ColumnId id, const IndexColumn& part) {
                              return id != 0 && part.column == id;
                            })) {
      return true;
    }
  }
  return false;
}

Checked<void> add_constraint(Execution& execution, ObjectId table,
                             const PgQuery__Constraint& constraint, ColumnId column) {
  const Table copy = *execution.database.get<Table>(table);
  switch (constraint.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
      return add_check(execution, copy, constraint, column);
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      return add_key(execution, copy, constraint, column);
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      return add_foreign_key(execution, copy, constraint, column);
    default:
      return {};
  }
}

}  // namespace backout::postgres
