// Part of hidden-failure and of target-may-be-gone: a script says that it went well before it
// looks, and a link to a release that may not be there.
#include <algorithm>
#include <cctype>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// A look at what serves, whose answer decides how the script ends.
bool looks(const Command& command) {
  const bool asks =
      (command.name() == "curl" || command.name() == "wget") &&
      effect_of(command) == Effect::look &&
      has_any(command.low_line(), {"health", "ready", "status", "ping", "/version", "://"});
  const bool within =
      has_any(command.low_line(), {"healthz", "/health", "health_check", "healthcheck", "smoke"}) &&
      !only_tells(command);
  return asks || within;
}

/// The look behind `done` that comes with no other act in between; nullptr for none. What is told
/// in between is a report; another act makes the first message one of a part.
const Command* look_behind(const std::vector<Command>& commands, std::size_t done,
                           const std::vector<bool>& looking) {
  for (std::size_t k = done + 1; k < commands.size(); ++k) {
    const Command& each = commands[k];
    if (each.context.branches > 0 || each.context.function != commands[done].context.function)
      continue;
    if (looking[k]) return &each;
    const Effect effect = effect_of(each);
    if (effect == Effect::change || effect == Effect::deploy || effect == Effect::restore ||
        effect == Effect::destroy)
      return nullptr;
  }
  return nullptr;
}

}  // namespace

void look_at_early_success(const Block& block, Findings& found) {
  if (!block.script.whole && !runs_as_script(block)) return;
  const auto& commands = block.script.commands;
  std::vector<bool> looking;
  for (const Command& command : commands) looking.push_back(looks(command));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& done = commands[i];
    if (done.context.branches > 0 || done.context.loops > 0 || done.context.substitution ||
        !says_done(done))
      continue;
    const Command* look = look_behind(commands, i, looking);
    if (look == nullptr) continue;
    model::Finding made = finding(
        model::Severity::warning, done.span,
        "this says that it went well before anything has looked: the check comes only behind it",
        "the message last, behind the check");
    made.related.push_back({look->span, "the check"});
    add_once(found, std::move(made));
    return;
  }
}

void look_at_switched_links(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (facts.document.role(block.section) == Role::deploy || !is_followed(facts, block)) return;
  const bool back = facts.document.is_script
                        ? has_any(lower(block.content.text.substr(0, 1500)),
                                  {"rollback", "roll back", "roll-back", "revert"})
                        : facts.document.role(block.section) == Role::rollback;
  if (!back || !runs_as_script(block)) return;
  std::vector<BlockLine> tests = lines_of(block);
  std::erase_if(tests, [](const BlockLine& line) {
    return !has_any(line.text, {"-d ", "-e ", "-L ", "-f ", "-z ", "ls "});
  });
  for (const Command& command : block.script.commands) {
    const bool forced = command.name() == "ln" &&
                        std::ranges::any_of(command.words, [](const importers::Word& word) {
                          return word.text.size() > 1 && word.text[0] == '-' &&
                                 word.text[1] != '-' && has(word.text, "s") && has(word.text, "f");
                        });
    const auto words = operands(command, 0);
    if (!forced || words.size() < 2 || words[0]->literal) continue;
    // The last variable of the path is the release that is chosen.
    const std::string& path = words[0]->text;
    const std::string name = variable_at(path, path.rfind('$'));
    const bool tested = std::ranges::any_of(tests, [&](const BlockLine& line) {
      return line.span.begin < command.span.begin &&
             (uses_variable(line.text, name) || has(line.text, path));
    });
    if (name.empty() || tested) continue;
    add_once(found, finding(model::Severity::error, command.span,
                            fmt::format("nothing looks whether '{}' is there: `ln` makes a link to "
                                        "nothing without a word, and what serves has no files",
                                        path),
                            fmt::format("`[ -d \"{}\" ] || exit 1` before it", path)));
  }
}

}  // namespace backout::analyzer::documents
