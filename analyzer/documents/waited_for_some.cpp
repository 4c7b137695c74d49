// Part of delayed-effect: several workloads go back, and one of them is waited for.
#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// `deployment/api` of `kubectl rollout undo deployment/api`, also where it is written in two
/// words; empty where it is not as it stands.
std::string workload_of(const Command& command, std::size_t subcommands) {
  const auto words = operands(command, subcommands);
  if (words.empty()) return {};
  std::string name = words[0]->text;
  if (const std::size_t slash = name.find('/'); slash != std::string::npos)
    name = name.substr(slash + 1);
  else if (words.size() > 1)
    name = words[1]->text;
  return is_plain(name) && !words[0]->placeholder ? name : std::string();
}

}  // namespace

void look_at_waits_for_some(const Block& block, Findings& found) {
  std::map<std::string, const Command*> gone;
  std::map<std::string, const Command*> waited;
  for (const Command& command : block.script.commands) {
    const catalogue::Known& known = command.known();
    if (known.tool != "kubectl" || command.context.loops > 0) continue;
    if (known.path == "wait" || command.has("-w") || command.has("--watch") || command.has("--all"))
      return;
    const bool two = known.path == "rollout undo" || known.path == "rollout restart" ||
                     known.path == "set image" || known.path == "rollout status";
    const std::string name = two ? workload_of(command, 2) : std::string();
    if (known.path == "rollout status") {
      if (name.empty()) return;
      waited.emplace(name, &command);
    } else if (!name.empty()) {
      gone.emplace(name, &command);
    }
  }
  if (gone.size() < 2) return;
  const bool of_these =
      std::ranges::any_of(waited, [&](const auto& each) { return gone.contains(each.first); });
  if (!of_these) return;
  for (const auto& [name, command] : gone) {
    if (waited.contains(name)) continue;
    model::Finding made = finding(
        model::Severity::warning, command->span,
        fmt::format("nobody waits for '{}': it may never come up, and the rollback looks done",
                    name),
        "kubectl rollout status for each of them, with --timeout");
    made.related.push_back({waited.begin()->second->span, "waits for another one"});
    add_once(found, std::move(made));
  }
}

}  // namespace backout::analyzer::documents
