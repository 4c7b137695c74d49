#pragma once

#include <memory>

#include "analyzer/migrations/engine.hpp"

namespace backout::analyzer {

/// An empty database of the PostgreSQL fake, as the judge asks of it.
std::unique_ptr<World> postgres_world();

}  // namespace backout::analyzer
