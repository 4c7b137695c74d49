#pragma once
// Findings of plans and of migrations alike: all that the formats without a matrix are made of.

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/finding.hpp"
#include "model/source.hpp"

namespace backout::model {
struct Plan;
}

namespace backout::reports {

struct PlanReport;
struct MigrationsReport;

/// Some findings and the sources that their spans point into.
struct LocatedFindings {
  const model::Sources* sources = nullptr;
  std::span<const model::Finding> findings;
  const model::Plan* plan = nullptr;  ///< nullptr: they are about migrations alone
};

/// One entry per plan, in order. They look at `reports`, which has to outlive them.
std::vector<LocatedFindings> findings_of(const std::vector<PlanReport>& reports);
/// One entry per chain, in order. They look at `report`, which has to outlive them.
std::vector<LocatedFindings> findings_of(const MigrationsReport& report);

/// Gives each finding of a run its fingerprint; findings that are alike are told apart by their
/// order.
class Fingerprints {
 public:
  std::string next(const model::Sources& sources, const model::Finding& finding);

 private:
  std::map<std::string, std::size_t> seen_;
};

}  // namespace backout::reports
