// A way back of several steps, and nowhere a word on what happens when it fails itself.
#include <algorithm>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a text in lower case says what comes when something does not work, or whom to ask then.
bool says_otherwise(std::string_view text) {
  if (has_any(text, {"escalat", "fallback", "fall back", "falls back", "plan b", "last resort", "otherwise", "contact ", "call the", "support ticket", "abort", "unsuccessful", "does not work", "doesn't work", "not enough", "still fail", "still broken",
                     "still down", "unavailable", "stop and", "do not proceed", "do not continue", "fix forward", "fix-forward", "roll forward", "troubleshoot", "if rollback", "if the rollback", "stuck", "page the on", "page on-call", "try again", "retry",
                     "go back to", "return to", "start over", "rerun", "re-run", "repeat", "falla", "fallo", "falha", "échec", "échoue", "fehlgeschlagen", "scheitert", "fehler", "erro ", "失败", "실패", "失敗", "başarısız"})) {
    return true;
  }
  return has_any(text, {"if ", "when ", "on failure", "in case", "upon"}) && has_any(text, {"fail", "error", "not work", "unhealthy", "wrong", "problem", "differs", "mismatch", "non-zero", "missing"});
}

bool says_anywhere(const Document& document) {
  if (any_text(document, importers::kNowhere, says_otherwise)) return true;
  const bool table = std::ranges::any_of(document.tables, [](const importers::Table& each) {
    return std::ranges::any_of(each.rows, [](const std::vector<std::string>& row) {
      return std::ranges::any_of(row, [](const std::string& cell) { return says_otherwise(lower(cell)); });
    });
  });
  return table || std::ranges::any_of(document.blocks, [](const Block& block) { return has_any(lower(block.content.text), {"fail", "||", "error", "exit 1", "set -e", "trap "}); });
}

/// Whether the document as a whole is about going back, by its title or the name of its file.
bool is_about_way_back(const DocumentFacts& facts) {
  const std::string name = file_name_of(facts) + " " + lower(facts.document.title);
  return has_any(name, {"rollback", "roll back", "roll-back", "restore", "recover", "disaster", "failover", "backout", "cutover", "retour arri", "reversi", "restaur", "recupera", "rétabl", "wiederher"}) &&
         !has_any(name, {"drill", "test result", "acceptance", "summary", "review"});
}

/// The last step of the first procedure that has three steps in words or more; nullptr for none.
const importers::Line* last_of_procedure(const DocumentFacts& facts) {
  std::size_t orders = 0;
  const importers::Line* last = nullptr;
  for (const importers::Line& line : facts.document.lines) {
    if (last != nullptr && line.section != last->section) {
      if (orders > 2) return last;
      orders = 0;
      last = nullptr;
    }
    if (line.kind != importers::Line::Kind::item || !line.ordered || !is_procedure(facts, line.section)) continue;
    if (section_says(facts.document, line.section, {"test", "prueba", "drill", "document", "enable "})) continue;
    const Order order = order_of(line);
    if (order == Order::act || order == Order::restore) ++orders;
    last = &line;
  }
  return orders > 2 ? last : nullptr;
}

}  // namespace

std::vector<model::Finding> check_rollback_without_fallback(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !document.is_runbook || document.is_aside) return found;
  constexpr std::size_t kNote = 4;  // sections: what is shorter is a note
  if (document.methods.size() > 1 || document.sections.size() < kNote || !is_about_way_back(facts) || says_anywhere(document)) return found;
  const importers::Line* last = last_of_procedure(facts);
  if (last == nullptr) return found;
  found.push_back(finding(model::Severity::warning, last->span, "nothing in this document says what comes when the way back fails itself: whoever stands there has neither another way nor anybody to ask",
                          "for each way back: how one sees that it failed, what is done then, and who is called"));
  return found;
}

}  // namespace backout::analyzer::documents
