// Checks of deferred constraints are trigger events that wait for COMMIT or SET CONSTRAINTS ...
// IMMEDIATE, and a table for which some wait takes no ALTER TABLE, DROP or TRUNCATE (trigger.c,
// CheckTableNotInUse() in tablecmds.c). Of a key that is checked later only rows that are still
// there matter (ri_triggers.c, unique_key_recheck() in constraint.c).
// Left out: constraint triggers that are deferred (fire_triggers.cpp); what a COMMIT inside of a
// procedure checks.
#include "postgres/dml/deferred.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {
namespace {

using Waiting = Session::WaitingCheck;

bool is_stored(const Database& database, ObjectId table, const std::shared_ptr<const Row>& row) {
  const auto& rows = database.rows().of(table).rows;
  return std::find(rows.begin(), rows.end(), row) != rows.end();
}

Checked<void> check_key(Execution& execution, const Constraint& key, const Row& row) {
  const auto found = has_partner(execution, key, row);
  if (!found) return tl::unexpected(found.error());
  if (*found == Truth::yes) return {};
  if (*found == Truth::unknown)
    return tl::unexpected(not_known(fmt::format("whether foreign key \"{}\" is kept", key.name)));
  return tl::unexpected(
      refuse("23503",
             fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                         execution.database.get<Table>(key.parent)->name, key.name)));
}

/// The rows that pointed to one that is gone: each needs another partner.
Checked<void> check_pointing(Execution& execution, const Constraint& key, const Row& gone) {
  const Database& database = execution.database;
  for (const auto& row : database.rows().of(key.parent).rows) {
    const auto pointed = points_to(execution, key, *row, gone);
    if (!pointed) return tl::unexpected(pointed.error());
    if (*pointed == Truth::no) continue;
    const auto other = has_partner(execution, key, *row);
    if (!other) return tl::unexpected(other.error());
    if (*other == Truth::yes) continue;
    if (*pointed == Truth::unknown || *other == Truth::unknown || !row->certain)
      return tl::unexpected(not_known(fmt::format("whether foreign key \"{}\" is kept", key.name)));
    return tl::unexpected(refuse(
        "23503", fmt::format("update or delete on table \"{}\" violates foreign key constraint "
                             "\"{}\" on table \"{}\"",
                             database.get<Table>(key.referenced)->name, key.name,
                             database.get<Table>(key.parent)->name)));
  }
  return {};
}

Checked<void> check(Execution& execution, const Waiting& waiting) {
  const auto* constraint = execution.database.get<Constraint>(waiting.constraint);
  if (constraint == nullptr) return {};
  if (waiting.gone) return check_pointing(execution, *constraint, *waiting.row);
  if (!is_stored(execution.database, constraint->parent, waiting.row)) return {};
  if (constraint->type == 'f') return check_key(execution, *constraint, *waiting.row);
  const auto* index = execution.database.get<Index>(constraint->index);
  return index == nullptr ? Checked<void>()
                          : check_unique_in(execution, *index, *waiting.row, nullptr);
}

/// Constraints of that name that SET CONSTRAINTS means: those of the first schema that has one.
Checked<std::vector<const Constraint*>> constraints_named(const Database& database,
                                                          const PgQuery__RangeVar& range) {
  const QualifiedName name = qualified(range);
  std::vector<ObjectId> schemas = search_path(database);
  if (!name.schema.empty()) {
    schemas = {database.schema_named(name.schema)};
    if (schemas.front() == 0)
      return tl::unexpected(
          refuse("3F000", fmt::format("schema \"{}\" does not exist", name.schema)));
  }
  for (const ObjectId schema : schemas) {
    std::vector<const Constraint*> found;
    bool trigger = false;
    database.for_each([&](const Object& object) {
      if (object.schema != schema || object.name != name.name) return;
      if (object.kind == ObjectKind::constraint)
        found.push_back(static_cast<const Constraint*>(&object));
      trigger = trigger || object.kind == ObjectKind::trigger;
    });
    if (trigger) return tl::unexpected(not_known("SET CONSTRAINTS of a trigger", range.location));
    if (!found.empty()) return found;
  }
  return tl::unexpected(
      refuse("42704", fmt::format("constraint \"{}\" does not exist", name.name), range.location));
}

}  // namespace

bool waits(const Session& session, const Constraint& constraint) {
  if (!session.defers || !constraint.deferrable) return false;
  const auto said = session.deferred.find(constraint.id);
  if (said != session.deferred.end()) return said->second;
  return session.all_deferred.value_or(constraint.initially_deferred);
}

bool waits(const Database& database, const Index& index) {
  if (!index.deferrable) return false;
  const Constraint* constraint = constraint_of(database, index);
  return constraint != nullptr && waits(database.session(), *constraint);
}

namespace {

/// Whether an UPDATE to this row leaves nothing to look up: its key points nowhere. Source:
/// RI_FKey_fk_upd_check_required() in ri_triggers.c.
bool points_nowhere(const Constraint& key, const Row& row) {
  const auto is_null = [&](ColumnId column) { return row.at(column - std::size_t{1}).is_null(); };
  return key.match == 'f' ? std::all_of(key.columns.begin(), key.columns.end(), is_null)
                          : std::any_of(key.columns.begin(), key.columns.end(), is_null);
}

}  // namespace

void postpone_checks(Execution& execution, const Table& table,
                     const std::shared_ptr<const Row>& row, const Row* before) {
  Database& database = execution.database;
  auto& waiting = database.session().waiting;
  for (const Constraint* constraint : database.parts_of<Constraint>(table.id)) {
    if (!waits(database.session(), *constraint)) continue;
    if (constraint->type == 'f') {
      const bool unchecked = constraint->unchecked || database.session().replica ||
                             (before != nullptr && points_nowhere(*constraint, *row));
      // A row that was made in this transaction is looked at as it is in the end.
      const bool awaited = std::any_of(waiting.begin(), waiting.end(), [&](const Waiting& one) {
        return one.constraint == constraint->id && one.row.get() == before && before != nullptr;
      });
      if (!unchecked && (awaited || !keeps_key(*constraint, *row, before)))
        waiting.push_back({constraint->id, table.id, row, false});
      continue;
    }
    const auto* index = database.get<Index>(constraint->index);
    if (index == nullptr) continue;
    // It is looked at again only where there is something in the way now.
    const auto free = check_unique_in(execution, *index, *row, before);
    if (!free) waiting.push_back({constraint->id, table.id, row, false});
  }
}

void postpone_key(Execution& execution, const Constraint& key,
                  const std::vector<RowChange>& changes) {
  Session& session = execution.database.session();
  for (const RowChange& change : changes) {
    if (leaves_key(key, change))
      session.waiting.push_back({key.id, key.referenced, change.before, true});
  }
}

Checked<void> run_waiting(Execution& execution, bool all) {
  Session& session = execution.database.session();
  std::vector<Waiting> later;
  for (const Waiting& waiting : std::exchange(session.waiting, {})) {
    const auto* constraint = execution.database.get<Constraint>(waiting.constraint);
    if (!all && constraint != nullptr && waits(session, *constraint)) {
      later.push_back(waiting);
      continue;
    }
    if (auto kept = check(execution, waiting); !kept) return kept;
  }
  session.waiting = std::move(later);
  return {};
}

Checked<void> none_waiting(const Database& database, ObjectId table, std::string_view doing) {
  const auto& waiting = database.session().waiting;
  if (std::none_of(waiting.begin(), waiting.end(),
                   [&](const Waiting& one) { return one.table == table; }))
    return {};
  return tl::unexpected(
      refuse("55006", fmt::format("cannot {} \"{}\" because it has pending trigger events", doing,
                                  database.find(table)->name)));
}

Checked<void> set_constraints(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__ConstraintsSetStmt& statement = *node.constraints_set_stmt;
  Session& session = execution.database.session();
  const bool deferred = statement.deferred != 0;
  if (statement.n_constraints == 0) {
    session.deferred.clear();
    session.all_deferred = deferred;
  }
  for (std::size_t at = 0; at < statement.n_constraints; ++at) {
    const auto named = constraints_named(execution.database, *statement.constraints[at]->range_var);
    if (!named) return tl::unexpected(named.error());
    for (const Constraint* constraint : *named) {
      if (constraint->deferrable) {
        session.deferred[constraint->id] = deferred;
      } else if (deferred) {
        return tl::unexpected(
            refuse("42809", fmt::format("constraint \"{}\" is not deferrable", constraint->name)));
      }
    }
  }
  return deferred ? Checked<void>() : run_waiting(execution, false);
}

}  // namespace backout::postgres
