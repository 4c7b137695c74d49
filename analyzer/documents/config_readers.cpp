// Part of delayed-effect: a ConfigMap or a Secret changes, and the pods keep what they read when
// they started.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command changes a ConfigMap or a Secret.
bool changes_config(const Command& command) {
  static const std::set<std::string_view> kChanges = {"patch", "edit", "replace"};
  if (command.name() != "kubectl" && command.name() != "oc") return false;
  const std::string verb = command.known().path;
  if (!kChanges.contains(verb.substr(0, verb.find(' ')))) return false;
  if (command.low_line().find("--dry-run") != std::string::npos) return false;
  return std::ranges::any_of(operands(command, 1), [](const importers::Word* word) {
    const std::string low = lower(word->text);
    return low == "configmap" || low == "cm" || low == "secret" || low.starts_with("configmap/") ||
           low.starts_with("cm/") || low.starts_with("secret/") || low == "configmaps";
  });
}

/// Whether the command makes pods start anew.
bool starts_pods(const Command& command) {
  const catalogue::Known& known = command.known();
  static const std::set<std::string_view> kStarts = {"restart", "deploy", "roll_back", "scale"};
  const std::string& text = command.low_line();
  return kStarts.contains(known.does) || has_any(text, {"delete pod", "set env", "set image"}) ||
         is_own_script(command);
}

}  // namespace

void look_at_config_readers(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  std::map<std::uint32_t, const Command*> changed;  // by procedure, until something restarts
  for (const Block* block : shell_blocks(document)) {
    if (!is_followed(facts, *block)) continue;
    const std::uint32_t unit = document.procedure_of(block->section);
    for (const Command& command : block->script.commands) {
      if (changes_config(command))
        changed.emplace(unit, &command);
      else if (starts_pods(command))
        changed.erase(unit);
    }
  }
  for (const auto& [unit, command] : changed) {
    const bool told = section_text_says(
        document, unit,
        {"restart", "reload", "redeploy", "recreate", "delete pod", "rollout", "watches", "mounted",
         "picked up", "picks up", "without a restart", "no restart", "hot", "dynamic"});
    if (told || unit == importers::kNowhere) continue;
    add_once(found,
             finding(model::Severity::warning, command->span,
                     "pods keep the environment that they were started with, and no step of this "
                     "procedure starts them anew: the change has no effect until they are",
                     "kubectl rollout restart of what reads it, and its status with a bound"));
  }
}

}  // namespace backout::analyzer::documents
