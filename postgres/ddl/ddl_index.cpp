// PostgreSQL names an index after its table and columns, picks the default operator class of each
// type (42704 when there is none) and refuses to build a unique one over rows that agree
// (DefineIndex() in indexcmds.c). CLUSTER marks the index that the table follows.
// Left out: the names of access methods, operator classes and collations are not looked up; whether
// expressions are immutable (42P17); other methods than btree, gin and gist take every type. A
// unique index of a materialised view is not checked on its rows; one over an expression is not
// known. CONCURRENTLY builds at once and leaves no invalid index.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/ddl/partition.hpp"
#include "postgres/ddl/partition_bounds.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/bind.hpp"

namespace backout::postgres {
namespace {

/// The name that FigureColname() gives to an expression.
std::string expression_name(const PgQuery__Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return qualified(node.func_call->funcname, node.func_call->n_funcname).name;
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return qualified(node.column_ref->fields, node.column_ref->n_fields).name;
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return "coalesce";
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return "case";
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      const std::string inner = expression_name(*node.type_cast->arg);
      return inner == "expr"
                 ? qualified(node.type_cast->type_name->names, node.type_cast->type_name->n_names)
                       .name
                 : inner;
    }
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return expression_name(*node.collate_clause->arg);
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return node.min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least";
    default:
      return "expr";
  }
}

/// The extension whose operator classes an index of this method needs for a type; empty: none.
std::string_view extension_for(const ValueType& type, std::string_view method) {
  if (type.is_array() || type.user != 0) return {};
  if (method == "gin" && type.family != TypeClass::jsonb && type.family != TypeClass::unknown &&
      type.name != "tsvector")
    return "btree_gin";
  const bool plain = is_number(type.family) || is_string(type.family) || is_time(type.family) ||
                     type.family == TypeClass::uuid;
  return method == "gist" && plain ? "btree_gist" : "";
}

/// Whether a btree or another method can index the type: 42704 when it has no default operator
/// class. What an extension brings goes with it, and with that the index.
Checked<void> check_operator_class(const Database& database, const ValueType& type,
                                   const std::string& method, std::vector<Dependency>& needs) {
  const bool no_btree = !type.is_array() && type.user == 0 &&
                        (type.family == TypeClass::json || type.name == "xml" ||
                         type.name == "point" || type.name == "box" || type.name == "polygon" ||
                         type.name == "path" || type.name == "line" || type.name == "circle");
  const std::string_view extension = extension_for(type, method);
  const ObjectId bringing =
      extension.empty() ? 0 : database.lookup(NameSpace::extension, 0, extension);
  if ((method == "btree" && no_btree) || (!extension.empty() && bringing == 0)) {
    return tl::unexpected(refuse(
        "42704", fmt::format("data type {} has no default operator class for access method \"{}\"",
                             describe(type), method)));
  }
  if (bringing != 0) needs.push_back({.on = bringing});
  return {};
}

Checked<IndexColumn> index_column(Execution& execution, const Table& table,
                                  const PgQuery__IndexElem& element, const std::string& method,
                                  std::vector<Dependency>& needs) {
  IndexColumn column;
  if (element.name != nullptr && *element.name != '\0') {
    column.column = table.find(element.name);
    if (column.column == 0) {
      return tl::unexpected(
          refuse("42703", fmt::format("column \"{}\" does not exist", element.name)));
    }
    needs.push_back(
        {.on = table.id, .on_column = column.column, .kind = DependencyKind::automatic});
    if (element.n_opclass == 0) {
      if (auto fits = check_operator_class(execution.database, table.column(column.column).type,
                                           method, needs);
          !fits)
        return tl::unexpected(fits.error());
    }
  } else {
    std::vector<Dependency> found;
    auto bound =
        bind_expression(execution, *element.expr, table.id, plain(TypeClass::unknown), found);
    if (!bound) return tl::unexpected(bound.error());
    column.expression = std::move(*bound);
    needs.insert(needs.end(), found.begin(), found.end());
    for (const BoundColumn& used : column.expression.columns) {
      needs.push_back(
          {.on = table.id, .on_column = used.column, .kind = DependencyKind::automatic});
    }
  }
  if (element.n_opclass > 0) {
    column.operator_class = qualified(element.opclass, element.n_opclass).name;
    const std::string_view extension =
        extension_with(Brought::operator_class, column.operator_class);
    const ObjectId bringing =
        extension.empty() ? 0 : execution.database.lookup(NameSpace::extension, 0, extension);
    if (bringing != 0) needs.push_back({.on = bringing});
  }
  for (const std::string& option : storage_options(element.opclassopts, element.n_opclassopts)) {
    column.operator_options += (column.operator_options.empty() ? "" : ", ") + option;
  }
  if (element.n_collation > 0)
    column.collation = qualified(element.collation, element.n_collation).name;
  column.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  column.nulls_first =
      element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
      (column.descending && element.nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST);
  return column;
}

/// An index of a materialised view: its columns are kept by name.
Checked<void> index_view(Execution& execution, const View& view,
                         const PgQuery__IndexStmt& statement) {
  if (!view.materialized)
    return tl::unexpected(
        refuse("42809", fmt::format("cannot create index on relation \"{}\"", view.name)));
  auto index = std::make_shared<Index>();
  index->schema = view.schema;
  index->parent = view.id;
  if (statement.access_method != nullptr && *statement.access_method != '\0')
    index->method = statement.access_method;
  index->unique = statement.unique != 0;
  index->needs.push_back({.on = view.id, .kind = DependencyKind::automatic});
  std::string names;
  for (std::size_t at = 0; at < statement.n_index_params; ++at) {
    const PgQuery__IndexElem& element = *statement.index_params[at]->index_elem;
    const bool named = element.name != nullptr && *element.name != '\0';
    if (!named)
      return tl::unexpected(not_known("an index of a materialised view over an expression",
                                      statement.relation->location));
    const auto known = [&](const ViewColumn& column) { return column.name == element.name; };
    if (std::none_of(view.columns.begin(), view.columns.end(), known)) {
      return tl::unexpected(
          refuse("42703", fmt::format("column \"{}\" does not exist", element.name)));
    }
    IndexColumn column;
    column.expression.text = escaped(element.name);
    column.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    column.nulls_first = column.descending;
    index->columns.push_back(std::move(column));
    names += (names.empty() ? "" : "_") + std::string(element.name);
  }
  index->name =
      statement.idxname != nullptr && *statement.idxname != '\0'
          ? truncated_identifier(statement.idxname)
          : choose_relation_name(execution.database, view.schema, view.name, names, "idx", false);
  if (execution.database.lookup(NameSpace::relation, view.schema, index->name) != 0) {
    if (statement.if_not_exists != 0) return {};
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists", index->name)));
  }
  execution.database.add(std::move(index));
  return {};
}

}  // namespace

const Constraint* constraint_of(const Database& database, const Index& index) {
  for (const Constraint* one : database.parts_of<Constraint>(index.parent)) {
    if (one->type != 'f' && one->index == index.id) return one;
  }
  return nullptr;
}

std::vector<std::string> storage_options(const PgQuery__Node* const* options, std::size_t count) {
  std::vector<std::string> printed;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__DefElem& option = *options[at]->def_elem;
    const std::string value = option.arg == nullptr ? "true" : option_text(option.arg);
    const bool spaced = option.defnamespace != nullptr && *option.defnamespace != '\0';
    printed.push_back(fmt::format("{}{}{}={}", spaced ? option.defnamespace : "", spaced ? "." : "",
                                  option.defname, value));
  }
  std::sort(printed.begin(), printed.end());
  return printed;
}

std::string index_column_names(const Table& table, const std::vector<std::string>& expressions,
                               const Index& index) {
  std::vector<std::string> bases;
  std::size_t next = 0;
  for (const IndexColumn& column : index.columns)
    bases.push_back(column.column != 0 ? table.column(column.column).name : expressions.at(next++));
  for (const ColumnId column : index.included) bases.push_back(table.column(column).name);
  std::string joined;
  std::vector<std::string> used;
  for (const std::string& base : bases) {
    std::string name = base;
    for (int number = 1; std::find(used.begin(), used.end(), name) != used.end(); ++number)
      name = fmt::format("{}{}", base, number);
    used.push_back(name);
    joined += (joined.empty() ? "" : "_") + name;
  }
  return joined;
}

Checked<ObjectId> add_index(Execution& execution, IndexPlan plan) {
  Database& database = execution.database;
  const auto* table = database.get<Table>(plan.table);
  auto index = std::make_shared<Index>();
  index->schema = table->schema;
  index->parent = plan.table;
  index->owner = table->owner;
  index->method = plan.method;
  index->unique = plan.unique;
  index->primary = plan.primary;
  index->nulls_not_distinct = plan.nulls_not_distinct;
  index->deferrable = plan.deferrable;
  index->options = std::move(plan.options);
  std::vector<std::string> expressions;
  for (std::size_t at = 0; at < plan.count; ++at) {
    const PgQuery__IndexElem& element = *plan.elements[at]->index_elem;
    auto column = index_column(execution, *table, element, plan.method, index->needs);
    if (!column) return tl::unexpected(column.error());
    if (column->column == 0) expressions.push_back(expression_name(*element.expr));
    if (at < plan.exclusions.size()) column->exclusion = plan.exclusions[at];
    index->columns.push_back(std::move(*column));
  }
  for (const std::string& name : plan.keys) {
    const ColumnId column = table->find(name);
    if (column == 0)
      return tl::unexpected(
          refuse("42703", fmt::format("column \"{}\" named in key does not exist", name)));
    const auto same = [&](const IndexColumn& other) { return other.column == column; };
    if (std::any_of(index->columns.begin(), index->columns.end(), same)) {
      return tl::unexpected(
          refuse("42701", fmt::format("column \"{}\" appears twice in {} constraint", name,
                                      plan.primary ? "primary key" : "unique")));
    }
    if (auto fits =
            check_operator_class(database, table->column(column).type, plan.method, index->needs);
        !fits)
      return tl::unexpected(fits.error());
    IndexColumn part;
    part.column = column;
    index->columns.push_back(std::move(part));
    index->needs.push_back(
        {.on = plan.table, .on_column = column, .kind = DependencyKind::automatic});
  }
  const bool in_each_part = plan.unique || !plan.exclusions.empty();
  if (table->relkind == 'p' && in_each_part && !holds_partition_key(*table, *index)) {
    return tl::unexpected(refuse(
        "0A000", "unique constraint on partitioned table must include all partitioning columns"));
  }
  for (const std::string& name : plan.included) {
    const ColumnId column = table->find(name);
    if (column == 0)
      return tl::unexpected(refuse("42703", fmt::format("column \"{}\" does not exist", name)));
    index->included.push_back(column);
    index->needs.push_back(
        {.on = plan.table, .on_column = column, .kind = DependencyKind::automatic});
  }
  if (plan.where != nullptr) {
    auto bound = bind_expression(execution, *plan.where, plan.table, plain(TypeClass::boolean),
                                 index->needs);
    if (!bound) return tl::unexpected(bound.error());
    index->where = std::move(*bound);
    for (const BoundColumn& used : index->where.columns) {
      index->needs.push_back(
          {.on = plan.table, .on_column = used.column, .kind = DependencyKind::automatic});
    }
  }
  if (index->needs.empty())
    index->needs.push_back({.on = plan.table, .kind = DependencyKind::automatic});
  index->name = truncated_identifier(plan.name);
  if (plan.name.empty()) {
    const std::string columns = plan.primary ? "" : index_column_names(*table, expressions, *index);
    index->name =
        choose_relation_name(database, table->schema, table->name, columns, plan.label, true);
  } else if (database.lookup(NameSpace::relation, table->schema, index->name) != 0) {
    if (plan.if_not_exists) return ObjectId{0};
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists", index->name)));
  }
  const bool unique = index->unique;
  const ObjectId id = database.add(std::move(index));
  if (unique) {
    if (auto checked = check_unique_index(database, id); !checked)
      return tl::unexpected(checked.error());
  }
  return id;
}

Checked<void> create_index(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__IndexStmt& statement = *node.index_stmt;
  auto relation = require_relation(execution.database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  if (statement.concurrent != 0 && execution.database.session().in_transaction) {
    return tl::unexpected(
        refuse("25001", "CREATE INDEX CONCURRENTLY cannot run inside a transaction block"));
  }
  if (const auto* view = execution.database.get<View>(*relation))
    return index_view(execution, *view, statement);
  if (execution.database.get<Table>(*relation) == nullptr) {
    return tl::unexpected(refuse("42809", fmt::format("cannot create index on relation \"{}\"",
                                                      statement.relation->relname)));
  }
  IndexPlan plan;
  plan.table = *relation;
  if (statement.idxname != nullptr) plan.name = statement.idxname;
  if (statement.access_method != nullptr && *statement.access_method != '\0')
    plan.method = statement.access_method;
  plan.unique = statement.unique != 0;
  plan.nulls_not_distinct = statement.nulls_not_distinct != 0;
  plan.if_not_exists = statement.if_not_exists != 0;
  plan.elements = statement.index_params;
  plan.count = statement.n_index_params;
  for (std::size_t at = 0; at < statement.n_index_including_params; ++at) {
    plan.included.emplace_back(statement.index_including_params[at]->index_elem->name);
  }
  plan.where = statement.where_clause;
  plan.options = storage_options(statement.options, statement.n_options);
  auto id = add_index(execution, plan);
  if (!id) return tl::unexpected(id.error());
  if (*id == 0 || statement.relation->inh == 0) {
    if (*id == 0) return {};
    auto index = execution.database.edit<Index>(*id);
    index->only = true;
    execution.database.replace(std::move(index));
    return {};
  }
  return add_to_partitions(execution, *id);
}

Checked<void> cluster(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__ClusterStmt& statement = *node.cluster_stmt;
  Database& database = execution.database;
  if (statement.relation == nullptr) return {};
  const auto table = require_table(database, *statement.relation);
  if (!table) return tl::unexpected(table.error());
  const auto indexes = database.parts_of<Index>(*table);
  const std::string wanted = statement.indexname == nullptr ? "" : statement.indexname;
  const auto chosen = std::find_if(indexes.begin(), indexes.end(), [&](const Index* index) {
    return wanted.empty() ? index->clustered : index->name == wanted;
  });
  if (chosen == indexes.end()) {
    return tl::unexpected(
        refuse("42704", fmt::format("index \"{}\" for table \"{}\" does not exist", wanted,
                                    statement.relation->relname)));
  }
  if ((*chosen)->method != "btree" && (*chosen)->method != "gist")
    return tl::unexpected(refuse("0A000", "cannot cluster on this access method"));
  if ((*chosen)->where) return tl::unexpected(refuse("0A000", "cannot cluster on partial index"));
  const ObjectId id = (*chosen)->id;
  for (const Index* index : indexes) {
    if (index->clustered == (index->id == id)) continue;
    auto changed = database.edit<Index>(index->id);
    changed->clustered = index->id == id;
    database.replace(std::move(changed));
  }
  return {};
}

}  // namespace backout::postgres
