#include <algorithm>
#include <filesystem>
#include <sstream>

#include "importers/migrations/conventions.hpp"

namespace backout::importers {
namespace {

/// One line of sqitch.plan.
struct PlanLine {
  bool is_tag = false;
  std::string name;  ///< change name, or the tag with its @
  model::Span span;
};

std::vector<PlanLine> read_plan(const Tree& tree, const File& plan) {
  std::vector<PlanLine> lines;
  std::size_t begin = 0;
  std::istringstream stream(tree.text(plan));
  for (std::string line; std::getline(stream, line); begin += line.size() + 1) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '%' || line[first] == '#') {
      continue;
    }
    const std::size_t end = std::min(line.find_first_of(" \t\r", first), line.size());
    PlanLine entry;
    entry.name = line.substr(first, end - first);
    entry.is_tag = entry.name.front() == '@';
    entry.span = {plan.source, static_cast<std::uint32_t>(begin + first),
                  static_cast<std::uint32_t>(begin + end)};
    lines.push_back(std::move(entry));
  }
  return lines;
}

/// The value of a key such as `deploy_dir` in sqitch.conf; `fallback` when it is not set there.
std::string setting(const Tree& tree, const std::string& folder, const std::string& key,
                    const std::string& fallback) {
  const File* conf = tree.find(folder, "sqitch.conf");
  std::istringstream stream(conf == nullptr ? std::string() : tree.text(*conf));
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name;
    std::string equals;
    std::string value;
    if (words >> name >> equals >> value && name == key && equals == "=") {
      return value;
    }
  }
  return fallback;
}

/// `name` below `folder`, spelled as the tree spells it: a folder `.` or `./x` keeps its dot.
std::string below(const std::string& folder, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(name).lexically_normal();
  return path == "." ? folder : (std::filesystem::path(folder) / path).string();
}

const File* find_script(const Tree& tree, const std::string& folder, const std::string& change) {
  const std::filesystem::path path = below(folder, change + ".sql");
  return tree.find(path.parent_path().string(), path.filename().string());
}

/// A change that is reworked later keeps its first scripts as `<change>@<tag>.sql`, under the last
/// tag before the rework.
std::string rework_suffix(const Tree& tree, const std::vector<PlanLine>& lines, std::size_t at,
                          const std::string& deploy) {
  for (std::size_t next = at + 1; next < lines.size(); ++next) {
    if (lines[next].is_tag || lines[next].name != lines[at].name) {
      continue;
    }
    for (std::size_t tag = next - 1; tag > at; --tag) {
      if (lines[tag].is_tag &&
          find_script(tree, deploy, lines[at].name + lines[tag].name) != nullptr) {
        return lines[tag].name;
      }
    }
    return {};
  }
  return {};
}

}  // namespace

std::optional<model::MigrationSet> read_sqitch(const Tree& tree, const std::string& folder,
                                               Notes& notes) {
  const File* plan = tree.find(folder, "sqitch.plan");
  if (plan == nullptr) {
    return std::nullopt;
  }
  const std::string deploy = below(folder, setting(tree, folder, "deploy_dir", "deploy"));
  const std::string revert = below(folder, setting(tree, folder, "revert_dir", "revert"));
  const std::vector<PlanLine> lines = read_plan(tree, *plan);
  model::MigrationSet set{folder, "sqitch", {}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].is_tag) {
      continue;
    }
    const std::string name = lines[i].name + rework_suffix(tree, lines, i, deploy);
    model::Migration migration;
    migration.id = name;
    std::replace(migration.id.begin(), migration.id.end(), '/', '.');
    migration.up_mode = migration.down_mode = model::Transaction::none;
    if (const File* up = find_script(tree, deploy, name)) {
      migration.up = whole_file(tree, *up);
    } else {
      notes.push_back(
          {lines[i].span, "no deploy script for '" + name + "'", "add deploy/" + name + ".sql"});
    }
    if (const File* down = find_script(tree, revert, name)) {
      migration.down = whole_file(tree, *down);
    }
    set.migrations.push_back(std::move(migration));
  }
  return set;
}

}  // namespace backout::importers
