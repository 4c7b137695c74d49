#pragma once
// Findings as the protocol has them.

#include <map>
#include <string>

#include "cli/lsp/session.hpp"
#include "model/finding.hpp"

namespace backout::lsp {

/// The places of what was found in a document; each text is cut into lines once.
class Places {
 public:
  /// All must outlive it.
  Places(const Session& session, const OpenDocument& document, const model::Sources& sources);

  Json range(const model::Span& span);
  std::string uri(const model::Span& span) const;
  const Lines& lines(std::uint32_t file);

 private:
  const Session& session_;
  const OpenDocument& document_;
  const model::Sources& sources_;
  std::map<std::uint32_t, Lines> lines_;
};

Json to_diagnostic(const Session& session, const model::Finding& finding, Places& places);

}  // namespace backout::lsp
