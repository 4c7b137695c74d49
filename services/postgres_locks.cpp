#include "services/postgres_locks.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "postgres/read/sql_reader.hpp"
#include "services/postgres_migrations.hpp"
#include "services/postgres_verbs.hpp"

namespace backout::services {
namespace {

namespace pg = backout::postgres;

std::string name_of_relation(const PgQuery__RangeVar* relation) {
  if (relation == nullptr) return {};
  const std::string schema = relation->schemaname == nullptr ? "" : relation->schemaname;
  return (schema.empty() ? "" : schema + '.') +
         (relation->relname == nullptr ? "" : relation->relname);
}

std::string last_name(PgQuery__Node* const* names, std::size_t count) {
  if (count == 0 || names[count - 1]->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return names[count - 1]->string->sval;
}

/// Whether a default is worked out anew for each row, so that the table is written anew.
bool is_volatile_default(const PgQuery__Node* expression) {
  if (expression == nullptr || expression->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
    return false;
  const std::string name =
      last_name(expression->func_call->funcname, expression->func_call->n_funcname);
  return name != "now" && name != "transaction_timestamp" && name != "statement_timestamp";
}

bool rewrites(const PgQuery__ColumnDef& column) {
  const std::string type = column.type_name == nullptr
                               ? ""
                               : last_name(column.type_name->names, column.type_name->n_names);
  if (type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4" ||
      type == "serial8")
    return true;
  for (std::size_t i = 0; i < column.n_constraints; ++i) {
    const PgQuery__Node& node = *column.constraints[i];
    if (node.node_case != PG_QUERY__NODE__NODE_CONSTRAINT) continue;
    const auto type_of = node.constraint->contype;
    if (type_of == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY ||
        type_of == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED)
      return true;
    if (type_of == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT &&
        is_volatile_default(node.constraint->raw_expr))
      return true;
  }
  return false;
}

class Locks {
 public:
  void read(const pg::Script& script) {
    for (const pg::Script::Statement& statement : script.statements()) note_made(*statement.tree);
    for (const pg::Script::Statement& statement : script.statements()) look(*statement.tree);
  }

  std::vector<LongLock> take() {
    std::erase_if(found_, [&](const LongLock& lock) {
      return made_.contains(lock.table) || (validated_ && lock.statement == "SET NOT NULL");
    });
    return std::move(found_);
  }

 private:
  void note_made(const PgQuery__Node& node) {
    if (node.node_case == PG_QUERY__NODE__NODE_CREATE_STMT)
      made_.insert(name_of_relation(node.create_stmt->relation));
    if (node.node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT &&
        node.create_table_as_stmt->into != nullptr) {
      made_.insert(name_of_relation(node.create_table_as_stmt->into->rel));
    }
  }

  void add(std::string statement, const std::string& table, bool blocks_reads,
           std::string instead) {
    found_.push_back({std::move(statement), table, blocks_reads, std::move(instead)});
  }

  void look(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_INDEX_STMT:
        if (!node.index_stmt->concurrent)
          add("CREATE INDEX", name_of_relation(node.index_stmt->relation), false,
              "CREATE INDEX CONCURRENTLY, outside a transaction");
        break;
      case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
        if (!node.refresh_mat_view_stmt->concurrent)
          add("REFRESH MATERIALIZED VIEW", name_of_relation(node.refresh_mat_view_stmt->relation),
              true, "REFRESH MATERIALIZED VIEW CONCURRENTLY");
        break;
      case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        add("CLUSTER", name_of_relation(node.cluster_stmt->relation), true,
            "a window without users");
        break;
      case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: {
        const PgQuery__AlterTableStmt& alter = *node.alter_table_stmt;
        for (std::size_t i = 0; i < alter.n_cmds; ++i) {
          if (alter.cmds[i]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD)
            alter_table(name_of_relation(alter.relation), *alter.cmds[i]->alter_table_cmd);
        }
        break;
      }
      default:
        break;
    }
  }

  void alter_table(const std::string& table, const PgQuery__AlterTableCmd& command) {
    const PgQuery__Node* definition = command.def;
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
        add("SET NOT NULL", table, true,
            "a CHECK (... IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, then SET NOT NULL");
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
        validated_ = true;
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF &&
            definition->column_def->type_name != nullptr) {
          const PgQuery__TypeName& type = *definition->column_def->type_name;
          // To text nothing is written anew.
          if (last_name(type.names, type.n_names) != "text")
            add("ALTER COLUMN TYPE", table, true, "a new column that is filled in batches");
        }
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF &&
            rewrites(*definition->column_def)) {
          add("ADD COLUMN with a value of its own for each row", table, true,
              "a nullable column that is filled in batches");
        }
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
          add_constraint(table, *definition->constraint);
        break;
      default:
        break;
    }
  }

  void add_constraint(const std::string& table, const PgQuery__Constraint& constraint) {
    const bool adopts = constraint.indexname != nullptr && *constraint.indexname != '\0';
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
        if (!constraint.skip_validation)
          add("ADD CHECK", table, true, "ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT");
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
        if (!constraint.skip_validation)
          add("ADD FOREIGN KEY", table, false,
              "ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT");
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
        if (!adopts)
          add("ADD UNIQUE", table, true,
              "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX");
        break;
      default:
        break;
    }
  }

  std::vector<LongLock> found_;
  std::set<std::string> made_;
  bool validated_ = false;
};

/// `migrate` as far as it locks: names are table.column.
std::vector<LongLock> locks_of_short_forms(const Action& action) {
  std::vector<LongLock> found;
  const auto each = [&](const ListArg& arg, const char* statement, bool blocks_reads,
                        const char* instead) {
    for (const std::string& name : arg.in(action.args))
      found.push_back({statement, name.substr(0, name.rfind('.')), blocks_reads, instead});
  };
  if (!kMigrateConcurrently.in(action.args))
    each(kMigrateIndex, "CREATE INDEX", false, "`concurrently: true`");
  each(kMigrateSetNotNull, "SET NOT NULL", true,
       "a CHECK (... IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, then SET NOT NULL");
  each(kMigrateUnique, "ADD UNIQUE", true,
       "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX");
  return found;
}

std::string sql_of_step(const Context& context, const Action& action) {
  if (action.verb == model::kApplyMigration || action.verb == model::kRevertMigration)
    return migration_sql(context, action);
  const std::string text = kSqlText.in(action.args);
  if (!text.empty() || !kSqlFile.is_given(action.args)) return text;
  const std::string file = kSqlFile.in(action.args);
  return context.plan().files.contains(file) ? context.plan().file_text(file) : std::string();
}

bool is_postgres(const Context& context, const Action& action) {
  return action.service != model::kNone &&
         context.plan().services[action.service].kind == "postgres";
}

/// A function of one argument's column that gives the same for values that differ.
bool is_lossy(const std::string& name) {
  static constexpr std::array kLossy = {
      "lower",      "upper",      "initcap", "btrim",          "ltrim",   "rtrim",     "trim",
      "left",       "right",      "substr",  "substring",      "round",   "trunc",     "floor",
      "ceil",       "ceiling",    "abs",     "regexp_replace", "replace", "translate", "md5",
      "date_trunc", "split_part", "sha256",  "digest",         "overlay"};
  return std::ranges::find(kLossy, name) != kLossy.end();
}

bool names_column(const PgQuery__Node* node, const std::string& column);

/// The function through which `node` loses what `column` held; empty: none.
std::string lossy_function(const PgQuery__Node* node, const std::string& column) {
  if (node == nullptr) return {};
  if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
    const PgQuery__FuncCall& call = *node->func_call;
    const std::string name = last_name(call.funcname, call.n_funcname);
    for (std::size_t i = 0; i < call.n_args; ++i) {
      if (is_lossy(name) && names_column(call.args[i], column)) return name + "()";
      if (const std::string inner = lossy_function(call.args[i], column); !inner.empty())
        return inner;
    }
  }
  if (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST &&
      names_column(node->type_cast->arg, column)) {
    const PgQuery__TypeName& type = *node->type_cast->type_name;
    static constexpr std::array kNarrow = {"int4", "int8", "int2", "date", "bool", "float4"};
    const std::string name = last_name(type.names, type.n_names);
    const bool bounded =
        (name == "varchar" || name == "bpchar" || name == "numeric") && type.n_typmods > 0;
    if (bounded || std::ranges::find(kNarrow, name) != kNarrow.end()) return "a cast to " + name;
  }
  return {};
}

bool names_column(const PgQuery__Node* node, const std::string& column) {
  if (node == nullptr) return false;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return last_name(node->column_ref->fields, node->column_ref->n_fields) == column;
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return names_column(node->type_cast->arg, column);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      for (std::size_t i = 0; i < node->func_call->n_args; ++i) {
        if (names_column(node->func_call->args[i], column)) return true;
      }
      return false;
    default:
      return false;
  }
}

/// Whether the expression has to do with the column's old value, as far as its shape tells.
bool refers_to(const PgQuery__Node* node, const std::string& column) {
  return node != nullptr && node->node_case != PG_QUERY__NODE__NODE_A_CONST &&
         node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF &&
         (names_column(node, column) || node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL);
}

void add_lossy(const PgQuery__UpdateStmt& update, std::vector<LossyUpdate>& found) {
  const auto target = [&](std::size_t i) -> const PgQuery__ResTarget* {
    return update.target_list[i]->node_case == PG_QUERY__NODE__NODE_RES_TARGET
               ? update.target_list[i]->res_target
               : nullptr;
  };
  for (std::size_t i = 0; i < update.n_target_list; ++i) {
    if (target(i) == nullptr) continue;
    const std::string column = target(i)->name;
    const std::string function = lossy_function(target(i)->val, column);
    if (function.empty() && refers_to(target(i)->val, column)) continue;
    bool kept = false;  // another column of the same statement takes the old value
    for (std::size_t other = 0; other < update.n_target_list; ++other) {
      const bool plain = target(other) != nullptr && target(other)->val != nullptr &&
                         target(other)->val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
      kept = kept || (plain && other != i && names_column(target(other)->val, column));
    }
    if (!kept) found.push_back({name_of_relation(update.relation), column, function});
  }
}

}  // namespace

std::vector<LongLock> long_locks(const Context& context, const Action& action) {
  if (!is_postgres(context, action)) return {};
  const SqlVerb* verb = find_sql_verb(action.verb);
  if (verb != nullptr && verb->is_short_form) return locks_of_short_forms(action);
  Locks locks;
  locks.read(pg::Script::parse(sql_of_step(context, action)));
  return locks.take();
}

std::vector<LossyUpdate> lossy_updates(const Context& context, const Action& action) {
  if (!is_postgres(context, action)) return {};
  std::vector<LossyUpdate> found;
  const pg::Script script = pg::Script::parse(sql_of_step(context, action));
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
      add_lossy(*statement.tree->update_stmt, found);
  }
  return found;
}

}  // namespace backout::services
