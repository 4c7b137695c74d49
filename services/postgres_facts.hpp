#pragma once
// What a PostgreSQL database says to a plan: facts of its objects, data of its rows.

#include <set>
#include <string>
#include <vector>

#include "services/postgres_state.hpp"

namespace backout::services {

/// "dev.calls", or "calls" in schema public.
std::string fact_name(const postgres::Database& database, const postgres::Object& object);
/// Facts of all objects but those that every database has.
void database_facts(const postgres::Database& database, std::vector<Fact>& facts);
/// The rows that steps inserted and that were not there before the deploy.
void facts_of_rows(const PostgresState& state, const postgres::Database& database,
                   std::vector<Fact>& facts);
/// The rows and what they hold; with `nulls` also what they did not hold before the deploy.
void database_data(const postgres::Database& database, const NullsAtStart* nulls,
                   std::vector<Datum>& data);
/// What the rows of the live database hold, with their tables' names.
std::set<std::string> content_of_rows(const postgres::Database& database);

}  // namespace backout::services
