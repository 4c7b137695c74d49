#pragma once
// A ticket: somebody else's support does it, and whoever runs the plan does not answer for when.

#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

inline constexpr TextArg kTicketVendor{"vendor", "Whose support."};
inline constexpr TextArg kTicketResponse =
    TextArg("response", "Agreed response time, or unbounded (default).").or_else("unbounded");

/// Whose support it is, and when that answers; `who`: if the step does not say.
inline void wait_for_support(const Action& action, const char* who, Traits& traits) {
  const std::string response = kTicketResponse.in(action.args);
  if (response != "unbounded" && response != "unknown") return;
  traits.waits_for =
      "waits for " + kTicketVendor.in(action.args, who) + ", which answers when it answers";
}

}  // namespace backout::services
