#include "importers/repository/resolve.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

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

/// Whether a build, an installer or a person makes it, and no repository holds it.
bool is_built(const std::string& name) {
  static const std::set<std::string> kBuilt = {
      "node_modules", "vendor", "target", "dist", "venv", "env", "build", "out", ".venv", ".next"};
  const fs::path path(name);
  if (path.filename().string().starts_with(".env")) return true;
  return std::ranges::any_of(path,
                             [](const fs::path& part) { return kBuilt.contains(part.string()); });
}

Resolution resolve_path(const Repository& repository, const Named& named, const WorkPlace& place) {
  for (const std::string& path : candidates(named, place)) {
    if (path.starts_with("..")) return {named};
    if (repository.has_file(path) || repository.has_folder(path))
      return {named, Presence::present, path, {}};
  }
  if (std::string path = deeper(repository, named.name); !path.empty())
    return {named, Presence::present, path, {}};
  if (is_made(named, place) || !repository.is_whole || is_built(named.name)) return {named};
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

/// Services of the compose files that the command reads, when all of them are here.
Resolution resolve_in_files(const Repository& repository, const Named& named,
                            const WorkPlace& place) {
  std::vector<std::string> known;
  for (const std::string& file : named.files) {
    Named wanted = named;
    wanted.name = file;
    std::string path;
    for (const std::string& each : candidates(wanted, place)) {
      if (path.empty() && repository.has_file(each)) path = each;
    }
    const std::size_t before = known.size();
    for (const Unit& unit : repository.units) {
      if (unit.file != path || unit.kind != named.runner) continue;
      if (unit.name == named.name) return {named, Presence::present, unit.file, {}};
      known.push_back(unit.name);
    }
    if (known.size() == before) return {named};  // not here, or of development
  }
  const bool is_sure = repository.is_whole && !repository.open_runners.contains(named.runner);
  return {
      named, is_sure ? Presence::absent : Presence::unknown, {}, model::nearest(named.name, known)};
}

/// Docker knows volumes of compose by `<project>_NAME`.
Resolution resolve_volume(const Repository& repository, const Named& named,
                          const WorkPlace& place) {
  if (is_made(named, place)) return {named};
  std::vector<std::string> known;
  for (const auto& [key, called] : repository.volumes) {
    const std::string& end = called.empty() ? "_" + key : called;
    if (called.empty() ? named.name.ends_with(end) : named.name == end)
      return {named, Presence::present, {}, {}};
    if (called.empty() && named.name == key)
      return {named,
              repository.is_whole ? Presence::absent : Presence::unknown,
              {},
              "<project>_" + key};
    known.push_back(key);
  }
  const bool is_sure = repository.is_whole && !known.empty() && repository.left_out.empty() &&
                       !repository.open_runners.contains(named.runner);
  return {
      named, is_sure ? Presence::absent : Presence::unknown, {}, model::nearest(named.name, known)};
}

Resolution resolve_service(const Repository& repository, const Named& named,
                           const WorkPlace& place) {
  if (!named.files.empty()) return resolve_in_files(repository, named, place);
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
  const bool is_sure = repository.is_whole && !known.empty() && !is_templated && !is_left_out &&
                       !repository.open_runners.contains(named.runner);
  return {
      named, is_sure ? Presence::absent : Presence::unknown, {}, model::nearest(named.name, known)};
}

}  // namespace

Resolution resolve(const Repository& repository, const Named& named, const WorkPlace& place) {
  const bool of_docker = named.sort == Sort::service || named.sort == Sort::volume;
  if (place.elsewhere || (place.unpacked && !of_docker)) return {named};
  switch (named.sort) {
    case Sort::task:
      return resolve_task(repository, named);
    case Sort::service:
      return resolve_service(repository, named, place);
    case Sort::volume:
      return resolve_volume(repository, named, place);
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
