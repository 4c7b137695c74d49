#pragma once
// What other kinds need to know of configuration.

#include <optional>

#include "services/service.hpp"

namespace backout::services {

/// The configuration `self` after its readers have read it again.
Record reloaded(const Context& context, ServiceIndex self, const Record& config);

/// What comes of giving `config` the facts `next` where an item that only grows (`only_grows`)
/// would be less: it is refused, or unknown where the two cannot be compared. Nullopt: nothing
/// speaks against it.
std::optional<Outcome> if_less(const model::Service& config, const Record& now, const Record& next);

}  // namespace backout::services
