#pragma once
// A cache that the plan does not know of, between a record and those who read it: Harm::cached.
// "cached.<path>" is what they go on with instead of what stands at <path>: `'2'`, or `not set`.

#include <optional>
#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

/// Kind::harmed: `before` with a cache in front of each path below `areas` that differs in `after`.
/// Empty: none does.
Changes hidden_changes(ServiceIndex self, const Record& before, const Record& after,
                       const std::vector<std::string>& areas);

/// The same for an action that is run on this world; where it is refused, nothing changes.
Changes hidden_by_cache(const Context& context, const World& world, const Action& action,
                        const std::vector<std::string>& areas);

/// `record` without caches that hold what stands behind them.
Record settled(const Record& record);

/// Whether readers find anything at `path`.
bool is_seen(const Record& record, const std::string& path);

/// What readers find at `path` of a service with these facts; nullopt: nothing.
std::optional<std::string> seen(const std::vector<Fact>& facts, const std::string& path);

}  // namespace backout::services
