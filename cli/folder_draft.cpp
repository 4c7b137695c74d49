#include "cli/folder_draft.hpp"

#include <algorithm>
#include <set>

#include <stdlib.h>

#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "cli/answers.hpp"
#include "cli/command.hpp"
#include "cli/documents.hpp"
#include "cli/drafting.hpp"
#include "cli/git.hpp"
#include "importers/migrations/import.hpp"
#include "importers/repository/deployed.hpp"
#include "model/files.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// How much of a way back a document holds: commands in sections about rolling back, and its name.
std::size_t worth(const std::string& file) {
  const auto text = model::read_file(file);
  if (!text) return 0;
  const std::string name = fs::path(file).filename().string();
  const importers::Document document = document_of(*text, 0, name);
  if (!document.is_runbook || document.is_script) return 0;
  std::size_t commands = document.steps.size();
  for (const importers::Block& block : document.blocks) {
    if (!block.left_out && document.role(block.section) == importers::Role::rollback)
      commands += 2 * block.script.commands.size();
  }
  std::string low = name;
  for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return commands == 0 ? 0
                       : commands + (low.find("rollback") != std::string::npos  ? 1000
                                     : low.find("runbook") != std::string::npos ? 100
                                                                                : 0);
}

/// A folder that goes away with the object.
struct Copy {
  fs::path path;
  Copy() {
    std::string pattern = (fs::temp_directory_path() / "backout-XXXXXX").string();
    path = mkdtemp(pattern.data()) == nullptr ? fs::path() : fs::path(pattern);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

/// The images of the apps that deploy files name, by the app's name.
std::map<std::string, std::string> images_of(const importers::Repository& repository) {
  std::map<std::string, std::string> images;
  for (const importers::Deployed& each : importers::deployed(repository)) {
    const importers::Unit& unit = each.unit;
    if (unit.purpose == importers::Purpose::app && !unit.name.empty() && !unit.image.empty())
      images.emplace(unit.name, unit.image);
  }
  return images;
}

/// The ids of the first chain of migrations in a folder, in order, and the chain's own folder.
std::vector<std::string> migrations_of(const fs::path& folder, std::string* where) {
  const auto import = importers::import_migrations({folder.string()});
  std::vector<std::string> ids;
  if (!import || import->sets.empty()) return ids;
  if (where != nullptr)
    *where = fs::path(import->sets.front().folder).lexically_relative(folder).generic_string();
  for (const model::Migration& migration : import->sets.front().migrations) {
    if (migration.up && !migration.repeatable) ids.push_back(migration.id);
  }
  return ids;
}

importers::DraftDeploy deploy_of(const fs::path& folder, const importers::Repository& repository,
                                 const std::string& since) {
  importers::DraftDeploy deploy;
  std::string where;
  const std::vector<std::string> now = migrations_of(folder, &where);
  for (const auto& [name, image] : images_of(repository)) deploy.images[name] = {"", image};
  std::size_t applied = now.empty() ? 0 : now.size() - 1;
  if (!since.empty()) {
    const Copy before;
    const auto written =
        write_files_at(folder, since, before.path, [](const fs::path&) { return true; });
    if (!written) throw InvalidInput{fmt::format("backout: {}\n", written.error().message)};
    const std::vector<std::string> then = migrations_of(before.path, nullptr);
    const std::set<std::string> known(then.begin(), then.end());
    applied = static_cast<std::size_t>(
        std::ranges::find_if(now, [&](const std::string& id) { return !known.contains(id); }) -
        now.begin());
    for (const auto& [name, image] : images_of(importers::read_repository(before.path))) {
      const auto found = deploy.images.find(name);
      if (found != deploy.images.end()) found->second.first = image;
    }
  }
  if (applied < now.size()) {
    deploy.migrations = where;
    deploy.migrated_to = applied == 0 ? "" : now[applied - 1];
  }
  return deploy;
}

}  // namespace

namespace {

/// Finds the runbook of a folder.
FolderDraft choose(const fs::path& folder) {
  FolderDraft made;
  std::size_t best = 0;
  for (const std::string& file : documents_in(folder.string())) {
    const std::size_t value = worth(file);
    if (value == 0) continue;
    if (value > best && !made.runbook.empty()) made.others.push_back(made.runbook);
    if (value > best)
      made.runbook = file;
    else
      made.others.push_back(file);
    best = std::max(best, value);
  }
  if (!made.runbook.empty()) return made;
  throw UsageError{fmt::format(
      "no runbook in '{}': backout init makes a plan from what else there is", folder.string())};
}

}  // namespace

std::string runbook_of(const fs::path& folder) { return choose(folder).runbook; }

FolderDraft draft_of_folder(const fs::path& folder, const std::string& since) {
  FolderDraft made = choose(folder);
  const auto text = model::read_file(made.runbook);
  model::Sources sources;
  const std::uint32_t file = sources.add(made.runbook, *text);
  const importers::Document document =
      document_of(sources[file].text(), file, fs::path(made.runbook).filename().string());
  const importers::Repository repository = importers::read_repository(folder);
  made.unread = importers::unread_lines(repository);
  const std::string shown =
      fs::path(made.runbook).lexically_relative(folder.lexically_normal()).generic_string();
  importers::DraftInput input{document,
                              sources,
                              repository,
                              services::catalog(),
                              shown,
                              answers_of(made.runbook),
                              deploy_of(folder, repository, since)};
  const auto loads = [&](const std::string& draft) {
    const auto plan = model::load_plan_text("plan.yaml", draft, folder.string(),
                                            services::catalog(), importers::read_migrations);
    if (!plan) return plan.error().mistakes;
    std::vector<model::Mistake> mistakes;
    analyzer::derive_facts(*plan, mistakes);
    return mistakes;
  };
  made.draft = importers::draft_plan(input, loads);
  // Migrations that cannot be read blank nothing else.
  if (!input.deploy.migrations.empty() &&
      (!loads(made.draft.text).empty() ||
       made.draft.text.find("migrations:") == std::string::npos)) {
    input.deploy.migrations.clear();
    made.draft = importers::draft_plan(input, loads);
  }
  return made;
}

}  // namespace backout::cli
