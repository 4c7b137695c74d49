#pragma once

#include <memory>

#include "analyzer/migrations/engine.hpp"
#include "postgres/catalog/database.hpp"

namespace backout::analyzer {

/// A database of the PostgreSQL fake, an empty one by default, as the judge asks of it.
std::unique_ptr<DatabaseState> postgres_database(postgres::Database database = {});

/// The database behind a world that postgres_database() made; null for other worlds.
const postgres::Database* database_behind(const DatabaseState& world);

}  // namespace backout::analyzer
