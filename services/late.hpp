#pragma once
// What may still come about after its client has given up waiting.

#include "services/service.hpp"

namespace backout::services {

/// Whether the tool is only told what shall be, and what it was told last counts: nothing of an
/// older word comes about after a newer one (Kubernetes and Helm apply objects before they wait,
/// ECS replaces the deployment). Others queue what they were asked for: builds, pipelines, jobs.
bool newest_word_counts(const Context& context, const Action& action);

}  // namespace backout::services
