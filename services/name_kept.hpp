#pragma once
// Names of removed items that stay taken for a time: secret managers, key rings.

#include <string>

#include "services/service.hpp"

namespace backout::services {

bool keeps_names(const model::Service& self);
std::string why_kept(const model::Service& self, const std::string& key);
/// Refused where the plan says that names stay taken; where only the words of its place do, nobody
/// knows.
Outcome taken(const model::Service& self, const std::string& key);

}  // namespace backout::services
