#pragma once
// What editors may ask of an open document. One feature = one file that defines `Answer
// <name>(Session&, OpenDocument&, params)` and one line in features.inc.

#include <vector>

#include "cli/lsp/session.hpp"

namespace backout::lsp {

struct Feature {
  const char* method;  ///< "textDocument/hover"
  Answer (*run)(Session& session, OpenDocument& document, const Json& params);
  const char* capability;  ///< what the server's capabilities call it
  const char* options;     ///< its value there, as JSON
};

const std::vector<Feature>& features();

/// The position of a request, as a byte of the document.
tl::expected<std::size_t, Failure> offset_in(const Session& session, const OpenDocument& document,
                                             const Json& params);

}  // namespace backout::lsp
