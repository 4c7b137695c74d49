#include "model/finding.hpp"

#include <algorithm>
#include <tuple>

namespace backout::model {

void sort_findings(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.span, a.rule, a.message, a.step) <
           std::tie(b.span, b.rule, b.message, b.step);
  });
}

}  // namespace backout::model
