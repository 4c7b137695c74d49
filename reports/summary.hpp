#pragma once
// The answers that a reviewer looks for first, in sentences.

#include <string>
#include <vector>

#include "reports/report.hpp"

namespace backout::reports {

/// What a report comes to. Each text is one sentence without a full stop.
struct Summary {
  enum class Answer { yes, unless_fault, doubtful, partly, no, unknown };
  Answer answer = Answer::unknown;
  std::string can;       ///< can the deploy be rolled back
  std::string where;     ///< from where not; empty when from everywhere
  std::string part;      ///< which paths take back only a part there; empty: none
  std::string how_long;  ///< against the objective, where there is one
  std::string lost;      ///< what a rollback loses
  std::string why;       ///< why not; empty when it can
};

/// How far the best path gets from one place where the deploy may stop, and which paths get that
/// far.
struct WayBack {
  enum class Reach { none, unknown, part, all };
  Reach reach = Reach::none;    ///< with the faults that were considered
  Reach without = Reach::none;  ///< when no fault fires
  std::vector<std::string> paths;
};

/// By interruption. Empty without a matrix.
std::vector<WayBack> ways_back(const PlanReport& report);
/// "all", "part", "unknown", "none".
const char* to_string(WayBack::Reach reach);

/// A place counts as rolled back when some path restores everything from there: RESTORED, or
/// RESTORED WITH RESIDUE by a path that claims to be full. A partial path with residue leaves the
/// rest of the deploy where it is. While errors stand that the search does not see (it has no
/// clock, and believes each copy), a yes is doubtful and says so.
Summary summarise(const PlanReport& report);

/// Whether it can, from where not, and why not, as one sentence.
std::string to_sentence(const Summary& summary);
/// "yes", "unless-fault", "doubtful", "partly", "no", "unknown".
const char* to_string(Summary::Answer answer);

}  // namespace backout::reports
