// Part of misdirected-command: a command of kubectl without the namespace that all the others name.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

std::string namespace_of(const Command& command) {
  return command.value("-n").value_or(command.value("--namespace").value_or(""));
}

/// Whether the command speaks of something that stands in a namespace, by its words alone: a
/// manifest may name its own.
bool is_namespaced(const Command& command) {
  static const std::set<std::string_view> kPaths = {
      "rollout undo",   "rollout status", "rollout history", "rollout restart", "rollout pause",
      "rollout resume", "scale",          "set image",       "set env",         "exec",
      "logs",           "patch",          "port-forward"};
  static const std::set<std::string_view> kWide = {"node",
                                                   "nodes",
                                                   "no",
                                                   "ns",
                                                   "namespace",
                                                   "namespaces",
                                                   "pv",
                                                   "persistentvolumes",
                                                   "persistentvolume",
                                                   "crd",
                                                   "crds",
                                                   "clusterrole",
                                                   "clusterroles",
                                                   "sc",
                                                   "storageclass",
                                                   "clusterissuer",
                                                   "apiservices",
                                                   "cs",
                                                   "componentstatuses"};
  const catalogue::Known& known = command.known();
  if (known.tool != "kubectl") return false;
  if (command.has("-A") || command.has("--all-namespaces") || command.has("-f") ||
      command.has("-k") || command.has("--filename") || command.has("--context") ||
      command.has("--raw"))
    return false;
  const auto words = operands(command, 0);
  if (std::ranges::any_of(words, [](const importers::Word* word) {
        return word->placeholder && word->text.size() < 3;
      }))
    return false;
  if (is(command, {"kubectl", "create", "secret"}) ||
      is(command, {"kubectl", "create", "configmap"}))
    return true;
  if (kPaths.contains(known.path))
    return known.path != "patch" || (words.size() > 1 && !kWide.contains(words[1]->text) &&
                                     !words[1]->text.starts_with("node"));
  if (known.path != "get" && known.path != "describe" && known.path != "delete" &&
      known.path != "top")
    return false;
  if (words.size() < 2) return false;
  const std::string kind = words[1]->text.substr(0, words[1]->text.find('/'));
  static const std::set<std::string_view> kKinds = {
      "pod",     "pods",     "po",          "deploy",       "deployment", "deployments", "svc",
      "service", "services", "cm",          "configmap",    "configmaps", "secret",      "secrets",
      "ingress", "ing",      "statefulset", "statefulsets", "sts",        "job",         "jobs",
      "cronjob", "cronjobs", "hpa",         "pvc",          "rs",         "replicaset",  "events"};
  return kKinds.contains(kind);
}

/// Whether what the command prints goes to one that names the namespace: `kubectl create secret ...
/// --dry-run=client -o yaml | kubectl apply -n shop -f -`.
bool is_applied_elsewhere(const Block& block, const Command& command) {
  const auto index = static_cast<std::size_t>(&command - block.script.commands.data());
  return command.context.pipe_position + 1 < command.context.pipe_length &&
         index + 1 < block.script.commands.size() &&
         !namespace_of(block.script.commands[index + 1]).empty();
}

}  // namespace

void look_at_namespaces(const DocumentFacts& facts, Findings& found) {
  if (document_says(facts.document, {"set-context", "kubens", "kubectl config", "default namespace",
                                     "alias k", "namespace default"}))
    return;
  std::map<std::string, std::size_t> named;
  std::vector<const Command*> open;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "kubectl") continue;
      const std::string name = namespace_of(command);
      if (!name.empty())
        ++named[name];
      else if (is_namespaced(command) && !is_applied_elsewhere(*block, command) &&
               is_followed(facts, *block) && command.known().wrappers.empty())
        open.push_back(&command);
    }
  }
  if (named.size() != 1 || open.empty() || named.begin()->second < 3 ||
      open.size() * 2 > named.begin()->second || named.begin()->first == "default")
    return;
  for (const Command* command : open) {
    const Effect effect = effect_of(*command);
    const bool acts = effect != Effect::look && effect != Effect::wait && effect != Effect::say;
    add_once(found, finding(acts ? model::Severity::error : model::Severity::warning, command->span,
                            fmt::format("this names no namespace and goes to that of whoever runs "
                                        "it; the other commands of this document go to '{}'",
                                        named.begin()->first),
                            fmt::format("-n {}", named.begin()->first)));
  }
}

}  // namespace backout::analyzer::documents
