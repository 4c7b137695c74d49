#include "cli/changed_migrations.hpp"

#include <algorithm>

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// As git names it: the folder resolved, a link itself not.
fs::path path_of(const model::Sources& sources, std::uint32_t file) {
  const fs::path path = fs::absolute(sources[file].name());
  return fs::weakly_canonical(path.parent_path()) / path.filename();
}

/// Whether `changed` holds the script, what it links to, or its configuration: `x.sql.conf`,
/// `metadata.toml` beside it.
bool holds_script(const std::set<fs::path>& changed, const fs::path& script) {
  fs::path configuration = script;
  configuration += ".conf";
  return changed.contains(script) || changed.contains(configuration) ||
         changed.contains(fs::weakly_canonical(script)) ||
         changed.contains(script.parent_path() / "metadata.toml");
}

bool is_gone(const fs::path& file) {
  return file.extension() == ".sql" && !fs::exists(fs::symlink_status(file));
}

bool differs(const model::Migration& migration, const model::Sources& sources,
             const std::set<fs::path>& changed) {
  for (const std::optional<model::SqlText>* script : {&migration.up, &migration.down}) {
    if (!*script) continue;
    const bool found = std::ranges::any_of((*script)->pieces, [&](const model::Piece& piece) {
      return holds_script(changed, path_of(sources, piece.span.file));
    });
    if (found) return true;
  }
  return false;
}

}  // namespace

GitResult<std::vector<bool>> changed_since(const model::MigrationSet& set,
                                           const model::Sources& sources, const std::string& ref) {
  const fs::path folder = fs::weakly_canonical(fs::absolute(set.folder));
  const auto changed = changed_files(folder, ref);
  if (!changed) return tl::unexpected(changed.error());
  const bool gone = std::ranges::any_of(*changed, [&](const fs::path& file) {
    return is_gone(file) &&
           std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
               folder.end();
  });
  std::vector<bool> judged;
  for (const model::Migration& migration : set.migrations) {
    judged.push_back((gone && !migration.down) || differs(migration, sources, *changed));
  }
  return judged;
}

}  // namespace backout::cli
