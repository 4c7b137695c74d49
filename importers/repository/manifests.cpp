// Kubernetes manifests: workloads of every controller, Argo and Flux objects, Helm charts and
// Kustomize files.
#include <filesystem>
#include <set>

#include "importers/repository/readers.hpp"
#include "model/scalar.hpp"

namespace backout::importers {

using model::Node;

namespace {

const Node* first_container(const Node& object) {
  const Node* spec = member(&object, "spec");
  if (const Node* job = member(spec, "jobTemplate")) spec = member(job, "spec");  // CronJob
  const Node* pod = member(member(spec, "template"), "spec");
  const Node* containers = member(pod, "containers");
  return containers == nullptr || containers->items.empty() ? nullptr : &containers->items.front();
}

Unit unit_of(const Node& object, const ReadFile& file, const std::string& kind,
             const std::string& sort) {
  const Node* meta = member(&object, "metadata");
  const Node* name = member(meta, "name");
  Unit unit{.kind = kind, .workload = sort, .name = text_of(meta, "name"), .file = file.path};
  unit.span = name == nullptr ? object.span : name->span;
  unit.image = text_of(first_container(object), "image");
  unit.scope = text_of(meta, "namespace");
  unit.is_part = kind == "kubernetes" && unit.image.empty();
  if (const Node* replicas = member(member(&object, "spec"), "replicas")) {
    if (const auto count = replicas->as_integer()) unit.replicas = static_cast<int>(*count);
  }
  return unit;
}

}  // namespace

void read_manifests(const ReadFile& file, Repository& repository) {
  static const std::set<std::string> kWorkloads = {"Deployment", "StatefulSet", "DaemonSet",
                                                   "CronJob", "Rollout"};
  const bool is_template = file.text.find("{{") != std::string::npos;
  const bool says_kind = file.text.find("kind:") != std::string::npos &&
                         file.text.find("apiVersion:") != std::string::npos;
  if (is_template && !says_kind && !file.path.ends_with("Chart.yaml")) return;
  for (const Node& object : documents_of(file, repository, "kubernetes")) {
    const std::string sort = text_of(&object, "kind");
    if (file.path.ends_with("Chart.yaml") && member(&object, "name") != nullptr) {
      Unit chart{
          .kind = "helm", .workload = "Chart", .name = text_of(&object, "name"), .file = file.path};
      chart.scope = std::filesystem::path(file.path).parent_path().generic_string();
      chart.span = member(&object, "name")->span;
      add_unit(repository, std::move(chart));
    } else if (member(&object, "apiVersion") == nullptr || text_of(&object, "$patch") == "delete") {
      continue;
    } else if (kWorkloads.contains(sort)) {
      add_unit(repository, unit_of(object, file, "kubernetes", sort));
    } else if (sort == "Application" || sort == "HelmRelease" || sort == "Kustomization") {
      if (member(member(&object, "spec"), "source") == nullptr && sort == "Application") continue;
      if (member(&object, "spec") == nullptr)
        continue;  // a kustomization.yaml is no controller's object
      add_unit(repository, unit_of(object, file, "gitops", sort));
    }
  }
}

}  // namespace backout::importers
