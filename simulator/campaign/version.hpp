#pragma once
// Which version of backout wrote a result.

#include <string>

namespace backout::simulator {

/// The version in the JSON of a campaign or shard; empty where it says none.
std::string version_of(const std::string& text);

}  // namespace backout::simulator
