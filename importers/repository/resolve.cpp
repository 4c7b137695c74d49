#include "importers/repository/resolve.hpp"

#include <algorithm>
#include <filesystem>

#include "model/load.hpp"

namespace backout::importers {

namespace fs = std::filesystem;

namespace {

using Sort = Named::Sort;

std::string joined(const std::string& folder, const std::string& name) {
  return (fs::path(folder) / name).lexically_normal().generic_string();
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

/// Where a path may lie: from the folder that the commands are in, the root, the document's folder.
std::vector<std::string> candidates(const Named& named, const WorkPlace& place) {
  const std::string name = without_slash(named.name);
  return {joined(place.folder, name), joined("", name), joined(place.document_folder, name)};
}

/// A file that ends with the whole path: somebody may stand in a folder that the document does not
/// name.
std::string deeper(const Repository& repository, const std::string& name) {
  const std::string ending = "/" + joined("", name);
  for (const std::string& file : repository.files) {
    if (file.ends_with(ending)) return file;
  }
  for (const std::string& folder : repository.folders) {
    if (folder.ends_with(ending)) return folder;
  }
  return {};
}

bool is_made(const Named& named, const WorkPlace& place) {
  const std::string name = joined("", without_slash(named.name));
  return std::ranges::any_of(place.made, [&](const std::string& path) {
    const std::string made = joined("", without_slash(path));
    return made == name || name.starts_with(made + "/");
  });
}

Resolution resolve_path(const Repository& repository, const Named& named, const WorkPlace& place) {
  for (const std::string& path : candidates(named, place)) {
    if (path.starts_with("..")) return {named};
    if (repository.has_file(path) || repository.has_folder(path))
      return {named, Presence::present, path, {}};
  }
  if (std::string path = deeper(repository, named.name); !path.empty())
    return {named, Presence::present, path, {}};
  if (is_made(named, place) || !repository.is_whole) return {named};
  // Files that are listed nowhere: what the walk passes over.
  std::error_code error;
  if (fs::exists(repository.root / joined("", named.name), error))
    return {named, Presence::present, named.name, {}};
  const std::string base = fs::path(named.name).filename().string();
  std::vector<std::string> names;
  for (const std::string& file : repository.files)
    names.push_back(fs::path(file).filename().string());
  std::string nearest = model::nearest(base, names);
  for (const std::string& file : repository.files) {
    if (!nearest.empty() && fs::path(file).filename() == nearest) {
      nearest = file;
      break;
    }
  }
  return {named, Presence::absent, {}, std::move(nearest)};
}

Resolution resolve_task(const Repository& repository, const Named& named) {
  std::vector<std::string> known;
  bool runner_is_used = false;
  for (const Task& task : repository.tasks) {
    if (task.runner != named.runner) continue;
    if (task.name == named.name) return {named, Presence::present, task.file, {}};
    runner_is_used = true;
    known.push_back(task.name);
  }
  // A project without any file of that runner may be one of several that the document speaks of.
  const bool is_sure =
      repository.is_whole && runner_is_used && !repository.open_runners.contains(named.runner);
  // A make target may be a file that exists.
  if (named.runner == "make" &&
      (repository.has_file(named.name) || repository.has_folder(named.name)))
    return {named};
  return {
      named, is_sure ? Presence::absent : Presence::unknown, {}, model::nearest(named.name, known)};
}

Resolution resolve_service(const Repository& repository, const Named& named) {
  std::vector<std::string> known;
  bool is_templated = false;
  for (const Unit& unit : repository.units) {
    if (unit.kind == "helm" || unit.kind == "gitops") is_templated = true;
    if (unit.kind != named.runner || unit.name.empty()) continue;
    if (unit.name == named.name) return {named, Presence::present, unit.file, {}};
    if (unit.name.find_first_of("{$") != std::string::npos) is_templated = true;
    known.push_back(unit.name);
  }
  const bool is_left_out = named.runner == "docker" && !repository.left_out.empty();
  const bool is_sure = repository.is_whole && !known.empty() && !is_templated && !is_left_out;
  return {
      named, is_sure ? Presence::absent : Presence::unknown, {}, model::nearest(named.name, known)};
}

}  // namespace

Resolution resolve(const Repository& repository, const Named& named, const WorkPlace& place) {
  if (place.elsewhere) return {named};
  switch (named.sort) {
    case Sort::task:
      return resolve_task(repository, named);
    case Sort::service:
      return resolve_service(repository, named);
    case Sort::workflow: {
      Named file = named;
      file.name = ".github/workflows/" + named.name;
      Resolution found = resolve_path(repository, file, place);
      found.named = named;
      return found;
    }
    case Sort::script:
    case Sort::file:
    case Sort::folder:
      return resolve_path(repository, named, place);
  }
  return {named};
}

}  // namespace backout::importers
