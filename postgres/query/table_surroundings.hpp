#pragma once

#include <optional>

#include "postgres/execute/execution.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

struct View;

/// What expressions and queries see when a statement runs on a database.
class TableSurroundings : public Surroundings {
 public:
  explicit TableSurroundings(Execution& execution) : execution_(execution) {}
  Checked<ValueType> type_named(const PgQuery__TypeName& name) override;
  Checked<Value> read_user_type(const Value& value, const ValueType& type) override;
  int label_position(const ValueType& type, std::string_view label) override;
  Checked<std::string> object_number(std::string_view type, std::string_view text) override;
  std::optional<std::string> object_text(std::string_view type, std::string_view text) override;
  Checked<Relation> table_rows(const PgQuery__RangeVar& table, const WantedRows& wanted) override;
  Checked<Relation> modify(const PgQuery__Node& statement, const Scope& scope) override;
  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override;
  Checked<void> require_function(const PgQuery__FuncCall& call,
                                 std::span<const Typed> arguments) override;
  Checked<Relation> function_rows(const PgQuery__FuncCall& call,
                                  std::span<const Typed> arguments) override;
  Checked<Typed> use_sequence(std::string_view function, std::span<const Typed> arguments) override;
  void note_doubtful_fit(const ValueType& from, const ValueType& to) override;
  bool has_routine(const PgQuery__FuncCall& call) override;
  int server() const override;
  std::uint64_t new_identity() override { return execution_.database.new_identity(); }

 private:
  Checked<Value> read_elements(const Value& value, const ValueType& type);
  Checked<Relation> view_rows(const View& view);
  /// Runs a routine whose body is followed; nothing for the others.
  std::optional<Checked<Typed>> call_routine(const std::vector<ObjectId>& routines,
                                             const PgQuery__FuncCall& call,
                                             std::span<const Typed> arguments);
  /// The routine that a call means and its arguments, defaults included; nothing when that is not
  /// clear or its body not followed.
  struct Called;
  std::optional<Checked<Called>> choose_routine(const std::vector<ObjectId>& routines,
                                                const PgQuery__FuncCall& call,
                                                std::span<const Typed> arguments);
  /// The fields of a composite type, table or TABLE(...) by its printed name; one without name for
  /// other types.
  Checked<std::vector<ScopeColumn>> columns_of(std::string returns);

  static constexpr int kMostViews = 100;
  static constexpr int kMostViewReads = 5000;

  Execution& execution_;
  int views_ = 0;  ///< that are being read, each from within the one before
  int view_reads_ =
      0;  ///< for the outermost of them: views that join themselves read the lowest 2^n times
};

/// Columns of a table that are not dropped, as expressions see them, and their ids.
struct VisibleColumns {
  std::vector<ScopeColumn> columns;
  std::vector<ColumnId> ids;
};
VisibleColumns visible_columns(const Table& table);

/// The scope in which an expression of the catalog (CHECK, default, index) sees `row` of its table.
struct RowScope {
  RowScope(const Database& database, const Expression& expression, const Row& row);
  std::vector<ScopeColumn> columns;
  std::vector<Value> values;
  Scope scope() const;
};

}  // namespace backout::postgres
