#pragma once
// Which PostgreSQL the databases of this run are of: --postgres-version, postgres-version in
// backout.toml.

#include "cli/program_options.hpp"
#include "model/plan.hpp"
#include "postgres/catalog/database.hpp"

namespace backout::cli {

/// Reads --postgres-version for the whole run; before the first plan or migration is read. Throws
/// UsageError when it is none that is known.
void read_server(const boost::program_options::variables_map& values);
/// Says it for what is read from here on; 0: nobody said. A language server looks at files of
/// several projects.
void ask_server(int major);
/// The major version; 0: nobody said.
int asked_server();

/// A database before the first migration.
postgres::Database empty_database();
/// Says it of the postgres services of a plan that do not say `version` themselves.
void say_server(model::Plan& plan);

}  // namespace backout::cli
