#pragma once
// What is known of commands as people type them, whatever the action is that they stand for.

#include <string_view>

#include "services/service.hpp"

namespace backout::services {

/// The verb of a command whose effects the plan does not type.
inline constexpr const char* kRunVerb = "run";

/// Adds what is known of `command` (the `command` of a step, a shell line) to what the action's
/// kind says. Only what holds for every use of the command is here; what is not known adds nothing.
void add_command_traits(std::string_view command, Traits& traits);

}  // namespace backout::services
