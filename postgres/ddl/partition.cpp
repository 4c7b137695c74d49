// A partition has the columns of its table, and each index and foreign key of the table exists in
// it as an object of its own: one that is there already is taken, else one is made
// (AttachPartitionEnsureIndexes() and CloneForeignKeyConstraints() in tablecmds.c; manual, "Table
// Partitioning").
// Left out: the expression of a CHECK constraint that a partition brings is not compared, only its
// name; the copies that PostgreSQL makes of foreign keys that point to a partitioned table;
// operator classes and collations of a partition key, and whether its expressions are immutable.
#include "postgres/ddl/partition.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

std::string print_bounds(PgQuery__Node* const* values, std::size_t count) {
  std::string printed;
  for (std::size_t at = 0; at < count; ++at) {
    std::string value = print_plain(*values[at]);
    if (value == "minvalue" || value == "maxvalue") value = to_upper(value);
    printed += (at > 0 ? ", " : "") + value;
  }
  return printed;
}

/// The expression with its columns bound to another table that has columns of the same names.
Expression moved(const Database& database, Expression expression, ObjectId from, ObjectId to) {
  const Table& source = *database.get<Table>(from);
  const Table& target = *database.get<Table>(to);
  for (BoundColumn& column : expression.columns) {
    const ColumnId old = column.column;
    const ColumnId other = target.find(source.column(old).name);
    const auto move = [&](Mark mark) {
      return mark.relation == from && mark.column == old ? Mark{to, other} : mark;
    };
    expression.text = move_marks(expression.text, move);
    column.relation = to;
    column.column = other;
  }
  return expression;
}

std::vector<ColumnId> moved(const Database& database, std::vector<ColumnId> columns, ObjectId from,
                            ObjectId to) {
  for (ColumnId& column : columns)
    column = database.get<Table>(to)->find(database.get<Table>(from)->column(column).name);
  return columns;
}

std::shared_ptr<Constraint> moved(const Database& database, const Constraint& constraint,
                                  ObjectId from, ObjectId to) {
  auto copy = std::make_shared<Constraint>(constraint);
  copy->parent = to;
  copy->schema = database.get<Table>(to)->schema;
  copy->check = moved(database, constraint.check, from, to);
  copy->columns = moved(database, constraint.columns, from, to);
  copy->comment.reset();
  std::erase_if(copy->needs, [&](const Dependency& need) { return need.on == from; });
  copy->needs.push_back({.on = to, .kind = DependencyKind::automatic});
  for (const ColumnId column : copy->columns)
    copy->needs.push_back({.on = to, .on_column = column, .kind = DependencyKind::automatic});
  return copy;
}

Checked<ObjectId> copy_index(Execution& execution, const Index& index, ObjectId from, ObjectId to) {
  Database& database = execution.database;
  const Table& target = *database.get<Table>(to);
  auto copy = std::make_shared<Index>(index);
  copy->parent = to;
  copy->schema = target.schema;
  copy->only = false;
  copy->comment.reset();
  copy->needs = {{.on = to, .kind = DependencyKind::automatic}};
  for (IndexColumn& column : copy->columns) {
    if (column.column != 0)
      column.column = moved(database, std::vector{column.column}, from, to).front();
    column.expression = moved(database, column.expression, from, to);
    if (column.column != 0)
      copy->needs.push_back(
          {.on = to, .on_column = column.column, .kind = DependencyKind::automatic});
  }
  copy->included = moved(database, index.included, from, to);
  copy->where = moved(database, index.where, from, to);
  const Constraint* owner = constraint_of(database, index);
  const std::string_view label = index.primary ? "pkey" : (owner != nullptr ? "key" : "idx");
  const std::vector<std::string> expressions(copy->columns.size(), "expr");
  const std::string names = index.primary ? "" : index_column_names(target, expressions, *copy);
  copy->name = choose_relation_name(database, target.schema, target.name, names, label, false);
  const ObjectId id = database.add(copy);
  if (copy->unique) {
    if (auto checked = check_unique_index(database, id); !checked)
      return tl::unexpected(checked.error());
  }
  if (owner == nullptr) return id;
  auto constraint = moved(database, *owner, from, to);
  constraint->name = copy->name;
  constraint->index = id;
  const ObjectId key = database.add(std::move(constraint));
  auto changed = database.edit<Index>(id);
  changed->needs = {{.on = key, .kind = DependencyKind::internal},
                    {.on = to, .kind = DependencyKind::automatic}};
  database.replace(std::move(changed));
  return id;
}

/// Columns by name, with their types and NOT NULL. Source: MergeAttributesIntoExisting() in
/// tablecmds.c.
Checked<void> columns_fit(const Table& whole, const Table& part) {
  for (const Column& column : part.columns) {
    if (column.dropped || whole.find(column.name) != 0) continue;
    return tl::unexpected(refuse(
        "42804", fmt::format("table \"{}\" contains column \"{}\" not found in parent \"{}\"",
                             part.name, column.name, whole.name)));
  }
  for (const Column& column : whole.columns) {
    if (column.dropped) continue;
    const ColumnId own = part.find(column.name);
    if (own == 0)
      return tl::unexpected(
          refuse("42804", fmt::format("child table is missing column \"{}\"", column.name)));
    if (!(part.column(own).type == column.type)) {
      return tl::unexpected(
          refuse("42804", fmt::format("child table \"{}\" has different type for column \"{}\"",
                                      part.name, column.name)));
    }
    if (column.not_null && !part.column(own).not_null) {
      return tl::unexpected(
          refuse("42804",
                 fmt::format("column \"{}\" in child table must be marked NOT NULL", column.name)));
    }
  }
  return {};
}

Checked<void> checks_fit(Database& database, ObjectId whole, ObjectId part) {
  for (const Constraint* constraint : database.parts_of<Constraint>(whole)) {
    if (constraint->type != 'c' || constraint->no_inherit) continue;
    const ObjectId own = database.lookup(NameSpace::constraint, part, constraint->name);
    if (own == 0)
      return tl::unexpected(refuse(
          "42804", fmt::format("child table is missing constraint \"{}\"", constraint->name)));
    auto changed = database.edit<Constraint>(own);
    changed->inherited = true;
    database.replace(std::move(changed));
  }
  return {};
}

/// Whether two columns of indexes are the same but for their order of sorting, which does not
/// count.
bool alike(const IndexColumn& one, const IndexColumn& two) {
  if (!one.exclusion.empty() || !two.exclusion.empty()) return false;
  if (one.column != two.column || one.expression.text != two.expression.text) return false;
  return one.operator_class == two.operator_class && one.collation == two.collation;
}

/// An index of `part` that does what `index` of `whole` does; 0 when it has none that belongs to
/// nothing yet; `only` is the one that is meant. Source: CompareIndexInfo() in index.c and
/// AttachPartitionEnsureIndexes() in tablecmds.c.
ObjectId like_index(const Database& database, const Index& index, ObjectId whole, ObjectId part,
                    ObjectId only = 0) {
  std::vector<IndexColumn> wanted = index.columns;
  for (IndexColumn& column : wanted) {
    if (column.column != 0)
      column.column = moved(database, std::vector{column.column}, whole, part).front();
    column.expression = moved(database, column.expression, whole, part);
  }
  const std::vector<ColumnId> included = moved(database, index.included, whole, part);
  const std::string where = moved(database, index.where, whole, part).text;
  const bool of_constraint = constraint_of(database, index) != nullptr;
  for (const Index* own : database.parts_of<Index>(part)) {
    if (only != 0 && own->id != only) continue;
    if (own->partition_of != 0 || own->unique != index.unique || own->method != index.method ||
        own->nulls_not_distinct != index.nulls_not_distinct)
      continue;
    if (own->included != included || own->where.text != where) continue;
    if (of_constraint && constraint_of(database, *own) == nullptr) continue;
    if (std::equal(wanted.begin(), wanted.end(), own->columns.begin(), own->columns.end(), alike))
      return own->id;
  }
  return 0;
}

/// The constraint of a part's index is one of the whole's, too.
void make_part_of(Database& database, ObjectId index, ObjectId whole) {
  auto changed = database.edit<Index>(index);
  changed->partition_of = whole;
  changed->needs.push_back({.on = whole, .kind = DependencyKind::automatic});
  database.replace(std::move(changed));
  const Constraint* above = constraint_of(database, *database.get<Index>(whole));
  const Constraint* own = constraint_of(database, *database.get<Index>(index));
  if (above == nullptr || own == nullptr) return;
  auto inherited = database.edit<Constraint>(own->id);
  inherited->inherited = true;
  inherited->needs.push_back({.on = above->id, .kind = DependencyKind::automatic});
  database.replace(std::move(inherited));
}

}  // namespace

Checked<void> add_to_partition(Execution& execution, ObjectId index, ObjectId part) {
  Database& database = execution.database;
  const Index original = *database.get<Index>(index);
  if (const ObjectId own = like_index(database, original, original.parent, part); own != 0) {
    make_part_of(database, own, index);
    return {};
  }
  const auto copied = copy_index(execution, original, original.parent, part);
  if (!copied) return tl::unexpected(copied.error());
  make_part_of(database, *copied, index);
  return add_to_partitions(execution, *copied);
}

namespace {

/// An index ON ONLY the whole is like any other once each part has its own.
void complete(Database& database, ObjectId index) {
  const Index& whole = *database.get<Index>(index);
  for (const ObjectId part : partitions_of(database, whole.parent)) {
    const auto own = database.parts_of<Index>(part);
    if (std::none_of(own.begin(), own.end(),
                     [&](const Index* each) { return each->partition_of == index; }))
      return;
  }
  auto changed = database.edit<Index>(index);
  changed->only = false;
  database.replace(std::move(changed));
}

}  // namespace

Checked<void> attach_index(Execution& execution, ObjectId whole, ObjectId part) {
  Database& database = execution.database;
  const auto* index = database.get<Index>(whole);
  const auto* own = database.get<Index>(part);
  const auto* table = index == nullptr ? nullptr : database.get<Table>(index->parent);
  if (own == nullptr || table == nullptr) return tl::unexpected(not_known("an index to attach"));
  if (table->relkind != 'p') {
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is not a partitioned index", index->name)));
  }
  if (own->partition_of == whole) return {};
  const auto cannot = [&](const char* code) {
    return tl::unexpected(
        refuse(code, fmt::format("cannot attach index \"{}\" as a partition of index \"{}\"",
                                 own->name, index->name)));
  };
  const std::vector<ObjectId> parts = partitions_of(database, table->id);
  const bool of_a_part = std::find(parts.begin(), parts.end(), own->parent) != parts.end();
  const auto others = database.parts_of<Index>(own->parent);
  const bool has_one = std::any_of(others.begin(), others.end(),
                                   [&](const Index* each) { return each->partition_of == whole; });
  if (own->partition_of != 0 || !of_a_part || has_one) return cannot("55000");
  if (like_index(database, *index, table->id, own->parent, part) == 0) return cannot("42P17");
  make_part_of(database, part, whole);
  complete(database, whole);
  return {};
}

Checked<void> add_to_partitions(Execution& execution, ObjectId index) {
  const auto& table = *execution.database.get<Table>(execution.database.get<Index>(index)->parent);
  if (table.relkind != 'p') return {};
  for (const ObjectId part : partitions_of(execution.database, table.id)) {
    if (auto added = add_to_partition(execution, index, part); !added) return added;
  }
  return {};
}

Checked<std::string> partition_key(const Execution& execution, const Table& table,
                                   const PgQuery__PartitionSpec& spec) {
  static_cast<void>(execution);
  std::string columns;
  for (std::size_t at = 0; at < spec.n_part_params; ++at) {
    const PgQuery__PartitionElem& element = *spec.part_params[at]->partition_elem;
    const bool named = element.name != nullptr && *element.name != '\0';
    if (named && table.find(element.name) == 0) {
      return tl::unexpected(
          refuse("42703",
                 fmt::format("column \"{}\" named in partition key does not exist", element.name)));
    }
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ",
                           named ? std::string(element.name) : print_plain(*element.expr));
  }
  return fmt::format("{} ({})", to_upper(spec.strategy), columns);
}

std::string partition_bound(const PgQuery__PartitionBoundSpec& bound) {
  if (bound.is_default != 0) return "DEFAULT";
  if (bound.n_listdatums > 0)
    return fmt::format("FOR VALUES IN ({})", print_bounds(bound.listdatums, bound.n_listdatums));
  if (bound.n_lowerdatums > 0) {
    return fmt::format("FOR VALUES FROM ({}) TO ({})",
                       print_bounds(bound.lowerdatums, bound.n_lowerdatums),
                       print_bounds(bound.upperdatums, bound.n_upperdatums));
  }
  return fmt::format("FOR VALUES WITH (modulus {}, remainder {})", bound.modulus, bound.remainder);
}

void inherit_foreign_keys(Execution& execution, ObjectId parent, ObjectId child) {
  Database& database = execution.database;
  for (const Constraint* constraint : database.parts_of<Constraint>(parent)) {
    if (constraint->type != 'f' ||
        database.lookup(NameSpace::constraint, child, constraint->name) != 0)
      continue;
    auto copy = moved(database, *constraint, parent, child);
    copy->inherited = true;
    copy->needs.push_back({.on = constraint->id, .kind = DependencyKind::automatic});
    database.add(std::move(copy));
  }
}

Checked<void> inherit_from(Execution& execution, ObjectId parent, ObjectId child) {
  Database& database = execution.database;
  const bool partition = database.get<Table>(parent)->relkind == 'p';
  for (const Constraint* constraint : database.parts_of<Constraint>(parent)) {
    const bool inherits = constraint->type == 'c' && !constraint->no_inherit;
    if (!inherits || database.lookup(NameSpace::constraint, child, constraint->name) != 0) continue;
    auto copy = moved(database, *constraint, parent, child);
    copy->inherited = true;
    database.add(std::move(copy));
  }
  if (!partition) return {};
  inherit_foreign_keys(execution, parent, child);
  for (const Index* index : database.parts_of<Index>(parent)) {
    const ObjectId original = index->id;
    if (auto made = add_to_partition(execution, original, child); !made) return made;
  }
  return {};
}

Checked<void> join_partitioned(Execution& execution, ObjectId whole, ObjectId part) {
  Database& database = execution.database;
  if (auto fits = columns_fit(*database.get<Table>(whole), *database.get<Table>(part)); !fits)
    return fits;
  if (auto fits = checks_fit(database, whole, part); !fits) return fits;
  inherit_foreign_keys(execution, whole, part);
  std::vector<ObjectId> indexes;
  for (const Index* index : database.parts_of<Index>(whole)) indexes.push_back(index->id);
  for (const ObjectId id : indexes) {
    if (auto made = add_to_partition(execution, id, part); !made) return made;
  }
  return {};
}

void leave_partitioned(Database& database, ObjectId whole, ObjectId part) {
  std::vector<ObjectId> indexes;
  for (const Index* index : database.parts_of<Index>(part)) indexes.push_back(index->id);
  for (const ObjectId id : indexes) {
    auto changed = database.edit<Index>(id);
    std::erase_if(changed->needs,
                  [&](const Dependency& need) { return need.on == changed->partition_of; });
    changed->partition_of = 0;
    database.replace(std::move(changed));
  }
  std::vector<ObjectId> constraints;
  for (const Constraint* constraint : database.parts_of<Constraint>(part))
    constraints.push_back(constraint->id);
  for (const ObjectId id : constraints) {
    auto changed = database.edit<Constraint>(id);
    changed->inherited = false;
    std::erase_if(changed->needs, [&](const Dependency& need) {
      const auto* other = database.get<Constraint>(need.on);
      return other != nullptr && other->parent == whole;
    });
    database.replace(std::move(changed));
  }
}

void copy_checks(Execution& execution, ObjectId source, ObjectId target) {
  for (const Constraint* constraint : execution.database.parts_of<Constraint>(source)) {
    if (constraint->type == 'c')
      execution.database.add(moved(execution.database, *constraint, source, target));
  }
}

Checked<void> copy_indexes(Execution& execution, ObjectId source, ObjectId target) {
  for (const Index* index : execution.database.parts_of<Index>(source)) {
    auto copied = copy_index(execution, *index, source, target);
    if (!copied) return tl::unexpected(copied.error());
  }
  return {};
}

}  // namespace backout::postgres
