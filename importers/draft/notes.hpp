#pragma once
// What a document says beside its ways back, so that nothing that it states is lost: drills,
// messages, alerts, times.

#include <set>
#include <string>

#include "importers/draft/steps.hpp"

namespace backout::importers {

/// The `notes:` of the plan; empty when there are none. `body` is the plan without them, `used` the
/// times that stand in it.
std::string draft_notes(const DraftInput& input, const DraftSteps& made,
                        const std::set<const Time*>& used, const std::string& body);

}  // namespace backout::importers
