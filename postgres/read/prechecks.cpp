// PostgreSQL reads all rows for SET NOT NULL, a new CHECK, key or foreign key and a narrower type,
// and refuses at the first that does not fit (ATRewriteTable() in tablecmds.c, index_build() in
// index.c). The same is asked beforehand, by SELECT.
// Left out: exclusion constraints, domains, new partitions, what triggers and functions do; casts
// other than to text, shorter texts, integers and numeric; rows and columns that the script itself
// fills or changes before. For these the answer is that only a trial tells, or none.
#include "postgres/read/prechecks.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/print.hpp"

namespace backout::postgres {
namespace {

std::vector<std::string> names_of(PgQuery__Node* const* nodes, std::size_t count) {
  std::vector<std::string> names;
  std::transform(nodes, nodes + count, std::back_inserter(names),
                 [](const PgQuery__Node* node) { return std::string(string_of(node)); });
  return names;
}

std::string quoted(const QualifiedName& name) {
  return (name.schema.empty() ? "" : quote_identifier(name.schema) + ".") +
         quote_identifier(name.name);
}

/// A whole number among the modifiers of a type: varchar(20), numeric(6,2).
std::optional<std::int64_t> modifier(const PgQuery__TypeName& type, std::size_t at) {
  if (at >= type.n_typmods || type.typmods[at]->node_case != PG_QUERY__NODE__NODE_A_CONST)
    return std::nullopt;
  const PgQuery__AConst& constant = *type.typmods[at]->a_const;
  if (constant.val_case != PG_QUERY__A__CONST__VAL_IVAL) return std::nullopt;
  return constant.ival->ival;
}

class Prechecks {
 public:
  explicit Prechecks(const Script& script) : script_(script) {}

  std::vector<Precheck> read() {
    for (at_ = 0; at_ < script_.statements().size(); ++at_) look(*script_.statements()[at_].tree);
    return std::move(found_);
  }

 private:
  /// A relation as it is called before the script.
  struct Relation {
    std::string now;     ///< as the script calls it
    std::string before;  ///< quoted
  };

  Relation relation(const PgQuery__RangeVar& range) const {
    const std::string now = quoted(qualified(range));
    const auto renamed = tables_.find(now);
    return {now, renamed == tables_.end() ? now : renamed->second};
  }

  /// A column as it is called before the script, quoted; nothing when the script makes it or fills
  /// it.
  std::optional<std::string> column(const Relation& table, const std::string& name) const {
    const auto found = columns_.find({table.now, name});
    if (found == columns_.end()) return quote_identifier(name);
    return found->second;
  }

  std::optional<std::vector<std::string>> columns(const Relation& table,
                                                  const std::vector<std::string>& names) const {
    std::vector<std::string> all;
    for (const std::string& name : names) {
      auto one = column(table, name);
      if (!one) return std::nullopt;
      all.push_back(std::move(*one));
    }
    return all;
  }

  void ask(std::string what, std::string select) {
    const bool printable = std::all_of(select.begin(), select.end(),
                                       [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
    if (!printable)
      return cannot_ask(std::move(what),
                        "it compares with characters that a terminal does not show");
    found_.push_back({at_, std::move(what), std::move(select), ""});
  }
  void cannot_ask(std::string what, std::string why) {
    found_.push_back({at_, std::move(what), "", std::move(why)});
  }

  /// Rows of a table for which a condition holds, counted, with a few of them.
  static std::string rows_where(const Relation& table, const std::string& condition) {
    return fmt::format(
        "SELECT count(*) AS rows, (array_agg(refused))[1:3] AS such_as FROM {} refused WHERE {} "
        "HAVING count(*) > 0;",
        table.before, condition);
  }

  void look(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_RENAME_STMT:
        rename(*node.rename_stmt);
        break;
      case PG_QUERY__NODE__NODE_CREATE_STMT:
        made_.insert(relation(*node.create_stmt->relation).now);
        break;
      case PG_QUERY__NODE__NODE_UPDATE_STMT:
        update(*node.update_stmt);
        break;
      case PG_QUERY__NODE__NODE_DELETE_STMT:
        changed_.insert(relation(*node.delete_stmt->relation).now);
        break;
      case PG_QUERY__NODE__NODE_INSERT_STMT:
        changed_.insert(relation(*node.insert_stmt->relation).now);
        break;
      case PG_QUERY__NODE__NODE_INDEX_STMT:
        index(*node.index_stmt);
        break;
      case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: {
        const PgQuery__AlterTableStmt& alter = *node.alter_table_stmt;
        if (alter.relation == nullptr || alter.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
          break;
        const Relation table = relation(*alter.relation);
        for (std::size_t at = 0; at < alter.n_cmds; ++at) {
          if (alter.cmds[at]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD)
            alter_table(table, *alter.cmds[at]->alter_table_cmd);
        }
        break;
      }
      default:
        break;
    }
  }

  void rename(const PgQuery__RenameStmt& rename) {
    if (rename.relation == nullptr) return;
    const Relation table = relation(*rename.relation);
    if (rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
      const std::string now = quoted({qualified(*rename.relation).schema, rename.newname});
      tables_[now] = table.before;
      const auto columns = columns_;
      for (const auto& [key, before] : columns) {
        if (key.first == table.now) columns_[{now, key.second}] = before;
      }
      for (std::set<std::string>* set : {&made_, &changed_}) {
        if (set->contains(table.now)) set->insert(now);
      }
    } else if (rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) {
      columns_[{table.now, std::string(rename.newname)}] =
          column(table, std::string(rename.subname));
    }
  }

  /// What the script writes itself no question beforehand can see.
  void update(const PgQuery__UpdateStmt& update) {
    const Relation table = relation(*update.relation);
    for (std::size_t at = 0; at < update.n_target_list; ++at) {
      if (update.target_list[at]->node_case != PG_QUERY__NODE__NODE_RES_TARGET) continue;
      columns_[{table.now, std::string(update.target_list[at]->res_target->name)}] = std::nullopt;
    }
  }

  /// Nothing is there when the table is made by the script; a trial is all there is when the script
  /// changes what is looked at.
  bool answers_itself(const Relation& table, const std::string& what) {
    if (made_.contains(table.now)) return true;
    if (!changed_.contains(table.now)) return false;
    cannot_ask(what, "the script adds or deletes rows of the table before");
    return true;
  }

  void alter_table(const Relation& table, const PgQuery__AlterTableCmd& command) {
    const std::string name = std::string(command.name);
    const PgQuery__Node* definition = command.def;
    switch (command.subtype) {
      case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
        not_null(table, name);
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
          add_column(table, *definition->column_def);
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
          change_type(table, name, *definition->column_def);
        break;
      case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
        if (definition != nullptr && definition->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
          add_constraint(table, *definition->constraint);
        break;
      default:
        break;
    }
  }

  void not_null(const Relation& table, const std::string& name) {
    const std::string what =
        fmt::format("SET NOT NULL on {}.{}", table.now, quote_identifier(name));
    if (answers_itself(table, what)) return;
    const auto before = column(table, name);
    if (!before) return cannot_ask(what, "the script fills the column before");
    ask(what, rows_where(table, *before + " IS NULL"));
  }

  void add_column(const Relation& table, const PgQuery__ColumnDef& definition) {
    const std::string name = std::string(definition.colname);
    columns_[{table.now, name}] = std::nullopt;
    bool not_null = false;
    bool filled = definition.raw_default != nullptr;
    for (std::size_t at = 0; at < definition.n_constraints; ++at) {
      if (definition.constraints[at]->node_case != PG_QUERY__NODE__NODE_CONSTRAINT) continue;
      const auto type = definition.constraints[at]->constraint->contype;
      not_null = not_null || type == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL ||
                 type == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
      filled = filled || type == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT ||
               type == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY ||
               type == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED;
    }
    const std::string type =
        definition.type_name == nullptr
            ? ""
            : names_of(definition.type_name->names, definition.type_name->n_names).back();
    filled = filled || type.ends_with("serial");
    const std::string what = fmt::format("ADD COLUMN {}.{} NOT NULL without a default", table.now,
                                         quote_identifier(name));
    if (not_null && !filled && !answers_itself(table, what)) ask(what, rows_where(table, "true"));
  }

  void change_type(const Relation& table, const std::string& name,
                   const PgQuery__ColumnDef& definition) {
    if (definition.type_name == nullptr) return;
    const PgQuery__TypeName& type = *definition.type_name;
    const std::vector<std::string> names = names_of(type.names, type.n_names);
    const std::string base = names.empty() ? "" : names.back();
    const std::string what =
        fmt::format("ALTER COLUMN {}.{} TYPE {}", table.now, quote_identifier(name), base);
    if (base == "text" || answers_itself(table, what)) return;
    const auto before = column(table, name);
    if (!before) return cannot_ask(what, "the script fills the column before");
    const std::string value = definition.raw_default != nullptr
                                  ? "(" + print_plain(*definition.raw_default) + ")"
                                  : *before;
    static const std::map<std::string, std::pair<const char*, const char*>> kBounds = {
        {"int2", {"-32768", "32767"}},
        {"int4", {"-2147483648", "2147483647"}},
        {"int8", {"-9223372036854775808", "9223372036854775807"}}};
    if (const auto most = modifier(type, 0); most && (base == "varchar" || base == "bpchar")) {
      ask(fmt::format("{}({})", what, *most),
          rows_where(table, fmt::format("length(rtrim({}::text)) > {}", value, *most)));
    } else if (const auto bounds = kBounds.find(base);
               bounds != kBounds.end() && definition.raw_default == nullptr) {
      ask(what, rows_where(table, fmt::format("{}::numeric NOT BETWEEN {} AND {}", value,
                                              bounds->second.first, bounds->second.second)));
    } else if (const auto precision = modifier(type, 0); precision && base == "numeric") {
      const std::int64_t scale = modifier(type, 1).value_or(0);
      ask(what, rows_where(table, fmt::format("abs(round({}::numeric, {})) >= 10::numeric ^ {}",
                                              value, scale, *precision - scale)));
    } else {
      cannot_ask(
          what, "which values the cast refuses only a trial tells: BEGIN, the statement, ROLLBACK");
    }
  }

  void add_constraint(const Relation& table, const PgQuery__Constraint& constraint) {
    if (constraint.skip_validation) return;
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: {
        const std::string what = fmt::format("ADD CHECK on {}", table.now);
        if (constraint.raw_expr == nullptr || answers_itself(table, what)) break;
        const std::string expression = print_plain(*constraint.raw_expr);
        if (names_changed(table))
          cannot_ask(what, "the script renames or fills columns before");
        else
          ask(what, rows_where(table, fmt::format("NOT ({})", expression)));
        break;
      }
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
      case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
        if (constraint.n_keys > 0)
          unique(table, names_of(constraint.keys, constraint.n_keys), constraint);
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
        foreign_key(table, constraint);
        break;
      default:
        break;
    }
  }

  bool names_changed(const Relation& table) const {
    for (const auto& [key, before] : columns_) {
      if (key.first == table.now && before != quote_identifier(key.second)) return true;
    }
    return false;
  }

  void unique(const Relation& table, const std::vector<std::string>& names,
              const PgQuery__Constraint& constraint) {
    const bool primary = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
    const std::string what = fmt::format("{} ({}) on {}", primary ? "PRIMARY KEY" : "UNIQUE",
                                         fmt::join(names, ", "), table.now);
    if (answers_itself(table, what)) return;
    const auto keys = columns(table, names);
    if (!keys) return cannot_ask(what, "the script fills the columns before");
    ask(what, twice(table, *keys, "", primary || constraint.nulls_not_distinct));
    if (primary)
      ask(what, rows_where(table, fmt::format("num_nulls({}) > 0", fmt::join(*keys, ", "))));
  }

  /// Keys that several rows have. Rows with a NULL in them do not collide, unless told so.
  static std::string twice(const Relation& table, const std::vector<std::string>& keys,
                           const std::string& condition, bool nulls_collide) {
    std::string where = condition;
    if (!nulls_collide)
      where +=
          fmt::format("{}num_nulls({}) = 0", where.empty() ? "" : " AND ", fmt::join(keys, ", "));
    return fmt::format("SELECT {0}, count(*) FROM {1}{2} GROUP BY {0} HAVING count(*) > 1;",
                       fmt::join(keys, ", "), table.before, where.empty() ? "" : " WHERE " + where);
  }

  void index(const PgQuery__IndexStmt& statement) {
    if (!statement.unique || statement.relation == nullptr) return;
    const Relation table = relation(*statement.relation);
    const std::string what =
        fmt::format("UNIQUE INDEX {} on {}", std::string(statement.idxname), table.now);
    if (answers_itself(table, what)) return;
    if (names_changed(table)) return cannot_ask(what, "the script renames or fills columns before");
    std::vector<std::string> keys;
    for (std::size_t at = 0; at < statement.n_index_params; ++at) {
      if (statement.index_params[at]->node_case != PG_QUERY__NODE__NODE_INDEX_ELEM) return;
      const PgQuery__IndexElem& element = *statement.index_params[at]->index_elem;
      keys.push_back(element.expr != nullptr ? "(" + print_plain(*element.expr) + ")"
                                             : quote_identifier(std::string(element.name)));
    }
    const std::string condition =
        statement.where_clause == nullptr ? "" : "(" + print_plain(*statement.where_clause) + ")";
    ask(what, twice(table, keys, condition, statement.nulls_not_distinct));
  }

  void foreign_key(const Relation& table, const PgQuery__Constraint& constraint) {
    if (constraint.pktable == nullptr) return;
    const Relation parent = relation(*constraint.pktable);
    const std::vector<std::string> names = names_of(constraint.fk_attrs, constraint.n_fk_attrs);
    std::vector<std::string> parent_names = names_of(constraint.pk_attrs, constraint.n_pk_attrs);
    const std::string what =
        fmt::format("FOREIGN KEY ({}) of {} to {}", fmt::join(names, ", "), table.now, parent.now);
    if (answers_itself(table, what)) return;
    if (parent_names.size() != names.size())
      return cannot_ask(what, "it names no columns of the other table: those of its primary key");
    const auto keys = columns(table, names);
    const auto parent_keys = columns(parent, parent_names);
    if (!keys || !parent_keys || made_.contains(parent.now) || changed_.contains(parent.now)) {
      return cannot_ask(what, "the script fills what it compares before");
    }
    std::string same;
    std::string present;
    for (std::size_t at = 0; at < keys->size(); ++at) {
      same += fmt::format("{}p.{} = refused.{}", at == 0 ? "" : " AND ", (*parent_keys)[at],
                          (*keys)[at]);
      present += fmt::format("refused.{} IS NOT NULL AND ", (*keys)[at]);
    }
    ask(what, rows_where(table, fmt::format("{}NOT EXISTS (SELECT 1 FROM {} p WHERE {})", present,
                                            parent.before, same)));
  }

  const Script& script_;
  std::size_t at_ = 0;
  std::map<std::string, std::string>
      tables_;  ///< name before the script, by the name that it gives
  /// The same of columns, by table and name; nothing when the script makes or fills the column.
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> columns_;
  std::set<std::string> made_;
  std::set<std::string> changed_;
  std::vector<Precheck> found_;
};

}  // namespace

std::vector<Precheck> prechecks(const Script& script) { return Prechecks(script).read(); }

}  // namespace backout::postgres
