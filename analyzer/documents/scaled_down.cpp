// Part of misdirected-command: something is run in what was scaled to none before.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// `api` of `deployment/api`, and of `deployment api`.
std::string workload_of(const Command& command, std::size_t subcommands) {
  const auto words = operands(command, subcommands);
  if (words.empty()) return {};
  const std::string& first = words[0]->text;
  if (const std::size_t slash = first.find('/'); slash != std::string::npos) return first.substr(slash + 1);
  return words.size() > 1 && subcommands == 1 && is(command, {"kubectl", "scale"}) ? words[1]->text : std::string();
}

/// What a command scales to none: the name of a workload, or "fly" for the machines of an app.
std::string scaled_to_none(const Command& command) {
  if (command.known().tool == "kubectl" && command.known().path == "scale" && command.value("--replicas").value_or("") == "0") return workload_of(command, 1);
  const bool fly = command.known().tool == "flyctl" && command.known().path == "scale count";
  return fly && std::ranges::any_of(command.words, [](const importers::Word& word) { return word.text == "0"; }) ? "fly" : std::string();
}

/// The workload that a command is run in.
std::string entered(const Command& command) {
  if (command.name() == "fly" || command.name() == "flyctl") return has(full_of(command), " ssh console") ? "fly" : std::string();
  return command.name() == "kubectl" && is(command, {"kubectl", "exec"}) ? workload_of(command, 1) : std::string();
}

}  // namespace

void look_at_scaled_down(const DocumentFacts& facts, Findings& found) {
  std::map<std::string, const Command*> none;
  std::uint32_t unit = importers::kNowhere;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    if (const std::uint32_t here = facts.document.procedure_of(block->section); here != unit) {
      none.clear();
      unit = here;
    }
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      if (const std::string name = scaled_to_none(command); !name.empty()) {
        none.insert_or_assign(name, &command);
        continue;
      }
      const auto at = none.find(entered(command));
      if (at != none.end()) {
        model::Finding made = finding(model::Severity::error, command.span, fmt::format("nothing runs by then that '{}' could be run in: it was scaled to none", text_of(command)),
                                      "a pod or machine of its own for the restore (`kubectl run`, a second app), or stop the writers within");
        made.related.push_back({at->second->span, "scaled to none here"});
        add_once(found, std::move(made));
        none.erase(at);
      }
      if (known.does == "scale" || known.does == "deploy" || known.does == "start" || known.does == "restart") none.clear();
    }
  }
}

}  // namespace backout::analyzer::documents
