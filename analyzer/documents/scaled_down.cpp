// Part of misdirected-command: something is run in what was scaled to none before.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// The first of the values that an option is given, before what is run inside begins.
std::string option_of(const Command& command, std::initializer_list<std::string_view> names) {
  for (std::size_t i = command.name_index() + 1;
       i < command.words.size() && command.words[i].text != "--"; ++i) {
    const std::string& text = command.words[i].text;
    for (const std::string_view name : names) {
      if (text == name && i + 1 < command.words.size()) return command.words[i + 1].text;
      if (text.starts_with(name) && text.size() > name.size() && text[name.size()] == '=')
        return text.substr(name.size() + 1);
    }
  }
  return {};
}

/// `api` of `deployment/api`, and of `scale deployment api`, with the cluster and the namespace
/// that it is in; empty for none.
std::string workload_of(const Command& command) {
  const auto words = operands(command, 1);
  if (words.empty()) return {};
  const std::string& first = words[0]->text;
  std::string name;
  if (const std::size_t slash = first.find('/'); slash != std::string::npos)
    name = first.substr(slash + 1);
  else if (words.size() > 1 && is(command, {"kubectl", "scale"}))
    name = words[1]->text;
  if (name.empty()) return {};
  return fmt::format("kubectl {} {} {}", option_of(command, {"--context"}),
                     option_of(command, {"-n", "--namespace"}), name);
}

/// The machines of an app of Fly.
std::string app_of(const Command& command) {
  return fmt::format("fly {}", option_of(command, {"-a", "--app"}));
}

/// What a command scales to none: a workload, or the machines of an app.
std::string scaled_to_none(const Command& command) {
  if (command.known().tool == "kubectl" && command.known().path == "scale" &&
      command.value("--replicas").value_or("") == "0")
    return workload_of(command);
  const bool fly = command.known().tool == "flyctl" && command.known().path == "scale count";
  return fly && std::ranges::any_of(command.words,
                                    [](const importers::Word& word) { return word.text == "0"; })
             ? app_of(command)
             : std::string();
}

/// What a command is run in.
std::string entered(const Command& command) {
  if (command.name() == "fly" || command.name() == "flyctl")
    return has(command.line(), " ssh console") ? app_of(command) : std::string();
  return command.name() == "kubectl" && is(command, {"kubectl", "exec"}) ? workload_of(command)
                                                                         : std::string();
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
        model::Finding made = finding(
            model::Severity::error, command.span,
            fmt::format("nothing runs by then that '{}' could be run in: it was scaled to none",
                        text_of(command)),
            "a pod or machine of its own for the restore (`kubectl run`, a second app), or stop "
            "the writers within");
        made.related.push_back({at->second->span, "scaled to none here"});
        add_once(found, std::move(made));
        none.erase(at);
      }
      if (known.does == "scale" || known.does == "deploy" || known.does == "start" ||
          known.does == "restart")
        none.clear();
    }
  }
}

}  // namespace backout::analyzer::documents
