#pragma once
// One reader a format: each adds what one file says to the repository.

#include <string>
#include <vector>

#include "importers/repository/repository.hpp"
#include "model/node.hpp"

namespace backout::importers {

/// A file of the repository while it is read.
struct ReadFile {
  std::string path;          ///< relative to the root
  std::uint32_t source = 0;  ///< in Repository::sources
  const std::string& text;
};

/// The documents of a YAML or JSON file. One that cannot be read to its end is in
/// Repository::unread, and names of `runner` cannot all be told then; not so with templates, which
/// are no YAML yet.
std::vector<model::Node> documents_of(const ReadFile& file, Repository& repository,
                                      const std::string& runner = {});
/// The value of `key` of a map, its merge keys (`<<`) included; nullptr when there is none.
const model::Node* member(const model::Node* map, const std::string& key);
/// Whether the `on` of a workflow names the event: by itself, in a list, or as a key.
bool starts_on(const model::Node* on, const std::string& event);
/// The text of a scalar member; empty when there is none.
std::string text_of(const model::Node* map, const std::string& key);

/// The image without its tag and digest. A port of a registry is no tag.
std::string image_name(const std::string& image);
/// Whether a part of the path is called so: `overlays/prod-eu`, `values.live.yaml`; not
/// `product/base`, `delivery/values.yaml`.
bool says_production(const std::string& path);
/// The store that an image runs (postgres, mysql, redis, kafka, ...); empty when it is none that is
/// known.
std::string store_of_image(const std::string& image);
/// Adds a unit; an image that runs a store makes it one.
void add_unit(Repository& repository, Unit unit);

/// Kubernetes manifests, Argo applications and rollouts, Flux releases, a Helm chart's own file.
void read_manifests(const ReadFile& file, Repository& repository);
/// Values of a Helm chart, images of a kustomization. False when the file is neither.
bool read_override(const ReadFile& file, Repository& repository);
/// Gives the units the images and replicas that such files say, once all of them are read.
void apply_overrides(Repository& repository);
/// Services of a compose file.
void read_compose(const ReadFile& file, Repository& repository);
/// Whether a JSON file of this name is an ECS task definition.
bool is_task_definition(const std::string& name);
/// Files of hosting platforms, systemd units, Procfile, Dockerfile. False when the file is none of
/// them.
bool read_platform(const ReadFile& file, Repository& repository);
/// Services and stores of Terraform's resources.
void read_terraform(const ReadFile& file, Repository& repository);
/// npm scripts, make targets and the like. False when the file is none of them.
bool read_tasks(const ReadFile& file, Repository& repository);
/// GitHub and GitLab workflows. False when the file is none of them.
bool read_workflow(const ReadFile& file, Repository& repository);

}  // namespace backout::importers
