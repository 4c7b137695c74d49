// Part of acquire-without-release: what a line orders, or a variable switches, and nothing takes back.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

void look_at_orders_to_pause(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  struct Pair {
    std::string_view begins;
    std::initializer_list<std::string_view> gives;
  };
  static const Pair kPairs[] = {
      {"pause ", {"resume", "unpause", "re-enable", "restart", "start "}},
      {"suspend ", {"resume", "unsuspend", "re-enable", "reactivate"}},
      {"freeze ", {"unfreeze", "lift the freeze", "end the freeze", "resume", "unblock", "thaw"}},
      {"enable maintenance", {"disable maintenance", "maintenance off", "exit maintenance", "leave maintenance", "remove maintenance", "end maintenance", "turn off maintenance", "maintenance:off", "artisan up", "out of maintenance"}},
      {"enable read-only", {"disable read-only", "read-write", "read only off", "writable"}},
      {"put the ", {"disable maintenance", "maintenance off", "exit maintenance", "out of maintenance", "remove maintenance", "end maintenance", "turn off maintenance", "artisan up", "leave maintenance"}},
      {"scale down ", {"scale up", "scale back", "replicas"}},
      {"quiesce ", {"resume", "unquiesce", "start "}},
  };
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const Role role = document.role(line.section);
    const bool followed = role == Role::rollback || role == Role::other;
    if (line.kind == importers::Line::Kind::paragraph || !followed || line.section == importers::kNowhere) continue;
    std::string text = document.low().lines[i];
    text = text.substr(std::min(text.find_first_not_of(" 0123456789.)-:"), text.size()));
    for (const Pair& pair : kPairs) {
      if (!text.starts_with(pair.begins) || has_any(text, {"if ", "should", "deploy freeze"})) continue;
      if (pair.begins == "put the " && !has(text, "maintenance")) continue;
      const bool told = std::ranges::any_of(found, [&](const model::Finding& each) { return each.span.begin >= line.span.begin && each.span.end <= line.span.end; });
      if (told || document_says(document, pair.gives)) continue;
      model::Finding made = finding(model::Severity::warning, line.span, fmt::format("no step takes this back: what '{}' stops stays stopped", line.text.substr(0, 60)),
                                    "a last step that starts it again, also when the rollback is broken off");
      add_once(found, std::move(made));
      break;
    }
  }
}

void look_at_stopped_services(const DocumentFacts& facts, Findings& found) {
  const std::vector<const Block*> blocks = shell_blocks(facts.document);
  const auto services = [](const Command& command) {
    std::vector<std::string> names;
    for (const catalogue::Effect& effect : command.known().effects) {
      for (const catalogue::Argument& argument : effect.args) {
        if (argument.name == "service") names.push_back(argument.value);
      }
    }
    return names;
  };
  bool all = false;
  std::set<std::string> started;
  for (const Block* block : blocks) {
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const std::string text = full_of(command);
      if (is_own_script(command) && has_any(lower(text), {"start", "up", "resume", "deploy"})) all = true;
      if (known.tool != "docker-compose" || (known.path != "up" && known.path != "start" && known.path != "restart" && known.path != "unpause")) continue;
      const std::vector<std::string> names = services(command);
      all = all || names.empty();
      started.insert(names.begin(), names.end());
    }
  }
  // With none at all another rule speaks of it.
  if (all || started.empty()) return;
  for (const Block* block : blocks) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy) continue;
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "docker-compose" || command.known().path != "stop") continue;
      for (const std::string& name : services(command)) {
        if (started.contains(name) || name.find_first_of("$<{[") != std::string::npos) continue;
        model::Finding made = finding(model::Severity::error, command.span, "no step takes this back: some of the services that this stops are never started again", "a last step that starts each of them, also when the rollback is broken off");
        add_once(found, std::move(made));
        break;
      }
    }
  }
}

void look_at_switched_variables(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy) continue;
    for (const importers::Assignment& each : block->script.assignments) {
      const std::string name = lower(each.name);
      const bool on = each.value == "true" || each.value == "1" || each.value == "on" || each.value == "yes";
      if (!on || !has_any(name, {"bypass", "maintenance", "readonly", "read_only", "disable", "skip_auth", "emergency"})) continue;
      std::string off = lower(each.name) + "=false";
      std::string zero = lower(each.name) + "=0";
      std::string unset = "unset " + lower(each.name);
      if (document_says(facts.document, {off, zero, unset})) continue;
      add_once(found, finding(model::Severity::warning, each.span, fmt::format("no step takes this back: '{}' stays on", each.name), "a last step that sets it back, and a look that it is off"));
    }
  }
}

}  // namespace backout::analyzer::documents
