#pragma once
// The life of a language server: LSP 3.17 over two streams.

#include <iosfwd>

#include "cli/lsp/project.hpp"

namespace backout::lsp {

/// Serves one client until it says `exit` or its stream ends. 0: it had asked for the end
/// (`shutdown`) before, as it should; 1: not. `project` tells how documents are looked at; nothing
/// is written but answers, and nothing is run.
int serve(const Project& project, std::istream& in, std::ostream& out);

}  // namespace backout::lsp
