// Checks that stand in words: no command, no value, no state that has to be seen.
#include <algorithm>
#include <cctype>
#include <set>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/prose_checks.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Line;

/// Whether a text speaks of what is expected and does not say what that is: "row counts match
/// expected values".
bool expects_something(std::string_view low) {
  for (const std::string_view what :
       {"rows", "row count", "result", "data", "count", "value", "output", "state", "behavior",
        "behaviour", "level", "range", "performance"}) {
    for (const std::string_view before :
         {"expected ", "normal ", "correct ", "acceptable ", "reasonable ", "appropriate "}) {
      if (has(low, std::string(before) + std::string(what))) return true;
    }
  }
  const bool measured = has_any(low, {"error rate", "latency", "performance", "response time",
                                      "throughput", "metric", "gauge", "lag", "cpu", "memory"});
  if (measured && has_any(low, {"recovered", "back to normal", "return to normal",
                                "returned to normal", "nominal", "normalised", "normalized",
                                "stabilised", "stabilized", "look healthy", "are healthy"}))
    return true;
  if (low.starts_with("performance normale") || low.starts_with("performance normal")) return true;
  for (const std::string_view end :
       {" is correct", " are correct", " is intact", " are intact", " properly", " correctly",
        " is normal", " are normal", " performance normale", " is acceptable", " is stable"}) {
    if (low.ends_with(end) || has(low, std::string(end) + " ") || has(low, std::string(end) + "."))
      return true;
  }
  return has_any(low, {"as expected",          "conteos esperados",    "valores esperados",
                       "resultados esperados", "résultats attendus",   "valeurs attendues",
                       "erwarteten werte",     "looks good",           "look good",
                       "looks correct",        "looks right",          "looks normal",
                       "working properly",     "works properly",       "working correctly",
                       "works correctly",      "functioning properly", "functioning correctly",
                       "operating normally",   "working normally"});
}

/// A value, a name in code, or a state that somebody can see or not see.
bool says_answer(std::string_view raw) {
  const std::string text = lower(raw);
  if (std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; })) return true;
  return has_any(text, {"`",       "\"",       "http",      "](",        "no error",  "running",
                        "ready",   "synced",   "green",     "expected",  "should",    "must",
                        "matches", "equals",   "same as",   "empty",     "returns",   "loads",
                        "log in",  "login",    "can be",    "able to",   "connected", "no longer",
                        "zero",    "baseline", "threshold", "dashboard", "console",   ".sh",
                        "script",  "checksum", "up and",    "is up",     "are up",    "if "});
}

/// Whether an item that verifies speaks of what is expected, and neither it nor its code holds a
/// number.
bool is_vague(const DocumentFacts& facts, const Line& line) {
  const std::string low = lower(line.text);
  const bool verifies = line.kind != Line::Kind::paragraph &&
                        (facts.document.role(line.section) == Role::verification ||
                         (is_procedure(facts, line.section) && order_of(line) == Order::check));
  const bool number =
      std::ranges::any_of(low, [](unsigned char c) { return std::isdigit(c) != 0; });
  return verifies && !number && expects_something(low) &&
         !has_any(low, {"baseline", "recorded", "before the", "pre-", "same as", "compare"});
}

bool shows_commands(const Document& document) {
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    return !block.left_out && document.role(block.section) == Role::verification &&
           block.language == importers::Language::shell;
  });
}

/// Whether a line in lower case tells to look at something.
bool tells_look(std::string_view low) {
  return has_any(low, {"verif", "confirm", "valid", "smoke", "health", "compare", "monitor",
                       "inspect", "look at", "make sure", "ensure"});
}

/// "Run `make restore`; `make smoke` then has to end with 0": the sentence itself goes on with the
/// look.
bool goes_on_with_look(const Block& block) {
  return block.in_sentence && has_any(lower(block.after), {"confirm", "verif", "validat", "check",
                                                           "compare", "has to", "must", "should"});
}

/// Whether a comment says that what stands below it verifies.
bool says_verified(std::string_view low) {
  return has_any(low, {"verif", "valid", "smoke", "compare"}) || says_test(low);
}

/// Whether a cloud is asked about an instance or an operation: that says nothing of the rows.
bool is_told_by_cloud(const Command& command) {
  const std::string_view tool = command.known().tool;
  return tool == "gcloud" || tool == "aws" || tool == "az" || tool == "doctl";
}

/// Data comes back, and no command, item or chapter behind it looks at it.
void look_at_unseen_restores(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    if (!is_procedure(facts, block->section)) continue;
    for (const Command& command : block->script.commands) {
      const std::string& text = command.low_line();
      const bool loads = ((runs(command, "psql") || runs(command, "mysql")) &&
                          has_any(text, {"backup", "dump"}) && !has(text, "select")) ||
                         loads_copy(*block, command);
      const bool copies = (command.name() == "cp" || command.name() == "tar") &&
                          has(text, "backup") &&
                          section_says(document, block->section, {"restor"}) &&
                          !has_any(lower(command.words.back().text), {"backup", ".bak"});
      if ((effect_of(command) != Effect::restore && !loads && !copies) ||
          command.known().existence == catalogue::Existence::does_not_exist)
        continue;
      const bool seen = std::ranges::any_of(document.blocks, [&](const Block& other) {
        const bool later = other.span.begin >= block->span.begin && !other.left_out &&
                           document.role(other.section) != Role::drill;
        if (later && other.span.begin > block->span.begin &&
            (document.role(other.section) == Role::verification ||
             other.language == importers::Language::sql) &&
            has(lower(other.content.text), "select"))
          return true;
        if (later &&
            std::ranges::any_of(other.script.comments, [&](const importers::Comment& each) {
              return each.span.begin > command.span.end && says_verified(lower(each.text));
            }))
          return true;
        return later && std::ranges::any_of(other.script.commands, [&](const Command& each) {
                 return each.span.begin > command.span.end && each.name() != "ls" &&
                        ((effect_of(each) == Effect::look && !is_told_by_cloud(each)) ||
                         says_test(each.low_line()) ||
                         has_word(each.low_line(), {"check", "checks", "doctor"}) ||
                         has_any(each.low_line(), {"verify", "select ", "health", "checksum"}));
               });
      });
      const bool said = std::ranges::any_of(document.lines, [&](const Line& line) {
        return line.span.begin > command.span.end && document.role(line.section) != Role::drill &&
               (order_of(line) == Order::check ||
                document.role(line.section) == Role::verification ||
                has_any(lower(line.text),
                        {"confirm", "verif", "validat", "check that", "compare"}) ||
                (line.kind != Line::Kind::paragraph && tells_look(lower(line.text))));
      });
      if (seen || said || goes_on_with_look(*block)) continue;
      found.push_back(finding(model::Severity::warning, command.span,
                              "nothing behind this looks at what came back: an empty or older copy "
                              "goes live like a good one",
                              "counts, the newest row and a look at the application, compared with "
                              "what was recorded before"));
      return;
    }
  }
}

/// Whether a line or a command below the section looks at something, behind `from`.
bool looks_behind(const Document& document, std::uint32_t unit, std::uint32_t from) {
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    if (line.span.begin <= from || !document.below(line.section, unit)) continue;
    if (order_of(line) == Order::check || tells_look(document.low().lines[i]) ||
        says_test(document.low().lines[i]))
      return true;
  }
  for (const Block& block : document.blocks) {
    if (block.left_out || block.span.end <= from || !document.below(block.section, unit)) continue;
    for (const importers::Comment& comment : block.script.comments) {
      if (comment.span.begin > from && says_verified(lower(comment.text))) return true;
    }
    for (const Command& command : block.script.commands) {
      if (command.span.begin > from &&
          (effect_of(command) == Effect::look ||
           has_any(command.low_line(), {"verif", "health", "select ", "check", "smoke", "valid"})))
        return true;
    }
    if (block.language == importers::Language::sql && block.span.begin > from &&
        has(lower(block.content.text), "select"))
      return true;
  }
  return std::ranges::any_of(document.sections, [&](const importers::Section& each) {
    return each.span.begin > from && each.role == Role::verification &&
           document.below(static_cast<std::uint32_t>(&each - document.sections.data()), unit);
  });
}

/// Whether a chapter of the document, and no step of one procedure or rehearsal, says how
/// everything is looked at.
bool verifies_for_all(const Document& document) {
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    const importers::Section& each = document.sections[i];
    if (!each.own_role || each.role != Role::verification) continue;
    const bool of_something_else = section_says(
        document, i, {"drill", "rehears", "testing", "dr test", "backup", ".sh", "script"});
    if (!of_something_else && document.procedure_of(i) == i) return true;
  }
  return false;
}

/// Several procedures of which some bring data back and end there, while the document looks
/// elsewhere at most.
void look_at_unseen_procedures(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (verifies_for_all(document)) return;
  std::set<std::uint32_t> seen;
  const auto report = [&](std::uint32_t section, model::Span span) {
    const std::uint32_t unit = document.procedure_of(section);
    if (unit == importers::kNowhere || document.sections[unit].level < 2 ||
        !seen.insert(unit).second)
      return;
    if (!is_procedure(facts, section) ||
        section_says(document, section, {"drill", "rehears", "test", "staging"}) ||
        looks_behind(document, unit, span.end))
      return;
    add_once(found, finding(model::Severity::warning, span,
                            "nothing in this procedure looks at what came back: an empty or older "
                            "copy goes live like a good one",
                            "counts, the newest row and a look at the application, compared with "
                            "what was recorded before"));
  };
  std::vector<std::pair<std::uint32_t, model::Span>> places;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    const bool data =
        has_any(document.low().lines[i],
                {"database", " db", "data", "backup", "snapshot", "dump", "pitr", "point-in-time"});
    if (line.kind != Line::Kind::paragraph && order_of(line) == Order::restore && data)
      places.emplace_back(line.section, line.span);
  }
  for (const Block* block : shell_blocks(document)) {
    if (goes_on_with_look(*block)) continue;
    for (const Command& command : block->script.commands) {
      const bool there = command.known().existence != catalogue::Existence::does_not_exist;
      if (there && effect_of(command) == Effect::restore && command.name() != "cp" &&
          command.name() != "tar" && !command.has("--list") && !command.has("-l"))
        places.emplace_back(block->section, command.span);
    }
  }
  std::ranges::sort(places, {}, [](const auto& each) { return each.second.begin; });
  for (const auto& [section, span] : places) report(section, span);
}

/// Where the last line or command of the document stands, but in a rehearsal, that looks at
/// something; 0 where none does.
std::uint32_t last_look(const Document& document) {
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    const Role role = document.role(line.section);
    if (line.span.begin <= last || role == Role::drill || role == Role::prevention ||
        role == Role::template_text)
      continue;
    const std::string& low = document.low().lines[i];
    const bool looks = order_of(line) == Order::check || role == Role::verification ||
                       says_test(low) ||
                       has_any(low, {"verif", "confirm", "smoke", "health", "poll ", "make sure",
                                     "monitor", "watch ", "wait for", "wait until", "should ",
                                     "must ", "has to", "open http", "visit ", "status"});
    if (looks) last = line.span.begin;
  }
  for (const Block& block : document.blocks) {
    if (block.left_out || document.role(block.section) == Role::drill) continue;
    if (document.role(block.section) == Role::verification) last = std::max(last, block.span.end);
    for (const Command& command : block.script.commands) {
      if (command.span.begin <= last) continue;
      const bool looks = effect_of(command) == Effect::look || effect_of(command) == Effect::wait ||
                         has_any(command.low_line(), {"verif", "health", "smoke", "check", "test"});
      if (looks) last = command.span.begin;
    }
  }
  return last;
}

/// Ways back by a console, and nothing behind them that looks whether they worked.
void look_at_unseen_ways(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_aside || verifies_for_all(document)) return;
  const std::uint32_t last = last_look(document);
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    if (line.kind != Line::Kind::item || !line.ordered ||
        document.role(line.section) != Role::rollback || !is_procedure(facts, line.section))
      continue;
    const std::string& low = document.low().lines[i];
    const bool acts =
        begins_word(low, {"click"}) || has_any(low, {"promote to production", "run workflow",
                                                     "publish deploy", "roll back to this"});
    const std::uint32_t unit = document.procedure_of(line.section);
    if (!acts || unit == importers::kNowhere || seen.contains(unit) || last > line.span.end)
      continue;
    seen.insert(unit);
    add_once(found, finding(model::Severity::warning, line.span,
                            "nothing behind this looks whether the way back worked: a rollback "
                            "that failed is called done",
                            "a last step that asks the application for its health and its version, "
                            "and the answer that it has to give"));
  }
}

/// Whether some text says how somebody sees how things are: `latest`, `git checkout` and
/// "invalidate" say nothing of it.
bool says_look(const Document& document) {
  return document_says(
             document,
             {"verif",    "confirm",   "health", "smoke",   "monitor",   "ensure",   "watch",
              "look at",  "make sure", "status", "compare", "vergleich", "getestet", "验证",
              "检查",     "确认",      "测试",   "검증",    "확인",      "점검",     "테스트",
              "確認",     "検証",      "テスト", "vérif",   "contrôl",   "comprob",  "prüf",
              "überprüf", "sprawdź",   "провер", "kontrol", "تحقق"}) ||
         document_begins_word(document, {"test", "retest", "valid", "revalid"}) ||
         document_says_word(document, {"check", "checks", "checked", "checking", "checklist",
                                       "recheck", "precheck", "postcheck"});
}

/// A way back in words, and nowhere a word on how somebody sees that it worked.
void look_at_silence(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_aside || says_look(document)) return;
  std::size_t orders = 0;
  const Line* first = nullptr;
  for (const Line& line : document.lines) {
    const Order order = line.kind == Line::Kind::paragraph ? Order::none : order_of(line);
    if ((order != Order::act && order != Order::restore) || !is_procedure(facts, line.section))
      continue;
    ++orders;
    if (first == nullptr) first = &line;
  }
  if (orders < 2 && (orders == 0 || document.blocks.empty())) return;
  found.push_back(finding(model::Severity::warning, first->span,
                          "nothing in this document looks whether the way back worked: a rollback "
                          "that failed is called done",
                          "a last step that asks the application for its health and its version, "
                          "and the answer that it has to give"));
}

}  // namespace

/// Whether the list that the line stands in says when something is done: "Only if one of these
/// holds:".
bool lists_conditions(const Document& document, std::size_t line) {
  const std::uint32_t section = document.lines[line].section;
  while (line > 0 && document.lines[line].kind != Line::Kind::paragraph &&
         document.lines[line - 1].section == section)
    --line;
  const std::string& lead = document.low().lines[line];
  return document.lines[line].kind == Line::Kind::paragraph &&
         has_any(lead, {"use it to", "use this to", "only if", "only when", "only in", "if any of",
                        "if one of", "any of the following", "one of the following", "只有", "如果",
                        "nur wenn", "solo si", "solo cuando", "seulement si"});
}

void look_at_prose_checks(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  const std::size_t before = found.size();
  look_at_unseen_restores(facts, found);
  if (found.empty()) look_at_silence(facts, found);
  if (found.size() == before) look_at_unseen_procedures(facts, found);
  if (found.size() == before) look_at_unseen_ways(facts, found);
  const bool commands = shows_commands(document);
  OneFinding made;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    const bool sentence = line.kind == Line::Kind::paragraph && line.depth == 0 &&
                          line.text.size() < 90 && line.text.ends_with('.');
    if ((line.kind == Line::Kind::paragraph && !sentence) || has_items(document, i) ||
        (!sentence && lists_conditions(document, i)))
      continue;
    const bool procedure = is_procedure(facts, line.section) && order_of(line) == Order::check;
    const bool listed = !commands && document.role(line.section) == Role::verification &&
                        line.kind != Line::Kind::checkbox && order_of(line) == Order::check;
    const bool shown = std::ranges::any_of(document.blocks,
                                           [&](const Block& block) { return holds(line, block); });
    if ((shown || !is_vague(facts, line)) &&
        ((!procedure && !listed) || says_answer(raw_of(facts, line)) || says_how(facts, i)))
      continue;
    if (line.kind == Line::Kind::checkbox &&
        section_says(document, line.section, {"before", "pre-", "checklist"}))
      continue;
    made.add(finding(model::Severity::warning, line.span,
                     "this check names no command and no value: each reader decides for himself "
                     "whether it passed",
                     "the command or the address, and the answer that it has to give"));
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
