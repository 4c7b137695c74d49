// A script is told which environment or version, and no command that acts uses it.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// `$1`, `${2:-staging}`, or a value that a person edits: a moment, a version.
bool is_choice(const importers::Assignment& each) {
  static const std::set<std::string_view> kWords = {"ENV",
                                                    "ENVIRONMENT",
                                                    "TARGET_ENV",
                                                    "TARGET_ENVIRONMENT",
                                                    "STAGE",
                                                    "VERSION",
                                                    "TARGET_VERSION",
                                                    "ROLLBACK_VERSION",
                                                    "PREVIOUS_VERSION",
                                                    "REVISION",
                                                    "TARGET_REVISION",
                                                    "BACKUP_TIMESTAMP",
                                                    "RESTORE_TIMESTAMP",
                                                    "TARGET_TIMESTAMP",
                                                    "TARGET_TIME",
                                                    "RELEASE",
                                                    "BACKUP_FILE"};
  if (kWords.contains(each.name)) return true;
  const bool given = each.value.starts_with("$1") || each.value.starts_with("${1") ||
                     each.value.starts_with("$2") || each.value.starts_with("${2") ||
                     has(each.value, "$OPTARG") || has(each.value, "${OPTARG");
  return given &&
         has_any(lower(each.name), {"version", "target", "commit", "phase", "tag", "date", "backup",
                                    "release", "revision", "stage", "snapshot", "timestamp"});
}

/// Whether anything but a message, a test or a report uses the variable.
bool is_used(const Block& block, const importers::Assignment& choice) {
  for (const importers::Assignment& each : block.script.assignments) {
    if (each.span.begin != choice.span.begin && uses_variable(each.value, choice.name)) return true;
  }
  for (const Command& command : block.script.commands) {
    // `TAG=$1 docker compose up`: the command is given it.
    if (!command.environment.empty() && command.span.begin <= choice.span.begin &&
        choice.span.end <= command.span.end)
      return true;
    const std::string_view name = command.name();
    const bool says = name == "echo" || name == "printf" || name.starts_with("log") ||
                      name.starts_with("print") || name.starts_with("notify") ||
                      name.starts_with("send") || name == "[" || name == "[[" || name == "test";
    if (says && command.context.pipe_length == 1) continue;
    if (name == "export" || name == "source") return true;
    for (const importers::Word& word : command.words) {
      if (uses_variable(word.text, choice.name)) return true;
    }
    for (const importers::Redirect& redirect : command.redirects) {
      if (uses_variable(redirect.target, choice.name) ||
          (uses_variable(redirect.heredoc, choice.name) && name != "cat"))
        return true;
    }
    for (const std::string& each : command.environment) {
      if (uses_variable(each, choice.name)) return true;
    }
  }
  // A branch that the choice takes leads to different commands.
  return has(block.content.text, "case \"$" + choice.name) ||
         has(block.content.text, "case $" + choice.name);
}

/// Whether a command that acts uses the variable.
bool acts_on(const Block& block, const std::string& name) {
  return std::ranges::any_of(block.script.commands, [&](const Command& command) {
    const Effect effect = effect_of(command);
    const bool tests = has_any(command.low_line(), {"test", "smoke", "health", "check", "verif"});
    return effect != Effect::say && effect != Effect::look && !tests &&
           std::ranges::any_of(command.words, [&](const importers::Word& word) {
             return uses_variable(word.text, name);
           });
  });
}

/// Whether an `if` on the choice holds commands that act, or chooses what such a command is given.
bool decides(const Block& block, const importers::Assignment& choice) {
  for (const importers::Use& use : block.script.uses) {
    if (use.name != choice.name) continue;
    for (const importers::Assignment& each : block.script.assignments) {
      const bool beside =
          each.span.begin > use.span.begin && each.span.begin < use.span.begin + 150;
      if (beside && each.name != choice.name && acts_on(block, each.name)) return true;
    }
    for (const Command& command : block.script.commands) {
      if (command.span.begin < use.span.begin || command.span.begin > use.span.begin + 300 ||
          command.context.branches == 0)
        continue;
      const Effect effect = effect_of(command);
      if (effect != Effect::say && effect != Effect::look) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_runbook_unused_choice(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!block->script.whole || !is_followed(facts, *block)) continue;
    const bool acts = std::ranges::any_of(block->script.commands, [](const Command& command) {
      const Effect effect = effect_of(command);
      return effect == Effect::deploy || effect == Effect::restore || effect == Effect::destroy ||
             (effect == Effect::change &&
              (runs(command, "sqlcmd") || runs(command, "psql") || runs(command, "mysql")));
    });
    std::set<std::string> said;
    for (const importers::Assignment& each : block->script.assignments) {
      if (!acts || !is_choice(each) || is_used(*block, each) || decides(*block, each) ||
          !said.insert(each.name).second)
        continue;
      found.push_back(finding(model::Severity::error, each.span,
                              fmt::format("'{}' is chosen here and no command that acts uses it: "
                                          "whatever is chosen, the same is done",
                                          each.name),
                              "give it to the command that it is meant for"));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
