// The document itself says when its way back is closed.
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

/// The first number of three or more digits in a text; empty for none.
std::string number_in(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      digits += c;
    } else if (digits.size() >= 3) {
      break;
    } else {
      digits.clear();
    }
  }
  return digits.size() >= 3 ? digits : "";
}

}  // namespace

std::vector<model::Finding> check_undo_conditional(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  struct Said {
    std::string text;
    model::Span span;
  };
  std::vector<Said> all;
  for (const importers::Line& line : facts.document.lines) all.push_back({line.text, line.span});
  for (const importers::Section& bold : facts.document.sections) all.push_back({bold.title, bold.span});
  for (const Said& line : all) {
    const std::string text = lower(line.text);
    const bool closed = has(text, "rollback") && has_any(text, {"will fail if", "may fail if", "fails if", "cannot rollback if", "will fail when"});
    const std::string number = number_in(line.text);
    if (!closed || number.empty()) continue;
    for (const Block* block : shell_blocks(facts.document)) {
      const Command* undo = nullptr;
      for (const Command& command : block->script.commands) {
        if (has(full_of(command), number) && has_any(lower(full_of(command)), {"down", "rollback", "undo"})) undo = &command;
      }
      if (undo == nullptr || !found.empty()) continue;
      model::Finding made = finding(model::Severity::error, undo->span,
                                    fmt::format("this undo works only until the new version has written: the document says that {} fails then, and nothing keeps it from writing", number),
                                    "stop the writers, mend the rows, look that none is left, and only then run it; before it is the point of no return");
      made.related.push_back({line.span, "the document's own words"});
      found.push_back(std::move(made));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
