// Part of order-contradiction: a way back for the code, one for the database, and no word on which goes first.
#include <algorithm>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

bool names_data(std::string_view low) { return has_any(low, {"database", "migration", "schema", "downgrade", "base de datos", "banco de dados"}) || has_word(low, {"db", "data"}); }

bool names_code(std::string_view low) { return has_any(low, {"code", "application", "deploy", "backend", "image", "service", "version", "release", "container", "frontend", "pods", "código", "aplica"}) || has_word(low, {"app", "api"}); }

bool names_order(std::string_view low) {
  return has_any(low, {"before", "after", "order", "sequence", "prior to", "antes", "después", "despues", "depois", "orden", "ordem", "compatible", "together", "step 1", "simultan", "at the same time", "independent"}) ||
         has_word(low, {"first", "then", "once", "last", "primero", "luego"});
}

/// Whether a sentence, title or comment puts the two in an order, or says that it does not matter.
bool says_order(const Document& document) {
  return any_text(document, importers::kNowhere, [](std::string_view low) {
    for (std::size_t begin = 0; begin <= low.size();) {
      const std::size_t end = std::min(low.find('\n', begin), low.size());
      const std::string_view line = low.substr(begin, end - begin);
      if (names_data(line) && names_order(line) && names_code(line)) return true;
      begin = end + 1;
    }
    return false;
  });
}

bool takes_code_back(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "git") return (is(command, {"git", "checkout"}) || is(command, {"git", "revert"}) || is(command, {"git", "reset"})) && !command.has("--") && !command.has("-b");
  return known.does == "roll_back" || (known.tool == "kubectl" && known.path == "set image");
}

bool takes_data_back(const Block& block, const Command& command) {
  return command.known().does == "migrate_down" || (runs(command, "pg_restore") && !command.has("--list") && !command.has("-l")) || loads_copy(block, command);
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
  if (code == nullptr || data == nullptr || code_unit == data_unit || says_order(document)) return;
  model::Finding made = finding(model::Severity::warning, data->span, "nothing says which goes back first, the code or the database: in between one of them runs on what was made for the other",
                                "the order for a release that changed both, and which combinations work in between");
  made.related.push_back({code->span, "the way back of the code"});
  add_once(found, std::move(made));
}

}  // namespace backout::analyzer::documents
