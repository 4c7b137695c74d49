#pragma once
// Which facts a kind has, for people: what plans may require, check and declare as residue.

#include <string>
#include <vector>

#include "model/catalog.hpp"

namespace backout::services {

/// A fact, or a family of them: `path` has words in <> where names stand ("items.<key>").
struct FactSpec {
  std::string path;
  std::string help;
};

/// The facts of services of this kind, those of all kinds (`outage`) left out. A test holds the list to what they have.
std::vector<FactSpec> fact_list(const model::KindSpec& kind);

/// Whether `path` is one of the family.
bool is_fact(const FactSpec& spec, const std::string& path);

}  // namespace backout::services
