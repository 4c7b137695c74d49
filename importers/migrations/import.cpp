#include "importers/migrations/import.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "importers/migrations/conventions.hpp"
#include "importers/migrations/foreign.hpp"
#include "importers/migrations/psql.hpp"
#include "importers/migrations/tree.hpp"

namespace backout::importers {
namespace {

bool is_below(const std::string& folder, const std::string& parent) {
  return folder.size() > parent.size() && folder.starts_with(parent) &&
         (parent == "/" || folder[parent.size()] == '/');
}

/// All folders of the tree and their parents down to the root.
std::vector<std::string> candidates(const Tree& tree) {
  std::set<std::string> folders;
  for (const auto& [folder, files] : tree.folders) {
    for (std::filesystem::path at = folder; folders.insert(at.string()).second;) {
      if (at == std::filesystem::path(tree.root) || !at.has_relative_path()) {
        break;
      }
      at = at.parent_path();
    }
  }
  return {folders.begin(), folders.end()};
}

/// The chain of one folder. The ways that look at names come first: a comment `-- up` in x.up.sql
/// is no section.
std::optional<model::MigrationSet> read_chain(const Tree& tree, const std::string& folder,
                                              Notes& notes) {
  if (auto set = read_sqitch(tree, folder, notes)) {
    return set;
  }
  if (auto set = read_folders(tree, folder, notes)) {
    sort_by_version(set->migrations);
    return set;
  }
  if (auto set = read_twin_folders(tree, folder, notes)) {
    sort_by_version(set->migrations);
    return set;
  }
  if (!tree.folders.contains(folder)) {
    return std::nullopt;
  }
  if (auto set = read_liquibase(tree, folder, notes)) {
    return set;
  }
  if (auto set = read_pairs(tree, folder, notes)) {
    return set;
  }
  if (auto set = read_sections(tree, folder, notes)) {
    sort_by_version(set->migrations);
    return set;
  }
  return std::nullopt;
}

/// Finds the chains of a tree. Folders below a chain of folders, twins or sqitch belong to it.
std::vector<model::MigrationSet> read_chains(const Tree& tree, Notes& notes) {
  std::vector<model::MigrationSet> sets;
  std::vector<std::string> taken;
  const auto is_taken = [&](const std::string& folder) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const std::string& parent) { return is_below(folder, parent); });
  };
  const std::vector<std::string> folders = candidates(tree);
  for (const std::string& folder : folders) {
    if (is_taken(folder)) {
      continue;
    }
    if (auto set = read_chain(tree, folder, notes)) {
      if (set->convention == "sqitch" || set->convention == "folders" ||
          set->convention == "twin-folders") {
        taken.push_back(folder);
      }
      sets.push_back(std::move(*set));
    }
  }
  if (!sets.empty()) {
    return sets;
  }
  for (const std::string& folder : folders) {
    if (tree.folders.contains(folder)) {
      if (auto set = read_plain(tree, folder, notes)) {
        sort_by_version(set->migrations);
        sets.push_back(std::move(*set));
      }
    }
  }
  return sets;
}

using Why = ImportError::Why;

/// Adds the chains of one folder, whose files are named as if they lay in `shown`. Why there are
/// mistakes, where it added some.
Why import_folder(const std::string& folder, const std::string& shown, MigrationImport& result,
                  std::vector<model::Mistake>& mistakes, Placeholders values = {}) {
  ConfiguredPlaceholders configured{std::move(values), std::nullopt};
  configured.merge(configured_placeholders(folder));
  // The configuration is not in a copy.
  if (shown != folder) configured.merge(configured_placeholders(shown));
  const std::size_t before = mistakes.size();
  const Tree tree = read_tree(folder, shown, result.sources, mistakes);
  std::vector<model::MigrationSet> sets = read_chains(tree, result.notes);
  const auto foreign = sets.empty() ? foreign_tool(folder) : std::nullopt;
  const bool readable = mistakes.size() == before;
  if (foreign && readable) {
    mistakes.push_back({{result.sources->add(folder, ""), 0, 0}, foreign->what, foreign->hint});
  } else if (sets.empty() && readable) {
    mistakes.push_back(
        {{result.sources->add(folder, ""), 0, 0},
         "no migrations found",
         "name a folder with NNN_name.up.sql and NNN_name.down.sql, NNN_name/up.sql and "
         "NNN_name/down.sql, or files with up and down sections"});
  }
  const bool all_foreign = std::all_of(
      sets.begin(), sets.end(), [](const auto& set) { return foreign_dialect(set).has_value(); });
  for (model::MigrationSet& set : sets) {
    // Beside chains that are read, one of another database is left out with a word.
    if (const auto dialect = foreign_dialect(set)) {
      (all_foreign ? mistakes : result.notes)
          .push_back({{result.sources->add(set.folder, ""), 0, 0}, dialect->what, dialect->hint});
      continue;
    }
    const bool fills = set.convention != "flyway" || configured.replaced.value_or(true);
    for (model::Migration& migration : set.migrations) {
      for (std::optional<model::SqlText>* script : {&migration.up, &migration.down}) {
        if (*script) {
          const std::string_view file =
              (*result.sources)[(*script)->pieces.front().span.file].text();
          if (fills) fill_placeholders(**script, set.convention, file, configured.values);
          replace_meta_commands(**script, result.notes);
        }
      }
    }
    result.sets.push_back(std::move(set));
  }
  if (!readable) return Why::unreadable;
  return mistakes.size() > before && (foreign || !sets.empty()) ? Why::foreign : Why::nothing;
}

}  // namespace

tl::expected<MigrationImport, ImportError> import_migrations(
    const std::vector<std::string>& folders, const Placeholders& set) {
  MigrationImport result;
  result.sources = std::make_shared<model::Sources>();
  std::vector<model::Mistake> mistakes;
  Why why = Why::nothing;
  for (const std::string& folder : folders) {
    why = std::min(why, import_folder(folder, folder, result, mistakes, set));
  }
  if (!mistakes.empty()) {
    return tl::unexpected(ImportError{result.sources, std::move(mistakes), why});
  }
  return result;
}

model::MigrationFolder read_migrations(const std::string& folder,
                                       const std::shared_ptr<model::Sources>& sources) {
  return read_copied_migrations(folder, sources, folder);
}

model::MigrationFolder read_copied_migrations(const std::string& folder,
                                              const std::shared_ptr<model::Sources>& sources,
                                              const std::string& shown) {
  MigrationImport import{sources, {}, {}};
  std::vector<model::Mistake> mistakes;
  import_folder(folder, shown, import, mistakes);
  if (!mistakes.empty()) {
    import.sets.clear();
  }
  return {std::move(import.sets), std::move(import.notes), std::move(mistakes)};
}

void join_chains(MigrationImport& import) {
  if (import.sets.size() < 2) {
    return;
  }
  model::MigrationSet& joined = import.sets.front();
  for (std::size_t i = 1; i < import.sets.size(); ++i) {
    std::move(import.sets[i].migrations.begin(), import.sets[i].migrations.end(),
              std::back_inserter(joined.migrations));
  }
  import.sets.resize(1);
  sort_by_version(joined.migrations);
}

}  // namespace backout::importers
