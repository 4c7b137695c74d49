#pragma once
// Which steps of a path run wherever the deploy stopped.

#include "services/service.hpp"

namespace backout::services {

/// Whether a step of the path runs although none of the deploy steps that it takes back began:
/// another step of the path changes the same app, or turns the same thing off, and takes nothing
/// back by name, so the steps on it are one script (stop, remove, run), and a second run of this
/// one is harmless.
bool runs_regardless(const Context& context, const model::RollbackPath& path,
                     model::StepIndex step);

}  // namespace backout::services
