#include "cli/lsp/commands.hpp"

#include "cli/documents.hpp"

namespace backout::lsp {

importers::Document read_document(const OpenDocument& document) {
  return cli::document_of(document.text, 0, document.file);
}

std::string title_of(const importers::Command& command) {
  std::string title;
  for (const importers::Word& word : command.words) title += (title.empty() ? "" : " ") + word.text;
  for (char& c : title) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return title;
}

}  // namespace backout::lsp
