#include "analyzer/rules/compatibility_findings.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_version_needs_missing(const Facts& facts) {
  return compatibility_findings(
      facts, {model::Operation::Type::require, model::Operation::Type::flag},
      "give the version what it needs before it serves, and take it away only after it is gone");
}

}  // namespace backout::analyzer
