#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include "support/places.hpp"

namespace backout::tests {

/// The plans of the tree that load, sorted.
inline std::vector<std::filesystem::path> plans() {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"plans", "fixtures/rules", "fixtures/load/good"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(kSourceDir) / folder)) {
      if (entry.path().extension() == ".yaml" &&
          entry.path().parent_path().filename() != "scenarios")
        files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace backout::tests
