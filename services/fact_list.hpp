#pragma once
// Which facts a kind has, for people: what plans may require, check and declare as residue.

#include <string>
#include <vector>

#include "model/catalog.hpp"

namespace backout::services {

/// What the value of a fact is.
enum class FactType {
  text,
  boolean,  ///< "true" or "false"
  number,   ///< a whole number
};
const char* to_string(FactType type);  ///< "text", "boolean", "number"

/// A fact, or a family of them: `path` has words in <> where names stand ("items.<key>").
struct FactSpec {
  std::string path;
  std::string help;
  FactType type = FactType::text;
};

/// The facts of services of this kind, those of all kinds (`outage`) left out. A test holds the
/// list to what they have.
std::vector<FactSpec> fact_list(const model::KindSpec& kind);

/// Whether `path` is one of the family.
bool is_fact(const FactSpec& spec, const std::string& path);

}  // namespace backout::services
