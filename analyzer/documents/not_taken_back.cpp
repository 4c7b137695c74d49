// Part of acquire-without-release: what a line orders, or a variable switches, and nothing takes
// back.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

bool gives_maintenance_back(const Document& document) {
  return document_says(document, {"disable maintenance",  "maintenance off",
                                  "exit maintenance",     "leave maintenance",
                                  "remove maintenance",   "end maintenance",
                                  "turn off maintenance", "maintenance:off",
                                  "artisan up",           "out of maintenance",
                                  "lift maintenance",     "maintenance_mode=false",
                                  "maintenance_mode=off", "maintenance_mode=0",
                                  "maintenance mode off", "turn off",
                                  "switch off",           "deactivate",
                                  "toggle off",           "toggle back",
                                  "disable the kill",     "re-enable",
                                  "read-write",           "resume",
                                  "back online",          "unset "});
}

}  // namespace

void look_at_orders_to_pause(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  struct Pair {
    std::string_view begins;
    std::initializer_list<std::string_view> gives;
  };
  static const std::initializer_list<std::string_view> kWrites = {
      "resume",           "re-enable",     "restart",       "start ",        "allow writes",
      "writes again",     "enable writes", "restore write", "accept writes", "restore traffic",
      "traffic restored", "unblock",       "re-open",       "reopen",        "read-write",
      "back online",      "route traffic", "switch",        "cut over",      "cutover"};
  static const Pair kPairs[] = {
      {"pause ", {"resume", "unpause", "re-enable", "restart", "start "}},
      {"suspend ", {"resume", "unsuspend", "re-enable", "reactivate"}},
      {"freeze ", {"unfreeze", "lift the freeze", "end the freeze", "resume", "unblock", "thaw"}},
      {"enable maintenance",
       {"disable maintenance", "maintenance off", "exit maintenance", "leave maintenance",
        "remove maintenance", "end maintenance", "turn off maintenance", "maintenance:off",
        "artisan up", "out of maintenance"}},
      {"enable read-only", {"disable read-only", "read-write", "read only off", "writable"}},
      {"put the ",
       {"disable maintenance", "maintenance off", "exit maintenance", "out of maintenance",
        "remove maintenance", "end maintenance", "turn off maintenance", "artisan up",
        "leave maintenance"}},
      {"scale down ", {"scale up", "scale back", "replicas"}},
      {"quiesce ", {"resume", "unquiesce", "start "}},
      {"stop writes", kWrites},
      {"stop all writes", kWrites},
      {"block writes", kWrites},
      {"stop traffic", kWrites},
      {"stop deploy traffic", kWrites},
      {"block traffic", kWrites},
  };
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const Role role = document.role(line.section);
    const bool followed = role == Role::rollback || role == Role::other;
    const bool switches = has_any(document.low().lines[i],
                                  {"maintenance_mode", "maintenance mode", "maintenance flag",
                                   "kill switch", "read-only mode", "read_only"}) &&
                          begins_word(document.low().lines[i], {"toggl", "enabl", "activat",
                                                                "turn on", "switch on", "set "}) &&
                          line.kind != importers::Line::Kind::paragraph && followed &&
                          is_procedure(facts, line.section);
    if (switches && !gives_maintenance_back(document)) {
      if (found.empty()) {
        add_once(found,
                 finding(model::Severity::warning, line.span,
                         "no step takes this back: what is switched on here stays on",
                         "a last step that switches it off, also when the rollback is broken off"));
        continue;
      }
    }
    if (line.kind == importers::Line::Kind::paragraph || !followed ||
        line.section == importers::kNowhere)
      continue;
    std::string text = document.low().lines[i];
    text = text.substr(std::min(text.find_first_not_of(" 0123456789.)-:"), text.size()));
    // It stays stopped where it was stopped.
    for (const std::string_view end : {" if needed", " if necessary", " if possible"}) {
      const std::size_t at = text.find(end);
      if (at != std::string::npos) text.erase(at, end.size());
    }
    for (const Pair& pair : kPairs) {
      if (!text.starts_with(pair.begins) ||
          has_any(text, {"if ", "should", "deploy freeze", " until ", "for the duration",
                         "hasta que", "jusqu'"}))
        continue;
      if (pair.begins == "put the " && !has(text, "maintenance")) continue;
      const bool told = std::ranges::any_of(found, [&](const model::Finding& each) {
        return each.span.begin >= line.span.begin && each.span.end <= line.span.end;
      });
      if (told || document_says(document, pair.gives)) continue;
      model::Finding made =
          finding(model::Severity::warning, line.span,
                  fmt::format("no step takes this back: what '{}' stops stays stopped",
                              line.text.substr(0, 60)),
                  "a last step that starts it again, also when the rollback is broken off");
      add_once(found, std::move(made));
      break;
    }
  }
}

void look_at_stopped_services(const DocumentFacts& facts, Findings& found) {
  const std::vector<const Block*> blocks = shell_blocks(facts.document);
  bool all = false;
  std::set<std::string> started;
  for (const Block* block : blocks) {
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const std::string& text = command.low_line();
      // `./restart.sh` starts, and `./bring_up.sh`; `./backup.sh` does not.
      if (is_own_script(command) &&
          (has_any(text, {"start", "resume", "deploy"}) || has_word(text, {"up"})))
        all = true;
      if (known.tool != "docker-compose" || (known.path != "up" && known.path != "start" &&
                                             known.path != "restart" && known.path != "unpause"))
        continue;
      const std::vector<std::string> names = arguments_of(command, "service");
      all = all || names.empty();
      started.insert(names.begin(), names.end());
    }
  }
  // With none at all another rule speaks of it.
  if (all || started.empty()) return;
  for (const Block* block : blocks) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy)
      continue;
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "docker-compose" || command.known().path != "stop") continue;
      for (const std::string& name : arguments_of(command, "service")) {
        if (started.contains(name) || !is_plain(name)) continue;
        model::Finding made = finding(
            model::Severity::error, command.span,
            "no step takes this back: some of the services that this stops are never started again",
            "a last step that starts each of them, also when the rollback is broken off");
        add_once(found, std::move(made));
        break;
      }
    }
  }
}

namespace {

bool is_on(std::string_view text) {
  const std::string value = lower(text);
  return value == "true" || value == "1" || value == "on" || value == "yes";
}

/// Whether some command gives the variable another value later, or a text of the document says so.
bool is_switched_off(const Document& document, const importers::Assignment& on) {
  const bool assigned = std::ranges::any_of(document.blocks, [&](const Block& block) {
    return !block.left_out &&
           std::ranges::any_of(block.script.assignments, [&](const importers::Assignment& each) {
             return each.name == on.name && each.span.begin > on.span.begin && !is_on(each.value);
           });
  });
  const std::string low = lower(on.name);
  const std::string off = low + "=false";
  const std::string zero = low + "=0";
  const std::string unset = "unset " + low;
  // In a script only what runs behind it counts.
  return assigned || (document.is_script ? document_says(document, {unset})
                                         : document_says(document, {off, zero, unset}));
}

}  // namespace

void look_at_switched_variables(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy)
      continue;
    for (const importers::Assignment& each : block->script.assignments) {
      const std::string name = lower(each.name);
      if (!is_on(each.value) || !has_any(name, {"bypass", "maintenance", "readonly", "read_only",
                                                "disable", "skip_auth", "emergency"}))
        continue;
      // What the script itself asks for is a word between its lines, and gone when it ends.
      const bool own = facts.document.is_script &&
                       std::ranges::any_of(block->script.uses, [&](const importers::Use& use) {
                         return use.name == each.name;
                       });
      if (own || is_switched_off(facts.document, each)) continue;
      add_once(found, finding(model::Severity::warning, each.span,
                              fmt::format("no step takes this back: '{}' stays on", each.name),
                              "a last step that sets it back, and a look that it is off"));
    }
  }
}

}  // namespace backout::analyzer::documents
