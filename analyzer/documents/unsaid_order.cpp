// Part of order-contradiction: a way back for the code, one for the database, and no word on which
// goes first.
#include <algorithm>
#include <cctype>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// A sequence that is drawn: "1. Database", "2. Backend" in one block.
bool draws_order(const Document& document) {
  return std::ranges::any_of(document.blocks, [](const Block& block) {
    // Comments between commands are the steps of one way.
    if (block.left_out || !block.script.commands.empty()) return false;
    bool data = false;
    bool code = false;
    for (const BlockLine& line : lines_of(block)) {
      const std::string low = lower(line.text);
      const std::size_t first = low.find_first_not_of("# =-\t/*");
      const std::string_view text =
          first == std::string::npos ? std::string_view() : std::string_view(low).substr(first);
      const bool numbered =
          !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) != 0 ||
                            text.starts_with("step ") || text.starts_with("phase "));
      if (!numbered) continue;
      data = data || has_any(text, {"database", "migration", "schema"});
      code = code || has_any(text, {"backend", "frontend", "code", "application", "deploy", "api"});
    }
    return data && code;
  });
}

}  // namespace

void look_at_unsaid_order(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  const Command* code = nullptr;
  const Command* data = nullptr;
  std::uint32_t code_unit = importers::kNowhere;
  std::uint32_t data_unit = importers::kNowhere;
  for (const Block* block : blocks_of_way_back(facts)) {
    const std::uint32_t chapter = chapter_of(document, block->section);
    bool code_here = false;
    bool data_here = false;
    for (const Command& command : block->script.commands) {
      const bool back = takes_code_back(command);
      const bool rows = takes_data_back(*block, command);
      code_here = code_here || back;
      data_here = data_here || rows;
      if (back && code == nullptr) {
        code = &command;
        code_unit = chapter;
      }
      if (rows && data == nullptr) {
        data = &command;
        data_unit = chapter;
      }
    }
    if (code_here && data_here) return;
  }
  if (code == nullptr || data == nullptr || code_unit == data_unit || draws_order(document) ||
      is_said_where(
          document, [](std::uint32_t) { return true; }, says_order))
    return;
  model::Finding made =
      finding(model::Severity::warning, data->span,
              "nothing says which goes back first, the code or the database: in between one of "
              "them runs on what was made for the other",
              "the order for a release that changed both, and which combinations work in between");
  made.related.push_back({code->span, "the way back of the code"});
  add_once(found, std::move(made));
}

}  // namespace backout::analyzer::documents
