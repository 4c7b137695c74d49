// INSERT fires BEFORE triggers, checks NOT NULL and CHECK, then looks for a row in conflict in the
// indexes that ON CONFLICT names (ExecInsert() and ExecOnConflictUpdate() in nodeModifyTable.c).
// Left out: not known are rows written by rules, a conflict that open values leave
// open, DO UPDATE of a partitioned table, tables of more than 2,000 rows; views beyond
// view_target.cpp, their own defaults and ON CONFLICT there.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/arbiters.hpp"
#include "postgres/dml/defaults.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/dml/dml_write.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/check_types.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/row_fields.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/query/view_target.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

/// Representatives are a few; a script that makes more of them than this is not followed.
constexpr std::size_t kMostInsertedRows = 2'000;

/// An INSERT at work.
const TriggerEvent kInsertEvent = {'i', {}};

class Insertion {
 public:
  Insertion(Execution& execution, const PgQuery__InsertStmt& statement, const Scope& outer)
      : execution_(execution), statement_(statement), surroundings_(execution) {
    scope_.common = &common_;
    scope_.outer = &outer;
  }

  Checked<Relation> run() {
    if (auto ran = run_common(statement_.with_clause, common_, *scope_.outer, surroundings_); !ran)
      return tl::unexpected(ran.error());
    const auto id =
        require_written(execution_.database, *statement_.relation, PG_QUERY__CMD_TYPE__CMD_INSERT);
    if (!id) return tl::unexpected(id.error());
    if (const auto* view = execution_.database.get<View>(*id)) {
      if (statement_.on_conflict_clause != nullptr)
        return tl::unexpected(
            not_known("ON CONFLICT of a view", statement_.on_conflict_clause->location));
      shown_ = view_target(execution_.database, *view)->table;
      table_ = *execution_.database.get<Table>(shown_->id);
    } else {
      table_ = *execution_.database.get<Table>(*id);
    }
    if (auto done = choose_columns(); !done) return tl::unexpected(done.error());
    if (statement_.on_conflict_clause != nullptr) {
      auto found = arbiters(execution_, table_, *statement_.on_conflict_clause);
      if (!found) return tl::unexpected(found.error());
      arbiters_ = std::move(*found);
      if (auto fits = check_conflict_types(); !fits) return tl::unexpected(fits.error());
    }
    if (auto done = fire_statements('b'); !done) return tl::unexpected(done.error());
    if (auto done = insert_all(); !done) return tl::unexpected(done.error());
    for (const auto& row : inserted_) {
      if (auto done = fire_after(execution_, table_, kInsertEvent, nullptr, row.get()); !done)
        return tl::unexpected(done.error());
    }
    if (auto done = fire_statements('a'); !done) return tl::unexpected(done.error());
    if (statement_.n_returning_list == 0) {
      Relation counted;
      for (const auto& row : stored_) counted.certain.push_back(row->certain);
      counted.rows.resize(stored_.size());
      return counted;
    }
    return returning(execution_, named(), alias(), statement_.returning_list,
                     statement_.n_returning_list, stored_, scope_);
  }

 private:
  /// The table as the statement names it: as a view shows it.
  const Table& named() const { return shown_ ? *shown_ : table_; }

  std::string alias() const {
    return statement_.relation->alias != nullptr ? statement_.relation->alias->aliasname
                                                 : named().name;
  }

  /// The event of DO UPDATE.
  TriggerEvent update(const PgQuery__OnConflictClause& conflict) const {
    TriggerEvent update{'u', {}};
    for (std::size_t at = 0; at < conflict.n_target_list; ++at)
      update.columns.push_back(table_.find(conflict.target_list[at]->res_target->name));
    return update;
  }

  /// The triggers FOR EACH STATEMENT: with DO UPDATE those of UPDATE, too, whether a row conflicts
  /// or not.
  Checked<void> fire_statements(char timing) {
    const PgQuery__OnConflictClause* conflict = statement_.on_conflict_clause;
    const bool updates =
        conflict != nullptr && conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
    std::vector<TriggerEvent> events = {kInsertEvent};
    if (updates) events.push_back(update(*conflict));
    if (timing == 'a') std::reverse(events.begin(), events.end());
    for (const TriggerEvent& event : events) {
      if (auto done = fire_statement(execution_, table_, event, timing); !done) return done;
    }
    return {};
  }

  Checked<void> choose_columns() {
    for (std::size_t at = 0; at < statement_.n_cols; ++at) {
      auto column = target_column(named(), *statement_.cols[at]->res_target);
      if (!column) return tl::unexpected(column.error());
      if (std::find(columns_.begin(), columns_.end(), *column) != columns_.end()) {
        return tl::unexpected(refuse("42701", fmt::format("column \"{}\" specified more than once",
                                                          named().column(*column).name)));
      }
      columns_.push_back(*column);
    }
    if (statement_.n_cols > 0) return {};
    for (std::size_t at = 0; at < named().columns.size(); ++at) {
      if (!named().columns[at].dropped) columns_.push_back(static_cast<ColumnId>(at + 1));
    }
    return {};
  }

  Checked<void> insert_all() {
    if (statement_.select_stmt == nullptr) return insert_values({}, {}, true);
    const PgQuery__SelectStmt& query = *statement_.select_stmt->select_stmt;
    if (query.n_values_lists > 0) {
      for (std::size_t at = 0; at < query.n_values_lists; ++at) {
        if (auto done = insert_list(*query.values_lists[at]->list); !done) return done;
      }
      return {};
    }
    auto rows = run_select(query, scope_, surroundings_);
    if (!rows) return tl::unexpected(rows.error());
    if (Reach* watching = execution_.database.reach())
      watching->note_insert(execution_.database, table_, statement_.relation->location,
                            !rows->rows.empty());
    if (rows->columns.size() > columns_.size()) {
      return tl::unexpected(refuse("42601", "INSERT has more expressions than target columns"));
    }
    if (statement_.n_cols > 0 && rows->columns.size() < columns_.size()) {
      return tl::unexpected(refuse("42601", "INSERT has more target columns than expressions"));
    }
    if (rows->rows.empty()) return check_given(rows->columns);
    for (std::size_t at = 0; at < rows->rows.size(); ++at) {
      std::vector<std::optional<Typed>> values;
      for (std::size_t column = 0; column < rows->columns.size(); ++column) {
        values.emplace_back(Typed{rows->rows[at][column], rows->columns[column].type});
      }
      if (auto done = insert_values(values, {}, rows->certain[at]); !done) return done;
    }
    return {};
  }

  /// What DO UPDATE sets has to fit whether a row conflicts or not.
  Checked<void> check_conflict_types() {
    const PgQuery__OnConflictClause& conflict = *statement_.on_conflict_clause;
    const std::vector<ScopeColumn> columns = visible_columns(table_).columns;
    for (std::size_t at = 0; at < conflict.n_target_list; ++at) {
      const PgQuery__ResTarget& target = *conflict.target_list[at]->res_target;
      const auto column = target_column(table_, target);
      if (!column) return tl::unexpected(column.error());
      if (!is_value(target)) continue;
      if (auto fits = check_types(execution_, *target.val, columns, table_.column(*column).type);
          !fits)
        return fits;
    }
    return {};
  }

  /// Without rows the types still have to fit.
  Checked<void> check_given(const std::vector<ScopeColumn>& given) {
    for (std::size_t at = 0; at < given.size(); ++at) {
      const auto tried =
          coerce({Value(), given[at].type}, table_.column(columns_[at]).type, false, surroundings_);
      if (!tried && tried.error().sqlstate == "42804")
        return tl::unexpected(type_mismatch(columns_[at], given[at].type, tried.error()));
    }
    return {};
  }

  /// What `row.*` stands for; nothing when the node is something else, or no such row is in sight.
  std::optional<std::vector<Typed>> spread(const PgQuery__Node& node) {
    const bool star =
        node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && last_name(*node.column_ref).empty();
    return star ? row_fields(node, scope_, surroundings_).value_or(std::nullopt) : std::nullopt;
  }

  Checked<void> insert_list(const PgQuery__List& list) {
    std::vector<std::optional<Typed>> values;
    for (std::size_t at = 0; at < list.n_items; ++at) {
      const PgQuery__Node& item = *list.items[at];
      if (item.node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
        values.emplace_back();
        continue;
      }
      if (const auto fields = spread(item)) {
        values.insert(values.end(), fields->begin(), fields->end());
        continue;
      }
      if (values.size() >= columns_.size()) break;
      auto value = evaluate(item, scope_, surroundings_);
      if (!value) return tl::unexpected(value.error());
      values.emplace_back(std::move(*value));
    }
    if (std::max(values.size(), list.n_items) > columns_.size())
      return tl::unexpected(refuse("42601", "INSERT has more expressions than target columns"));
    if (statement_.n_cols > 0 && values.size() < columns_.size()) {
      return tl::unexpected(refuse("42601", "INSERT has more target columns than expressions"));
    }
    return insert_values(values, {}, true);
  }

  Stop type_mismatch(ColumnId column, const ValueType& given, const Stop& stop) const {
    return refuse("42804",
                  fmt::format("column \"{}\" is of type {} but expression is of type {}",
                              table_.column(column).name,
                              print_type(execution_.database, table_.column(column).type, ""),
                              print_type(execution_.database, given, "")),
                  stop.offset);
  }

  Checked<void> insert_values(const std::vector<std::optional<Typed>>& values, const Row& start,
                              bool certain) {
    Row row = start;
    row.certain = certain;
    row.values.resize(table_.columns.size());
    std::vector<bool> given(table_.columns.size(), false);
    for (std::size_t at = 0; at < values.size(); ++at) {
      if (!values[at]) continue;
      const Column& column = table_.column(columns_[at]);
      if (column.generated ||
          (column.identity == 'a' &&
           statement_.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET)) {
        return tl::unexpected(refuse(
            "428C9",
            fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name)));
      }
      if (column.identity == 'a' &&
          statement_.override == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE)
        continue;
      auto value = coerce(*values[at], column.type, false, surroundings_);
      if (!value && value.error().sqlstate == "42804")
        return tl::unexpected(type_mismatch(columns_[at], values[at]->type, value.error()));
      if (!value) return tl::unexpected(value.error());
      row.values[columns_[at] - std::size_t{1}] = std::move(*value);
      given[columns_[at] - std::size_t{1}] = true;
    }
    for (std::size_t at = 0; at < table_.columns.size(); ++at) {
      const Column& column = table_.columns[at];
      if (given[at] || column.dropped || column.generated) continue;
      auto value = default_of(execution_, table_, static_cast<ColumnId>(at + 1), row);
      if (!value) return tl::unexpected(value.error());
      row.values[at] = std::move(*value);
    }
    if (auto done = regenerate(execution_, table_, row); !done) return done;
    return store(std::move(row));
  }

  Checked<void> store(Row row) {
    const auto stays = fire_before(execution_, table_, kInsertEvent, nullptr, &row);
    if (!stays) return tl::unexpected(stays.error());
    if (!*stays) return {};
    const PgQuery__OnConflictClause* conflict = statement_.on_conflict_clause;
    if (conflict != nullptr) {
      if (auto kept = check_row(execution_, table_, row); !kept) return kept;
      auto rival = find_rival(row);
      if (!rival) return tl::unexpected(rival.error());
      if (*rival != nullptr) return resolve_conflict(*conflict, row, *rival);
    }
    auto done = insert_row(execution_, table_.id, std::move(row), conflict != nullptr);
    if (!done) return tl::unexpected(done.error());
    stored_.push_back(std::move(*done));
    inserted_.push_back(stored_.back());
    return {};
  }

  /// The stored row that the new one conflicts with, null when there is none.
  Checked<std::shared_ptr<const Row>> find_rival(const Row& row) {
    std::optional<TableRows> in_partitions;
    if (table_.relkind == 'p') in_partitions = rows_with_partitions(execution_.database, table_);
    const TableRows& present =
        in_partitions ? *in_partitions : execution_.database.rows().of(table_.id);
    for (const ObjectId id : arbiters_) {
      const auto* index = execution_.database.get<Index>(id);
      if (index->deferrable) {
        return tl::unexpected(refuse("55000",
                                     "ON CONFLICT does not support deferrable unique "
                                     "constraints/exclusion constraints as arbiters"));
      }
      for (const auto& other : present.rows) {
        const auto hit = IndexedRow(execution_, *index, row).collides_with(*other);
        if (!hit) return tl::unexpected(hit.error());
        if (*hit == Truth::yes) return other;
        if (*hit == Truth::unknown)
          return tl::unexpected(
              not_known("whether a row conflicts", statement_.on_conflict_clause->location));
      }
    }
    return std::shared_ptr<const Row>();
  }

  Checked<void> resolve_conflict(const PgQuery__OnConflictClause& conflict, const Row& row,
                                 const std::shared_ptr<const Row>& rival) {
    if (conflict.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) return {};
    if (std::find(stored_.begin(), stored_.end(), rival) != stored_.end()) {
      return tl::unexpected(
          refuse("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time"));
    }
    if (table_.relkind == 'p')
      return tl::unexpected(not_known("ON CONFLICT DO UPDATE of a partitioned table"));
    const VisibleColumns visible = visible_columns(table_);
    std::vector<Value> old_values;
    std::vector<Value> new_values;
    for (const ColumnId id : visible.ids) {
      old_values.push_back(rival->at(id - std::size_t{1}));
      new_values.push_back(row.at(id - std::size_t{1}));
    }
    // `excluded` also answers when its columns are named with that word only; bare names mean the
    // stored row.
    std::vector<ScopeColumn> excluded = visible.columns;
    for (ScopeColumn& column : excluded) column.merged = true;
    Scope scope;
    scope.outer = &scope_;
    scope.relations.push_back({alias(), visible.columns, old_values});
    scope.relations.push_back({"excluded", excluded, new_values});
    if (conflict.where_clause != nullptr) {
      const auto wanted = holds(*conflict.where_clause, scope, surroundings_);
      if (!wanted) return tl::unexpected(wanted.error());
      if (*wanted == Truth::no) return {};
      if (*wanted == Truth::unknown)
        return tl::unexpected(not_known("whether a conflicting row is updated"));
    }
    auto after = std::make_shared<Row>(*rival);
    if (auto done =
            assign(execution_, table_, conflict.target_list, conflict.n_target_list, scope, *after);
        !done)
      return done;
    std::vector<RowChange> changes = {{rival, after}};
    if (auto done = change_rows(execution_, table_, update(conflict), changes); !done) return done;
    for (const RowChange& change : changes) stored_.push_back(change.after);
    return {};
  }

  Execution& execution_;
  const PgQuery__InsertStmt& statement_;
  TableSurroundings surroundings_;
  CommonTables common_;
  Scope scope_;
  Table table_;
  std::optional<Table> shown_;  ///< `table_` as the view shows it that the statement names
  std::vector<ColumnId> columns_;
  std::vector<ObjectId> arbiters_;
  std::vector<std::shared_ptr<const Row>> stored_;    ///< for RETURNING
  std::vector<std::shared_ptr<const Row>> inserted_;  ///< of `stored_`, those that are new
};

}  // namespace

Checked<Relation> run_insert(Execution& execution, const PgQuery__InsertStmt& statement,
                             const Scope& outer) {
  return Insertion(execution, statement, outer).run();
}

namespace {

Checked<std::shared_ptr<const Row>> append_row(Execution& execution, ObjectId table, Row row,
                                               bool keeps_checks) {
  Database& database = execution.database;
  const Table& owner = *database.get<Table>(table);
  if (auto good = keeps_checks ? check_nulls(owner, row) : check_row(execution, owner, row); !good)
    return tl::unexpected(good.error());
  if (auto good = check_unique(execution, owner, row, nullptr); !good)
    return tl::unexpected(good.error());
  TableRows rows = database.rows().of(table);
  if (rows.rows.size() >= kMostInsertedRows)
    return tl::unexpected(not_known("a table of very many rows"));
  rows.rows.push_back(std::make_shared<const Row>(std::move(row)));
  const std::shared_ptr<const Row> stored = rows.rows.back();
  database.rows().store(table, std::move(rows));
  // A row may point to itself, so it is there when its foreign keys are checked.
  const Table& now = *database.get<Table>(table);
  if (auto good = check_references(execution, now, *stored, nullptr); !good)
    return tl::unexpected(good.error());
  postpone_checks(execution, now, stored, nullptr);
  return stored;
}

}  // namespace

Checked<std::shared_ptr<const Row>> insert_row(Execution& execution, ObjectId table, Row row,
                                               bool keeps_checks) {
  const Table& owner = *execution.database.get<Table>(table);
  if (auto good = check_bound(execution, owner, row); !good) return tl::unexpected(good.error());
  if (owner.relkind != 'p') return append_row(execution, table, std::move(row), keeps_checks);
  auto place = partition_for(execution, owner, row);
  if (!place) return tl::unexpected(place.error());
  auto stored = append_row(execution, place->table, std::move(place->row), false);
  if (!stored || (*stored)->values == row.values) return stored;
  return std::make_shared<const Row>(std::move(row));
}

}  // namespace backout::postgres
