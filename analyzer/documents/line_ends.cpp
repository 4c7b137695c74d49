// Part of misdirected-command: a script whose lines end as on Windows.
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

void look_at_line_ends(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (!document.is_script || document.is_workflow) return;
  const std::string_view text = facts.sources[document.file].text();
  const std::size_t end = text.find('\n');
  if (!text.starts_with("#!") || end == std::string_view::npos || text[end - 1] != '\r') return;
  add_once(found,
           finding(model::Severity::error, {document.file, 0, static_cast<std::uint32_t>(end - 1)},
                   "the lines of this script end as on Windows: the system looks for a program "
                   "whose name ends with a carriage return, and does not start it",
                   "line ends of one byte: `*.sh text eol=lf` in .gitattributes, and `git add "
                   "--renormalize .`"));
}

}  // namespace backout::analyzer::documents
