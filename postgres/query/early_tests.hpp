#pragma once
// Parts of a condition that can be tried on rows before they are joined, so that a join need not
// make rows that WHERE or ON drop again. Only what certainly does not hold drops a row: whoever
// joins tries the whole condition on those that stay.

#include <set>
#include <string>
#include <vector>

#include "postgres/query/query.hpp"

namespace backout::postgres {

/// A comparison of columns and constants that must hold, without calls and subqueries.
struct EarlyTest {
  const PgQuery__Node* node = nullptr;
  std::vector<const PgQuery__ColumnRef*> columns;
};

/// The parts of `condition` (null: none), which AND joins, that are such tests.
std::vector<EarlyTest> early_tests(const PgQuery__Node* condition);

/// Whether values of these types are equal if and only if their texts are.
bool equal_by_text(const ValueType& one, const ValueType& two);

/// One item of FROM about to be put beside the rows of what is joined already.
class EarlyFilter {
 public:
  /// `locals` are the aliases of the whole FROM; what is called otherwise belongs to `outer`. All
  /// outlive the filter.
  EarlyFilter(const std::vector<EarlyTest>& tests, const std::vector<Joined::Source>& left,
              const Joined::Source& right, const std::set<std::string>& locals, const Scope& outer,
              Surroundings& surroundings);

  /// Drops rows of the item for which a test on it alone certainly fails.
  void keep_own(Relation& rows) const;
  /// Whether tests on both sides may hold for the joined row.
  bool may_hold(const std::vector<Value>& joined) const;
  /// For each row of the left side the rows of `rows` that an equality of two columns leaves,
  /// ascending; all when there is no such equality.
  std::vector<std::size_t> partners(const std::vector<Value>& left, const Relation& rows);
  /// Equalities of columns of the item with values that do not depend on it.
  const std::vector<EqualTo>& constants() const { return constants_; }

 private:
  enum class Side { outside, left, right, unclear };
  struct Equality {
    std::size_t left = 0;   ///< slot in the joined row
    std::size_t right = 0;  ///< slot in the item
  };

  Side side_of(const PgQuery__ColumnRef& reference) const;
  void sort_out(const EarlyTest& test);
  void read_equality(const PgQuery__AExpr& expression);
  bool holds_perhaps(const PgQuery__Node& test, const Scope& scope) const;

  const std::vector<Joined::Source>& left_;
  const Joined::Source& right_;
  const std::set<std::string>& locals_;
  const Scope& outer_;
  Surroundings& surroundings_;
  std::vector<const PgQuery__Node*> own_;
  std::vector<const PgQuery__Node*> both_;
  std::vector<EqualTo> constants_;
  std::vector<Equality> equalities_;
  bool indexed_ = false;
  std::map<std::string_view, std::vector<std::size_t>>
      by_text_;                    ///< rows of the item by the value of the first equality
  std::vector<std::size_t> open_;  ///< rows whose value there is not known
};

}  // namespace backout::postgres
