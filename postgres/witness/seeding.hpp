#pragma once
// What old_rows.cpp and new_rows.cpp share.

#include <set>
#include <string>
#include <vector>

#include "postgres/witness/row_maker.hpp"

namespace backout::postgres {

/// The first of these tables come those that the others point to.
std::vector<ObjectId> parents_first(const Database& database, const std::vector<ObjectId>& tables);

/// Rows that are not known give way to representative ones; of very many only the first ones stay.
void forget_doubtful_rows(Database& database, const std::vector<ObjectId>& tables);

/// Sequences of the tables go on after the largest number that a row holds, as if the rows had
/// taken theirs from them.
void advance_sequences(Database& database, const RowLog& rows);

/// The sequence that numbers a column, 0 when none does.
ObjectId sequence_of(const Database& database, const Table& table, ColumnId column);

/// Values that functions and casts lose: blanks at the ends, both cases, digits after the point,
/// parts of a second, nested documents. Literals of the column's type.
std::vector<std::string> fragile_literals(const Database& database, const ValueType& type,
                                          long number);

/// One plain row, by the first shape that the constraints allow.
bool put_plain(RowMaker& maker, long number);

/// The columns that decide on a key: its own and those that its expressions name; 0 is the whole
/// row.
std::set<ColumnId> deciding_columns(const Index& key);

/// The column of `now` that is `column` in `then`: the same one, or one of its name; 0: none.
ColumnId counterpart(const Table& now, const Table& then, ColumnId column);

/// Rows that agree in the columns of `key` (an index of `other`) and lie in its predicate, and
/// differ elsewhere as `database` demands: the number of rows that were stored, two when there is
/// such a pair.
std::size_t put_rivals(Database& database, RowMaker& maker, const Database& other, const Index& key,
                       long number);

}  // namespace backout::postgres
