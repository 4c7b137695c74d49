#pragma once
// What a folder tells about how its project is deployed: the material of `backout init`.

#include <filesystem>
#include <string>
#include <vector>

namespace backout::cli {

/// An app that the folder deploys.
struct FoundApp {
  std::string name;                ///< as its file calls it; empty when it does not say
  std::string kind;                ///< a service kind: kubernetes, docker, vercel, ...
  std::string image;               ///< the image that its file names; empty when none
  std::vector<std::string> files;  ///< that name it, relative to the folder; what it is stands in
                                   ///< the first
};

/// A migration that the folder holds.
struct FoundMigration {
  std::string id;
  bool has_down = false;
};

struct Survey {
  std::vector<FoundApp> apps;  ///< in the order of their files' names
  std::vector<FoundApp>
      stores;  ///< what keeps state and is no release; `kind` is the engine: redis, kafka, ...
  std::vector<std::string> left_out;  ///< what says nothing about production, and why: a line each
  std::vector<std::string>
      unread;  ///< files that are no YAML to their end: FILE:LINE:COLUMN and why
  std::vector<FoundMigration> migrations;   ///< of the first chain, in order
  std::filesystem::path migrations_folder;  ///< absolute
  std::string convention;                   ///< of the migrations
  bool postgres = false;  ///< a compose file or a manifest runs PostgreSQL, or there are migrations
};

/// Looks at the files of `folder`. Hidden folders, node_modules and vendor are passed over.
/// Deterministic.
Survey survey(const std::filesystem::path& folder);

}  // namespace backout::cli
