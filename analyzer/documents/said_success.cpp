// Part of hidden-failure: success is printed whatever happened, and a bound that runs out is not
// looked at.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool says_success(const Command& command) {
  if (command.name() != "echo" && command.name() != "printf" && command.name() != "Write-Host")
    return false;
  const std::string& text = command.low_line();
  if (has(text, "$")) return has_any(text, {"✅", "success"});
  return has_any(text, {"✅", "success", " complete", "completed", " created", " restored",
                        " rolled back", " done", "verified", "operational"}) &&
         !has_any(text, {"fail", "error", "waiting", "will ", "not "});
}

bool matters(const DocumentFacts& facts, const Block& block, const Command& command) {
  static constexpr std::string_view kCopies[] = {"cp", "mv", "rsync", "tar"};
  const bool copies =
      std::ranges::find(kCopies, command.name()) != std::end(kCopies) &&
      section_says(facts.document, block.section, {"restor", "rollback", "roll back", "backup"});
  if (copies) return true;
  const Effect effect = effect_of(command);
  return effect == Effect::save || effect == Effect::restore || effect == Effect::deploy ||
         effect == Effect::destroy ||
         (effect == Effect::change && (runs(command, "psql") || command.known().does == "migrate" ||
                                       command.known().does == "migrate_down" ||
                                       is_own_script(command) || command.known().tool == "docker"));
}

}  // namespace

void look_at_said_success(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (!is_followed(facts, block) || block.script.errexit) return;
  const auto& commands = block.script.commands;
  const Command* unseen = nullptr;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    if (command.context.substitution) continue;
    if (matters(facts, block, command) && goes_on(command) && command.name() != "rm")
      unseen = &command;
    // A test in between, whose failure leaves, tells the two apart.
    if (command.name() == "exit" || command.name() == "return" || command.context.status_tested)
      unseen = nullptr;
    if (unseen == nullptr || !says_success(command) || command.context.after_and ||
        command.context.after_or)
      continue;
    if (command.context.function != unseen->context.function ||
        command.context.branches > unseen->context.branches)
      continue;
    model::Finding made =
        finding(model::Severity::warning, command.span,
                "this says that it went well, whatever came before: nothing looks at how it ended",
                "set -euo pipefail at the top, or `&&` in between");
    made.related.push_back({unseen->span, "its failure is not looked at"});
    add_once(found, std::move(made));
    return;
  }
}

void look_at_bounds(const Block& block, Findings& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    const Command& command = commands[i];
    const bool bounded = !command.words.empty() && command.words[0].text == "timeout" &&
                         !command.context.substitution;
    if (!bounded || !goes_on(command) || command.context.condition || command.context.loops > 0 ||
        command.context.or_else)
      continue;
    const bool follows = command.name() == "tail" || command.name() == "watch" ||
                         command.name() == "journalctl" ||
                         has_any(command.line(), {"logs", "tail "});
    const bool more =
        std::any_of(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1, commands.end(),
                    [&](const Command& next) { return next.span.begin > command.span.end; });
    if (follows || !more) continue;
    add_once(found, finding(model::Severity::warning, command.span,
                            "when the time runs out nothing is done about it: what stands behind "
                            "it runs as if the wait had been answered",
                            "`|| exit 1` behind it, and a word on what to do then"));
  }
}

}  // namespace backout::analyzer::documents
