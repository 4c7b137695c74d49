// PostgreSQL takes ALTER TABLE in three phases (ATController() in tablecmds.c): it looks at all
// commands, changes the catalogs pass by pass, then reads or writes the rows once. Here each
// command does its whole work, rows included, in the order of the passes.
// Left out: ONLY is not heeded, SET STATISTICS changes nothing. Not known: CLUSTER ON, SET
// TABLESPACE and SET ACCESS METHOD, OF type, ENABLE RULE, options of columns, and of views,
// sequences and indexes all but a new owner and, of indexes, ATTACH PARTITION.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/alter_table.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/drop.hpp"
#include "postgres/ddl/partition.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {
namespace {

/// In which order the commands of one ALTER TABLE run. Source: AlterTablePass in tablecmds.c.
int pass_of(const PgQuery__AlterTableCmd& command) {
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
      return 0;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
      return 1;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
      return 4;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
      return 6;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
      return command.def == nullptr ? 0 : 9;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
      return 9;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint: {
      const auto type = command.def->constraint->contype;
      const bool key = type == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
                       type == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE ||
                       type == PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION;
      return key ? 8 : 9;
    }
    default:
      return 10;
  }
}

/// Adds the column to the table and to those that inherit from it. Its constraints are the table's:
/// what of them the others have comes to them from there.
Checked<void> add_bare_column(Execution& execution, ObjectId table,
                              const PgQuery__AlterTableCmd& command) {
  const PgQuery__ColumnDef& definition = *command.def->column_def;
  Database& database = execution.database;
  if (database.get<Table>(table)->find(definition.colname) != 0) {
    if (command.missing_ok != 0) return {};
    return tl::unexpected(refuse("42701",
                                 fmt::format("column \"{}\" of relation \"{}\" already exists",
                                             definition.colname, database.get<Table>(table)->name),
                                 definition.location));
  }
  if (database.get<Table>(table)->columns.size() >= 1600)
    return tl::unexpected(refuse("54011", "tables can have at most 1600 columns"));
  auto changed = database.edit<Table>(table);
  auto column = shape_column(execution, *changed, definition);
  if (!column) return tl::unexpected(column.error());
  database.replace(std::move(changed));
  if (auto done = finish_column(execution, table, *column, definition); !done) return done;
  if (auto done = fill_column(execution, table, *column); !done) return done;
  for (const ObjectId child : database.dependents(table)) {
    const auto* below = database.get<Table>(child);
    const bool inherits =
        below != nullptr &&
        std::find(below->inherits.begin(), below->inherits.end(), table) != below->inherits.end();
    if (!inherits) continue;
    if (const ColumnId merged = below->find(definition.colname); merged != 0) continue;
    if (auto done = add_bare_column(execution, child, command); !done) return done;
    auto inherited = database.edit<Table>(child);
    inherited->columns.back().inherited = true;
    inherited->columns.back().local = false;
    database.replace(std::move(inherited));
  }
  return {};
}

Checked<void> add_column(Execution& execution, ObjectId table,
                         const PgQuery__AlterTableCmd& command) {
  const PgQuery__ColumnDef& definition = *command.def->column_def;
  const auto* before = execution.database.get<Table>(table);
  const bool is_there = before->find(definition.colname) != 0;
  if (auto done = add_bare_column(execution, table, command); !done || is_there) return done;
  const ColumnId column = execution.database.get<Table>(table)->find(definition.colname);
  for (const bool foreign : {false, true}) {
    if (auto done = add_column_constraints(execution, table, column, definition, foreign); !done)
      return done;
  }
  return {};
}

Checked<ColumnId> require_column(const Database& database, ObjectId table, std::string_view name) {
  const Table& owner = *database.get<Table>(table);
  const ColumnId column = owner.find(name);
  if (column == 0) {
    return tl::unexpected(refuse(
        "42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", name, owner.name)));
  }
  return column;
}

Checked<void> remove_column(Execution& execution, ObjectId table,
                            const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  auto column = require_column(database, table, command.name);
  if (!column) return command.missing_ok != 0 ? Checked<void>() : tl::unexpected(column.error());
  if (database.get<Table>(table)->column(*column).inherited) {
    return tl::unexpected(
        refuse("42P16", fmt::format("cannot drop inherited column \"{}\"", command.name)));
  }
  const bool cascade = command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  const auto children = descendants(database, table);
  if (auto done = drop_column(database, table, *column, cascade); !done) return done;
  for (const ObjectId child : children) {
    const auto* below = database.get<Table>(child);
    const ColumnId inherited = below == nullptr ? ColumnId{0} : below->find(command.name);
    if (inherited == 0 || !below->column(inherited).inherited) continue;
    if (auto done = drop_column(database, child, inherited, cascade); !done) return done;
  }
  return {};
}

Checked<void> set_not_null(Execution& execution, ObjectId table,
                           const PgQuery__AlterTableCmd& command, bool not_null) {
  Database& database = execution.database;
  auto column = require_column(database, table, command.name);
  if (!column) return tl::unexpected(column.error());
  if (!not_null) {
    for (const Constraint* constraint : database.parts_of<Constraint>(table)) {
      const bool in = std::find(constraint->columns.begin(), constraint->columns.end(), *column) !=
                      constraint->columns.end();
      if (constraint->type == 'p' && in) {
        return tl::unexpected(
            refuse("42P16", fmt::format("column \"{}\" is in a primary key", command.name)));
      }
    }
    if (database.get<Table>(table)->column(*column).identity != '\0') {
      return tl::unexpected(refuse(
          "42601", fmt::format("column \"{}\" of relation is an identity column", command.name)));
    }
  }
  auto tables = descendants(database, table);
  tables.insert(tables.begin(), table);
  for (const ObjectId id : tables) {
    auto changed = database.edit<Table>(id);
    const ColumnId own = changed->find(command.name);
    if (own == 0) continue;
    changed->column(own).not_null = not_null;
    database.replace(std::move(changed));
    if (!not_null) continue;
    if (auto full = check_not_null(database, id, own); !full) return full;
  }
  return {};
}

Checked<void> remove_constraint(Execution& execution, ObjectId table,
                                const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  const ObjectId id = database.lookup(NameSpace::constraint, table, command.name);
  if (id == 0) {
    if (command.missing_ok != 0) return {};
    return tl::unexpected(
        refuse("42704", fmt::format("constraint \"{}\" of relation \"{}\" does not exist",
                                    command.name, database.get<Table>(table)->name)));
  }
  if (database.get<Constraint>(id)->inherited) {
    return tl::unexpected(
        refuse("42P16", fmt::format("cannot drop inherited constraint \"{}\"", command.name)));
  }
  const bool check = database.get<Constraint>(id)->type == 'c';
  std::vector<ObjectId> together = {id};
  for (const ObjectId child : check ? descendants(database, table) : std::vector<ObjectId>()) {
    const auto* below =
        database.get<Constraint>(database.lookup(NameSpace::constraint, child, command.name));
    if (below != nullptr && below->inherited) together.push_back(below->id);
  }
  return drop_objects(database, together,
                      command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
}

Checked<void> validate(Execution& execution, ObjectId table,
                       const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  const ObjectId id = database.lookup(NameSpace::constraint, table, command.name);
  if (id == 0) {
    return tl::unexpected(
        refuse("42704", fmt::format("constraint \"{}\" of relation \"{}\" does not exist",
                                    command.name, database.get<Table>(table)->name)));
  }
  auto changed = database.edit<Constraint>(id);
  if (changed->type != 'f' && changed->type != 'c') {
    return tl::unexpected(refuse(
        "42809", fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key or check "
                             "constraint",
                             command.name, database.get<Table>(table)->name)));
  }
  if (auto valid = check_constraint(database, table, command.name); !valid) return valid;
  changed->not_valid = false;
  database.replace(std::move(changed));
  return {};
}

Checked<void> alter_constraint(Execution& execution, ObjectId table,
                               const PgQuery__AlterTableCmd& command) {
  const PgQuery__Constraint& wanted = *command.def->constraint;
  const ObjectId id = execution.database.lookup(NameSpace::constraint, table, wanted.conname);
  if (id == 0)
    return tl::unexpected(
        refuse("42704", fmt::format("constraint \"{}\" does not exist", wanted.conname)));
  auto changed = execution.database.edit<Constraint>(id);
  if (changed->type != 'f') {
    return tl::unexpected(refuse(
        "42809", fmt::format("constraint \"{}\" is not a foreign key constraint", wanted.conname)));
  }
  changed->deferrable = wanted.deferrable != 0;
  changed->initially_deferred = wanted.initdeferred != 0;
  execution.database.replace(std::move(changed));
  return {};
}

Checked<void> change_default(Execution& execution, ObjectId table,
                             const PgQuery__AlterTableCmd& command) {
  auto column = require_column(execution.database, table, command.name);
  if (!column) return tl::unexpected(column.error());
  const Column& target = execution.database.get<Table>(table)->column(*column);
  if (target.identity != '\0') {
    return tl::unexpected(refuse(
        "42601", fmt::format("column \"{}\" of relation is an identity column", command.name)));
  }
  if (target.generated) {
    return tl::unexpected(refuse(
        "42601", fmt::format("column \"{}\" of relation is a generated column", command.name)));
  }
  return set_default(execution, table, *column, command.def);
}

/// SET GENERATED and the options of the sequence behind an identity.
Checked<void> set_identity(Execution& execution, ObjectId table, ColumnId column,
                           const PgQuery__List& settings) {
  Database& database = execution.database;
  std::vector<const PgQuery__Node*> options;
  for (std::size_t at = 0; at < settings.n_items; ++at) {
    const PgQuery__DefElem& setting = *settings.items[at]->def_elem;
    if (std::string_view(setting.defname) != "generated") {
      options.push_back(settings.items[at]);
      continue;
    }
    auto changed = database.edit<Table>(table);
    changed->column(column).identity = static_cast<char>(setting.arg->integer->ival);
    database.replace(std::move(changed));
  }
  for (const ObjectId id : database.dependents(table)) {
    const auto* sequence = database.get<Sequence>(id);
    if (sequence == nullptr || !sequence->internal || sequence->owned_column != column) continue;
    auto changed = database.edit<Sequence>(id);
    if (auto done =
            apply_sequence_options(execution, *changed, options.data(), options.size(), false);
        !done)
      return done;
    database.replace(std::move(changed));
    return {};
  }
  return {};
}

/// A role by its name; CURRENT_USER and its like are the session's.
std::string role_of(const Execution& execution, const PgQuery__RoleSpec& role) {
  const bool named = role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING;
  return named ? role.rolename : execution.database.session().role;
}

Checked<void> change_identity(Execution& execution, ObjectId table,
                              const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  auto column = require_column(database, table, command.name);
  if (!column) return tl::unexpected(column.error());
  const char now = database.get<Table>(table)->column(*column).identity;
  if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity) {
    const PgQuery__Constraint& identity = *command.def->constraint;
    if (now != '\0')
      return tl::unexpected(refuse(
          "55000", fmt::format("column \"{}\" is already an identity column", command.name)));
    if (!database.get<Table>(table)->column(*column).not_null) {
      return tl::unexpected(
          refuse("55000",
                 fmt::format("column \"{}\" must be declared NOT NULL before identity can be added",
                             command.name)));
    }
    if (database.get<Table>(table)->column(*column).default_value) {
      return tl::unexpected(
          refuse("55000", fmt::format("column \"{}\" already has a default value", command.name)));
    }
    auto changed = database.edit<Table>(table);
    changed->column(*column).identity = identity.generated_when[0];
    database.replace(std::move(changed));
    const auto sequence = create_owned_sequence(execution, table, *column, true, identity.options,
                                                identity.n_options);
    return sequence ? Checked<void>() : tl::unexpected(sequence.error());
  }
  if (now == '\0') {
    if (command.missing_ok != 0) return {};
    return tl::unexpected(
        refuse("55000", fmt::format("column \"{}\" is not an identity column", command.name)));
  }
  if (command.subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity)
    return set_identity(execution, table, *column, *command.def->list);
  auto changed = database.edit<Table>(table);
  changed->column(*column).identity = '\0';
  database.replace(std::move(changed));
  for (const ObjectId id : database.dependents(table)) {
    const auto* sequence = database.get<Sequence>(id);
    if (sequence != nullptr && sequence->internal && sequence->owned_column == *column)
      database.remove(id);
  }
  return {};
}

/// Source: transformPartitionCmd() in parse_utilcmd.c, then ATExecAttachPartition() in tablecmds.c.
Checked<void> can_attach(const Database& database, ObjectId whole, ObjectId part) {
  const Table& table = *database.get<Table>(whole);
  const Table& child = *database.get<Table>(part);
  if (table.relkind != 'p')
    return tl::unexpected(
        refuse("42P17", fmt::format("table \"{}\" is not partitioned", table.name)));
  if (!child.partition_bound.empty())
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is already a partition", child.name)));
  if (!child.inherits.empty())
    return tl::unexpected(refuse("42809", "cannot attach inheritance child as partition"));
  if (child.relkind != 'p' && !descendants(database, part).empty())
    return tl::unexpected(refuse("42809", "cannot attach inheritance parent as partition"));
  const auto above = with_partitioned(database, whole);
  if (std::find(above.begin(), above.end(), part) != above.end())
    return tl::unexpected(refuse("42P07", "circular inheritance not allowed"));
  return {};
}

Checked<void> can_detach(const Database& database, ObjectId whole, ObjectId part) {
  const Table& table = *database.get<Table>(whole);
  const Table& child = *database.get<Table>(part);
  if (table.relkind != 'p')
    return tl::unexpected(
        refuse("42P17", fmt::format("table \"{}\" is not partitioned", table.name)));
  if (!child.partition_bound.empty() && child.inherits == std::vector<ObjectId>{whole}) return {};
  return tl::unexpected(
      refuse("42P01", fmt::format("relation \"{}\" is not a partition of relation \"{}\"",
                                  child.name, table.name)));
}

Checked<void> attach(Execution& execution, ObjectId table, const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  const PgQuery__PartitionCmd& partition = *command.def->partition_cmd;
  const bool attaches = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition;
  auto child = require_table(database, *partition.name);
  if (!child) return tl::unexpected(child.error());
  if (auto fits =
          attaches ? can_attach(database, table, *child) : can_detach(database, table, *child);
      !fits)
    return fits;
  if (!attaches) doubt_unplaced_rows(database, *child);
  auto changed = database.edit<Table>(*child);
  if (attaches) {
    changed->inherits = {table};
    changed->partition_bound = partition_bound(*partition.bound);
    changed->needs.push_back({.on = table, .kind = DependencyKind::automatic});
  } else {
    changed->inherits.clear();
    changed->partition_bound.clear();
    std::erase_if(changed->needs, [&](const Dependency& need) { return need.on == table; });
  }
  for (Column& column : changed->columns) {
    column.inherited = attaches;
    column.local = !attaches;
  }
  database.replace(std::move(changed));
  if (!attaches) {
    leave_partitioned(database, table, *child);
    return {};
  }
  if (auto apart = check_new_bound(execution, *child); !apart) return apart;
  if (auto joined = join_partitioned(execution, table, *child); !joined) return joined;
  return check_new_partition(execution, *child);
}

Checked<void> inherit(Execution& execution, ObjectId table, const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  auto parent = require_table(database, *command.def->range_var);
  if (!parent) return tl::unexpected(parent.error());
  const bool adds = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit;
  auto changed = database.edit<Table>(table);
  const bool is_child = std::find(changed->inherits.begin(), changed->inherits.end(), *parent) !=
                        changed->inherits.end();
  if (!adds && !is_child) {
    return tl::unexpected(
        refuse("42P01", fmt::format("relation \"{}\" is not a parent of relation \"{}\"",
                                    command.def->range_var->relname, changed->name)));
  }
  const auto below = descendants(database, table);
  if (adds && (is_child || *parent == table ||
               std::find(below.begin(), below.end(), *parent) != below.end())) {
    return tl::unexpected(refuse("42P07", "circular inheritance not allowed"));
  }
  for (const Column& column : database.get<Table>(*parent)->columns) {
    if (column.dropped) continue;
    const ColumnId own = changed->find(column.name);
    if (own == 0)
      return tl::unexpected(
          refuse("42804", fmt::format("child table is missing column \"{}\"", column.name)));
    changed->column(own).inherited = adds;
    if (!adds) changed->column(own).local = true;
  }
  if (adds) {
    changed->inherits.push_back(*parent);
    changed->needs.push_back({.on = *parent});
  } else {
    std::erase(changed->inherits, *parent);
    std::erase_if(changed->needs, [&](const Dependency& need) {
      return need.on == *parent && need.part == Dependency::Part::whole;
    });
  }
  database.replace(std::move(changed));
  return {};
}

/// SET and RESET of storage options, row security, persistence, replica identity and the like: a
/// changed field of the table.
Checked<void> change_property(Execution& execution, ObjectId table,
                              const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  auto changed = database.edit<Table>(table);
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity:
      changed->row_security = true;
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity:
      changed->row_security = false;
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity:
      changed->force_row_security = true;
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_NoForceRowSecurity:
      changed->force_row_security = false;
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged:
      changed->persistence = 'p';
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged:
      changed->persistence = 'u';
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
      changed->owner = role_of(execution, *command.newowner);
      break;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity: {
      changed->replica_identity = command.def->replica_identity_stmt->identity_type[0];
      if (changed->replica_identity != 'i') break;
      const ObjectId id = database.lookup(NameSpace::relation, changed->schema,
                                          command.def->replica_identity_stmt->name);
      if (database.get<Index>(id) == nullptr)
        return tl::unexpected(refuse("42704", "index for replica identity does not exist"));
      auto index = database.edit<Index>(id);
      index->replica_identity = true;
      database.replace(std::move(index));
      break;
    }
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions: {
      const PgQuery__List& list = *command.def->list;
      for (std::size_t at = 0; at < list.n_items; ++at) {
        const std::string key = std::string(list.items[at]->def_elem->defname) + "=";
        std::erase_if(changed->options,
                      [&](const std::string& option) { return option.starts_with(key); });
      }
      if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions) {
        for (std::string& option : storage_options(list.items, list.n_items))
          changed->options.push_back(std::move(option));
        std::sort(changed->options.begin(), changed->options.end());
      }
      break;
    }
    default:
      return tl::unexpected(not_known("an ALTER TABLE of a kind that is not modelled"));
  }
  database.replace(std::move(changed));
  return {};
}

/// Whether values of the type may be compressed or moved out of the row (pg_type.typstorage is not
/// 'p').
bool is_stored_out_of_line(const ValueType& type) {
  if (type.is_array()) return true;
  switch (type.family) {
    case TypeClass::boolean:
    case TypeClass::int2:
    case TypeClass::int4:
    case TypeClass::int8:
    case TypeClass::float4:
    case TypeClass::float8:
    case TypeClass::money:
    case TypeClass::name:
    case TypeClass::uuid:
    case TypeClass::date:
    case TypeClass::time:
    case TypeClass::timetz:
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
    case TypeClass::interval:
    case TypeClass::oid:
    case TypeClass::enumeration:
      return false;
    default:
      return true;
  }
}

Checked<void> change_column_property(Execution& execution, ObjectId table,
                                     const PgQuery__AlterTableCmd& command) {
  Database& database = execution.database;
  auto column = require_column(database, table, command.name);
  if (!column) return tl::unexpected(column.error());
  auto changed = database.edit<Table>(table);
  Column& target = changed->column(*column);
  if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage) {
    const std::string word = option_text(command.def);
    const char upper = word.empty() ? '\0' : static_cast<char>(word[0] & ~0x20);
    const bool extended = word.size() > 3 && (word[3] == 'e' || word[3] == 'E') &&
                          word.size() > 4 && (word[4] == 'n' || word[4] == 'N');
    if (upper != 'P' && !is_stored_out_of_line(target.type)) {
      return tl::unexpected(refuse(
          "0A000",
          fmt::format("column data type {} can only have storage PLAIN", describe(target.type))));
    }
    target.storage = upper == 'P' ? 'p' : (upper == 'M' ? 'm' : (extended ? 'x' : 'e'));
  } else if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression) {
    if (!is_stored_out_of_line(target.type)) {
      return tl::unexpected(refuse(
          "0A000",
          fmt::format("column data type {} does not support compression", describe(target.type))));
    }
    target.compression = option_text(command.def);
  } else if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression) {
    if (!target.generated) {
      return command.missing_ok != 0
                 ? Checked<void>()
                 : tl::unexpected(refuse("55000", "column is not a stored generated column"));
    }
    target.generated = false;
    target.default_value = {};
    std::erase_if(changed->needs, [&](const Dependency& need) {
      return need.part == Dependency::Part::column_default && need.from_column == *column;
    });
  }
  database.replace(std::move(changed));
  return {};
}

using Command = Checked<void> (*)(Execution&, ObjectId, const PgQuery__AlterTableCmd&);

Command command_of(PgQuery__AlterTableType type) {
  switch (type) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
      return add_column;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
      return remove_column;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
      return change_default;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
      return [](Execution& e, ObjectId table, const PgQuery__AlterTableCmd& c) {
        return set_not_null(e, table, c, true);
      };
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
      return [](Execution& e, ObjectId table, const PgQuery__AlterTableCmd& c) {
        return set_not_null(e, table, c, false);
      };
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
      return [](Execution& e, ObjectId table, const PgQuery__AlterTableCmd& c) {
        return add_constraint(e, table, *c.def->constraint, 0);
      };
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
      return remove_constraint;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
      return validate;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint:
      return alter_constraint;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
      return alter_column_type;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
      return change_identity;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition:
      return attach;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit:
      return inherit;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
      return change_column_property;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
      return switch_trigger;
    default:
      return change_property;
  }
}

/// ALTER TABLE, INDEX or SEQUENCE of what is no table.
Checked<void> alter_no_table(Execution& execution, const PgQuery__AlterTableStmt& statement,
                             ObjectId id) {
  for (std::size_t at = 0; at < statement.n_cmds; ++at) {
    const PgQuery__AlterTableCmd& command = *statement.cmds[at]->alter_table_cmd;
    if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition &&
        execution.database.get<Index>(id) != nullptr) {
      const auto part = require_relation(execution.database, *command.def->partition_cmd->name);
      if (!part) return tl::unexpected(part.error());
      if (auto attached = attach_index(execution, id, *part); !attached) return attached;
      continue;
    }
    if (command.subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner)
      return tl::unexpected(not_known("an ALTER of this relation"));
    std::shared_ptr<Object> changed = execution.database.find(id)->clone();
    changed->owner = role_of(execution, *command.newowner);
    execution.database.replace(std::move(changed));
  }
  return {};
}

}  // namespace

Checked<void> alter_table(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterTableStmt& statement = *node.alter_table_stmt;
  Database& database = execution.database;
  if (statement.missing_ok != 0 &&
      resolve(database, NameSpace::relation, qualified(*statement.relation)) == 0)
    return {};
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE)
    return alter_composite(execution, statement);
  auto relation = require_relation(database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  if (database.get<Table>(*relation) == nullptr)
    return alter_no_table(execution, statement, *relation);
  if (auto free = none_waiting(database, *relation, "ALTER TABLE"); !free) return free;
  std::vector<const PgQuery__AlterTableCmd*> commands;
  for (std::size_t at = 0; at < statement.n_cmds; ++at)
    commands.push_back(statement.cmds[at]->alter_table_cmd);
  std::stable_sort(commands.begin(), commands.end(), [](const auto* left, const auto* right) {
    return pass_of(*left) < pass_of(*right);
  });
  for (const PgQuery__AlterTableCmd* command : commands) {
    if (auto done = command_of(command->subtype)(execution, *relation, *command); !done) {
      if (done.error().offset < 0) done.error().offset = statement.relation->location;
      return done;
    }
  }
  return {};
}

}  // namespace backout::postgres
