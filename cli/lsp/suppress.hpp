#pragma once
// The edit that accepts a finding: a suppression with a reason, in the words of the file.

#include <optional>
#include <string>

#include "cli/lsp/session.hpp"

namespace backout::lsp {

/// What stands where the reason belongs until somebody writes it.
inline constexpr const char* kReason = "accepted: say why";

/// An edit of the document's own text that hides the finding and makes no new one, as a look at the
/// edited text has shown; nullopt where none does. Requires a finding of `document.looked`.
std::optional<model::Edit> suppression(Session& session, const OpenDocument& document,
                                       const model::Finding& finding);

}  // namespace backout::lsp
