#pragma once
// Version numbers of engines: "8.0.36", "v1.2".

#include <string>
#include <vector>

namespace backout::services {

/// Version numbers are compared part by part: negative when `a` is the older one. "8.0.36" and
/// "8.0" are the same as far as both go.
int compare_versions(const std::string& a, const std::string& b);

/// The parts of a version number, "v8.0.36" -> 8, 0, 36.
std::vector<std::string> parts_of_version(const std::string& version);

/// The first `parts` parts of a version number: "8.4.2", 2 -> "8.4".
std::string series_of(const std::string& version, int parts);

/// One part of the version number as a number; -1: none.
int part_of(const std::string& version, int part);

}  // namespace backout::services
