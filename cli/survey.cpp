#include "cli/survey.hpp"

#include <set>

#include <fmt/format.h>

#include "importers/migrations/import.hpp"
#include "importers/repository/deployed.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

void read_migrations(const fs::path& folder, Survey& found) {
  const auto import = importers::import_migrations({folder.string()});
  if (!import || import->sets.empty()) return;
  const model::MigrationSet& set = import->sets.front();
  found.migrations_folder = fs::absolute(set.folder).lexically_normal();
  found.convention = set.convention;
  for (const model::Migration& migration : set.migrations) {
    if (migration.up && !migration.repeatable)
      found.migrations.push_back({migration.id, migration.down.has_value()});
  }
  found.postgres = found.postgres || !found.migrations.empty();
}

}  // namespace

Survey survey(const fs::path& folder) {
  Survey found;
  const importers::Repository repository = importers::read_repository(folder);
  std::set<std::string> not_of_production(repository.left_out.begin(), repository.left_out.end());
  std::vector<std::string> local;
  for (const importers::Deployed& each : importers::deployed(repository)) {
    const importers::Unit& unit = each.unit;
    FoundApp app{unit.name, unit.kind, unit.image, each.files};
    if (unit.store == "postgres") {
      found.postgres = true;
    } else if (unit.purpose == importers::Purpose::store) {
      app.kind = unit.store;
      found.stores.push_back(std::move(app));
    } else if (!importers::is_of_production(unit.file) ||
               unit.file.find("staging") != std::string::npos) {
      not_of_production.insert(unit.file);
    } else if (!each.elsewhere.empty()) {
      local.push_back(
          fmt::format("'{}' of {}: {} deploys it, too", unit.name, unit.file, each.elsewhere));
    } else {
      found.apps.push_back(std::move(app));
    }
  }
  for (const std::string& file : not_of_production)
    found.left_out.push_back(file + " is of tests, development or CI");
  found.left_out.insert(found.left_out.end(), local.begin(), local.end());
  found.unread = importers::unread_lines(repository);
  read_migrations(folder, found);
  return found;
}

}  // namespace backout::cli
