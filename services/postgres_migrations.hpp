#pragma once
// Migrations of a plan (`migrations:`) on the PostgreSQL service: run as their tool runs them.

#include <string>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/service.hpp"

namespace backout::services {

/// How a script runs whose tool sends it so. A single statement as a simple query needs no
/// transaction block.
postgres::RunMode run_mode(const postgres::Script& script, model::Transaction mode);

/// Whether the action applies a migration or takes one back.
bool is_migration(const Action& action);

/// The SQL of such an action; empty when the migration has none of it.
std::string migration_sql(const Context& context, const Action& action);

/// Whether each of its statements commits by itself.
bool commits_apart(const Context& context, const Action& action);

/// Runs it on the live database.
Outcome run_migration(const Context& context, const World& world, const Action& action);

/// The down, and whether it gives `before` back.
Undo undo_of_migration(const Context& context, const World& before, const Action& action);

/// Runs the migrations that the database has before the deploy. One that does not run is a mistake
/// at its statement.
void run_applied_migrations(const Context& context, ServiceIndex self, postgres::Database& database,
                            std::vector<model::Mistake>& mistakes);

/// Adds the roles and extensions that the other migrations take for granted.
void assume_for_migrations(const Context& context, ServiceIndex self, postgres::Database& database);

}  // namespace backout::services
