#include "cli/survey.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "importers/migrations/import.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMostBytes = 1024 * 1024;  // no deployment file is larger

std::vector<std::string> lines_of(const fs::path& file) {
  std::error_code error;
  if (fs::file_size(file, error) > kMostBytes || error) return {};
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\"'"), text.size()));
  const std::size_t end = text.find_last_not_of(" \t\r\"',");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

/// The value of the first line `key: value` (or `key = value`) at or after `from` and before `to`; empty when none.
std::string value_of(const std::vector<std::string>& lines, const std::string& key, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, lines.size()); ++i) {
    std::string line = trimmed(lines[i]);
    if (line.starts_with("- ")) line = trimmed(line.substr(2));
    if (!line.starts_with(key)) continue;
    const std::string rest = trimmed(line.substr(key.size()));
    if (rest.starts_with(":") || rest.starts_with("=")) return trimmed(rest.substr(1));
  }
  return "";
}

bool is_postgres(const std::string& image) {
  return image.find("postgres") != std::string::npos || image.find("postgis") != std::string::npos ||
         image.find("timescaledb") != std::string::npos;
}

void add(Survey& found, FoundApp app) {
  if (is_postgres(app.image)) found.postgres = true;
  else found.apps.push_back(std::move(app));
}

/// Each Deployment of a file of Kubernetes manifests, which `---` separates.
void read_manifests(const std::vector<std::string>& lines, const std::string& file, Survey& found) {
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin + 1;
    while (end < lines.size() && !lines[end].starts_with("---")) ++end;
    const std::string kind = value_of(lines, "kind", begin, end);
    if ((kind == "Deployment" || kind == "StatefulSet") && !value_of(lines, "apiVersion", begin, end).empty()) {
      add(found, {value_of(lines, "name", begin, end), "kubernetes", value_of(lines, "image", begin, end), file});
    }
    begin = end;
  }
}

/// Each service of a compose file: the keys one level below `services:`.
void read_compose(const std::vector<std::string>& lines, const std::string& file, Survey& found) {
  const auto services = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with("services:"); });
  std::vector<std::size_t> heads;
  std::size_t indent = 0;
  std::size_t at = static_cast<std::size_t>(services - lines.begin()) + 1;
  for (; at < lines.size(); ++at) {
    const std::size_t depth = lines[at].find_first_not_of(' ');
    if (depth == std::string::npos || lines[at][depth] == '#') continue;
    if (depth == 0) break;
    if (indent == 0) indent = depth;
    if (depth == indent) heads.push_back(at);
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const std::size_t end = i + 1 < heads.size() ? heads[i + 1] : at;
    const std::string head = trimmed(lines[heads[i]]);
    add(found, {head.substr(0, head.find(':')), "docker", value_of(lines, "image", heads[i] + 1, end), file});
  }
}

void read_file(const fs::path& path, const std::string& file, Survey& found) {
  const std::string name = path.filename().string();
  const bool yaml = name.ends_with(".yaml") || name.ends_with(".yml");
  const auto value = [&](const std::string& key) { return value_of(lines_of(path), key, 0, kMostBytes); };
  if (name == "vercel.json") found.apps.push_back({"", "vercel", "", file});
  else if (name == "fly.toml") found.apps.push_back({value("app"), "fly", "", file});
  else if (name == "render.yaml") found.apps.push_back({value("name"), "render", "", file});
  else if (name == "railway.json" || name == "railway.toml") found.apps.push_back({"", "railway", "", file});
  else if (name.ends_with(".service")) found.apps.push_back({path.stem().string(), "systemd", "", file});
  else if (name == "Procfile") found.apps.push_back({"", "app", "", file});
  else if (name == "Dockerfile") found.apps.push_back({"", "docker", "", file});
  else if (yaml && (name.starts_with("docker-compose") || name.starts_with("compose"))) read_compose(lines_of(path), file, found);
  else if (yaml) read_manifests(lines_of(path), file, found);
}

/// All regular files at most three folders deep, sorted.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool passed_over = name.starts_with(".") || name == "node_modules" || name == "vendor";
    if (it->is_directory() && (passed_over || it.depth() == 3)) it.disable_recursion_pending();
    else if (!passed_over && it->is_regular_file()) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void read_migrations(const fs::path& folder, Survey& found) {
  const auto import = importers::import_migrations({folder.string()});
  if (!import || import->sets.empty()) return;
  const model::MigrationSet& set = import->sets.front();
  found.migrations_folder = fs::path(set.folder).lexically_relative(folder).generic_string();
  found.convention = set.convention;
  for (const model::Migration& migration : set.migrations) {
    if (!migration.up || migration.repeatable) continue;
    found.migrations.push_back({migration.id, migration.up->text, migration.down ? migration.down->text : ""});
  }
  found.postgres = found.postgres || !found.migrations.empty();
}

}  // namespace

Survey survey(const fs::path& folder) {
  Survey found;
  for (const fs::path& file : files_below(folder)) {
    read_file(file, file.lexically_relative(folder).generic_string(), found);
  }
  // A Dockerfile or a Procfile says less than the file that says where it runs.
  const auto vague = [](const FoundApp& app) { return app.name.empty() && (app.kind == "docker" || app.kind == "app"); };
  const bool all_vague = std::ranges::all_of(found.apps, vague);
  if (!all_vague) std::erase_if(found.apps, vague);
  read_migrations(folder, found);
  return found;
}

}  // namespace backout::cli
