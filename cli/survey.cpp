#include "cli/survey.hpp"

#include <set>

#include "importers/migrations/import.hpp"
#include "importers/repository/repository.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

void read_migrations(const fs::path& folder, Survey& found) {
  const auto import = importers::import_migrations({folder.string()});
  if (!import || import->sets.empty()) return;
  const model::MigrationSet& set = import->sets.front();
  found.migrations_folder = fs::path(set.folder).lexically_relative(folder).generic_string();
  found.convention = set.convention;
  for (const model::Migration& migration : set.migrations) {
    if (!migration.up || migration.repeatable) continue;
    found.migrations.push_back(
        {migration.id, migration.up->text, migration.down ? migration.down->text : ""});
  }
  found.postgres = found.postgres || !found.migrations.empty();
}

}  // namespace

Survey survey(const fs::path& folder) {
  Survey found;
  const importers::Repository repository = importers::read_repository(folder);
  std::set<std::string> left_out;
  for (const importers::Unit& unit : repository.units) {
    if (unit.store == "postgres")
      found.postgres = true;
    else if (unit.purpose == importers::Purpose::store)
      found.stores.push_back({unit.name, unit.store, unit.image, unit.file});
    else if (!importers::is_of_production(unit.file) ||
             unit.file.find("staging") != std::string::npos)
      left_out.insert(unit.file);
    else
      found.apps.push_back({unit.name, unit.kind, unit.image, unit.file});
  }
  left_out.insert(repository.left_out.begin(), repository.left_out.end());
  found.left_out.assign(left_out.begin(), left_out.end());
  read_migrations(folder, found);
  return found;
}

}  // namespace backout::cli
