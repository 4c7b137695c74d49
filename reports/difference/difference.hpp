#pragma once
// What a change does to the verdict of a plan: two reports of it, compared.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace backout::reports {

/// A finding without the plan that it came from.
struct ListedFinding {
  model::Finding finding;
  model::Place place;
  std::string fingerprint;
};

/// A cell of the matrix whose verdict is another one than before, or that is new and not RESTORED.
struct CellChange {
  enum class Kind { worse, better, added };
  Kind kind = Kind::worse;
  std::string interruption;
  std::string path;
  std::string before;  ///< as the matrix shows it; empty when added
  std::string after;
  std::string reason;  ///< of the verdict after, and of the one without a fault where that has its
                       ///< own; empty for RESTORED
};

struct PlanDifference {
  enum class Base {
    compared,
    absent,
    invalid
  };  ///< absent: the plan is new; invalid: the base version cannot be read
  std::string plan;
  Base base = Base::compared;
  std::vector<ListedFinding> added;
  std::vector<ListedFinding> fixed;
  std::size_t unchanged = 0;      ///< findings that were there before
  std::vector<CellChange> cells;  ///< worse first, then added, then better
  std::string no_return_before;   ///< "after 'm002'", "none" or "not decided"; empty without a base
  std::string no_return_after;
  std::string no_return_reason;  ///< of the one after
};

/// Everything that `backout ci` prints.
struct Difference {
  std::string base;                   ///< as the user or the CI system calls it
  std::vector<PlanDifference> plans;  ///< those that changed
  std::size_t passed_over = 0;        ///< plans that did not change
};

/// Compares `after` with `before` (nullptr: there is none, for the reason `base`). Findings are the
/// same when their fingerprints are; of findings that are alike, the surplus is new or fixed.
PlanDifference compare(const PlanReport* before, const PlanReport& after,
                       PlanDifference::Base base);

const char* to_string(PlanDifference::Base base);
const char* to_string(CellChange::Kind kind);

/// For a comment on a pull request.
void print_difference_markdown(const Difference& difference, std::ostream& out);
/// For people in a terminal.
void print_difference_text(const Difference& difference, std::ostream& out);
/// For programs: docs/json.md.
void print_difference_json(const Difference& difference, std::ostream& out);

}  // namespace backout::reports
