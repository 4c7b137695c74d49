#include "analyzer/rules/compatibility_findings.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_version_schema_mismatch(const Facts& facts) {
  return compatibility_findings(facts, {model::Operation::Type::sql, model::Operation::Type::write},
                                "run a version that works on both schemas in between, or change "
                                "the schema only after the old version is gone for good");
}

}  // namespace backout::analyzer
