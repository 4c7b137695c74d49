#pragma once
// What is turned off and on: the verbs that a ci, a deployer and a controller share.

#include <string>
#include <vector>

#include "services/row_kind.hpp"

namespace backout::services {

/// How one of the kinds is called, and turned off and on.
struct Switch {
  std::string off;
  std::string on;
  std::string fact;
  std::string when_on;
  std::string when_off;
};

/// `stop` and `start`, on and off by the fact `running`.
inline const Switch kRuns = {"stop", "start", "running", "true", "false"};

/// Its two verbs: each takes the other back, and what is off is work that somebody must give back.
std::vector<VerbRow> switch_rows(const Switch& how);
/// Whether it answers: it is on, and nothing keeps it from answering.
CheckResult check_switch(const Context& context, const World& world, const model::Check& check,
                         const Switch& how);

}  // namespace backout::services
