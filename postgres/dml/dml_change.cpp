// UPDATE and DELETE reach each row once, whatever it is joined with (nodeModifyTable.c); foreign
// keys act through triggers that run statements of their own (ri_triggers.c); views of one table
// are written through (rewriteHandler.c).
// Left out: not known are rules, views beyond view_target.cpp, assignments to a part of a column or
// of a subquery's row, RETURNING of joined tables, rows that move to another partition. Keys are
// checked when all rows of a statement have changed, where PostgreSQL stops at the first row in the
// way.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/defaults.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/dml/dml_write.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/check_types.hpp"
#include "postgres/query/may_hold.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/query/view_target.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

/// What an UPDATE or DELETE writes to: a table, or what a view shows of one.
struct Written {
  Table stored;
  std::optional<ViewTarget> through;

  /// With the columns as the statement names them.
  const Table& table() const { return through ? through->table : stored; }
};

Written written_to(const Database& database, ObjectId id) {
  if (const auto* view = database.get<View>(id)) {
    auto target = *view_target(database, *view);
    return {*database.get<Table>(target.table.id), std::move(target)};
  }
  return {*database.get<Table>(id), std::nullopt};
}

/// The rows that an UPDATE or DELETE reaches in one table, each with a scope that also sees FROM or
/// USING.
struct Reached {
  std::vector<std::shared_ptr<const Row>> rows;
  Joined joined;
  std::vector<std::size_t> row_of;  ///< by joined row: which of `rows`
};

/// The rows of a table that a view of it shows.
Checked<std::vector<std::shared_ptr<const Row>>> shown_rows(Execution& execution,
                                                            const Table& stored,
                                                            const ViewTarget& target,
                                                            const PgQuery__RangeVar& range) {
  const auto rows = execution.database.rows().of(target.table.id).rows;
  const PgQuery__Node* where = target.view.query.node->select_stmt->where_clause;
  if (where == nullptr) return rows;
  const VisibleColumns visible = visible_columns(stored);
  TableSurroundings surroundings(execution);
  std::vector<std::shared_ptr<const Row>> shown;
  for (const auto& row : rows) {
    std::vector<Value> values;
    for (const ColumnId id : visible.ids) values.push_back(row->at(id - std::size_t{1}));
    Scope scope;
    scope.relations.push_back({target.alias, visible.columns, values});
    const auto held = holds(*where, scope, surroundings);
    if (!held) return tl::unexpected(held.error());
    if (*held == Truth::unknown)
      return tl::unexpected(not_known(
          fmt::format("rows written through the view \"{}\"", target.view.name), range.location));
    if (*held == Truth::yes) shown.push_back(row);
  }
  return shown;
}

Checked<Reached> reach(Execution& execution, const Written& written, const PgQuery__RangeVar& range,
                       const PgQuery__Node* const* items, std::size_t count,
                       const PgQuery__Node* where, const Scope& outer) {
  const Table& table = written.table();
  Reached reached;
  const TableRows& stored = execution.database.rows().of(table.id);
  if (!stored.doubt.empty()) return tl::unexpected(not_known(stored.doubt, range.location));
  reached.rows = stored.rows;
  if (written.through) {
    auto shown = shown_rows(execution, written.stored, *written.through, range);
    if (!shown) return tl::unexpected(shown.error());
    reached.rows = std::move(*shown);
  }
  const VisibleColumns visible = visible_columns(table);
  const std::string alias = range.alias != nullptr ? range.alias->aliasname : table.name;
  // A hidden column in front tells which stored row a joined row came from.
  std::vector<ScopeColumn> columns = {{"", plain(TypeClass::int8), true}};
  columns.insert(columns.end(), visible.columns.begin(), visible.columns.end());
  Joined start;
  start.rows.clear();
  start.certain.clear();
  start.sources.push_back({alias, columns, 0});
  for (std::size_t at = 0; at < reached.rows.size(); ++at) {
    std::vector<Value> values = {Value::known(static_cast<std::int64_t>(at))};
    for (const ColumnId id : visible.ids)
      values.push_back(reached.rows[at]->at(id - std::size_t{1}));
    start.rows.push_back(std::move(values));
    start.certain.push_back(reached.rows[at]->certain);
  }
  TableSurroundings surroundings(execution);
  auto joined = join_items(std::move(start), items, count, where, outer, surroundings);
  if (!joined) return tl::unexpected(joined.error());
  if (auto kept = keep_where(*joined, where, outer, surroundings); !kept)
    return tl::unexpected(kept.error());
  reached.joined = std::move(*joined);
  for (const auto& values : reached.joined.rows)
    reached.row_of.push_back(std::stoul(values[0].text()));
  return reached;
}

/// The rows that a statement reaches, without columns: how many they are.
void count_in(Relation& touched, const Reached& reached) {
  const std::set<std::size_t> places(reached.row_of.begin(), reached.row_of.end());
  for (const std::size_t place : places) {
    bool certain = false;
    for (std::size_t at = 0; at < reached.row_of.size(); ++at)
      certain = certain || (reached.row_of[at] == place && reached.joined.certain[at]);
    touched.rows.emplace_back();
    touched.certain.push_back(certain);
  }
}

std::string alias_of(const PgQuery__RangeVar& range) {
  return range.alias != nullptr ? range.alias->aliasname : range.relname;
}

/// Tells whoever watches whether a DELETE met a row; one that no row can satisfy is no matter.
void note_delete(Execution& execution, const Table& table, const PgQuery__DeleteStmt& statement,
                 bool met) {
  Reach* watching = execution.database.reach();
  if (watching == nullptr) return;
  const bool settled =
      met || !may_hold(execution, table, alias_of(*statement.relation), statement.where_clause);
  watching->note(execution.database, table, {}, statement.relation->location, settled);
}

/// The same of an UPDATE: whether it made anything else of a row.
void note_update(Execution& execution, const Table& table, const std::vector<ColumnId>& set,
                 const PgQuery__UpdateStmt& statement, const std::vector<RowChange>& changes) {
  Reach* watching = execution.database.reach();
  if (watching == nullptr) return;
  std::vector<ColumnId> heeded = watching->heeded(execution.database, table, set);
  // SET a = a is there for what triggers make of it.
  std::erase_if(heeded, [&](ColumnId id) {
    const std::string& name = table.column(id).name;
    return std::any_of(statement.target_list, statement.target_list + statement.n_target_list,
                       [&](const PgQuery__Node* target) {
                         const PgQuery__Node* value = target->res_target->val;
                         return target->res_target->name == name &&
                                value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                                last_name(*value->column_ref) == name;
                       });
  });
  const bool met = std::any_of(changes.begin(), changes.end(), [&](const RowChange& change) {
    return heeded.empty() || std::any_of(heeded.begin(), heeded.end(), [&](ColumnId id) {
             return !(change.before->at(id - std::size_t{1}) ==
                      change.after->at(id - std::size_t{1}));
           });
  });
  const bool settled =
      met || !may_hold(execution, table, alias_of(*statement.relation), statement.where_clause);
  watching->note(execution.database, table, set, statement.relation->location, settled);
}

/// RETURNING also sees the tables of FROM and USING, which are not followed there.
Checked<Relation> open_to_joined(Checked<Relation> rows, std::size_t joined) {
  if (!rows && joined > 0 && rows.error().sqlstate.starts_with("42"))
    return tl::unexpected(not_known("RETURNING of a joined table"));
  return rows;
}

/// Values that an update which may not happen leaves: those on which both agree, else symbols.
void blur(Database& database, Row& after, const Row& before) {
  for (std::size_t at = 0; at < after.values.size(); ++at) {
    if (after.values[at] == before.at(at)) continue;
    const bool present = !after.values[at].may_be_null() && !before.at(at).may_be_null();
    after.values[at] =
        Value::symbol(present ? Symbol::present : Symbol::opaque, database.new_identity());
  }
}

std::vector<ObjectId> reached_tables(const Database& database, ObjectId table,
                                     const PgQuery__RangeVar& range) {
  std::vector<ObjectId> tables = {table};
  if (range.inh == 0) return tables;
  const auto below = descendants(database, table);
  tables.insert(tables.end(), below.begin(), below.end());
  return tables;
}

/// What a foreign key makes of the rows that reference changed or deleted ones: nothing when it
/// only forbids, or no key changes.
std::optional<TriggerEvent> event_of(const Constraint& key, const std::vector<RowChange>& changes) {
  const auto first = std::find_if(changes.begin(), changes.end(),
                                  [&](const RowChange& change) { return leaves_key(key, change); });
  if (first == changes.end()) return std::nullopt;
  const char action = first->after == nullptr ? key.on_delete : key.on_update;
  if (action == 'a' || action == 'r') return std::nullopt;
  if (action == 'c' && first->after == nullptr) return TriggerEvent{'d', {}};
  return TriggerEvent{'u', key.columns};
}

/// Follows one foreign key from changed or deleted rows of the table that it references.
Checked<void> follow_key(Execution& execution, const Constraint& key,
                         const std::vector<RowChange>& changes) {
  Database& database = execution.database;
  const Table referencing_table = *database.get<Table>(key.parent);
  std::vector<RowChange> next;
  const auto postponed = [&, later = waits(database.session(), key)](const RowChange& change) {
    return later && (change.after == nullptr ? key.on_delete : key.on_update) == 'a';
  };
  std::vector<RowChange> later;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(later), postponed);
  postpone_key(execution, key, later);
  for (const auto& row : database.rows().of(key.parent).rows) {
    for (const RowChange& change : changes) {
      const auto pointed = points_to(execution, key, *row, *change.before);
      if (!pointed) return tl::unexpected(pointed.error());
      if (*pointed == Truth::no || postponed(change)) continue;
      if (change.after != nullptr) {
        const auto still = points_to(execution, key, *row, *change.after);
        if (!still) return tl::unexpected(still.error());
        if (*still == Truth::yes) continue;
      }
      const bool sure = *pointed == Truth::yes && row->certain &&
                        (change.after == nullptr || change.after->certain);
      if (!sure)
        return tl::unexpected(not_known(fmt::format("what foreign key \"{}\" does", key.name)));
      const char action = change.after == nullptr ? key.on_delete : key.on_update;
      if (action == 'a' || action == 'r') {
        const auto other = has_partner(execution, key, *row);
        if (other && *other == Truth::yes && action == 'a') continue;
        return tl::unexpected(
            refuse("23503", fmt::format("update or delete on table \"{}\" violates foreign key "
                                        "constraint \"{}\" on table \"{}\"",
                                        database.get<Table>(key.referenced)->name, key.name,
                                        referencing_table.name)));
      }
      if (action == 'c' && change.after == nullptr) {
        next.push_back({row, nullptr});
        break;
      }
      auto after = std::make_shared<Row>(*row);
      for (std::size_t at = 0; at < key.columns.size(); ++at) {
        const bool listed = key.delete_set_columns.empty() ||
                            std::find(key.delete_set_columns.begin(), key.delete_set_columns.end(),
                                      key.columns[at]) != key.delete_set_columns.end();
        if (action != 'c' && !listed) continue;
        Value value;
        if (action == 'c') value = change.after->at(key.referenced_columns[at] - std::size_t{1});
        if (action == 'd') {
          auto standard = default_of(execution, referencing_table, key.columns[at], *row);
          if (!standard) return tl::unexpected(standard.error());
          value = std::move(*standard);
        }
        after->set(key.columns[at] - std::size_t{1}, std::move(value));
      }
      next.push_back({row, after});
      break;
    }
  }
  const std::optional<TriggerEvent> event = event_of(key, changes);
  if (!event) return {};
  // PostgreSQL runs a statement for it, which may find no row.
  if (auto fired = fire_statement(execution, referencing_table, *event, 'b'); !fired) return fired;
  if (!next.empty()) {
    if (auto done = change_rows(execution, referencing_table, *event, next); !done) return done;
  }
  return fire_statement(execution, referencing_table, *event, 'a');
}

/// The changes of a partition's rows with the columns as the table has them that it is a part of.
std::vector<RowChange> changes_as(const Table& part, const Table& whole,
                                  const std::vector<RowChange>& changes) {
  const auto as_whole = [&](const std::shared_ptr<const Row>& row) {
    return row == nullptr ? nullptr : std::make_shared<Row>(row_as(part, whole, *row));
  };
  std::vector<RowChange> moved;
  for (const RowChange& change : changes)
    moved.push_back({as_whole(change.before), as_whole(change.after)});
  return moved;
}

}  // namespace

bool leaves_key(const Constraint& key, const RowChange& change) {
  if (change.after == nullptr) return true;
  return std::ranges::any_of(key.referenced_columns, [&](ColumnId id) {
    return !(change.before->at(slot_of(id)) == change.after->at(slot_of(id)));
  });
}

Checked<ObjectId> require_written(const Database& database, const PgQuery__RangeVar& relation,
                                  PgQuery__CmdType event) {
  const auto id = require_relation(database, relation);
  if (!id) return id;
  for (const Rule* rule : database.parts_of<Rule>(*id)) {
    if (rule->definition.starts_with(fmt::format("{} ", static_cast<int>(event)))) {
      return tl::unexpected(not_known(fmt::format("what the rule \"{}\" makes of it", rule->name),
                                      relation.location));
    }
  }
  if (database.get<Table>(*id) != nullptr) return id;
  const auto* view = database.get<View>(*id);
  if (view != nullptr && view_target(database, *view)) return id;
  if (view != nullptr && !view->materialized)
    return tl::unexpected(not_known(
        fmt::format("rows written through the view \"{}\"", relation.relname), relation.location));
  return tl::unexpected(refuse(
      "42809", fmt::format("cannot change relation \"{}\"", relation.relname), relation.location));
}

Checked<ColumnId> target_column(const Table& table, const PgQuery__ResTarget& target) {
  const ColumnId column = table.find(target.name);
  if (column == 0) {
    return tl::unexpected(refuse(
        "42703",
        fmt::format("column \"{}\" of relation \"{}\" does not exist", target.name, table.name),
        target.location));
  }
  if (target.n_indirection > 0)
    return tl::unexpected(not_known("an assignment to a part of a column", target.location));
  return column;
}

Checked<void> regenerate(Execution& execution, const Table& table, Row& row) {
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    if (table.columns[at].dropped || !table.columns[at].generated) continue;
    auto value = default_of(execution, table, static_cast<ColumnId>(at + 1), row);
    if (!value) return tl::unexpected(value.error());
    row.set(at, std::move(*value));
  }
  return {};
}

Checked<void> assign(Execution& execution, const Table& table, const PgQuery__Node* const* targets,
                     std::size_t count, const Scope& scope, Row& row) {
  TableSurroundings surroundings(execution);
  const Row before = row;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__ResTarget& target = *targets[at]->res_target;
    auto column = target_column(table, target);
    if (!column) return tl::unexpected(column.error());
    const PgQuery__Node* node = target.val;
    if (node->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
      const PgQuery__MultiAssignRef& part = *node->multi_assign_ref;
      if (part.source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
        return tl::unexpected(not_known("an assignment of a subquery's row"));
      node = part.source->row_expr->args[part.colno - 1];
    }
    Checked<Value> value = Value();
    if (node->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
      value = default_of(execution, table, *column, before);
    } else {
      auto computed = evaluate(*node, scope, surroundings);
      if (!computed) return tl::unexpected(computed.error());
      value = coerce(*computed, table.column(*column).type, false, surroundings);
    }
    if (!value) {
      if (value.error().offset < 0) value.error().offset = target.location;
      return tl::unexpected(value.error());
    }
    row.set(*column - std::size_t{1}, std::move(*value));
  }
  return regenerate(execution, table, row);
}

Checked<Relation> returning(Execution& execution, const Table& table, std::string_view alias,
                            const PgQuery__Node* const* targets, std::size_t count,
                            const std::vector<std::shared_ptr<const Row>>& rows,
                            const Scope& outer) {
  const VisibleColumns visible = visible_columns(table);
  Joined joined;
  joined.rows.clear();
  joined.certain.clear();
  joined.sources.push_back({std::string(alias), visible.columns, 0});
  for (const auto& row : rows) {
    std::vector<Value> values;
    for (const ColumnId id : visible.ids) values.push_back(row->at(id - std::size_t{1}));
    joined.rows.push_back(std::move(values));
    joined.certain.push_back(row->certain);
  }
  TableSurroundings surroundings(execution);
  return project(joined, targets, count, outer, surroundings);
}

Checked<void> apply_changes(Execution& execution, ObjectId table,
                            const std::vector<RowChange>& changes) {
  Database& database = execution.database;
  TableRows rows = database.rows().of(table);
  for (const RowChange& change : changes) {
    const auto place = std::find(rows.rows.begin(), rows.rows.end(), change.before);
    if (place == rows.rows.end()) continue;
    if (change.after == nullptr)
      rows.rows.erase(place);
    else
      *place = change.after;
  }
  database.rows().store(table, std::move(rows));
  const Table owner = *database.get<Table>(table);
  for (const RowChange& change : changes) {
    if (change.after == nullptr) continue;
    if (auto good = check_row(execution, owner, *change.after); !good) return good;
    if (const auto fits = check_bound(execution, owner, *change.after); !fits)
      return tl::unexpected(not_known("an UPDATE that moves rows to another partition"));
    if (auto good = check_unique(execution, owner, *change.after, nullptr); !good) return good;
    if (auto good = check_references(execution, owner, *change.after, change.before.get()); !good)
      return good;
    postpone_checks(execution, owner, change.after, change.before.get());
  }
  if (database.session().replica) return {};
  for (const ObjectId referenced : with_partitioned(database, table)) {
    const std::vector<const Constraint*> keys = referencing(database, referenced);
    if (keys.empty()) continue;
    const auto as_referenced = referenced == table
                                   ? changes
                                   : changes_as(owner, *database.get<Table>(referenced), changes);
    for (const Constraint* key : keys) {
      if (key->not_followed) continue;
      if (auto done = follow_key(execution, *key, as_referenced); !done) return done;
    }
  }
  return {};
}

Checked<void> change_rows(Execution& execution, const Table& table, const TriggerEvent& event,
                          std::vector<RowChange>& changes) {
  std::vector<RowChange> kept;
  for (RowChange& change : changes) {
    auto after = change.after == nullptr ? nullptr : std::make_shared<Row>(*change.after);
    const auto goes_on = fire_before(execution, table, event, change.before.get(), after.get());
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (*goes_on) kept.push_back({change.before, after});
  }
  changes = std::move(kept);
  if (auto done = apply_changes(execution, table.id, changes); !done) return done;
  for (const RowChange& change : changes) {
    if (auto fired = fire_after(execution, table, event, change.before.get(), change.after.get());
        !fired)
      return fired;
  }
  return {};
}

namespace {

/// Refuses before any row is there what never fits the column: 42804, 42883. Only for values made
/// of the table's own columns.
Checked<void> fits_column(const Execution& execution, const Table& table, std::string_view alias,
                          const PgQuery__ResTarget& target, ColumnId column) {
  if (!is_value(target)) return {};
  if (!execution.database.rows().of(table.id).rows.empty()) return {};
  return check_types(execution, *target.val, visible_columns(table).columns,
                     table.column(column).type, alias);
}

/// The columns of `table` that an UPDATE sets.
Checked<std::vector<ColumnId>> set_columns(const Execution& execution, const Table& table,
                                           const PgQuery__UpdateStmt& statement) {
  std::vector<ColumnId> columns;
  for (std::size_t at = 0; at < statement.n_target_list; ++at) {
    const PgQuery__ResTarget& target = *statement.target_list[at]->res_target;
    const auto column = target_column(table, target);
    if (!column) return tl::unexpected(column.error());
    if (auto fits = fits_column(execution, table, alias_of(*statement.relation), target, *column);
        !fits)
      return tl::unexpected(fits.error());
    columns.push_back(*column);
  }
  return columns;
}

/// The sequences that columns of the table own begin again.
void restart_sequences(Database& database, ObjectId table) {
  for (const ObjectId id : database.dependents(table)) {
    const auto* owned = database.get<Sequence>(id);
    if (owned == nullptr || owned->owned_by != table) continue;
    auto sequence = database.edit<Sequence>(id);
    sequence->last = sequence->start;
    sequence->used = false;
    database.replace(std::move(sequence));
  }
}

}  // namespace

Checked<Relation> run_update(Execution& execution, const PgQuery__UpdateStmt& statement,
                             const Scope& outer) {
  Database& database = execution.database;
  TableSurroundings surroundings(execution);
  CommonTables common;
  Scope scope;
  scope.common = &common;
  scope.outer = &outer;
  if (auto ran = run_common(statement.with_clause, common, outer, surroundings); !ran)
    return tl::unexpected(ran.error());
  const auto id = require_written(database, *statement.relation, PG_QUERY__CMD_TYPE__CMD_UPDATE);
  if (!id) return tl::unexpected(id.error());
  const Written named = written_to(database, *id);
  const auto whole = set_columns(execution, named.table(), statement);
  if (!whole) return tl::unexpected(whole.error());
  const TriggerEvent once{'u', *whole};
  if (auto fired = fire_statement(execution, named.stored, once, 'b'); !fired)
    return tl::unexpected(fired.error());
  std::vector<std::shared_ptr<const Row>> changed;
  Relation touched;
  Written below;
  for (const ObjectId part : reached_tables(database, *id, *statement.relation)) {
    const Written& written = part == *id ? named : (below = written_to(database, part));
    const Table& table = written.table();
    auto columns = part == *id ? whole : set_columns(execution, table, statement);
    if (!columns) return tl::unexpected(columns.error());
    const TriggerEvent event{'u', std::move(*columns)};
    auto reached = reach(execution, written, *statement.relation, statement.from_clause,
                         statement.n_from_clause, statement.where_clause, scope);
    if (!reached) return tl::unexpected(reached.error());
    std::vector<RowChange> changes;
    count_in(touched, *reached);
    std::vector<bool> seen(reached->rows.size(), false);
    for (std::size_t at = 0; at < reached->joined.rows.size(); ++at) {
      const std::size_t place = reached->row_of[at];
      if (seen[place]) continue;
      seen[place] = true;
      const auto& before = reached->rows[place];
      auto after = std::make_shared<Row>(*before);
      after->values.resize(table.columns.size());
      if (auto done = assign(execution, table, statement.target_list, statement.n_target_list,
                             reached->joined.scope_at(at, scope), *after);
          !done) {
        return tl::unexpected(done.error());
      }
      if (written.through) {
        if (auto done = regenerate(execution, written.stored, *after); !done)
          return tl::unexpected(done.error());
      }
      if (!reached->joined.certain[at] && before->certain) blur(database, *after, *before);
      changes.push_back({before, after});
    }
    note_update(execution, table, event.columns, statement, changes);
    if (auto done = change_rows(execution, written.stored, event, changes); !done)
      return tl::unexpected(done.error());
    for (const RowChange& change : changes) changed.push_back(change.after);
  }
  if (auto fired = fire_statement(execution, named.stored, once, 'a'); !fired)
    return tl::unexpected(fired.error());
  if (statement.n_returning_list == 0) return touched;
  return open_to_joined(
      returning(execution, named.table(), alias_of(*statement.relation), statement.returning_list,
                statement.n_returning_list, changed, scope),
      statement.n_from_clause);
}

Checked<Relation> run_delete(Execution& execution, const PgQuery__DeleteStmt& statement,
                             const Scope& outer) {
  Database& database = execution.database;
  TableSurroundings surroundings(execution);
  CommonTables common;
  Scope scope;
  scope.common = &common;
  scope.outer = &outer;
  if (auto ran = run_common(statement.with_clause, common, outer, surroundings); !ran)
    return tl::unexpected(ran.error());
  const auto id = require_written(database, *statement.relation, PG_QUERY__CMD_TYPE__CMD_DELETE);
  if (!id) return tl::unexpected(id.error());
  const TriggerEvent event{'d', {}};
  const Written named = written_to(database, *id);
  if (auto fired = fire_statement(execution, named.stored, event, 'b'); !fired)
    return tl::unexpected(fired.error());
  std::vector<std::shared_ptr<const Row>> gone;
  Relation touched;
  Written below;
  for (const ObjectId part : reached_tables(database, *id, *statement.relation)) {
    const Written& written = part == *id ? named : (below = written_to(database, part));
    const Table& table = written.table();
    auto reached = reach(execution, written, *statement.relation, statement.using_clause,
                         statement.n_using_clause, statement.where_clause, scope);
    if (!reached) return tl::unexpected(reached.error());
    std::vector<RowChange> changes;
    note_delete(execution, table, statement, !reached->joined.rows.empty());
    count_in(touched, *reached);
    std::vector<bool> seen(reached->rows.size(), false);
    for (std::size_t at = 0; at < reached->joined.rows.size(); ++at) {
      const std::size_t place = reached->row_of[at];
      if (seen[place]) continue;
      seen[place] = true;
      const auto& before = reached->rows[place];
      if (reached->joined.certain[at] || !before->certain) {
        changes.push_back({before, nullptr});
        continue;
      }
      auto maybe = std::make_shared<Row>(*before);
      maybe->certain = false;
      changes.push_back({before, maybe});
    }
    if (auto done = change_rows(execution, written.stored, event, changes); !done)
      return tl::unexpected(done.error());
    for (const RowChange& change : changes) gone.push_back(change.before);
  }
  if (auto fired = fire_statement(execution, named.stored, event, 'a'); !fired)
    return tl::unexpected(fired.error());
  if (statement.n_returning_list == 0) return touched;
  return open_to_joined(
      returning(execution, named.table(), alias_of(*statement.relation), statement.returning_list,
                statement.n_returning_list, gone, scope),
      statement.n_using_clause);
}

Checked<void> truncate(Execution& execution, std::vector<ObjectId> tables, bool cascade,
                       bool restart) {
  Database& database = execution.database;
  for (std::size_t at = 0; at < tables.size(); ++at) {
    for (const ObjectId child : descendants(database, tables[at])) {
      if (std::find(tables.begin(), tables.end(), child) == tables.end()) tables.push_back(child);
    }
    for (const ObjectId referenced : with_partitioned(database, tables[at])) {
      for (const Constraint* key : referencing(database, referenced)) {
        if (std::find(tables.begin(), tables.end(), key->parent) != tables.end()) continue;
        if (!cascade)
          return tl::unexpected(
              refuse("0A000", "cannot truncate a table referenced in a foreign key constraint"));
        tables.push_back(key->parent);
      }
    }
  }
  for (const ObjectId table : tables) {
    if (auto free = none_waiting(database, table, "TRUNCATE"); !free) return free;
  }
  const auto fire = [&](char timing) -> Checked<void> {
    for (const ObjectId id : tables) {
      const Table table = *database.get<Table>(id);
      if (auto fired = fire_statement(execution, table, {'t', {}}, timing); !fired) return fired;
    }
    return {};
  };
  if (auto fired = fire('b'); !fired) return fired;
  for (const ObjectId table : tables) {
    if (!database.rows().of(table).rows.empty())
      database.rows().store(table, {{}, database.rows().of(table).doubt});
    if (restart) restart_sequences(database, table);
  }
  return fire('a');
}

}  // namespace backout::postgres
