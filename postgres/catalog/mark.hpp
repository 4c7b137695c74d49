#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "postgres/catalog/catalog.hpp"

namespace backout::postgres {

/// What a token in a text of the catalog stands for: a relation or type, or one of its columns.
struct Mark {
  ObjectId relation = 0;
  ColumnId column = 0;  ///< 0: the relation or type itself
};

/// The token that stands for `marked` in a text of the catalog. Requires a relation.
std::string mark(ObjectId relation, ColumnId column = 0);

/// Text of the user's as it stands in a text of the catalog: no byte of it is taken for a part of a
/// token, and two texts that differ stay different.
std::string escaped(std::string_view text);

/// The text of the catalog with `name` of its tokens in their places and the user's text as it was.
/// Asserts that the text is made of escaped() and mark() only.
std::string read_marks(std::string_view text, const std::function<std::string(Mark)>& name);

/// The text of the catalog with other tokens in the places of its tokens; still a text of the
/// catalog.
std::string move_marks(std::string_view text, const std::function<Mark(Mark)>& other);

}  // namespace backout::postgres
