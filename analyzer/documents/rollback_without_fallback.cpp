// A way back of several steps, and nowhere a word on what happens when it fails itself.
#include <algorithm>
#include <optional>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a text in lower case says what comes when something does not work, or whom to ask then.
bool says_otherwise(std::string_view text) {
  if (has_any(text, {"escalat",
                     "fallback",
                     "fall back",
                     "falls back",
                     "plan b",
                     "last resort",
                     "otherwise",
                     "contact ",
                     "call the",
                     "support ticket",
                     "abort",
                     "unsuccessful",
                     "does not work",
                     "doesn't work",
                     "not enough",
                     "still fail",
                     "still broken",
                     "still down",
                     "unavailable",
                     "stop and",
                     "do not proceed",
                     "do not continue",
                     "fix forward",
                     "fix-forward",
                     "roll forward",
                     "troubleshoot",
                     "if rollback",
                     "if the rollback",
                     "stuck",
                     "page the on",
                     "page on-call",
                     "try again",
                     "retry",
                     "go back to",
                     "return to",
                     "start over",
                     "rerun",
                     "re-run",
                     "repeat",
                     "falla",
                     "fallo",
                     "falha",
                     "échec",
                     "échoue",
                     "fehlgeschlagen",
                     "scheitert",
                     "fehler",
                     "erro ",
                     "失败",
                     "실패",
                     "失敗",
                     "başarısız",
                     "連絡先",
                     "トラブル",
                     "問題が発生した場合"})) {
    return true;
  }
  return has_any(text, {"if ", "when ", "on failure", "in case", "upon"}) &&
         has_any(text, {"fail", "error", "not work", "unhealthy", "wrong", "problem", "differs",
                        "mismatch", "non-zero", "missing"});
}

/// Whether somebody who goes back reads the section: not why one does, and not how one deploys.
bool is_read_meanwhile(const Document& document, std::uint32_t section) {
  const Role role = document.role(section);
  return role != Role::triggers && role != Role::deploy && role != Role::drill &&
         role != Role::prevention && role != Role::template_text && role != Role::follow_up;
}

bool says_anywhere(const Document& document) {
  const importers::LowTexts& low = document.low();
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (is_read_meanwhile(document, document.lines[i].section) && says_otherwise(low.lines[i]))
      return true;
  }
  for (const std::string& title : low.titles) {
    const bool reason = title.starts_with("when ") || title.starts_with("scenario");
    if (!reason && says_otherwise(title)) return true;
    if (has_any(title, {"contact", "on-call", "on call", "who to call", "kontakt", "contato",
                        "contacto", "联系", "контакт", "連絡先"}))
      return true;
  }
  for (std::size_t i = 0; i < document.blocks.size(); ++i) {
    if (document.blocks[i].left_out || !is_read_meanwhile(document, document.blocks[i].section))
      continue;
    // Of a block what it tells people counts, and not what a command prints.
    for (const BlockLine& line : lines_of(document.blocks[i])) {
      if (line.text.starts_with('#') && says_otherwise(lower(line.text))) return true;
    }
  }
  return std::ranges::any_of(document.tables, [&](const importers::Table& each) {
    return is_read_meanwhile(document, each.section) &&
           std::ranges::any_of(each.rows, [](const std::vector<std::string>& row) {
             return std::ranges::any_of(
                 row, [](const std::string& cell) { return says_otherwise(lower(cell)); });
           });
  });
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
    if (line.kind != importers::Line::Kind::item || !line.ordered ||
        !is_procedure(facts, line.section))
      continue;
    if (section_says(facts.document, line.section,
                     {"test", "prueba", "drill", "document", "enable "}))
      continue;
    const Order order = order_of(line);
    if (order == Order::act || order == Order::restore) ++orders;
    last = &line;
  }
  return orders > 2 ? last : nullptr;
}

/// The last command of the first way back of several; nullopt for none.
std::optional<model::Span> end_of_first(const DocumentFacts& facts) {
  if (is_note(facts.document)) return std::nullopt;
  constexpr std::size_t kSome = 3;  // commands: fewer are undone by hand
  for (const WayBack& way : ways_back(facts)) {
    if (way.deeds.size() >= kSome &&
        (!way.code.empty() || !way.downs.empty() || !way.restores.empty()))
      return way.deeds.back().command->span;
  }
  return std::nullopt;
}

}  // namespace

std::vector<model::Finding> check_rollback_without_fallback(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !document.is_runbook || document.is_aside)
    return found;
  constexpr std::size_t kNote = 4;  // sections: what is shorter is a note
  if (document.methods.size() > 1 || document.sections.size() < kNote ||
      !is_about_way_back(facts) || says_anywhere(document))
    return found;
  const importers::Line* last = last_of_procedure(facts);
  const auto place = last != nullptr ? std::optional(last->span) : end_of_first(facts);
  if (!place) return found;
  found.push_back(finding(
      model::Severity::warning, *place,
      "nothing in this document says what comes when the way back fails itself: whoever stands "
      "there has neither another way nor anybody to ask",
      "for each way back: how one sees that it failed, what is done then, and who is called"));
  return found;
}

}  // namespace backout::analyzer::documents
