#pragma once

#include <optional>
#include <string>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// The table that an UPDATE or DELETE of a view writes to, as the view shows it.
struct ViewTarget {
  Table table;  ///< of the table's id, columns under the view's names; those that it does not show
                ///< are dropped
  View view;    ///< its WHERE picks the rows, in the table's own names
  std::string alias;  ///< of the table in the view's query
};

/// A view that PostgreSQL takes writes through (manual, CREATE VIEW, "Updatable Views") and that is
/// followed here: plain columns of one table, each once, that no other inherits from, no CHECK
/// OPTION, no INSTEAD OF trigger. Nothing: another one.
std::optional<ViewTarget> view_target(const Database& database, const View& view);

}  // namespace backout::postgres
