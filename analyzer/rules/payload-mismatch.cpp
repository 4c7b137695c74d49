#include "analyzer/rules/compatibility_findings.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_payload_mismatch(const Facts& facts) {
  return compatibility_findings(facts, {model::Operation::Type::event},
                                "put a version in between that accepts both payloads, or send both "
                                "fields while the two change places");
}

}  // namespace backout::analyzer
