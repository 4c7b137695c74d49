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
};

/// Sorts indexes of rows of `joined` by `keys`, NULLs as PostgreSQL puts them; false when the order
/// is not known.
bool sort_by(std::vector<std::size_t>& rows, const Joined& joined, const std::vector<SortKey>& keys,
             const Scope& outer, Surroundings& surroundings);

/// Gives window functions (row_number, rank, aggregates over a whole partition) their values over
/// the rows of `joined`.
class WindowSurroundings : public Forwarding {
 public:
  WindowSurroundings(Surroundings& base, const Joined& joined, const Scope& outer)
      : Forwarding(base), joined_(joined), outer_(outer) {}

  /// Like the function project(), with the row at hand known to the window functions.
  Checked<Relation> project(const PgQuery__Node* const* targets, std::size_t count);

  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override;

 private:
  Checked<std::vector<std::size_t>> partition(const PgQuery__WindowDef& window);

  const Joined& joined_;
  const Scope& outer_;
  std::size_t row_ = 0;
};

}  // namespace backout::postgres
