#pragma once
// What a command is run in, where that is a container of Docker or a service of compose.

#include <string>
#include <string_view>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

/// Whether the container is that of the service: `eriop-backend` and `shop_backend_prod` are what
/// compose calls `backend`.
bool is_of(std::string_view container, std::string_view service);

/// Whether the command runs in a service: `docker compose exec`.
bool enters_compose(const Command& command);

/// The container or service that a command is run in; empty for none.
std::string entered_by(const Command& command);

}  // namespace backout::analyzer::documents
