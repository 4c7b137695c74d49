// Part of acquire-without-release: a script ends where a step fails, and what it stopped stays
// down.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command stops what serves. What may be stopped already (`|| true`) is stopped all
/// the same.
bool stops(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose")
    return (known.path == "down" || known.path == "stop") && !command.has("-v") &&
           !command.has("--volumes");
  static const std::set<std::string_view> kTools = {"docker",        "systemctl", "service", "pm2",
                                                    "supervisorctl", "heroku",    "kubectl"};
  if (!kTools.contains(known.tool) || command.context.substitution) return false;
  if (known.tool == "kubectl") return known.path == "scale" && has(full_of(command), "replicas=0");
  return known.does == "stop" && known.path != "kill";
}

bool starts(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose")
    return known.path == "up" || known.path == "start" || known.path == "restart";
  if (known.tool == "kubectl" && known.path == "scale") return !has(full_of(command), "replicas=0");
  return known.does == "start" || known.does == "restart" ||
         (known.tool == "docker" && known.path == "run") || known.path == "ps:scale";
}

/// What may fail for a reason of its own: it reads what somebody gave it, fetches, builds or
/// changes data.
bool may_fail(const Block& block, const Command& command) {
  static const std::set<std::string_view> kSure = {
      "rm", "mkdir", "chmod", "chown", "touch", "cd", "sleep", "export", "set", "source", "."};
  if (kSure.contains(command.name()) || only_tells(command) || starts(command) || stops(command) ||
      has(command.known().path, "prune"))
    return false;
  const Effect effect = effect_of(command);
  return brings_back(block, command) || effect == Effect::destroy || effect == Effect::save ||
         command.known().does == "build" || command.known().does == "fetch";
}

}  // namespace

void look_at_stops_left(const Block& block, Findings& found) {
  if (!found.empty() || has(block.content.text, "trap ")) return;
  const Run whole(block);
  const std::vector<Ran>& run = whole.commands;
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (!stops(*run[i].command)) continue;
    const Command* fails = nullptr;
    for (std::size_t k = i + 1; k < run.size(); ++k) {
      if (!whole.may_meet(run[i], run[k])) continue;
      const Command& next = *run[k].command;
      if (starts(next)) {
        if (fails == nullptr) break;
        model::Finding made =
            finding(model::Severity::warning, run[i].command->span,
                    fmt::format("where '{}' fails the script ends, and what this stopped stays "
                                "down: nothing starts it again or says so",
                                text_of(*fails)),
                    "a `trap ... EXIT` that starts it again, or says loudly that it is down and "
                    "what to do");
        made.related.push_back({fails->span, "the script may end here"});
        made.related.push_back({next.span, "started only here"});
        found.push_back(std::move(made));
        return;
      }
      if (fails == nullptr && ends_script(run[k]) && may_fail(block, next)) fails = &next;
    }
  }
}

}  // namespace backout::analyzer::documents
