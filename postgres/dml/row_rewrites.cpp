// ADD COLUMN and ALTER TYPE compute a value for each row and check again what depends on it
// (ATRewriteTable() in tablecmds.c); nextval never gives a number back (sequence.c).
// Left out: foreign keys of a column whose type changed are not asked again; a sequence that was
// renamed is not found from a default that does more than nextval.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/dml/defaults.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/table_surroundings.hpp"

namespace backout::postgres {
namespace {

/// Rows of a table with one slot computed anew by `compute`.
template <class Compute>
Checked<void> rewrite(Execution& execution, ObjectId table, std::size_t slot,
                      const Compute& compute) {
  TableRows rows = execution.database.rows().of(table);
  for (auto& row : rows.rows) {
    Checked<Value> value = compute(*row);
    if (!value) return tl::unexpected(value.error());
    auto changed = std::make_shared<Row>(*row);
    changed->set(slot, std::move(*value));
    row = std::move(changed);
  }
  execution.database.rows().store(table, std::move(rows));
  return {};
}

/// Whether an expression is nextval of a sequence and nothing more.
bool is_next_value(const PgQuery__Node& node) {
  if (node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST) return is_next_value(*node.type_cast->arg);
  if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return false;
  const PgQuery__FuncCall& call = *node.func_call;
  return string_of(call.funcname[call.n_funcname - 1]) == "nextval";
}

}  // namespace

Checked<Value> default_of(Execution& execution, const Table& table, ColumnId column,
                          const Row& row) {
  const Column& target = table.column(column);
  TableSurroundings surroundings(execution);
  if (target.identity != '\0') {
    for (const ObjectId id : execution.database.dependents(table.id)) {
      const auto* sequence = execution.database.get<Sequence>(id);
      if (sequence == nullptr || !sequence->internal || sequence->owned_column != column) continue;
      return next_value(execution.database, id);
    }
  }
  const Expression* expression = &target.default_value;
  if (!*expression && target.type.user != 0) {
    if (const auto* domain = execution.database.get<Type>(target.type.user))
      expression = &domain->default_value;
  }
  if (!*expression) return Value();
  for (const Dependency& need : table.needs) {
    const bool serial = need.part == Dependency::Part::column_default &&
                        need.from_column == column &&
                        execution.database.get<Sequence>(need.on) != nullptr;
    if (serial && is_next_value(*expression->node)) return next_value(execution.database, need.on);
  }
  const RowScope scope(execution.database, *expression, row);
  auto value = evaluate(*expression->node, scope.scope(), surroundings);
  if (!value) return tl::unexpected(value.error());
  return coerce(*value, target.type, false, surroundings);
}

Checked<Value> next_value(Database& database, ObjectId id) {
  auto sequence = database.edit<Sequence>(id);
  const bool up = sequence->increment > 0;
  const auto next =
      static_cast<__int128>(sequence->last) + (sequence->used ? sequence->increment : 0);
  const bool ended = up ? next > sequence->most : next < sequence->least;
  if (ended && !sequence->cycle) {
    return tl::unexpected(refuse(
        "2200H",
        fmt::format("nextval: reached {} value of sequence \"{}\" ({})", up ? "maximum" : "minimum",
                    sequence->name, up ? sequence->most : sequence->least)));
  }
  sequence->last =
      ended ? (up ? sequence->least : sequence->most) : static_cast<std::int64_t>(next);
  sequence->used = true;
  const std::int64_t number = sequence->last;
  database.replace(std::move(sequence));
  database.session().numbered.insert(id);
  return Value::known(number);
}

Checked<void> fill_column(Execution& execution, std::uint32_t table, std::uint16_t column) {
  if (execution.database.rows().of(table).rows.empty()) return {};
  const Table owner = *execution.database.get<Table>(table);
  const Column& target = owner.column(column);
  const bool each_row = target.generated || target.identity != '\0';
  TableSurroundings surroundings(execution);
  // Without a volatile part one value serves all rows; evaluating by row costs the same here.
  if (target.default_value || each_row || target.type.user != 0) {
    auto done =
        rewrite(execution, table, column - std::size_t{1}, [&](const Row& row) -> Checked<Value> {
          auto value = default_of(execution, owner, column, row);
          // A default looks at no row: whatever it gives is not what a row held before.
          const bool is_new =
              value && !each_row && value->is_symbol() && value->kind() != Symbol::clock;
          return is_new ? Value::symbol(Symbol::fresh, surroundings.new_identity()) : value;
        });
    if (!done) return done;
  }
  if (!target.not_null) return {};
  return check_not_null(execution.database, table, column);
}

Checked<void> convert_column(Execution& execution, std::uint32_t table, std::uint16_t column,
                             const ValueType& before, const PgQuery__Node* conversion) {
  Database& database = execution.database;
  const Table owner = *database.get<Table>(table);
  TableSurroundings surroundings(execution);
  VisibleColumns visible = visible_columns(owner);
  for (std::size_t at = 0; at < visible.ids.size(); ++at) {
    if (visible.ids[at] == column) visible.columns[at].type = before;
  }
  const auto convert = [&](const Row& row) -> Checked<Value> {
    Checked<Typed> value = Typed{row.at(column - std::size_t{1}), before};
    if (conversion != nullptr) {
      std::vector<Value> values;
      for (const ColumnId id : visible.ids) values.push_back(row.at(id - std::size_t{1}));
      Scope scope;
      scope.relations.push_back({owner.name, visible.columns, values});
      value = evaluate(*conversion, scope, surroundings);
      if (!value) return tl::unexpected(value.error());
    }
    return coerce(*value, owner.column(column).type, false, surroundings);
  };
  if (database.rows().of(table).rows.empty()) {
    // The expression is checked even without rows; only mistakes of names and types matter.
    if (conversion == nullptr) return {};
    const auto tried = convert(Row{});
    const bool mistake = !tried && tried.error().kind == Stop::Kind::refused &&
                         tried.error().sqlstate.starts_with("42");
    return mistake ? Checked<void>(tl::unexpected(tried.error())) : Checked<void>();
  }
  if (auto done = rewrite(execution, table, column - std::size_t{1}, convert); !done) return done;
  if (owner.column(column).not_null) {
    if (auto full = check_not_null(database, table, column); !full) return full;
  }
  for (const Constraint* constraint : database.parts_of<Constraint>(table)) {
    const bool uses = std::find(constraint->columns.begin(), constraint->columns.end(), column) !=
                      constraint->columns.end();
    if (!uses || constraint->not_valid || constraint->type == 'f') continue;
    if (auto valid = check_constraint(database, table, constraint->name); !valid) return valid;
  }
  for (const Index* index : database.parts_of<Index>(table)) {
    const auto uses = [&](const IndexColumn& part) { return part.column == column; };
    if (!index->unique || std::none_of(index->columns.begin(), index->columns.end(), uses))
      continue;
    if (auto valid = check_unique_index(database, index->id); !valid) return valid;
  }
  return {};
}

}  // namespace backout::postgres
