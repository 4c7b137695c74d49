// A wait that nothing ends when what it waits for never comes.
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

using catalogue::Trap;

void look_at_waits(const Command& command, std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  const Trap* trap = known.find(Trap::Kind::no_timeout);
  static const std::set<std::string_view> kWaits = {"wait", "deploy", "roll_back"};
  if (trap == nullptr || !kWaits.contains(known.does) || command.is_bounded()) return;
  add_once(found,
           finding(model::Severity::warning, command.span, trap_text(command, *trap),
                   trap->instead.empty() ? "timeout 5m COMMAND, and say what to do when it runs out"
                                         : trap->instead));
}

/// `until curl ...; do sleep 5; done` with no count and no way out.
void look_at_loops(const Block& block, std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  static const std::set<std::string_view> kAsks = {
      "curl", "pg_isready", "nc",        "kubectl",   "docker",
      "wget", "psql",       "redis-cli", "systemctl", "docker-compose"};
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& test = commands[i];
    if (test.context.loops == 0 || !test.context.condition || !kAsks.contains(test.name()) ||
        test.is_bounded())
      continue;
    bool sleeps = false;
    bool leaves = false;
    for (std::size_t k = i + 1;
         k < commands.size() && commands[k].context.loops >= test.context.loops; ++k) {
      const std::string_view name = commands[k].name();
      sleeps = sleeps || name == "sleep";
      leaves = leaves || name == "break" || name == "exit" || name == "return" || name == "[" ||
               name == "test";
    }
    const std::string_view text = block.content.text;
    const bool counts =
        has_any(text, {"-ge ", "-gt ", "-le ", "-lt ", "seq ", "SECONDS", "((", "timeout "});
    if (!sleeps || leaves || counts) continue;
    add_once(found,
             finding(model::Severity::warning, test.span,
                     fmt::format("the loop around '{}' has no end when the answer never comes",
                                 text_of(test)),
                     "count the tries, and stop with a failure when they are used up"));
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_unbounded_wait(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) look_at_waits(command, found);
    look_at_loops(*block, found);
  }
  return found;
}

}  // namespace backout::analyzer::documents
