#pragma once
// What a deploy runs, told once though several files name it: layers of a compose file, a manifest
// and the patches of its overlays, the same manifests once more as a release.

#include <string>
#include <vector>

#include "importers/repository/repository.hpp"

namespace backout::importers {

struct Deployed {
  Unit unit;                       ///< as the file has it that says most of its image
  std::vector<std::string> files;  ///< all that name it, that of `unit` first
  /// Who deploys the same thing where it is no compose service: its kind; else empty. People run
  /// the compose file on their own machine then.
  std::string elsewhere;
};

/// Units of one kind and name are one where they are meant to be: workloads of Kubernetes in one
/// namespace (one that is not said is any), compose services of one folder or of one image, and
/// whatever says neither an image nor how it is built. In the order of the first file of each.
std::vector<Deployed> deployed(const Repository& repository);

/// Repository::unread for people: FILE:LINE:COLUMN and why, a line each.
std::vector<std::string> unread_lines(const Repository& repository);

}  // namespace backout::importers
