// Triggers of one event fire in the order of their names; a BEFORE ROW trigger may change the row
// or drop it by returning NULL, what an AFTER trigger returns is ignored (trigger.c; manual,
// "Overview of Trigger Behavior").
// Left out: functions in other languages than PL/pgSQL, transition tables, deferred constraint
// triggers, INSTEAD OF, event triggers, and a WHEN or a row of which not all is known: the fields
// that such a trigger may set are open afterwards when it can do no more, else the statement is not
// followed.
#include "postgres/dml/fire_triggers.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/dml_write.hpp"
#include "postgres/plpgsql/plpgsql.hpp"
#include "postgres/plpgsql/trigger_effects.hpp"
#include "postgres/query/table_surroundings.hpp"

namespace backout::postgres {
namespace {

/// A row at a trigger: `before` is null on inserts, `after` on deletes; both are for triggers of
/// statements.
struct Firing {
  char what = 'i';
  const Row* before = nullptr;
  Row* after = nullptr;
  bool certain() const {
    return (before == nullptr || before->certain) && (after == nullptr || after->certain);
  }
};

std::vector<Value> visible_values(const VisibleColumns& visible, const Row& row) {
  std::vector<Value> values;
  for (const ColumnId id : visible.ids) values.push_back(row.at(id - std::size_t{1}));
  return values;
}

Stop not_followed(const Trigger& trigger, const std::string& why) {
  return not_known(
      fmt::format("what trigger \"{}\" does{}{}", trigger.name, why.empty() ? "" : ": ", why));
}

/// A trigger that was not followed: the fields that it may set are no longer known, if it can do no
/// more than that.
Checked<bool> blur(Execution& execution, const Table& table, const Trigger& trigger,
                   const std::string& body, const std::string& why, Row* after) {
  const Database& database = execution.database;
  if (trigger.timing != 'b' || after == nullptr) {
    if ((trigger.timing == 'b' && trigger.row) || !is_quiet(database, body))
      return tl::unexpected(not_followed(trigger, why));
    return true;
  }
  const auto fields = fields_set_by(database, body);
  if (!fields) return tl::unexpected(not_followed(trigger, why));
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const Column& column = table.columns[at];
    if (column.dropped || !fields->contains(column.name)) continue;
    const Symbol kind = column.not_null ? Symbol::present : Symbol::opaque;
    after->set(at, Value::symbol(kind, execution.database.new_identity()));
  }
  return true;
}

Checked<void> store_fields(Execution& execution, const Table& table, const VisibleColumns& visible,
                           const TriggerRow& made, Row& after) {
  TableSurroundings surroundings(execution);
  for (std::size_t at = 0; at < visible.ids.size(); ++at) {
    const std::size_t slot = visible.ids[at] - std::size_t{1};
    if (made.values[at] == after.at(slot)) continue;
    auto value = coerce({made.values[at], made.columns[at].type}, table.columns[slot].type, false,
                        surroundings);
    if (!value) return tl::unexpected(value.error());
    after.set(slot, std::move(*value));
  }
  return regenerate(execution, table, after);
}

/// Whether the WHEN of a trigger holds.
Truth applies(Execution& execution, const Table& table, const Trigger& trigger,
              const Firing& firing) {
  if (!trigger.when) return Truth::yes;
  std::vector<ScopeColumn> columns;
  std::vector<Value> now;
  std::vector<Value> old;
  for (const BoundColumn& bound : trigger.when.columns) {
    columns.push_back({bound.name, table.column(bound.column).type, true});
    const std::size_t slot = bound.column - std::size_t{1};
    now.push_back(firing.after == nullptr ? Value() : firing.after->at(slot));
    old.push_back(firing.before == nullptr ? Value() : firing.before->at(slot));
  }
  Scope scope;
  scope.relations.push_back({"new", columns, now});
  scope.relations.push_back({"old", columns, old});
  TableSurroundings surroundings(execution);
  const auto answer = holds(*trigger.when.node, scope, surroundings);
  return answer ? *answer : Truth::unknown;
}

/// Whether PostgreSQL refuses, too: a variable, a function or an operator that is said to be
/// missing may only be unknown here.
bool is_sure(const Stop& stop) {
  if (stop.kind != Stop::Kind::refused) return false;
  if (stop.sqlstate == "42P01") return stop.message.starts_with("relation ");
  if (stop.sqlstate == "42703") return stop.message.find(" of relation ") != std::string::npos;
  return !stop.sqlstate.starts_with("42");
}

/// The refusal of a body that names a field which NEW or OLD has not: nothing when the trouble is
/// another one.
std::optional<Stop> missing_field(const Stop& stop) {
  if (stop.kind != Stop::Kind::refused || stop.sqlstate != "42703") return std::nullopt;
  if (stop.message.starts_with("record \"")) return stop;
  for (const std::string_view record : {"new", "old"}) {
    const std::string lead = fmt::format("column {}.", record);
    const std::size_t end = stop.message.find(" does not exist");
    if (!stop.message.starts_with(lead) || end == std::string::npos) continue;
    return refuse("42703", fmt::format("record \"{}\" has no field \"{}\"", record,
                                       stop.message.substr(lead.size(), end - lead.size())));
  }
  return std::nullopt;
}

TriggerCall call_of(const Database& database, const Table& table, const Trigger& trigger,
                    const VisibleColumns& visible, const Firing& firing) {
  TriggerCall call;
  call.what = firing.what;
  call.timing = trigger.timing;
  call.row = trigger.row;
  call.name = trigger.name;
  call.table = table.name;
  if (const Object* schema = database.find(table.schema); schema != nullptr)
    call.schema = schema->name;
  call.arguments = trigger.arguments;
  if (firing.after != nullptr)
    call.now = TriggerRow{visible.columns, visible_values(visible, *firing.after)};
  if (firing.before != nullptr)
    call.old = TriggerRow{visible.columns, visible_values(visible, *firing.before)};
  return call;
}

/// False when the trigger drops the row.
Checked<bool> fire(Execution& execution, const Table& table, const Trigger& trigger,
                   const Firing& firing) {
  const Truth meant = applies(execution, table, trigger, firing);
  if (meant == Truth::no) return true;
  const auto* function = execution.database.get<Function>(trigger.function);
  if (function == nullptr || function->language != "plpgsql")
    return tl::unexpected(not_followed(trigger, ""));
  const std::string body = function->body;
  if (meant == Truth::unknown || !firing.certain() || trigger.transitions || trigger.deferred) {
    return blur(execution, table, trigger, body, "", firing.after);
  }
  const VisibleColumns visible = visible_columns(table);
  const Database kept = execution.database;
  const auto made = run_trigger(execution, body, call_of(kept, table, trigger, visible, firing));
  if (!made) {
    if (is_sure(made.error())) return tl::unexpected(made.error());
    if (auto missing = missing_field(made.error())) return tl::unexpected(std::move(*missing));
    execution.database = kept;
    return blur(execution, table, trigger, body, made.error().message, firing.after);
  }
  if (trigger.timing != 'b' || !trigger.row) return true;
  if (!*made) return false;
  if (firing.after == nullptr) return true;
  if (auto stored = store_fields(execution, table, visible, **made, *firing.after); !stored)
    return tl::unexpected(stored.error());
  return true;
}

bool fires_on(const Trigger& trigger, char what) {
  switch (what) {
    case 'i':
      return trigger.on_insert;
    case 'u':
      return trigger.on_update;
    case 'd':
      return trigger.on_delete;
    default:
      return trigger.on_truncate;
  }
}

bool sets_one_of(const Trigger& trigger, const TriggerEvent& event) {
  return std::any_of(trigger.columns.begin(), trigger.columns.end(), [&](ColumnId column) {
    return std::find(event.columns.begin(), event.columns.end(), column) != event.columns.end();
  });
}

}  // namespace

std::vector<Trigger> triggers_on(const Database& database, ObjectId table,
                                 const TriggerEvent& event, char timing, bool row) {
  std::vector<Trigger> found;
  for (const ObjectId owner :
       row ? with_partitioned(database, table) : std::vector<ObjectId>{table}) {
    for (const Trigger* trigger : database.parts_of<Trigger>(owner)) {
      const bool on =
          trigger->enabled == 'A' || trigger->enabled == (database.session().replica ? 'R' : 'O');
      const bool sets =
          event.what != 'u' || trigger->columns.empty() || sets_one_of(*trigger, event);
      if (fires_on(*trigger, event.what) && on && sets && trigger->timing == timing &&
          trigger->row == row)
        found.push_back(*trigger);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Trigger& left, const Trigger& right) { return left.name < right.name; });
  return found;
}

Checked<bool> fire_before(Execution& execution, const Table& table, const TriggerEvent& event,
                          const Row* before, Row* after) {
  for (const Trigger& trigger : triggers_on(execution.database, table.id, event, 'b', true)) {
    auto stays = fire(execution, table, trigger, {event.what, before, after});
    if (!stays || !*stays) return stays;
  }
  return true;
}

Checked<void> fire_after(Execution& execution, const Table& table, const TriggerEvent& event,
                         const Row* before, const Row* after) {
  for (const Trigger& trigger : triggers_on(execution.database, table.id, event, 'a', true)) {
    Row copy = after == nullptr ? Row() : *after;
    auto done =
        fire(execution, table, trigger, {event.what, before, after == nullptr ? nullptr : &copy});
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

Checked<void> fire_statement(Execution& execution, const Table& table, const TriggerEvent& event,
                             char timing) {
  for (const Trigger& trigger : triggers_on(execution.database, table.id, event, timing, false)) {
    auto done = fire(execution, table, trigger, {event.what, nullptr, nullptr});
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

}  // namespace backout::postgres
