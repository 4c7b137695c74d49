#pragma once
// Work of the new version that nobody asked for: statements over the rows of before.

#include "services/service.hpp"

namespace backout::services {

/// Whether the statement changes or deletes rows for no user in particular: an UPDATE or DELETE
/// with no placeholder that does not pick its rows by a key ("UPDATE orders SET email =
/// lower(email)", not "... WHERE id = 7"). What does not parse does not run: false.
bool is_sweeping(const std::string& sql);

/// Whether `live` is such work, or fills a cache that throws other entries away for it, and the
/// version before the deploy does not do the same.
bool sweeps(const Context& context, const LiveOperation& live);

/// The statements of that kind of all versions that work on `database` and that no version before
/// the deploy has.
std::vector<const Operation*> sweeping_operations(const Plan& plan, ServiceIndex database);

}  // namespace backout::services
