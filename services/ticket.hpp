#pragma once
// A ticket: somebody else's support does it, and whoever runs the plan does not answer for when.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

/// Whose support it is, and when that answers; `who`: if the step does not say.
inline void wait_for_support(const Action& action, const char* who, Traits& traits) {
  const std::string response = action.args.text_or("response", "unbounded");
  if (response != "unbounded" && response != "unknown") return;
  traits.waits_for = fmt::format("waits for {}, which answers when it answers",
                                 action.args.text_or("vendor", who));
}

}  // namespace backout::services
