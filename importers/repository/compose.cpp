// Compose files. Those of tests, development and CI say nothing about production: they are named,
// not read.
#include <algorithm>
#include <array>
#include <filesystem>

#include "importers/repository/readers.hpp"

namespace backout::importers {

namespace fs = std::filesystem;
using model::Node;

bool is_of_production(const std::string& path) {
  static constexpr std::array kOthers = {
      "test",    "tests",    "e2e",    "dev",     "development", "local",        "ci",
      "example", "examples", "sample", "samples", "debug",       "devcontainer", "override"};
  std::string word;
  const auto is_other = [&] { return std::ranges::find(kOthers, word) != kOthers.end(); };
  for (const char c : path) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      word += c;
    } else {
      if (is_other()) return false;
      word.clear();
    }
  }
  return !is_other();
}

namespace {

void read_volumes(const Node& document, Repository& repository) {
  const Node* volumes = member(&document, "volumes");
  if (volumes == nullptr) return;
  for (const Node::Entry& entry : volumes->entries) {
    const std::string name = text_of(&entry.value, "name");
    const bool is_external = text_of(&entry.value, "external") == "true";
    std::string& called = repository.volumes[entry.key];
    if (called.empty()) called = name.empty() && is_external ? entry.key : name;
  }
}

}  // namespace

void read_compose(const ReadFile& file, Repository& repository) {
  if (!is_of_production(file.path)) {
    repository.left_out.push_back(file.path);
    return;
  }
  for (const Node& document : documents_of(file, repository, "docker")) {
    read_volumes(document, repository);
    // What stands in another file is not read.
    if (member(&document, "include") != nullptr) repository.open_runners.insert("docker");
    const Node* services = member(&document, "services");
    if (services == nullptr) continue;
    for (const Node::Entry& entry : services->entries) {
      if (entry.key == "<<") continue;
      Unit unit{.kind = "docker", .workload = "service", .name = entry.key, .file = file.path};
      unit.span = entry.key_span;
      unit.image = text_of(&entry.value, "image");
      unit.scope = fs::path(file.path).parent_path().generic_string();
      unit.is_part = unit.image.empty() && member(&entry.value, "build") == nullptr &&
                     member(&entry.value, "extends") == nullptr;
      if (const Node* replicas = member(member(&entry.value, "deploy"), "replicas")) {
        if (const auto count = replicas->as_integer()) unit.replicas = static_cast<int>(*count);
      }
      add_unit(repository, std::move(unit));
    }
  }
}

}  // namespace backout::importers
