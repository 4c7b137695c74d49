// Checks that stand in words: no command, no value, no state that has to be seen.
#include <algorithm>
#include <cctype>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/prose_checks.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Line;

/// A value, a name in code, or a state that somebody can see or not see.
bool says_answer(std::string_view raw) {
  const std::string text = lower(raw);
  if (std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; })) return true;
  return has_any(text, {"`", "\"", "http", "](", "no error", "running", "ready", "synced", "green", "expected", "should", "must", "matches", "equals", "same as", "empty", "returns",
                        "loads", "log in", "login", "can be", "able to", "connected", "no longer", "zero", "baseline", "threshold", "dashboard", "console", ".sh", "script", "checksum",
                        "up and", "is up", "are up", "if "});
}

bool shows_commands(const Document& document) {
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    return !block.left_out && document.role(block.section) == Role::verification && block.language == importers::Language::shell;
  });
}

/// Data comes back, and no command, item or chapter behind it looks at it.
void look_at_unseen_restores(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    if (!is_procedure(facts, block->section)) continue;
    for (const Command& command : block->script.commands) {
      const std::string text = lower(full_of(command));
      const bool loads = (runs(command, "psql") || runs(command, "mysql")) && has_any(text, {"backup", "dump"}) && !has(text, "select");
      const bool copies = (command.name() == "cp" || command.name() == "tar") && has(text, "backup") && section_says(document, block->section, {"restor"}) &&
                          !has_any(lower(command.words.back().text), {"backup", ".bak"});
      if ((effect_of(command) != Effect::restore && !loads && !copies) || command.known().existence == catalogue::Existence::does_not_exist) continue;
      const bool seen = std::ranges::any_of(document.blocks, [&](const Block& other) {
        const bool later = other.span.begin >= block->span.begin && !other.left_out && document.role(other.section) != Role::drill;
        return later && std::ranges::any_of(other.script.commands, [&](const Command& each) {
          return each.span.begin > command.span.end && each.name() != "ls" && (effect_of(each) == Effect::look || has_any(lower(full_of(each)), {"verify", "check", "select", "health"}));
        });
      });
      const bool said = std::ranges::any_of(document.lines, [&](const Line& line) {
        return line.span.begin > command.span.end && document.role(line.section) != Role::drill && (order_of(line) == Order::check || document.role(line.section) == Role::verification);
      });
      if (seen || said) continue;
      found.push_back(finding(model::Severity::warning, command.span, "nothing behind this looks at what came back: an empty or older copy goes live like a good one",
                              "counts, the newest row and a look at the application, compared with what was recorded before"));
      return;
    }
  }
}

}  // namespace

/// Whether the list that the line stands in says when something is done: "Only if one of these holds:".
bool lists_conditions(const Document& document, std::size_t line) {
  const std::uint32_t section = document.lines[line].section;
  while (line > 0 && document.lines[line].kind != Line::Kind::paragraph && document.lines[line - 1].section == section) --line;
  const std::string& lead = document.low().lines[line];
  return document.lines[line].kind == Line::Kind::paragraph &&
         has_any(lead, {"only if", "only when", "only in", "if any of", "if one of", "any of the following", "one of the following", "只有", "如果", "nur wenn", "solo si", "solo cuando", "seulement si"});
}

void look_at_prose_checks(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  look_at_unseen_restores(facts, found);
  const bool commands = shows_commands(document);
  model::Finding made;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    const bool sentence = line.kind == Line::Kind::paragraph && line.depth == 0 && line.text.size() < 90 && line.text.ends_with('.');
    if ((line.kind == Line::Kind::paragraph && !sentence) || has_items(document, i) || (!sentence && lists_conditions(document, i))) continue;
    const bool procedure = is_procedure(facts, line.section) && order_of(line) == Order::check;
    const bool listed = !commands && document.role(line.section) == Role::verification && line.kind != Line::Kind::checkbox && order_of(line) == Order::check;
    if ((!procedure && !listed) || says_answer(raw_of(facts, line)) || says_how(facts, i)) continue;
    if (line.kind == Line::Kind::checkbox && section_says(document, line.section, {"before", "pre-", "checklist"})) continue;
    if (made.message.empty()) {
      made = finding(model::Severity::warning, line.span, "this check names no command and no value: each reader decides for himself whether it passed",
                     "the command or the address, and the answer that it has to give");
    } else {
      made.related.push_back({line.span, "here, too"});
    }
  }
  if (!made.message.empty()) found.push_back(std::move(made));
}

}  // namespace backout::analyzer::documents
