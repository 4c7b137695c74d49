#pragma once
// Reads folders of migrations. The convention is found from the files themselves: names, sections,
// plan files.

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "importers/migrations/placeholders.hpp"
#include "model/migration.hpp"
#include "model/source.hpp"

namespace backout::importers {

/// What a set of folders holds. Spans of the migrations and of the notes index `sources`.
struct MigrationImport {
  std::shared_ptr<model::Sources> sources;
  std::vector<model::MigrationSet> sets;  ///< one per chain, by folder name
  std::vector<model::Mistake>
      notes;  ///< what is odd and was left out: a down without an up, a second up
};

/// Why nothing could be read: all mistakes at once.
struct ImportError {
  std::shared_ptr<model::Sources> sources;
  std::vector<model::Mistake> mistakes;
  /// Why: something cannot be read; what is there is of a tool or database that is not read;
  /// nothing is there.
  enum class Why { unreadable, foreign, nothing } why = Why::unreadable;
};

/// Reads every chain of migrations in or below `folder`.
///
/// Hidden folders, node_modules and vendor are passed over. Files that belong to no convention are
/// passed over too; a folder without any migration is a mistake. Deterministic: nothing depends on
/// the order of the file system. Placeholders get the values of `set`, else those of the tool's
/// configuration file.
tl::expected<MigrationImport, ImportError> import_migrations(
    const std::vector<std::string>& folders, const Placeholders& set = {});

/// The same of one folder, for the loader of plans.
model::MigrationFolder read_migrations(const std::string& folder,
                                       const std::shared_ptr<model::Sources>& sources);
/// The same of a copy of `shown`: its files are named as if they lay there.
model::MigrationFolder read_copied_migrations(const std::string& folder,
                                              const std::shared_ptr<model::Sources>& sources,
                                              const std::string& shown);

/// Makes one chain of all of them, ordered by version: folders of one database.
void join_chains(MigrationImport& import);

}  // namespace backout::importers
