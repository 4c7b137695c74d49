// Part of runbook-never-ends: steps that no run of a script reaches.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command ends the script, or the function that holds it, whatever happened before.
bool ends_always(const Block& block, const Command& command) {
  const importers::Context& context = command.context;
  if (context.branches > 0 || context.loops > 0 || context.condition || context.substitution ||
      context.background || context.pipe_length > 1)
    return false;
  if (context.after_and || context.after_or || context.and_then || context.or_else) return false;
  const bool returns = command.name() == "return" && !context.function.empty();
  const bool exits =
      command.name() == "exit" || (command.words.size() > 1 && command.words[0].text == "exec" &&
                                   command.words[1].text.find_first_of("<>0123456789") != 0);
  if (!returns && !exits) return false;
  // `( ...; exit 1 )` and `{ ...; exit 1; } || ...` end no more than themselves.
  const std::vector<BlockLine> lines = lines_of(block);
  const auto own = std::ranges::find_if(lines, [&](const BlockLine& each) {
    return each.span.begin <= command.span.begin && command.span.begin < each.span.end;
  });
  return own != lines.end() && own->span.begin == command.span.begin;
}

}  // namespace

void look_at_dead_steps(const Block& block, Findings& found) {
  if (block.script.torn) return;  // an `exit` may stand in an `if` that cannot be seen
  const auto& commands = block.script.commands;
  std::set<std::string_view> ended;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& end = commands[i];
    if (end.context.elsewhere || ended.contains(end.context.function) || !ends_always(block, end))
      continue;
    const auto next =
        std::find_if(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1, commands.end(),
                     [&](const Command& each) {
                       const Effect effect = effect_of(each);
                       const bool acts = is_own_script(each) ||
                                         (effect != Effect::none && effect != Effect::say &&
                                          each.known().existence == catalogue::Existence::known);
                       return each.context.function == end.context.function &&
                              each.span.begin > end.span.end && acts && !only_tells(each);
                     });
    if (next == commands.end()) continue;
    model::Finding made = finding(
        model::Severity::error, next->span,
        fmt::format("'{}' above ends the {} whatever happened: '{}' and what follows it never run",
                    text_of(end), end.context.function.empty() ? "script" : "function",
                    text_of(*next)),
        "move the end behind it, or take away what is not wanted");
    made.related.push_back({end.span, "it ends here"});
    add_once(found, std::move(made));
    ended.insert(end.context.function);
  }
}

}  // namespace backout::analyzer::documents
