#include <algorithm>
#include <array>
#include <filesystem>

#include "importers/migrations/conventions.hpp"
#include "importers/migrations/names.hpp"
#include "importers/migrations/sections.hpp"

namespace backout::importers {
namespace {

constexpr std::array<std::string_view, 3> kUpFolders = {"up", "ups", "migrations"};
constexpr std::array<std::string_view, 7> kDownFolders = {
    "down", "downs", "revert", "reverts", "rollback", "rollbacks", "undo"};

/// `run_in_transaction = false` in diesel's metadata.toml.
bool runs_in_transaction(const Tree& tree, const std::string& folder) {
  const File* metadata = tree.find(folder, "metadata.toml");
  if (metadata == nullptr) {
    return true;
  }
  const std::string& text = tree.text(*metadata);
  const std::size_t key = text.find("run_in_transaction");
  const std::size_t value =
      key == std::string::npos ? key : text.find_first_not_of(" \t=", key + 18);
  return value == std::string::npos || text.compare(value, 5, "false") != 0;
}

model::Migration read_folder(const Tree& tree, const std::string& folder, const File* up,
                             const File* down) {
  model::Migration migration;
  migration.id = std::filesystem::path(folder).filename().string();
  migration.version = leading_version(migration.id);
  if (up != nullptr) {
    migration.up = whole_file(tree, *up);
  }
  if (down != nullptr) {
    migration.down = whole_file(tree, *down);
  }
  if (!runs_in_transaction(tree, folder)) {
    migration.up_mode = migration.down_mode = model::Transaction::none;
  }
  return migration;
}

std::string child(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

template <std::size_t size>
std::string find_child(const Tree& tree, const std::string& folder,
                       const std::array<std::string_view, size>& names) {
  for (const std::string_view name : names) {
    std::string candidate = child(folder, std::string(name));
    if (tree.folders.contains(candidate)) {
      return candidate;
    }
  }
  return {};
}

/// The one SQL file of the folder that has this version; null when there are none or several.
const File* only_one_of(const std::vector<File>& files, const std::string& version) {
  const File* found = nullptr;
  for (const File& file : files) {
    if (!file.name.ends_with(".sql") || leading_version(file.name) != version) continue;
    if (found != nullptr) return nullptr;
    found = &file;
  }
  return found;
}

/// The other half in the folder of the other direction: of the same name, or else the only one of
/// the version (27_add_x.sql, 27_remove_x.sql).
const File* twin_of(const Tree& tree, const File& file, const std::string& here,
                    const std::string& there) {
  if (const File* same = tree.find(there, file.name)) return same;
  const std::string version = leading_version(file.name);
  if (version.empty() || only_one_of(tree.folders.at(here), version) == nullptr) return nullptr;
  const File* other = only_one_of(tree.folders.at(there), version);
  return other == nullptr || tree.find(here, other->name) != nullptr ? nullptr : other;
}

}  // namespace

std::optional<model::MigrationSet> read_folders(const Tree& tree, const std::string& folder,
                                                Notes& notes) {
  model::MigrationSet set{folder, "folders", {}};
  for (const auto& [name, files] : tree.folders) {
    if (std::filesystem::path(name).parent_path() != std::filesystem::path(folder)) {
      continue;
    }
    const File* up = tree.find(name, "up.sql");
    up = up != nullptr ? up : tree.find(name, "migration.sql");
    const File* down = tree.find(name, "down.sql");
    if (up == nullptr && down == nullptr) {
      continue;
    }
    if (up == nullptr) {
      notes.push_back({{down->source, 0, 0}, "a down without an up", "add up.sql beside it"});
    }
    set.migrations.push_back(read_folder(tree, name, up, down));
  }
  return set.migrations.empty() ? std::nullopt : std::make_optional(std::move(set));
}

std::optional<model::MigrationSet> read_twin_folders(const Tree& tree, const std::string& folder,
                                                     Notes& notes) {
  const std::string ups = find_child(tree, folder, kUpFolders);
  const std::string downs = find_child(tree, folder, kDownFolders);
  if (ups.empty() || downs.empty()) {
    return std::nullopt;
  }
  model::MigrationSet set{folder, "twin-folders", {}};
  for (const File& up : tree.folders.at(ups)) {
    if (!up.name.ends_with(".sql")) {
      continue;
    }
    model::Migration migration;
    migration.id = up.name.substr(0, up.name.size() - 4);
    migration.version = leading_version(migration.id);
    migration.up = whole_file(tree, up);
    if (const File* down = twin_of(tree, up, ups, downs)) {
      migration.down = whole_file(tree, *down);
    }
    migration.up_mode = migration.down_mode = model::Transaction::implicit;
    set.migrations.push_back(std::move(migration));
  }
  for (const File& down : tree.folders.at(downs)) {
    if (twin_of(tree, down, downs, ups) == nullptr) {
      notes.push_back({{down.source, 0, 0}, "a down without an up", "name it as its up"});
    }
  }
  return set.migrations.empty() ? std::nullopt : std::make_optional(std::move(set));
}

void sort_by_version(std::vector<model::Migration>& migrations) {
  const bool dated =
      std::any_of(migrations.begin(), migrations.end(), [](const model::Migration& migration) {
        return migration.version.find('-') != std::string::npos;
      });
  std::vector<std::pair<VersionKey, std::size_t>> keys;
  keys.reserve(migrations.size());
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    keys.emplace_back(VersionKey(migrations[i].version, migrations[i].id, dated), i);
  }
  std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    if (migrations[a.second].repeatable != migrations[b.second].repeatable) {
      return migrations[b.second].repeatable;
    }
    return a.first < b.first;
  });
  std::vector<model::Migration> sorted;
  sorted.reserve(migrations.size());
  for (const auto& [key, index] : keys) {
    sorted.push_back(std::move(migrations[index]));
  }
  migrations = std::move(sorted);
}

}  // namespace backout::importers
