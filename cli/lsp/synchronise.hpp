#pragma once
// The notifications that keep the server's documents those of the client.

#include <string>

#include "cli/lsp/session.hpp"

namespace backout::lsp {

/// Takes a notification in. One that is unknown is passed over, as the protocol has it; one that
/// makes no sense is told to the client's log.
void synchronise(Session& session, Publisher& publisher, const std::string& method,
                 const Json& params);

}  // namespace backout::lsp
