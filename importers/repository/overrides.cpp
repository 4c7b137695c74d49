// What says which image and how many of it run, apart from the workload's own file: the values of a
// Helm chart, and the images and replicas of a kustomization. Those of production win; where
// kustomizations say different things, nothing is said. Of a chart the last of several values files
// wins.
//
// Kustomize: `images` replaces newName, newTag and digest of images by their name, `replicas`
// counts by the name of the workload. namePrefix and nameSuffix are not read: a workload keeps the
// name of its manifest. Helm: by convention (`helm create`) image.repository, image.tag and
// replicaCount, the tag's default being the chart's appVersion.
#include <algorithm>
#include <array>
#include <filesystem>

#include "importers/document/words.hpp"
#include "importers/repository/readers.hpp"
#include "model/node.hpp"

namespace backout::importers {

namespace fs = std::filesystem;
using model::Node;

namespace {

bool is_values(const std::string& name) {
  return name.starts_with("values") && (name.ends_with(".yaml") || name.ends_with(".yml"));
}
bool is_kustomization(const std::string& name) {
  return name == "kustomization.yaml" || name == "kustomization.yml";
}

std::string tagged(const std::string& name, const std::string& tag, const std::string& digest) {
  return name + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

void read_values(const Node& values, const std::string& path, Repository& repository) {
  const Node* image = member(&values, "image");
  Override made{
      .file = path, .folder = fs::path(path).parent_path().generic_string(), .is_chart = true};
  if (image != nullptr && image->is_scalar())
    made.image = image->text;
  else
    made.image = text_of(image, "repository"), made.tag = text_of(image, "tag");
  if (const Node* count = member(&values, "replicaCount"); count != nullptr && count->as_integer())
    made.replicas = static_cast<int>(*count->as_integer());
  if (!made.image.empty() || !made.tag.empty() || made.replicas)
    repository.overrides.push_back(std::move(made));
}

void read_kustomization(const Node& root, const std::string& path, Repository& repository) {
  static const std::vector<Node> kNone;
  const Node* images = member(&root, "images");
  for (const Node& image : images == nullptr ? kNone : images->items) {
    Override made{.file = path, .of = text_of(&image, "name")};
    const std::string renamed = text_of(&image, "newName");
    made.image = tagged(renamed.empty() ? made.of : renamed, text_of(&image, "newTag"),
                        text_of(&image, "digest"));
    if (!made.of.empty() && made.image != made.of) repository.overrides.push_back(std::move(made));
  }
  const Node* replicas = member(&root, "replicas");
  for (const Node& each : replicas == nullptr ? kNone : replicas->items) {
    Override made{.file = path, .workload = text_of(&each, "name")};
    if (const Node* count = member(&each, "count"); count != nullptr && count->as_integer())
      made.replicas = static_cast<int>(*count->as_integer());
    if (!made.workload.empty() && made.replicas) repository.overrides.push_back(std::move(made));
  }
}

/// Whether `override` speaks of the unit.
bool is_about(const Override& override, const Unit& unit) {
  if (override.is_chart)
    return unit.workload == "Chart" &&
           fs::path(unit.file).parent_path().generic_string() == override.folder;
  if (!override.workload.empty())
    return unit.kind == "kubernetes" && unit.name == override.workload;
  return unit.kind == "kubernetes" && !unit.image.empty() && image_name(unit.image) == override.of;
}

}  // namespace

bool read_override(const ReadFile& file, Repository& repository) {
  const std::string name = fs::path(file.path).filename().string();
  if ((!is_values(name) && !is_kustomization(name)) || file.text.find("{{") != std::string::npos)
    return false;
  for (const Node& root : documents_of(file, repository)) {
    if (is_values(name))
      read_values(root, file.path, repository);
    else
      read_kustomization(root, file.path, repository);
  }
  return true;
}

namespace {

/// What speaks of the unit and `says` something; only what speaks of production where anything
/// does. A chart's own values come first: they are the defaults of those of production.
std::vector<const Override*> overrides_of(const Repository& repository, const Unit& unit,
                                          bool (*says)(const Override&)) {
  std::vector<const Override*> all;
  for (const Override& each : repository.overrides) {
    if (says(each) && is_about(each, unit) && is_of_production(each.file)) all.push_back(&each);
  }
  const auto production = [](const Override* each) { return says_production(each->file); };
  if (std::ranges::any_of(all, production))
    std::erase_if(all, [&](const Override* each) { return !production(each) && !each->is_chart; });
  std::ranges::stable_sort(all, {}, production);
  return all;
}

}  // namespace

void apply_overrides(Repository& repository) {
  for (Unit& unit : repository.units) {
    std::string image;
    std::string tag;
    bool differ = false;
    for (const Override* each : overrides_of(repository, unit, [](const Override& one) {
           return !one.image.empty() || !one.tag.empty();
         })) {
      if (!each->is_chart) differ = differ || (!image.empty() && image != each->image);
      if (!each->image.empty()) image = each->image;
      if (!each->tag.empty()) tag = each->tag;
    }
    std::optional<int> replicas;
    bool counts_differ = false;
    for (const Override* each : overrides_of(
             repository, unit, [](const Override& one) { return one.replicas.has_value(); })) {
      if (!each->is_chart)
        counts_differ = counts_differ || (replicas && replicas != each->replicas);
      replicas = each->replicas;
    }
    if (replicas && !counts_differ) unit.replicas = replicas;
    if (!image.empty() && !differ)
      unit.image = image_name(image) == image && !tag.empty() ? image + ":" + tag : image;
  }
}

}  // namespace backout::importers
