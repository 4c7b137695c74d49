#pragma once
// What a folder tells about how its project is built, deployed and run: the files that other tools
// own, as facts. Nothing is executed; what a file does not say is left empty, never guessed.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/source.hpp"

namespace backout::importers {

/// What a thing that runs is for.
enum class Purpose {
  app,    ///< the project's own code or a service that is released with it
  store,  ///< a database, cache or queue: it keeps state and is no release
};

/// A thing that a deploy file runs: a workload, a compose service, a unit, a platform's app.
struct Unit {
  std::string kind =
      {};  ///< a service kind: kubernetes, docker, systemd, vercel, fly, render, railway, app, ...
  std::string workload = {};  ///< what its file calls its sort: Deployment, StatefulSet, CronJob,
                              ///< service, ...; may be empty
  std::string name = {};      ///< as its file calls it; empty when it does not say
  std::string image = {};     ///< as written; empty when none
  std::string store = {};     ///< of a store: postgres, mysql, redis, kafka, ...; empty otherwise
  std::optional<int> replicas = {};
  std::string file = {};  ///< relative to the repository's root
  model::Span span = {};  ///< of the name, else of the file's start
  Purpose purpose = Purpose::app;
  /// Where the name is one thing: the namespace of a workload, the folder of a compose file or
  /// chart.
  std::string scope = {};
  bool is_part = false;  ///< it says neither its image nor how that is built: a layer, a patch
};

/// What a file says of the image or the replicas of a workload that stands elsewhere.
struct Override {
  std::string file = {};
  std::string of = {};        ///< the image that a kustomization replaces, without a tag
  std::string workload = {};  ///< the workload whose replicas a kustomization sets
  std::string image = {};     ///< what stands in its place; of a chart without its tag
  std::string tag = {};       ///< of a chart
  std::optional<int> replicas = {};
  std::string folder = {};  ///< of a chart
  bool is_chart = false;    ///< values of the chart in `folder`
};

/// A name that a task runner knows: an npm script, a make target.
struct Task {
  std::string runner;  ///< npm, make, just, task, composer, rake
  std::string name;
  std::string body;  ///< what it runs, as written; empty when not read
  std::string file;
  model::Span span;
};

/// A job of a CI workflow that deploys.
struct Job {
  std::string system;  ///< github, gitlab
  std::string name;
  std::string branch;   ///< the branch whose push starts it; empty when none or several
  bool manual = false;  ///< somebody starts it by hand
  std::string file;
  model::Span span;
};

/// A file of GitHub Actions, whatever it does.
struct Workflow {
  std::string name;  ///< that people read in the list of workflows; empty when the file gives none
  std::string file;
};

/// The files of a project and what they say. Deterministic: in byte order of the files' names.
struct Repository {
  std::filesystem::path root;
  bool is_whole = false;  ///< a version control folder stands at the root: what is not here is not
                          ///< in the project
  std::shared_ptr<model::Sources> sources = std::make_shared<model::Sources>();
  std::vector<std::string> files;  ///< relative to the root, sorted
  std::set<std::string> folders;   ///< that hold files, relative, with every folder above them
  std::vector<Unit> units;
  std::vector<Override> overrides;  ///< already in `units`
  std::vector<Task> tasks;
  std::vector<Job> jobs;
  /// Files that cannot be read to their end, each with its place and why.
  std::vector<model::Mistake> unread;
  std::vector<Workflow> workflows;
  std::vector<std::string> left_out;  ///< compose files of tests, development and CI, by name
  /// Volumes of compose files -> what Docker calls them; empty where the project's name, which the
  /// file does not say, stands in front.
  std::map<std::string, std::string> volumes;
  std::set<std::string>
      open_runners;  ///< task runners whose names cannot all be told (includes, generated names)
  std::map<std::string, std::string>
      deployment_controllers;  ///< ECS service -> ECS, CODE_DEPLOY or EXTERNAL

  bool has_file(const std::string& path) const;
  bool has_folder(const std::string& path) const {
    return path.empty() || path == "." || folders.contains(path);
  }
};

/// Reads the files below `root` that say how the project is deployed; manifests at any depth.
///
/// Hidden folders (but .github, .gitlab, .circleci), node_modules, vendor and build outputs are
/// passed over, links are not followed, and files of more than 1 MB are listed, not read.
Repository read_repository(const std::filesystem::path& root);

/// Whether a file of this name, without its folder, is one of compose.
bool is_compose_file(const std::string& name);

/// Whether a path says nothing about tests, development, CI, staging or examples: what stands there
/// is how production runs.
bool is_of_production(const std::string& path);

/// The folder of the project that `file` belongs to: the nearest one above it with a version
/// control folder; nothing when there is none.
std::optional<std::filesystem::path> project_root(const std::filesystem::path& file);

}  // namespace backout::importers
