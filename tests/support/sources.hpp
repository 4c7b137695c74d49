#pragma once
// The sources of this house, for tests that read them.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/places.hpp"

namespace backout::tests {

/// The folders that are libraries or the program.
inline std::vector<std::string> house_folders() {
  return {"model",    "postgres",  "catalogue", "services",  "importers",
          "analyzer", "simulator", "reports",   "rehearsal", "cli"};
}

/// Sources below these folders, relative to the root, in order.
inline std::vector<std::string> sources_of(const std::vector<std::string>& folders) {
  namespace fs = std::filesystem;
  std::vector<std::string> all;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(source_path(folder))) {
      const std::string kind = entry.path().extension().string();
      if (kind == ".cpp" || kind == ".hpp")
        all.push_back(fs::relative(entry.path(), kSourceDir).string());
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace backout::tests
