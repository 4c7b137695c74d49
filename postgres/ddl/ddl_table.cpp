// CREATE TABLE merges the columns of parents, makes the table, then its defaults, its keys and
// checks, and foreign keys last (transformCreateStmt() in parse_utilcmd.c, DefineRelation() in
// tablecmds.c). CREATE TABLE AS stores what a query gives (createas.c).
// Left out: typed tables and CREATE TABLE AS EXECUTE are not known. Not looked at: ON COMMIT,
// TABLESPACE, USING, names of storage parameters, types of columns that are merged (42804),
// INCLUDING STATISTICS; LIKE of a view or composite type is refused. Compression is always copied
// by LIKE.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/ddl/partition.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/query/view_query.hpp"

namespace backout::postgres {
namespace {

// Bits of TableLikeClause.options. Source: TableLikeOption in parsenodes.h.
constexpr std::uint32_t kLikeComments = 1U << 0U;
constexpr std::uint32_t kLikeConstraints = 1U << 2U;
constexpr std::uint32_t kLikeDefaults = 1U << 3U;
constexpr std::uint32_t kLikeGenerated = 1U << 4U;
constexpr std::uint32_t kLikeIdentity = 1U << 5U;
constexpr std::uint32_t kLikeIndexes = 1U << 6U;
constexpr std::uint32_t kLikeStorage = 1U << 8U;

/// A CREATE TABLE at work: the columns first, then what needs the table to exist.
class TableMaker {
 public:
  TableMaker(Execution& execution, const PgQuery__CreateStmt& statement)
      : execution_(execution), statement_(statement) {}

  Checked<void> run() {
    auto begun = begin();
    if (!begun || !*begun) return begun ? Checked<void>() : tl::unexpected(begun.error());
    if (auto done = shape(); !done) return done;
    if (auto done = key_columns_exist(); !done) return done;
    if (exists()) {
      return tl::unexpected(refuse("42P07",
                                   fmt::format("relation \"{}\" already exists", draft_->name),
                                   statement_.relation->location));
    }
    id_ = execution_.database.add(draft_);
    for (const auto& [column, definition] : columns_) {
      if (auto done = finish_column(execution_, id_, column, *definition); !done) return done;
    }
    return constraints();
  }

 private:
  /// False when the table exists already and may.
  Checked<bool> begin() {
    Database& database = execution_.database;
    auto schema = relation_schema(database, *statement_.relation);
    if (!schema) return tl::unexpected(schema.error());
    draft_ = std::make_shared<Table>();
    draft_->schema = *schema;
    draft_->name = truncated_identifier(statement_.relation->relname);
    draft_->owner = database.session().role;
    if (statement_.relation->relpersistence != nullptr &&
        *statement_.relation->relpersistence != '\0') {
      draft_->persistence = statement_.relation->relpersistence[0];
    }
    if (exists() && statement_.if_not_exists != 0) return false;
    draft_->options = storage_options(statement_.options, statement_.n_options);
    return true;
  }

  bool exists() const {
    return execution_.database.lookup(NameSpace::relation, draft_->schema, draft_->name) != 0;
  }

  /// Keys are looked at before the table is made, other constraints after.
  Checked<void> key_columns_exist() const {
    for (std::size_t at = 0; at < statement_.n_table_elts; ++at) {
      const PgQuery__Node& element = *statement_.table_elts[at];
      if (element.node_case != PG_QUERY__NODE__NODE_CONSTRAINT) continue;
      for (std::size_t key = 0; key < element.constraint->n_keys; ++key) {
        const std::string_view name = string_of(element.constraint->keys[key]);
        if (draft_->find(name) != 0) continue;
        return tl::unexpected(refuse("42703",
                                     fmt::format("column \"{}\" named in key does not exist", name),
                                     element.constraint->location));
      }
    }
    return {};
  }

  Checked<void> shape() {
    if (auto done = inherit(); !done) return done;
    for (std::size_t at = 0; at < statement_.n_table_elts; ++at) {
      const PgQuery__Node& element = *statement_.table_elts[at];
      if (element.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
        if (auto done = own_column(*element.column_def); !done) return done;
      } else if (element.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE) {
        if (auto done = like(*element.table_like_clause); !done) return done;
      }
    }
    if (statement_.of_typename != nullptr) return tl::unexpected(not_known("a typed table"));
    if (statement_.partspec != nullptr) {
      draft_->relkind = 'p';
      auto key = partition_key(execution_, *draft_, *statement_.partspec);
      if (!key) return tl::unexpected(key.error());
      draft_->partition_key = std::move(*key);
    }
    return {};
  }

  Checked<void> own_column(const PgQuery__ColumnDef& definition) {
    const ColumnId merged = inherited_ > 0 ? draft_->find(definition.colname) : ColumnId{0};
    if (merged != 0 && merged <= inherited_) {
      draft_->column(merged).local = true;
      columns_.emplace_back(merged, &definition);
      return {};
    }
    if (definition.type_name == nullptr) return {};
    auto column = shape_column(execution_, *draft_, definition);
    if (!column) return tl::unexpected(column.error());
    columns_.emplace_back(*column, &definition);
    return {};
  }

  Checked<void> inherit() {
    for (std::size_t at = 0; at < statement_.n_inh_relations; ++at) {
      auto parent = require_table(execution_.database, *statement_.inh_relations[at]->range_var);
      if (!parent) return tl::unexpected(parent.error());
      const Table& table = *execution_.database.get<Table>(*parent);
      const bool partition = statement_.partbound != nullptr;
      if (partition && table.relkind != 'p') {
        return tl::unexpected(
            refuse("42809", fmt::format("\"{}\" is not partitioned", table.name)));
      }
      if (!partition && (table.relkind == 'p' || !table.partition_bound.empty())) {
        const char* kind = table.relkind == 'p' ? "partitioned table" : "partition";
        return tl::unexpected(
            refuse("42809", fmt::format("cannot inherit from {} \"{}\"", kind, table.name)));
      }
      draft_->inherits.push_back(*parent);
      draft_->needs.push_back(
          {.on = *parent, .kind = partition ? DependencyKind::automatic : DependencyKind::normal});
      for (const Column& column : table.columns) {
        if (!column.dropped && draft_->find(column.name) == 0) copy_column(column, true);
      }
    }
    inherited_ = static_cast<ColumnId>(draft_->columns.size());
    if (statement_.partbound != nullptr)
      draft_->partition_bound = partition_bound(*statement_.partbound);
    return {};
  }

  ColumnId copy_column(const Column& column, bool inherited) {
    Column copy = column;
    copy.inherited = inherited;
    copy.local = !inherited;
    copy.comment.reset();
    copy.grants.clear();
    copy.identity = '\0';
    draft_->columns.push_back(std::move(copy));
    const auto id = static_cast<ColumnId>(draft_->columns.size());
    need_type(*draft_, id);
    return id;
  }

  Checked<void> like(const PgQuery__TableLikeClause& clause) {
    auto source = require_table(execution_.database, *clause.relation);
    if (!source) return tl::unexpected(source.error());
    const Table& table = *execution_.database.get<Table>(*source);
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
      const Column& column = table.columns[at];
      if (column.dropped) continue;
      if (draft_->find(column.name) != 0) {
        return tl::unexpected(
            refuse("42701", fmt::format("column \"{}\" specified more than once", column.name)));
      }
      Column& copy = draft_->column(copy_column(column, false));
      const bool keeps =
          (clause.options & (column.generated ? kLikeGenerated : kLikeDefaults)) != 0;
      if (!keeps) copy.default_value = {};
      copy.generated = column.generated && keeps;
      if ((clause.options & kLikeComments) != 0) copy.comment = column.comment;
      if ((clause.options & kLikeStorage) == 0) copy.storage = '\0';
      if (keeps) copy_needs(table, static_cast<ColumnId>(at + 1));
      if (column.identity != '\0' && (clause.options & kLikeIdentity) != 0)
        identities_.emplace_back(draft_->find(column.name), column.identity);
    }
    likes_.emplace_back(*source, clause.options);
    return {};
  }

  void copy_needs(const Table& table, ColumnId column) {
    for (Dependency need : table.needs) {
      if (need.part != Dependency::Part::column_default || need.from_column != column ||
          need.on == table.id)
        continue;
      need.from_column = static_cast<ColumnId>(draft_->columns.size());
      draft_->needs.push_back(need);
    }
  }

  Checked<void> constraints() {
    if (auto done = inherit_constraints(); !done) return done;
    for (const bool foreign : {false, true}) {
      for (const auto& [column, definition] : columns_) {
        if (auto done = add_column_constraints(execution_, id_, column, *definition, foreign);
            !done)
          return done;
      }
      if (auto done = table_constraints(foreign); !done) return done;
      if (!foreign) {
        if (auto done = copy_from_likes(); !done) return done;
      }
    }
    return {};
  }

  Checked<void> table_constraints(bool foreign) {
    // The primary key goes first: its index is named before the others. One of the same columns is
    // dropped for it.
    for (const bool primary : {true, false}) {
      for (std::size_t at = 0; at < statement_.n_table_elts; ++at) {
        const PgQuery__Node& element = *statement_.table_elts[at];
        if (element.node_case != PG_QUERY__NODE__NODE_CONSTRAINT) continue;
        PgQuery__Constraint constraint = *element.constraint;
        constraint.skip_validation = 0;  // no row of a new table can be in its way
        if ((constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) != primary) continue;
        if ((constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN) != foreign) continue;
        if (repeats_index(execution_.database, id_, constraint, 0)) continue;
        if (auto done = add_constraint(execution_, id_, constraint, 0); !done) return done;
      }
    }
    return {};
  }

  /// CHECK constraints of the parents; keys and foreign keys too when the table is a partition.
  Checked<void> inherit_constraints() {
    const auto parents = execution_.database.get<Table>(id_)->inherits;
    for (const ObjectId parent : parents) {
      if (auto done = inherit_from(execution_, parent, id_); !done) return done;
    }
    if (statement_.partbound == nullptr) return {};
    if (auto apart = check_new_bound(execution_, id_); !apart) return apart;
    return check_new_partition(execution_, id_);
  }

  Checked<void> copy_from_likes() {
    for (const auto& [source, options] : likes_) {
      if ((options & kLikeConstraints) != 0) copy_checks(execution_, source, id_);
      if ((options & kLikeIndexes) != 0) {
        if (auto done = copy_indexes(execution_, source, id_); !done) return done;
      }
    }
    for (const auto& [column, identity] : identities_) {
      auto changed = execution_.database.edit<Table>(id_);
      changed->column(column).identity = identity;
      execution_.database.replace(std::move(changed));
      const auto sequence = create_owned_sequence(execution_, id_, column, true, nullptr, 0);
      if (!sequence) return tl::unexpected(sequence.error());
    }
    return {};
  }

  Execution& execution_;
  const PgQuery__CreateStmt& statement_;
  std::shared_ptr<Table> draft_;
  ObjectId id_ = 0;
  ColumnId inherited_ = 0;
  std::vector<std::pair<ColumnId, const PgQuery__ColumnDef*>> columns_;
  std::vector<std::pair<ObjectId, std::uint32_t>> likes_;
  std::vector<std::pair<ColumnId, char>> identities_;
};

}  // namespace

Checked<void> create_table(Execution& execution, const PgQuery__Node& node) {
  return TableMaker(execution, *node.create_stmt).run();
}

namespace {

/// The columns of a query of which neither types nor rows were worked out; `stop` when not even
/// their names are known.
Checked<Relation> names_alone(const Execution& execution, const PgQuery__Node& query, Stop stop) {
  auto bound = stop.kind == Stop::Kind::unknown ? bind_query(execution, query)
                                                : Checked<BoundQuery>(tl::unexpected(stop));
  if (!bound || bound->columns.empty()) return tl::unexpected(std::move(stop));
  Relation relation;
  for (const std::string& name : bound->columns)
    relation.columns.push_back({name, plain(TypeClass::unknown)});
  return relation;
}

}  // namespace

Checked<void> create_table_as(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateTableAsStmt& statement = *node.create_table_as_stmt;
  if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
    return create_materialized_view(execution, statement);
  Database& database = execution.database;
  auto schema = relation_schema(database, *statement.into->rel);
  if (!schema) return tl::unexpected(schema.error());
  const std::string name = truncated_identifier(statement.into->rel->relname);
  const bool exists = database.lookup(NameSpace::relation, *schema, name) != 0;
  if (exists && statement.if_not_exists != 0) return {};
  if (statement.query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return tl::unexpected(not_known("CREATE TABLE AS EXECUTE"));
  TableSurroundings surroundings(execution);
  auto rows = run_select(*statement.query->select_stmt, {}, surroundings);
  const bool known = rows.has_value();
  const std::string why = known ? "" : rows.error().message;
  if (!known) rows = names_alone(execution, *statement.query, std::move(rows.error()));
  if (!rows) return tl::unexpected(rows.error());
  if (exists)
    return tl::unexpected(refuse("42P07", fmt::format("relation \"{}\" already exists", name)));
  std::string doubt;
  auto table = std::make_shared<Table>();
  table->schema = *schema;
  table->name = name;
  if (statement.into->rel->relpersistence != nullptr &&
      *statement.into->rel->relpersistence != '\0') {
    table->persistence = statement.into->rel->relpersistence[0];
  }
  for (std::size_t at = 0; at < rows->columns.size(); ++at) {
    Column column;
    column.name = at < statement.into->n_col_names
                      ? std::string(string_of(statement.into->col_names[at]))
                      : rows->columns[at].name;
    column.type = rows->columns[at].type;
    if (column.type.family == TypeClass::unknown_literal) column.type = plain(TypeClass::text);
    if (column.type.family == TypeClass::unknown)
      doubt = fmt::format("the type of column \"{}\"", column.name);
    table->columns.push_back(std::move(column));
    need_type(*table, static_cast<ColumnId>(table->columns.size()));
  }
  const ObjectId id = database.add(std::move(table));
  if (!doubt.empty()) database.put_in_doubt(id, doubt);
  if (statement.into->skip_data != 0) return {};
  TableRows stored;
  stored.doubt = why;
  for (std::size_t at = 0; at < rows->rows.size(); ++at) {
    stored.rows.push_back(std::make_shared<const Row>(Row{rows->rows[at], rows->certain[at]}));
  }
  if (!stored.rows.empty() || !stored.doubt.empty()) database.rows().store(id, std::move(stored));
  return {};
}

}  // namespace backout::postgres
