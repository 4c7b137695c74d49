#pragma once
// Where the sources and the program of this build are. One object file knows it, so that those of
// the tests are the same in every folder, and a compiler's cache gives them to all.

#include <string>
#include <string_view>

namespace backout {

extern const char* const kSourceDir;  ///< the root of the sources
extern const char* const kProgram;    ///< `backout`, built

/// A file of the sources, named from their root.
inline std::string source_path(std::string_view path) {
  return std::string(kSourceDir) + "/" + std::string(path);
}

}  // namespace backout
