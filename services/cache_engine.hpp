#pragma once
// The engine of a cache: what it keeps over a restart, and whose files it reads.

#include <functional>
#include <string>

#include "services/row_kind.hpp"

namespace backout::services {

/// What the plan says that it keeps over a restart: none, rdb, aof; unknown where it does not.
std::string persistence_of(const model::Service& self);

/// `record` with the engine before the deploy and the format of its file. Facts: engine, file,
/// was.<engine> (engines that ran).
Record with_cache_engine(const model::Service& self, const Record& record);

/// Without its entries, or those of one format: they can be made anew, cannot, or nobody says
/// which.
Outcome emptied_cache(const Call& call, const std::string& format);

/// Whether the engine that runs reads a dump of that format: one of its own, or an older one.
bool reads_dump(const Call& call, const std::string& format);

/// `then`, refused while it does not run.
Outcome while_it_runs(const Call& call, const std::function<Outcome(const Call&)>& then);

/// `upgrade`.
VerbRow cache_upgrade_row();

}  // namespace backout::services
