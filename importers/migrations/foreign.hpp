#pragma once
// Migrations of tools and databases that are not read: named for what they are, never misread.

#include <optional>
#include <string>
#include <string_view>

#include "model/migration.hpp"

namespace backout::importers {

/// What a folder without SQL migrations that are read holds, and what makes SQL of it.
struct ForeignTool {
  std::string what;  ///< "these are migrations of Alembic, which are programs and are not read"
  std::string hint;  ///< the command that prints their SQL
};

/// The tool that wrote the files in or below `folder`, by what stands in them; nothing when none is
/// recognised.
std::optional<ForeignTool> foreign_tool(const std::string& folder);

/// The database that the SQL of a chain is for, when it is certainly not PostgreSQL: MySQL, SQLite,
/// SQL Server.
std::optional<ForeignTool> foreign_dialect(const model::MigrationSet& set);

}  // namespace backout::importers
