// PostgreSQL refuses a write whose values do not fit (class 22), point to nothing (23503), are
// there already (23505) or break a CHECK (23514). An application sends values that pass.
// Left out: other statements than one INSERT of one row or one UPDATE, values that are no
// constants, NULL in required columns (23502), exclusion constraints (23P01).
#include "postgres/witness/fitting.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "postgres/catalog/domains.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

constexpr std::size_t kParentsTried = 4;  ///< rows that are there, for each foreign key

/// What a statement writes: the table and, as far as they are constants, the values of its columns.
struct ConstantRow {
  ObjectId table = 0;
  bool changes = false;                                      ///< rows that are there
  std::map<std::string, std::optional<std::string>> values;  ///< nullopt: NULL
};

void add_constant(const char* column, const PgQuery__Node* node, ConstantRow& written) {
  while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    node = node->type_cast->arg;
  if (column == nullptr || node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_CONST)
    return;
  const PgQuery__AConst& constant = *node->a_const;
  if (constant.isnull != 0) {
    written.values[column] = std::nullopt;
    return;
  }
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_SVAL:
      written.values[column] = constant.sval->sval;
      break;
    case PG_QUERY__A__CONST__VAL_IVAL:
      written.values[column] = fmt::format("{}", constant.ival->ival);
      break;
    case PG_QUERY__A__CONST__VAL_FVAL:
      written.values[column] = constant.fval->fval;
      break;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      written.values[column] = constant.boolval->boolval != 0 ? "true" : "false";
      break;
    default:
      break;
  }
}

std::optional<ConstantRow> inserted(const Database& database,
                                    const PgQuery__InsertStmt& statement) {
  const auto table = require_table(database, *statement.relation);
  if (!table || statement.select_stmt == nullptr) return std::nullopt;
  ConstantRow written{*table, false, {}};
  const PgQuery__SelectStmt& select = *statement.select_stmt->select_stmt;
  const bool one_row = select.n_values_lists == 1;
  if (!one_row && select.n_values_lists > 0) return std::nullopt;
  PgQuery__Node* const* items = one_row ? select.values_lists[0]->list->items : select.target_list;
  const std::size_t count = one_row ? select.values_lists[0]->list->n_items : select.n_target_list;
  for (std::size_t at = 0; at < std::min<std::size_t>(count, statement.n_cols); ++at) {
    const PgQuery__Node* item = one_row ? items[at] : items[at]->res_target->val;
    add_constant(statement.cols[at]->res_target->name, item, written);
  }
  return written;
}

std::optional<ConstantRow> written_by(const Database& database, const Script& script) {
  if (script.mistake() || script.statements().size() != 1) return std::nullopt;
  const PgQuery__Node& node = *script.statements().front().tree;
  if (node.node_case == PG_QUERY__NODE__NODE_INSERT_STMT)
    return inserted(database, *node.insert_stmt);
  if (node.node_case != PG_QUERY__NODE__NODE_UPDATE_STMT) return std::nullopt;
  const auto table = require_table(database, *node.update_stmt->relation);
  if (!table) return std::nullopt;
  ConstantRow written{*table, true, {}};
  for (std::size_t at = 0; at < node.update_stmt->n_target_list; ++at) {
    const PgQuery__ResTarget& target = *node.update_stmt->target_list[at]->res_target;
    add_constant(target.name, target.val, written);
  }
  return written;
}

/// The foreign keys of the maker's table that a column of `free` belongs to.
std::vector<Constraint> free_keys(const Database& database, const Table& table,
                                  const std::set<std::string>& free) {
  std::vector<Constraint> keys;
  for (const Constraint* key : database.parts_of<Constraint>(table.id)) {
    const bool any = std::ranges::any_of(
        key->columns, [&](ColumnId id) { return free.contains(table.column(id).name); });
    if (key->type == 'f' && any) keys.push_back(*key);
  }
  return keys;
}

/// Points the key's columns of `free` to the `at`-th row that agrees in the others.
void take_parent(const Database& database, const Table& table, const Constraint& key,
                 const std::set<std::string>& free, std::size_t at, Values& values) {
  std::size_t seen = 0;
  for (const auto& parent :
       rows_with_partitions(database, *database.get<Table>(key.referenced)).rows) {
    const auto agrees = [&](std::size_t i) {
      if (free.contains(table.column(key.columns[i]).name)) return true;
      const auto held = values.find(key.columns[i]);
      return held != values.end() &&
             held->second == parent->at(key.referenced_columns[i] - std::size_t{1});
    };
    bool all = true;
    for (std::size_t i = 0; i < key.columns.size(); ++i) all = all && agrees(i);
    if (!all || seen++ < at) continue;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
      values[key.columns[i]] = parent->at(key.referenced_columns[i] - std::size_t{1});
    }
    return;
  }
}

/// Stores the row in a copy, and reads off what it became.
std::optional<Fitting> fitting_row(const Database& database, ObjectId table, const Values& values,
                                   const std::set<std::string>& free, long number) {
  Database copy = database;
  Fitting fitting;
  RowMaker maker(copy, table, &fitting.parents);
  maker.number_by(number);
  if (!maker.put(values) || fitting.parents.empty()) return std::nullopt;
  const StoredRow row = fitting.parents.back();
  fitting.parents.pop_back();
  for (const ColumnId id : maker.columns()) {
    const Column& column = maker.table().column(id);
    const Value& value = row.row->at(id - std::size_t{1});
    if (!free.contains(column.name) || value.is_symbol()) continue;
    fitting.literals[column.name] = value.is_null() ? "NULL" : quote_literal(value.text());
  }
  return fitting;
}

/// The values that the statement gives, samples where it does not say, of columns that it leaves
/// out the defaults.
std::optional<Values> given(RowMaker& maker, const ConstantRow& written,
                            const std::set<std::string>& free, std::optional<long> number) {
  Values values;
  if (written.changes)
    values = maker.values(RowShape::full, {number.value_or(7001)}).value_or(Values());
  for (const ColumnId id : maker.columns()) {
    const std::string& name = maker.table().column(id).name;
    const auto said = written.values.find(name);
    const bool sampled = number && free.contains(name);
    if (said == written.values.end() && !sampled) continue;
    if (!sampled && !said->second) {
      values[id] = Value();
      continue;
    }
    auto value = sampled ? maker.sample(id, {*number}) : maker.read(id, *said->second);
    if (!value && !sampled) value = maker.sample(id, {number.value_or(7001)});
    if (!value) return std::nullopt;
    values[id] = std::move(*value);
  }
  return values;
}

/// The number of a parameter, perhaps under casts; 0: it is none.
int parameter(const PgQuery__Node* node) {
  while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    node = node->type_cast->arg;
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_PARAM_REF
             ? node->param_ref->number
             : 0;
}

void add_inserted(const PgQuery__InsertStmt& statement, std::map<int, std::string>& columns) {
  if (statement.select_stmt == nullptr ||
      statement.select_stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return;
  const PgQuery__SelectStmt& select = *statement.select_stmt->select_stmt;
  const auto add = [&](PgQuery__Node* const* items, std::size_t count) {
    for (std::size_t at = 0; at < std::min<std::size_t>(count, statement.n_cols); ++at) {
      const PgQuery__Node* item = items[at]->node_case == PG_QUERY__NODE__NODE_RES_TARGET
                                      ? items[at]->res_target->val
                                      : items[at];
      if (const int number = parameter(item); number > 0)
        columns.emplace(number, statement.cols[at]->res_target->name);
    }
  };
  for (std::size_t row = 0; row < select.n_values_lists; ++row) {
    add(select.values_lists[row]->list->items, select.values_lists[row]->list->n_items);
  }
  if (select.n_values_lists == 0) add(select.target_list, select.n_target_list);
}

}  // namespace

std::map<int, std::string> columns_of_parameters(const std::string& sql) {
  std::map<int, std::string> columns;
  const Script script = Script::parse(sql);
  if (script.mistake()) return columns;
  for (const Script::Statement& statement : script.statements()) {
    walk(statement.tree->base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__insert_stmt__descriptor) {
        add_inserted(reinterpret_cast<const PgQuery__InsertStmt&>(message), columns);
      } else if (message.descriptor == &pg_query__res_target__descriptor) {
        const auto& target = reinterpret_cast<const PgQuery__ResTarget&>(message);
        const int number = parameter(target.val);
        if (number > 0 && target.name != nullptr && *target.name != '\0')
          columns.emplace(number, target.name);
      } else if (message.descriptor == &pg_query__a__expr__descriptor) {
        const auto& expression = reinterpret_cast<const PgQuery__AExpr&>(message);
        for (const auto& [value, column] : {std::pair(expression.rexpr, expression.lexpr),
                                            std::pair(expression.lexpr, expression.rexpr)}) {
          const bool named =
              column != nullptr && column->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
          const std::string name(named ? last_name(*column->column_ref) : std::string_view());
          if (const int number = parameter(value); number > 0 && !name.empty())
            columns.emplace(number, name);
        }
      }
      return true;
    });
  }
  return columns;
}

std::vector<Fitting> fittings(const Database& database, const std::string& sql,
                              const std::set<std::string>& free, long number) {
  const Script script = Script::parse(sql);
  const std::optional<ConstantRow> written = written_by(database, script);
  if (!written) return {};
  Database scratch = database;
  RowMaker maker(scratch, written->table, nullptr);
  const std::vector<Constraint> keys = free_keys(database, maker.table(), free);
  std::vector<Fitting> all;
  for (const std::optional<long> sampled :
       {std::optional<long>(), std::optional(number), std::optional(number + 1)}) {
    const std::optional<Values> values = given(maker, *written, free, sampled);
    if (!values) continue;
    for (std::size_t at = 0; at <= (keys.empty() ? 0 : kParentsTried); ++at) {
      Values tried = *values;
      if (at < kParentsTried) {
        for (const Constraint& key : keys)
          take_parent(database, maker.table(), key, free, at, tried);
      }
      if (at > 0 && at < kParentsTried && tried == *values)
        continue;  // there are no more rows to point to
      if (auto fitting = fitting_row(database, written->table, tried, free, number))
        all.push_back(std::move(*fitting));
    }
  }
  return all;
}

bool is_about(const Database& database, const ExecResult& refusal,
              const std::set<std::string>& free) {
  if (free.empty()) return false;
  if (refusal.sqlstate.starts_with("22")) return true;
  if (refusal.sqlstate != "23503" && refusal.sqlstate != "23505" && refusal.sqlstate != "23514")
    return false;
  bool about = false;
  const auto is_free = [&](const Table* table, ColumnId id) {
    return table != nullptr && id != 0 && id <= table->columns.size() &&
           free.contains(table->column(id).name);
  };
  const auto named = [&](const std::string& name) {
    return refusal.message.find('"' + name + '"') != std::string::npos;
  };
  const auto binds_free_column = [&](ObjectId domain) {
    bool found = false;
    database.for_each([&](const Object& object) {
      const auto* table = database.get<Table>(object.id);
      for (ColumnId id = 1; table != nullptr && id <= table->columns.size(); ++id) {
        const auto domains = domains_of(database, table->column(id).type);
        found = found || (is_free(table, id) &&
                          std::find(domains.begin(), domains.end(), domain) != domains.end());
      }
    });
    return found;
  };
  database.for_each([&](const Object& object) {
    if (!named(object.name)) return;
    const auto* table = database.get<Table>(object.parent);
    if (const auto* constraint = database.get<Constraint>(object.id)) {
      if (database.get<Type>(constraint->parent) != nullptr)
        about = about || binds_free_column(constraint->parent);
      for (const ColumnId id : constraint->columns) about = about || is_free(table, id);
      for (const BoundColumn& bound : constraint->check.columns)
        about = about || is_free(table, bound.column);
    }
    if (const auto* index = database.get<Index>(object.id)) {
      for (const IndexColumn& column : index->columns) {
        about = about || is_free(table, column.column);
        for (const BoundColumn& bound : column.expression.columns)
          about = about || is_free(table, bound.column);
      }
    }
  });
  return about;
}

}  // namespace backout::postgres
