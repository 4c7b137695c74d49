// Part of acquire-without-release: a script ends where a step fails, and what it stopped stays
// down.
#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

bool stops(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose")
    return (known.path == "down" || known.path == "stop") && !command.has("-v") &&
           !command.has("--volumes");
  static const std::set<std::string_view> kTools = {"docker",        "systemctl", "service", "pm2",
                                                    "supervisorctl", "heroku",    "kubectl"};
  if (!kTools.contains(known.tool) || command.context.substitution) return false;
  if (known.tool == "kubectl") return known.path == "scale" && has(command.line(), "replicas=0");
  return known.does == "stop" && known.path != "kill";
}

bool starts(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose")
    return known.path == "up" || known.path == "start" || known.path == "restart";
  if (known.tool == "kubectl" && known.path == "scale") return !has(command.line(), "replicas=0");
  return known.does == "start" || known.does == "restart" ||
         (known.tool == "docker" && known.path == "run") || known.path == "ps:scale";
}

namespace {

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

namespace {

/// What a script runs whichever way it ends: the handlers of `trap ... EXIT`, with the functions
/// that they call.
std::vector<Command> run_at_exit(const Block& block) {
  std::vector<Command> all;
  for (const Command& command : block.script.commands) {
    const std::vector<const importers::Word*> words = operands(command, 0);
    const bool at_exit = command.name() == "trap" && words.size() > 1 &&
                         std::ranges::any_of(words.begin() + 1, words.end(), [](const auto* each) {
                           return each->text == "EXIT" || each->text == "0";
                         });
    if (!at_exit) continue;
    const importers::Script handler = importers::read_shell(
        importers::Located::at(words[0]->text, command.span.file, command.span.begin));
    for (const Command& each : handler.commands) {
      std::ranges::copy_if(block.script.commands, std::back_inserter(all), [&](const Command& of) {
        return !of.context.function.empty() && of.context.function == each.name();
      });
      all.push_back(each);
    }
  }
  return all;
}

/// Whether one starts what the other stops.
bool starts_again(const Command& start, const Command& stop) {
  if (!starts(start) || start.known().tool != stop.known().tool) return false;
  const auto stopped = operands(stop, 1);
  const auto started = operands(start, 1);
  if (started.empty()) return true;
  return !stopped.empty() && std::ranges::all_of(stopped, [&](const importers::Word* what) {
    return std::ranges::any_of(
        started, [&](const importers::Word* each) { return each->text == what->text; });
  });
}

}  // namespace

bool starts_at_exit(const Document& document, const model::Span& stop) {
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    const auto command = std::ranges::find(block.script.commands, stop, &Command::span);
    if (command == block.script.commands.end()) return false;
    return std::ranges::any_of(run_at_exit(block),
                               [&](const Command& each) { return starts_again(each, *command); });
  });
}

}  // namespace backout::analyzer::documents
