#pragma once
// What `migrations` and `rehearse` are asked of: chains of migrations, and what the database holds
// before them.

#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/migrations/chain_judge.hpp"
#include "cli/program_options.hpp"
#include "cli/watch.hpp"
#include "importers/migrations/import.hpp"
#include "model/migration.hpp"
#include "model/source.hpp"

namespace backout::cli {

struct MigrationOptions {
  std::vector<std::string> folders;  ///< and files of plans
  std::vector<std::string> schema;
  std::string since;
  bool together = false;
  std::map<std::string, std::string, std::less<>> set;  ///< values of placeholders
  Watch::Limits limits;
};

/// One chain, what is there before it, and which of it is judged (empty: all).
struct ChainInput {
  model::MigrationSet set;
  std::vector<model::SqlText> schema;
  std::vector<bool> judged;
};

/// How a chain is judged on all processors, as long as `watch` lets it (null: to its end).
analyzer::JudgeOptions judge_options(const ChainInput& chain, Watch* watch);

struct MigrationInput {
  std::shared_ptr<model::Sources> sources;
  std::vector<ChainInput> chains;
  std::vector<model::Mistake> notes;  ///< of the folders: files that were passed over
};

/// --schema, --set, --since, --together, and when to stop.
void add_migration_options(boost::program_options::options_description& options);
/// Throws UsageError when no folder is given or --set has no value.
MigrationOptions read_migration_options(const boost::program_options::variables_map& values);

/// What was imported, as chains; nothing after messages on `err` when --schema or --since cannot be
/// read.
std::optional<MigrationInput> chains_of(importers::MigrationImport imported,
                                        const MigrationOptions& options, std::ostream& err);
/// Reads the folders; nothing after messages on `err` when one cannot be read.
std::optional<MigrationInput> read_migrations(const MigrationOptions& options, std::ostream& err);

/// The migrations of the `postgres` services of a plan: those that the database has not before the
/// deploy are judged.
std::optional<MigrationInput> read_planned_migrations(const std::string& plan, std::ostream& err);

}  // namespace backout::cli
