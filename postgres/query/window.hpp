#pragma once

#include <cstddef>
#include <vector>

#include "postgres/query/query.hpp"
#include "postgres/query/surroundings.hpp"

namespace backout::postgres {

/// One item of ORDER BY.
struct SortKey {
  const PgQuery__Node* node = nullptr;
  bool descending = false;
  bool nulls_first = false;
};

SortKey sort_key(const PgQuery__SortBy& sort);

/// Sorts indexes of rows of `joined` by `keys`, NULLs as PostgreSQL puts them; false when the order
/// is not known.
bool sort_by(std::vector<std::size_t>& rows, const Joined& joined, const std::vector<SortKey>& keys,
             const Scope& outer, Surroundings& surroundings);

/// Gives window functions (row_number, rank, aggregates over a whole partition) their values over
/// the rows of `joined`.
class WindowSurroundings : public Forwarding {
 public:
  /// `query` has the WINDOW clause that OVER names.
  WindowSurroundings(Surroundings& base, const Joined& joined, const PgQuery__SelectStmt& query,
                     const Scope& outer)
      : Forwarding(base), joined_(joined), query_(query), outer_(outer) {}

  /// Like the function project(), with the row at hand known to the window functions.
  Checked<Relation> project(const PgQuery__Node* const* targets, std::size_t count);

  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override;

 private:
  /// A window with what it takes from the ones that it names.
  struct Window {
    std::vector<const PgQuery__Node*> partition;
    std::vector<SortKey> order;
    bool framed = false;
  };
  /// 42704 when a window names one that there is not.
  Checked<Window> window_of(const PgQuery__WindowDef& over) const;
  Checked<std::vector<std::size_t>> partition(const Window& window);

  const Joined& joined_;
  const PgQuery__SelectStmt& query_;
  const Scope& outer_;
  std::size_t row_ = 0;
};

}  // namespace backout::postgres
