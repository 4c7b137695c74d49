#include <map>

#include "importers/migrations/conventions.hpp"
#include "importers/migrations/names.hpp"
#include "importers/migrations/sections.hpp"

namespace backout::importers {

std::optional<model::MigrationSet> read_sections(const Tree& tree, const std::string& folder,
                                                 Notes& notes) {
  const std::vector<File>& files = tree.folders.at(folder);
  std::map<const SectionStyle*, std::size_t> votes;
  std::map<const File*, const SectionStyle*> styles;
  for (const File& file : files) {
    if (!file.name.ends_with(".sql")) {
      continue;
    }
    styles[&file] = section_style(tree.text(file));
    if (styles[&file] != nullptr) {
      ++votes[styles[&file]];
    }
  }
  const SectionStyle* style = nullptr;
  for (const auto& [candidate, count] : votes) {
    style = style == nullptr || count > votes[style] ? candidate : style;
  }
  if (style == nullptr) {
    return std::nullopt;
  }
  model::MigrationSet set{folder, style->convention, {}};
  for (const File& file : files) {
    const std::string stem =
        file.name.ends_with(".sql") ? file.name.substr(0, file.name.size() - 4) : "";
    const std::string version = leading_version(stem);
    const bool has_up_marker = *style->up != '\0';
    if (stem.empty() || (styles[&file] != style && (has_up_marker || version.empty()))) {
      if (!version.empty()) {
        notes.push_back({{file.source, 0, 0},
                         "no section of " + set.convention + " in this file",
                         std::string("add '-- ") + style->up + "'"});
      }
      continue;
    }
    Sections sections = cut_sections(tree, file, *style);
    model::Migration migration;
    migration.id = stem;
    migration.version = version;
    migration.up_mode = sections.up_without_transaction ? model::Transaction::none : style->mode;
    migration.down_mode =
        sections.down_without_transaction ? model::Transaction::none : style->mode;
    if (!sections.up) {
      notes.push_back({{file.source, 0, 0}, "a down without an up", "add the up's section"});
    }
    if (set.convention == "goose" || set.convention == "sql-migrate") {
      for (auto* script : {&sections.up, &sections.down}) {
        if (*script) keep_to_first_bad_cut(**script, Cut::line_end);
      }
    }
    migration.up = std::move(sections.up);
    migration.down = std::move(sections.down);
    set.migrations.push_back(std::move(migration));
  }
  for (const File& file : files) {
    const std::string stem =
        file.name.ends_with(".go") ? file.name.substr(0, file.name.size() - 3) : "";
    const std::string version = leading_version(stem);
    if (set.convention != "goose" || version.empty() || stem.ends_with("_test")) continue;
    set.migrations.push_back(program_migration(tree, file, stem, version));
    notes.push_back({{file.source, 0, 0},
                     "a migration in Go: what it does is not read",
                     "what depends on it is unknown"});
  }
  return set;
}

}  // namespace backout::importers
