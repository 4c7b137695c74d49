#pragma once
// The decision rows, triggers and targets of a document in the plan language.

#include <set>
#include <string>
#include <vector>

#include "importers/draft/draft.hpp"

namespace backout::importers {

/// The `decisions:` of the plan; empty when the document decides nothing. `path` is the only way
/// back; empty when there are several.
std::string draft_decisions(const DraftInput& input, const std::string& path);

/// A way back, as objectives speak of it.
struct DraftWay {
  std::string id;
  std::string title;
  std::uint32_t section = kNowhere;
};

/// The `objectives:` of the plan: targets of a path are those that its title, or that of a section
/// above it, names. Adds the times that it took to `used`. `rto` is what somebody answered; empty
/// for nothing.
std::string draft_objectives(const DraftInput& input, const std::vector<DraftWay>& ways,
                             std::set<const Time*>& used, const std::string& rto);

/// The limits that a threshold states, in the plan's words: `error_rate > 5% for 5m`; empty when it
/// has none of them.
std::string limit_text(const Threshold& threshold);

}  // namespace backout::importers
