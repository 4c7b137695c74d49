#pragma once
// What changed between two texts, as `diff -u` prints it.

#include <string>
#include <string_view>

namespace backout::reports {

/// A unified diff with three lines around each change, of the file `name`; empty when the texts are
/// the same. Lines are compared with their ends; a last line without one is marked as diff and git
/// mark it.
std::string unified_diff(std::string_view before, std::string_view after, const std::string& name);

}  // namespace backout::reports
