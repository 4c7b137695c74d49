#include "importers/repository/repository.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "importers/repository/readers.hpp"
#include "model/files.hpp"

namespace backout::importers {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMostBytesOfFile = 1024 * 1024;  // no deployment file is larger
constexpr std::size_t kMostFilesOfTree = 100'000;
constexpr int kMostDepth = 12;

bool is_output_or_hidden(const std::string& folder) {
  static const std::set<std::string> kOutputs = {"node_modules", "vendor", "target",
                                                 "dist",         "venv",   "__pycache__"};
  static const std::set<std::string> kHidden = {".github", ".gitlab", ".circleci"};
  return kOutputs.contains(folder) || (folder.starts_with(".") && !kHidden.contains(folder));
}

std::string read_text(const fs::path& file) {
  return model::read_file(file, kMostBytesOfFile).value_or(std::string());
}

bool is_yaml(const std::string& name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

/// Files whose content says something about deployments.
bool is_read(const std::string& name) {
  static const std::set<std::string> kNames = {
      "package.json", "composer.json", "Makefile",      "makefile",    "GNUmakefile",  "justfile",
      "Justfile",     "Procfile",      "Dockerfile",    "vercel.json", "netlify.toml", "fly.toml",
      "railway.json", "railway.toml",  "wrangler.toml", "app.json",    "firebase.json"};
  return is_yaml(name) || kNames.contains(name) || name.ends_with(".tf") ||
         is_task_definition(name) || name.ends_with(".service") || name.ends_with(".timer");
}

void list_files(Repository& repository) {
  std::error_code error;
  fs::recursive_directory_iterator it(repository.root,
                                      fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (it->is_symlink(ignored)) {
      it.disable_recursion_pending();
    } else if (it->is_directory(ignored)) {
      if (is_output_or_hidden(name) || it.depth() >= kMostDepth) it.disable_recursion_pending();
    } else if (it->is_regular_file(ignored)) {
      repository.files.push_back(it->path().lexically_relative(repository.root).generic_string());
      if (repository.files.size() >= kMostFilesOfTree) break;
    }
  }
  std::ranges::sort(repository.files);
  for (const std::string& file : repository.files) {
    for (fs::path folder = fs::path(file).parent_path(); !folder.empty();
         folder = folder.parent_path()) {
      if (!repository.folders.insert(folder.generic_string()).second) break;
    }
  }
}

void read_one(const std::string& path, Repository& repository) {
  const std::string name = fs::path(path).filename().string();
  if (!is_read(name)) return;
  std::string text = read_text(repository.root / path);
  if (text.empty()) return;
  const std::uint32_t source = repository.sources->add(path, std::move(text));
  const ReadFile file{path, source, (*repository.sources)[source].text()};
  if (read_tasks(file, repository) || read_platform(file, repository) ||
      read_workflow(file, repository))
    return;
  if (name.ends_with(".tf"))
    read_terraform(file, repository);
  else if (is_compose_file(name))
    read_compose(file, repository);
  else if (read_override(file, repository))
    return;
  else if (is_yaml(name))
    read_manifests(file, repository);
}

}  // namespace

bool is_compose_file(const std::string& name) {
  return is_yaml(name) && (name.starts_with("docker-compose") || name.starts_with("compose"));
}

bool Repository::has_file(const std::string& path) const {
  return std::ranges::binary_search(files, path);
}

Repository read_repository(const fs::path& root) {
  Repository repository;
  repository.root = root;
  std::error_code error;
  repository.is_whole = fs::exists(root / ".git", error);
  list_files(repository);
  for (const std::string& path : repository.files) read_one(path, repository);
  apply_overrides(repository);
  // A Dockerfile or a Procfile says less than the file that says where it runs.
  const auto is_vague = [](const Unit& unit) {
    return unit.name.empty() && (unit.kind == "docker" || unit.kind == "app");
  };
  if (!std::ranges::all_of(repository.units, is_vague)) std::erase_if(repository.units, is_vague);
  return repository;
}

std::optional<fs::path> project_root(const fs::path& file) {
  std::error_code error;
  fs::path folder = fs::absolute(file, error).lexically_normal();
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    if (fs::exists(folder / ".git", error)) return folder;
  }
  return std::nullopt;
}

}  // namespace backout::importers
