#pragma once
// The commands of an open document: those that a reader of the document finds.

#include "cli/lsp/session.hpp"
#include "importers/document/document.hpp"

namespace backout::lsp {

/// The document as facts; its places are bytes of the text.
importers::Document read_document(const OpenDocument& document);

/// The words of a command as they stand in the text, on one line.
std::string title_of(const importers::Command& command);

}  // namespace backout::lsp
