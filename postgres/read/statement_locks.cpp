// The lock of an ALTER TABLE is the strongest of its commands', held to the end of the transaction;
// CONCURRENTLY and VALIDATE take weaker ones.
// Left out: what triggers, cascades and functions lock, row locks, locks on the catalogs, who waits
// for whom and how long. Of DO and CALL the lock is unknown; statements that have no arm here
// (CREATE FUNCTION, GRANT and others) are not in the list.
#include "postgres/read/statement_locks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

constexpr const char* kAccessExclusive = "ACCESS EXCLUSIVE";
constexpr const char* kExclusive = "EXCLUSIVE";
constexpr const char* kShareRowExclusive = "SHARE ROW EXCLUSIVE";
constexpr const char* kShare = "SHARE";
constexpr const char* kShareUpdateExclusive = "SHARE UPDATE EXCLUSIVE";
constexpr const char* kRowExclusive = "ROW EXCLUSIVE";
constexpr const char* kAccessShare = "ACCESS SHARE";

std::string name_of(const PgQuery__RangeVar* relation) {
  if (relation == nullptr) return {};
  const QualifiedName name = qualified(*relation);
  return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

std::string name_of(const PgQuery__Node& names) {
  if (names.node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
    const QualifiedName name = qualified(names.type_name->names, names.type_name->n_names);
    return name.schema.empty() ? name.name : name.schema + "." + name.name;
  }
  if (names.node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS) {
    const QualifiedName name =
        qualified(names.object_with_args->objname, names.object_with_args->n_objname);
    return name.schema.empty() ? name.name : name.schema + "." + name.name;
  }
  if (names.node_case != PG_QUERY__NODE__NODE_LIST) return std::string(string_of(&names));
  std::string text;
  for (std::size_t at = 0; at < names.list->n_items; ++at)
    text += (text.empty() ? "" : ".") + std::string(string_of(names.list->items[at]));
  return text;
}

std::string type_of(const PgQuery__ColumnDef& column) {
  return column.type_name == nullptr
             ? std::string()
             : qualified(column.type_name->names, column.type_name->n_names).name;
}

/// Whether ADD COLUMN writes the table anew for a default: where a part of it is worked out for
/// each row. `now()` is the same for all.
Extent rewrite_for_default(const PgQuery__Node& expression) {
  constexpr auto kStable = std::to_array<std::string_view>({"now",
                                                            "transaction_timestamp",
                                                            "statement_timestamp",
                                                            "timezone",
                                                            "date_trunc",
                                                            "lower",
                                                            "upper",
                                                            "concat",
                                                            "to_char",
                                                            "jsonb_build_object",
                                                            "json_build_object",
                                                            "jsonb_build_array",
                                                            "current_setting",
                                                            "array_fill",
                                                            "make_interval",
                                                            "date_part",
                                                            "extract",
                                                            "md5",
                                                            "left",
                                                            "repeat",
                                                            "coalesce",
                                                            "to_timestamp"});
  constexpr auto kVolatile = std::to_array<std::string_view>(
      {"random", "gen_random_uuid", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4",
       "uuidv4", "uuidv7", "clock_timestamp", "timeofday", "nextval", "gen_random_bytes",
       "setval"});
  Extent found = Extent::no;
  walk(expression.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor != &pg_query__func_call__descriptor) return true;
    const auto& call = reinterpret_cast<const PgQuery__FuncCall&>(message);
    const std::string name = qualified(call.funcname, call.n_funcname).name;
    if (std::find(kVolatile.begin(), kVolatile.end(), name) != kVolatile.end())
      found = Extent::yes;
    else if (found == Extent::no &&
             std::find(kStable.begin(), kStable.end(), name) == kStable.end())
      found = Extent::perhaps;
    return true;
  });
  return found;
}

class LockReader {
 public:
  explicit LockReader(int server) : server_(server) {}

  std::vector<StatementLock> read(const Script& script) {
    for (std::size_t at = 0; at < script.statements().size(); ++at) {
      at_ = at;
      if (const auto newer = newer_than(*script.statements()[at].tree, server_, nullptr)) {
        add("refused", "none", "").note = newer->message;
        continue;
      }
      look(*script.statements()[at].tree);
    }
    return std::move(found_);
  }

 private:
  StatementLock& add(std::string what, const char* mode, std::string on) {
    found_.push_back({at_, std::move(what), mode, std::move(on), Extent::no, Extent::no, {}});
    return found_.back();
  }

  void look(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return alter(*node.alter_table_stmt);
      case PG_QUERY__NODE__NODE_DROP_STMT:
        return drop(*node.drop_stmt);
      case PG_QUERY__NODE__NODE_INDEX_STMT:
        return index(*node.index_stmt);
      case PG_QUERY__NODE__NODE_RENAME_STMT:
        return rename(*node.rename_stmt);
      case PG_QUERY__NODE__NODE_CREATE_STMT:
        return create(*node.create_stmt);
      case PG_QUERY__NODE__NODE_UPDATE_STMT:
        add("UPDATE", kRowExclusive, name_of(node.update_stmt->relation)).scans = Extent::perhaps;
        return;
      case PG_QUERY__NODE__NODE_DELETE_STMT:
        add("DELETE", kRowExclusive, name_of(node.delete_stmt->relation)).scans = Extent::perhaps;
        return;
      case PG_QUERY__NODE__NODE_INSERT_STMT:
        add("INSERT", kRowExclusive, name_of(node.insert_stmt->relation));
        return;
      case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
        for (std::size_t at = 0; at < node.truncate_stmt->n_relations; ++at)
          add("TRUNCATE", kAccessExclusive, name_of(node.truncate_stmt->relations[at]->range_var));
        return;
      case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
        add("CREATE TRIGGER", kShareRowExclusive, name_of(node.create_trig_stmt->relation));
        return;
      case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
        add("CREATE POLICY", kAccessExclusive, name_of(node.create_policy_stmt->table));
        return;
      case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
        add("ALTER POLICY", kAccessExclusive, name_of(node.alter_policy_stmt->table));
        return;
      case PG_QUERY__NODE__NODE_RULE_STMT:
        add("CREATE RULE", kAccessExclusive, name_of(node.rule_stmt->relation));
        return;
      case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
        add("ALTER SEQUENCE", kShareRowExclusive, name_of(node.alter_seq_stmt->sequence));
        return;
      case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
        if (node.alter_object_schema_stmt->relation != nullptr)
          add("SET SCHEMA", kAccessExclusive, name_of(node.alter_object_schema_stmt->relation));
        return;
      default:
        look_at_rest(node);
    }
  }

  void look_at_rest(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT: {
        const bool alongside = node.refresh_mat_view_stmt->concurrent != 0;
        auto& lock =
            add(alongside ? "REFRESH MATERIALIZED VIEW CONCURRENTLY" : "REFRESH MATERIALIZED VIEW",
                alongside ? kExclusive : kAccessExclusive,
                name_of(node.refresh_mat_view_stmt->relation));
        lock.rewrites = alongside ? Extent::no : Extent::yes;
        return;
      }
      case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        add("CLUSTER", kAccessExclusive, name_of(node.cluster_stmt->relation)).rewrites =
            Extent::yes;
        return;
      case PG_QUERY__NODE__NODE_REINDEX_STMT: {
        auto& lock = add("REINDEX", kShare, name_of(node.reindex_stmt->relation));
        lock.scans = Extent::yes;
        lock.note = of_server(
            "ACCESS EXCLUSIVE on the index; CONCURRENTLY (since 12) SHARE UPDATE EXCLUSIVE",
            "ACCESS EXCLUSIVE on the index; CONCURRENTLY: SHARE UPDATE EXCLUSIVE");
        return;
      }
      case PG_QUERY__NODE__NODE_LOCK_STMT:
        return lock_tables(*node.lock_stmt);
      case PG_QUERY__NODE__NODE_VACUUM_STMT: {
        auto& lock = add(node.vacuum_stmt->is_vacuumcmd != 0 ? "VACUUM" : "ANALYZE",
                         kShareUpdateExclusive, "the tables that it names, or all");
        lock.note = "VACUUM FULL: ACCESS EXCLUSIVE, written anew";
        return;
      }
      case PG_QUERY__NODE__NODE_COPY_STMT:
        add("COPY", node.copy_stmt->is_from != 0 ? kRowExclusive : kAccessShare,
            name_of(node.copy_stmt->relation));
        return;
      case PG_QUERY__NODE__NODE_COMMENT_STMT:
        if (node.comment_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
            node.comment_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) {
          add("COMMENT", kShareUpdateExclusive, name_of(*node.comment_stmt->object));
        }
        return;
      case PG_QUERY__NODE__NODE_SELECT_STMT:
        add("SELECT", kAccessShare, "the tables that it reads").scans = Extent::perhaps;
        return;
      case PG_QUERY__NODE__NODE_VIEW_STMT:
        add("CREATE VIEW", kAccessShare, "the tables that it reads").note =
            "OR REPLACE: ACCESS EXCLUSIVE on the view";
        return;
      case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        add("CREATE TABLE AS", kAccessShare, "the tables that it reads").scans = Extent::yes;
        return;
      case PG_QUERY__NODE__NODE_DO_STMT:
      case PG_QUERY__NODE__NODE_CALL_STMT:
        add(node.node_case == PG_QUERY__NODE__NODE_DO_STMT ? "DO" : "CALL", "unknown",
            "what its body touches")
            .scans = Extent::perhaps;
        return;
      default:
        return;
    }
  }

  void lock_tables(const PgQuery__LockStmt& statement) {
    constexpr std::array kModes = {
        "none", kAccessShare,       "ROW SHARE", kRowExclusive,   kShareUpdateExclusive,
        kShare, kShareRowExclusive, kExclusive,  kAccessExclusive};
    const auto mode = static_cast<std::size_t>(std::clamp(statement.mode, 0, 8));
    for (std::size_t at = 0; at < statement.n_relations; ++at)
      add("LOCK", kModes[mode], name_of(statement.relations[at]->range_var));
  }

  void create(const PgQuery__CreateStmt& statement) {
    const auto reference = [&](const PgQuery__Node& node) {
      if (node.node_case != PG_QUERY__NODE__NODE_CONSTRAINT ||
          node.constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN)
        return;
      add("CREATE TABLE ... REFERENCES", kShareRowExclusive, name_of(node.constraint->pktable));
    };
    for (std::size_t at = 0; at < statement.n_table_elts; ++at) {
      const PgQuery__Node& element = *statement.table_elts[at];
      reference(element);
      if (element.node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) continue;
      for (std::size_t one = 0; one < element.column_def->n_constraints; ++one)
        reference(*element.column_def->constraints[one]);
    }
    if (statement.partbound != nullptr && statement.n_inh_relations > 0) {
      auto& lock = add("CREATE TABLE ... PARTITION OF", kAccessExclusive,
                       name_of(statement.inh_relations[0]->range_var));
      lock.note = of_server("CREATE TABLE, then ATTACH PARTITION: SHARE UPDATE EXCLUSIVE since 12",
                            "CREATE TABLE, then ATTACH PARTITION: SHARE UPDATE EXCLUSIVE");
    }
  }

  void index(const PgQuery__IndexStmt& statement) {
    auto& lock = add(statement.concurrent != 0 ? "CREATE INDEX CONCURRENTLY" : "CREATE INDEX",
                     statement.concurrent != 0 ? kShareUpdateExclusive : kShare,
                     name_of(statement.relation));
    lock.scans = Extent::yes;
    if (statement.concurrent == 0)
      lock.note =
          "writers wait until it is built; CONCURRENTLY, outside a transaction, lets them go on";
  }

  void rename(const PgQuery__RenameStmt& statement) {
    if (statement.relation == nullptr) return;
    if (statement.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) {
      add("RENAME INDEX", kShareUpdateExclusive, name_of(statement.relation)).note =
          of_server("ACCESS EXCLUSIVE before 12", "");
    } else {
      add("RENAME", kAccessExclusive, name_of(statement.relation));
    }
  }

  void drop(const PgQuery__DropStmt& statement) {
    for (std::size_t at = 0; at < statement.n_objects; ++at) {
      const PgQuery__Node& object = *statement.objects[at];
      switch (statement.remove_type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
          add("DROP TABLE", kAccessExclusive, name_of(object)).note =
              "and on the tables that its foreign keys point to";
          break;
        case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
          add("DROP VIEW", kAccessExclusive, name_of(object));
          break;
        case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
          add("DROP MATERIALIZED VIEW", kAccessExclusive, name_of(object));
          break;
        case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
          add("DROP SEQUENCE", kAccessExclusive, name_of(object));
          break;
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX: {
          auto& lock = add(statement.concurrent != 0 ? "DROP INDEX CONCURRENTLY" : "DROP INDEX",
                           statement.concurrent != 0 ? kShareUpdateExclusive : kAccessExclusive,
                           "its table");
          lock.note = name_of(object);
          break;
        }
        case PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER:
        case PG_QUERY__OBJECT_TYPE__OBJECT_POLICY:
        case PG_QUERY__OBJECT_TYPE__OBJECT_RULE:
          drop_of_table(statement, object);
          break;
        default:
          if (statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
            add("DROP ... CASCADE", kAccessExclusive, "what depends on " + name_of(object));
      }
    }
  }

  /// The last name is the object's, those before it the table's.
  void drop_of_table(const PgQuery__DropStmt& statement, const PgQuery__Node& object) {
    std::string names = name_of(object);
    names.resize(std::min(names.rfind('.'), names.size()));
    const char* what =
        statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER  ? "DROP TRIGGER"
        : statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_POLICY ? "DROP POLICY"
                                                                        : "DROP RULE";
    add(what, kAccessExclusive, names);
  }

  void alter(const PgQuery__AlterTableStmt& statement) {
    const std::string on = name_of(statement.relation);
    for (std::size_t at = 0; at < statement.n_cmds; ++at) {
      if (statement.cmds[at]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD)
        command(on, *statement.cmds[at]->alter_table_cmd);
    }
  }

  void command(const std::string& on, const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
        return add_column(on, *command.def->column_def);
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
        return constraint(on, *command.def->constraint);
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
        return type(on, *command.def->column_def, command.def->column_def->raw_default != nullptr);
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull: {
        auto& lock = add("SET NOT NULL", kAccessExclusive, on);
        lock.scans = Extent::perhaps;
        lock.note =
            of_server("no scan since 12 where a valid CHECK (... IS NOT NULL) proves it",
                      server_ >= 18 ? "no scan where a valid CHECK (... IS NOT NULL) or a "
                                      "validated NOT NULL constraint proves it"
                                    : "no scan where a valid CHECK (... IS NOT NULL) proves it");
        return;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
        add("VALIDATE CONSTRAINT", kShareUpdateExclusive, on).scans = Extent::yes;
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster:
        add("ALTER TABLE of settings", kShareUpdateExclusive, on);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
        add("SET (storage parameters)", kShareUpdateExclusive, on).note =
            "ACCESS EXCLUSIVE for user_catalog_table";
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
        add("ENABLE or DISABLE TRIGGER", kShareRowExclusive, on);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged:
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace:
        add("SET LOGGED, UNLOGGED or TABLESPACE", kAccessExclusive, on).rewrites = Extent::yes;
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition: {
        auto& lock = add("ATTACH PARTITION", kShareUpdateExclusive, on);
        lock.scans = Extent::perhaps;
        lock.note = of_server(
            "ACCESS EXCLUSIVE on the partition and before 12 on the table, too; the partition is "
            "scanned unless a CHECK proves its bounds",
            "ACCESS EXCLUSIVE on the partition, which is scanned unless a CHECK proves its bounds");
        return;
      }
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition:
        return detach(on, *command.def->partition_cmd);
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
        add("DROP CONSTRAINT", kAccessExclusive, on).note =
            "of a foreign key also on the table that it points to";
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
        add("DROP COLUMN", kAccessExclusive, on);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
        add("SET or DROP DEFAULT", kAccessExclusive, on);
        return;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
        add("DROP NOT NULL", kAccessExclusive, on);
        return;
      default:
        add("ALTER TABLE", kAccessExclusive, on);
        return;
    }
  }

  void detach(const std::string& on, const PgQuery__PartitionCmd& command) {
    if (command.concurrent != 0) {
      add("DETACH PARTITION CONCURRENTLY", kShareUpdateExclusive, on).note =
          "ACCESS EXCLUSIVE on the partition at the end; outside a transaction";
      return;
    }
    add("DETACH PARTITION", kAccessExclusive, on).note =
        server_ != 0 && server_ < 14 ? ""
                                     : of_server("CONCURRENTLY, since 14: SHARE UPDATE EXCLUSIVE",
                                                 "CONCURRENTLY: SHARE UPDATE EXCLUSIVE");
  }

  void add_column(const std::string& on, const PgQuery__ColumnDef& column) {
    auto& lock = add("ADD COLUMN", kAccessExclusive, on);
    const std::string type = type_of(column);
    if (type.ends_with("serial") || type.starts_with("serial")) lock.rewrites = Extent::yes;
    for (std::size_t at = 0; at < column.n_constraints; ++at) {
      const PgQuery__Constraint& one = *column.constraints[at]->constraint;
      if (one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY ||
          one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED)
        lock.rewrites = Extent::yes;
      if (one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE ||
          one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
          one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK) {
        lock.scans = Extent::yes;
      }
      if (one.contype != PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT || one.raw_expr == nullptr ||
          lock.rewrites == Extent::yes)
        continue;
      lock.rewrites = rewrite_for_default(*one.raw_expr);
      lock.note = lock.rewrites == Extent::perhaps
                      ? of_server("written anew where the default is volatile, and before 11",
                                  "written anew where the default is volatile")
                      : of_server("written anew before 11", "");
    }
    for (std::size_t at = 0; at < column.n_constraints; ++at) {
      const PgQuery__Constraint& one = *column.constraints[at]->constraint;
      if (one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN)
        add("ADD COLUMN ... REFERENCES", kShareRowExclusive, name_of(one.pktable));
    }
  }

  void constraint(const std::string& on, const PgQuery__Constraint& one) {
    const Extent scans = one.skip_validation != 0 ? Extent::no : Extent::yes;
    const bool adopts = one.indexname != nullptr && *one.indexname != '\0';
    switch (one.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
        add("ADD FOREIGN KEY", kShareRowExclusive, on).scans = scans;
        add("ADD FOREIGN KEY", kShareRowExclusive, name_of(one.pktable));
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY: {
        auto& lock = add(
            one.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE ? "ADD UNIQUE" : "ADD PRIMARY KEY",
            kAccessExclusive, on);
        lock.scans = adopts ? Extent::no : Extent::yes;
        if (!adopts)
          lock.note =
              "the index is built meanwhile; CREATE UNIQUE INDEX CONCURRENTLY, then USING INDEX, "
              "does without";
        return;
      }
      case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
        add("ADD EXCLUDE", kAccessExclusive, on).scans = Extent::yes;
        return;
      default:
        add("ADD CHECK", kAccessExclusive, on).scans = scans;
        return;
    }
  }

  void type(const std::string& on, const PgQuery__ColumnDef& column, bool converts) {
    auto& lock = add("ALTER COLUMN TYPE", kAccessExclusive, on);
    const std::string type = type_of(column);
    const bool wide = type == "text" || type == "varchar" || type == "numeric" || type == "bit" ||
                      type == "varbit" || type == "timestamptz" || type == "timestamp";
    lock.rewrites = wide ? Extent::perhaps : Extent::yes;
    lock.scans = Extent::yes;
    if (wide) {
      lock.note =
          "not written anew where every old value is one of the new type as it is: to text, to a "
          "longer varchar or numeric, timestamp to timestamptz in UTC";
      lock.note += of_server(" since 12", "");
    }
    if (converts && wide) lock.note += "; with USING it is";
    if (converts) lock.rewrites = Extent::yes;
  }

  /// What holds of a server that somebody named, else what holds of all with where they differ.
  std::string of_server(std::string_view of_all, std::string_view of_named) const {
    return std::string(server_ == 0 ? of_all : of_named);
  }

  int server_;
  std::size_t at_ = 0;
  std::vector<StatementLock> found_;
};

}  // namespace

std::vector<StatementLock> statement_locks(const Script& script, int server) {
  return LockReader(server).read(script);
}

const char* to_string(Extent extent) {
  switch (extent) {
    case Extent::no:
      return "no";
    case Extent::yes:
      return "yes";
    case Extent::perhaps:
      break;
  }
  return "perhaps";
}

}  // namespace backout::postgres
