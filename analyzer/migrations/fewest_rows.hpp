#pragma once
// Makes a witness small: of the rows with which something goes wrong those that suffice.

#include <functional>

#include "postgres/witness/row_maker.hpp"

namespace backout::analyzer {

/// The fewest rows, in their order, for which `shows` still holds, by halving and leaving out.
/// `shows` holds for all of them. Asks it `trials` times at most; with few trials more rows are
/// left than it takes.
postgres::RowLog fewest_rows(postgres::RowLog rows, int trials,
                             const std::function<bool(const postgres::RowLog&)>& shows);

/// `row` and those of `rows`, stored on `base`, that it points to by foreign keys, directly or not,
/// in the order of `rows`.
postgres::RowLog with_what_they_point_to(const postgres::Database& base,
                                         const postgres::RowLog& rows,
                                         const postgres::StoredRow& row);

}  // namespace backout::analyzer
