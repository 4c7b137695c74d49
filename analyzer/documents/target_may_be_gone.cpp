// What is served now is removed before what replaces it is known to be there.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/placements.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// `current` of `/opt/app/current/`.
std::string last_part(std::string text) {
  while (!text.empty() && (text.back() == '/' || text.back() == '*')) text.pop_back();
  return text.substr(text.rfind('/') == std::string::npos ? 0 : text.rfind('/') + 1);
}

/// Whether a look at `source` stands before: `[ -d X ]`, `ls X`, `tar -tf X`, `pg_restore --list
/// X`.
bool looked_at(const Block& block, const Command& until, const std::string& source) {
  const std::string part = last_part(source);
  // A variable that a look filled: `LATEST=$(ls -t ... | head -1)`.
  const bool filled = std::ranges::any_of(block.script.commands, [&](const Command& command) {
    return !command.context.assigns.empty() && has(source, "$" + command.context.assigns);
  });
  if (filled) return true;
  for (const Command& command : block.script.commands) {
    if (&command == &until) return false;
    const bool looks = effect_of(command) == Effect::look || command.context.condition ||
                       command.has("-t") || command.has("--list") || command.name() == "[" ||
                       command.name() == "test";
    const auto names = [&](const importers::Word& word) { return has(word.text, part); };
    if (looks && !part.empty() && std::ranges::any_of(command.words, names)) return true;
  }
  return false;
}

/// Whether a step before looks into a dump: `pg_restore --list`.
bool lists_dump(const DocumentFacts& facts, const Command& until) {
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      if (command.span.begin >= until.span.begin) return false;
      if (runs(command, "pg_restore") && (command.has("--list") || command.has("-l"))) return true;
    }
  }
  return false;
}

/// "Re-run all jobs of the last good run".
void look_at_reruns(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (std::size_t i = 0; i < facts.document.lines.size(); ++i) {
    const importers::Line& line = facts.document.lines[i];
    const std::string& low = facts.document.low().lines[i];
    const bool again =
        begins_word(low, {"re-run", "rerun"}) &&
        has_any(low, {"job", "workflow", "pipeline", "deployment", "deploy run", "build"}) &&
        !says_test(low) && !has_word(low, {"if", "fail", "fails", "failed", "failing", "failure"});
    if (!again || line.kind == importers::Line::Kind::paragraph ||
        !is_procedure(facts, line.section))
      continue;
    add_once(found,
             finding(model::Severity::warning, line.span,
                     "a run that is started again builds again, with the packages and images of "
                     "today, and old runs are kept for a limited time: it may not be what served "
                     "before, or not be there",
                     "deploy the artefact that the good run has stored, by its tag or digest"));
  }
}

/// A folder or a database is removed, and what replaces it is only then looked for.
void look_at_replaced(const DocumentFacts& facts, const Block& block,
                      std::vector<model::Finding>& found) {
  const Command* removed = nullptr;
  std::string what;
  const bool tests = has_any(block.content.text, {"-d \"", "-f \"", "-e \"", "[ -d", "[ -f",
                                                  "[[ -d", "[[ -f", "test -d", "test -f"});
  if (tests) return;
  for (const Command& command : block.script.commands) {
    if (command.name() == "rm" && (command.has("-r") || command.has("-R")) &&
        command.words.size() > 1) {
      removed = &command;
      what = last_part(command.words.back().text);
    } else if (command.name() == "dropdb" && command.words.size() > 1) {
      removed = &command;
      what = command.words.back().text;
    }
    if (removed == nullptr || &command == removed || what.empty()) continue;
    const std::string& text = command.line();
    const bool copies = (command.name() == "cp" || command.name() == "mv") &&
                        command.words.size() > 2 && last_part(command.words.back().text) == what;
    const bool unpacks = command.name() == "tar" && effect_of(command) == Effect::restore;
    const bool loads = removed->name() == "dropdb" &&
                       (runs(command, "pg_restore") || runs(command, "psql")) && has(text, what) &&
                       effect_of(command) != Effect::look;
    std::string source =
        copies ? command.words[command.words.size() - 2].text : command.words.back().text;
    if (unpacks) {
      if (const std::optional<Placement> archive = placement_of(command);
          archive && !archive->from.empty())
        source = archive->from;
    }
    if ((!copies && !unpacks && !loads) || looked_at(block, *removed, source) ||
        (loads && lists_dump(facts, *removed)))
      continue;
    model::Finding made =
        finding(model::Severity::error, removed->span,
                fmt::format("'{}' is gone before '{}' is known to be there and whole: when that "
                            "fails, nothing is left to go back to",
                            what, loads ? "the dump" : last_part(source)),
                loads ? "restore into a new database, look at it, and exchange the names"
                      : "look at the copy first, move the old one aside, and remove it last");
    made.related.push_back({command.span, "the copy is needed here"});
    found.push_back(std::move(made));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_target_may_be_gone(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_reruns(facts, found);
  for (const Block* block : shell_blocks(facts.document)) {
    if (is_followed(facts, *block) && !fills_another_environment(facts.document, block->section))
      look_at_replaced(facts, *block, found);
    look_at_switched_links(facts, *block, found);
    const Command* removed = nullptr;
    bool looked = false;
    for (const Command& command : block->script.commands) {
      looked = looked || is(command, {"docker", "pull"}) ||
               is(command, {"docker", "image", "inspect"}) || is(command, {"docker", "load"}) ||
               is(command, {"docker", "images"}) || is(command, {"docker", "build"});
      if (is(command, {"docker", "rm"}) && !looked && !clears_away(*block, command))
        removed = &command;
      if (!is(command, {"docker", "run"}) || removed == nullptr) continue;
      model::Finding made =
          finding(model::Severity::error, removed->span,
                  "the container is removed before the previous image is known to be there: when "
                  "the pull fails or it crashes, nothing is left to go back to",
                  "docker pull IMAGE@DIGEST first, rename the old container, and remove it last");
      made.related.push_back({command.span, "the previous image is needed here"});
      found.push_back(std::move(made));
      break;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
