// A trigger belongs to its table and depends on its function and the columns of UPDATE OF and WHEN
// (CreateTriggerFiringOn() in trigger.c). ENABLE and DISABLE TRIGGER ALL switch the triggers of
// foreign keys, too, USER does not.
// Left out: whether timing and kind of relation go together (INSTEAD OF on tables, row triggers
// with TRUNCATE); copies of the triggers of a partitioned table in its partitions:
// fire_triggers.cpp looks there itself. Event triggers are stored and never run.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/ddl/alter_table.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

// Bits of CreateTrigStmt.timing and events. Source: TRIGGER_TYPE_* in pg_trigger.h.
constexpr int kBefore = 1 << 1;
constexpr int kInsert = 1 << 2;
constexpr int kDelete = 1 << 3;
constexpr int kUpdate = 1 << 4;
constexpr int kTruncate = 1 << 5;
constexpr int kInstead = 1 << 6;

/// The condition in one spelling; NEW.column and OLD.column by identity.
std::string print_condition(const Database& database, const Table* table,
                            const PgQuery__Node& condition) {
  Printing printing;
  printing.column = [&](const PgQuery__ColumnRef& reference) {
    const std::string name = qualified(reference.fields, reference.n_fields).name;
    const std::string row(reference.n_fields > 1 ? string_of(reference.fields[0])
                                                 : std::string_view());
    const ColumnId column = table == nullptr ? ColumnId{0} : table->find(name);
    return escaped(row + ".") + (column == 0 ? escaped(name) : mark(table->id, column));
  };
  printing.type = [&](const PgQuery__TypeName& name) {
    const auto named = resolve_type(database, name);
    return named ? escaped(print_type(database, named->type, "")) : std::string("?");
  };
  printing.relation = [](std::string_view text) { return escaped(quote_literal(text)); };
  return print_tree(condition, printing);
}

/// The condition as it is evaluated, and the columns that it needs.
Expression bind_condition(const Execution& execution, const Table& table,
                          const PgQuery__Node& condition, std::vector<Dependency>& needs) {
  Expression bound{execution.trees, &condition, {}, {}};
  for_each_column(condition, [&](const PgQuery__ColumnRef& reference) {
    const std::string name(last_name(reference));
    const ColumnId column = table.find(name);
    if (column == 0 || reference.n_fields != 2) return;
    const bool known =
        std::any_of(bound.columns.begin(), bound.columns.end(),
                    [&](const BoundColumn& other) { return other.column == column; });
    if (known) return;
    bound.columns.push_back({name, table.id, column});
    needs.push_back({.on = table.id, .on_column = column});
  });
  return bound;
}

Checked<ObjectId> trigger_function(const Database& database, const QualifiedName& name) {
  for (const ObjectId id : routines_named(database, name.schema, name.name)) {
    const auto* function = database.get<Function>(id);
    if (function == nullptr || !function->input_types.empty()) continue;
    if (function->returns != "trigger")
      return tl::unexpected(
          refuse("42P17", fmt::format("function {} must return type trigger", name.name)));
    return id;
  }
  const bool built_in = name.schema.empty() || name.schema == "pg_catalog";
  if (built_in && is_built_in_function(name.name)) return ObjectId{0};
  return tl::unexpected(
      refuse("42883", fmt::format("function {}{}() does not exist",
                                  name.schema.empty() ? "" : name.schema + ".", name.name)));
}

}  // namespace

Checked<void> create_trigger(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateTrigStmt& statement = *node.create_trig_stmt;
  Database& database = execution.database;
  auto relation = require_relation(database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  const Object& owner = *database.find(*relation);
  const auto* table = database.get<Table>(*relation);
  auto trigger = std::make_shared<Trigger>();
  trigger->parent = *relation;
  trigger->schema = owner.schema;
  trigger->name = truncated_identifier(statement.trigname);
  trigger->row = statement.row != 0;
  trigger->timing =
      (statement.timing & kBefore) != 0 ? 'b' : ((statement.timing & kInstead) != 0 ? 'i' : 'a');
  trigger->on_insert = (statement.events & kInsert) != 0;
  trigger->on_delete = (statement.events & kDelete) != 0;
  trigger->on_update = (statement.events & kUpdate) != 0;
  trigger->on_truncate = (statement.events & kTruncate) != 0;
  trigger->needs.push_back({.on = *relation, .kind = DependencyKind::automatic});
  for (std::size_t at = 0; at < statement.n_columns; ++at) {
    const ColumnId column =
        table == nullptr ? ColumnId{0} : table->find(string_of(statement.columns[at]));
    if (column == 0)
      return tl::unexpected(refuse("42703", fmt::format("column \"{}\" of relation does not exist",
                                                        string_of(statement.columns[at]))));
    trigger->columns.push_back(column);
    trigger->needs.push_back({.on = *relation, .on_column = column});
  }
  auto function = trigger_function(database, qualified(statement.funcname, statement.n_funcname));
  if (!function) return tl::unexpected(function.error());
  trigger->function = *function;
  if (*function != 0)
    trigger->needs.push_back({.on = *function});
  else
    trigger->definition = escaped(qualified(statement.funcname, statement.n_funcname).name);
  if (statement.when_clause != nullptr)
    trigger->definition += " WHEN " + print_condition(database, table, *statement.when_clause);
  if (statement.when_clause != nullptr && table != nullptr) {
    trigger->when = bind_condition(execution, *table, *statement.when_clause, trigger->needs);
  }
  for (std::size_t at = 0; at < statement.n_args; ++at) {
    trigger->arguments.emplace_back(string_of(statement.args[at]));
    trigger->definition += " " + escaped(quote_literal(trigger->arguments.back()));
  }
  trigger->transitions = statement.n_transition_rels > 0;
  trigger->deferred = statement.initdeferred != 0;
  for (std::size_t at = 0; at < statement.n_transition_rels; ++at) {
    trigger->definition += " " + escaped(statement.transition_rels[at]->trigger_transition->name);
  }
  if (statement.isconstraint != 0) {
    trigger->definition += fmt::format(" CONSTRAINT deferrable={} deferred={}",
                                       statement.deferrable, statement.initdeferred);
  }
  const ObjectId old = database.lookup(NameSpace::trigger, *relation, trigger->name);
  if (old == 0) {
    database.add(std::move(trigger));
    return {};
  }
  if (statement.replace == 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("trigger \"{}\" for relation \"{}\" already exists",
                                    trigger->name, owner.name)));
  }
  trigger->id = old;
  trigger->comment = database.find(old)->comment;
  database.replace(std::move(trigger));
  return {};
}

namespace {

/// Foreign keys are triggers, too: those of the table and those that point to it.
void switch_keys(Database& database, ObjectId table, bool off) {
  std::vector<ObjectId> keys;
  for (const Constraint* key : database.parts_of<Constraint>(table)) {
    if (key->type == 'f') keys.push_back(key->id);
  }
  for (const Constraint* key : referencing(database, table)) keys.push_back(key->id);
  for (const ObjectId id : keys) {
    auto changed = database.edit<Constraint>(id);
    if (changed->parent == table) changed->unchecked = off;
    if (changed->referenced == table) changed->not_followed = off;
    database.replace(std::move(changed));
  }
}

}  // namespace

Checked<void> switch_trigger(Execution& execution, ObjectId table,
                             const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  char state = 'D';
  bool all = false;
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
      all = true;
      [[fallthrough]];
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
      state = 'O';
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig:
      state = 'A';
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig:
      state = 'R';
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
      all = true;
      break;
    default:
      break;
  }
  const bool of_keys = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll ||
                       command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll;
  if (of_keys) switch_keys(database, table, state == 'D');
  bool found = all;
  for (const Trigger* trigger : database.parts_of<Trigger>(table)) {
    if (!all && trigger->name != command.name) continue;
    found = true;
    auto changed = database.edit<Trigger>(trigger->id);
    changed->enabled = state;
    database.replace(std::move(changed));
  }
  if (found) return {};
  return tl::unexpected(
      refuse("42704", fmt::format("trigger \"{}\" for table does not exist", command.name)));
}

Checked<void> create_event_trigger(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateEventTrigStmt& statement = *node.create_event_trig_stmt;
  Database& database = execution.database;
  if (database.lookup(NameSpace::event_trigger, 0, statement.trigname) != 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("event trigger \"{}\" already exists", statement.trigname)));
  }
  const QualifiedName name = qualified(statement.funcname, statement.n_funcname);
  const auto functions = routines_named(database, name.schema, name.name);
  if (functions.empty())
    return tl::unexpected(
        refuse("42883", fmt::format("function {}{}() does not exist",
                                    name.schema.empty() ? "" : name.schema + ".", name.name)));
  auto trigger = std::make_shared<EventTrigger>();
  trigger->name = statement.trigname;
  trigger->definition = fmt::format("{} {}", statement.eventname, name.name);
  trigger->needs.push_back({.on = functions.front()});
  database.add(std::move(trigger));
  return {};
}

}  // namespace backout::postgres
