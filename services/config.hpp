#pragma once
// What other kinds need to know of configuration.

#include "services/service.hpp"

namespace backout::services {

/// The configuration `self` after its readers have read it again.
Record reloaded(const Context& context, ServiceIndex self, const Record& config);

/// Why `next` cannot take the place of `now`: an item that only grows (`only_grows`) would be less.
/// Empty: it can; the words of an outcome that nobody knows begin with "whether".
std::string why_not_less(const model::Service& config, const Record& now, const Record& next);

}  // namespace backout::services
