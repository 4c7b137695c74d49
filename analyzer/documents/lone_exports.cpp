// Part of delayed-effect: a switch is set in the shell of whoever types it, and nothing that runs
// reads it there.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a variable is by its name one that an application reads to choose what it does.
bool is_switch(std::string_view name) {
  return has_any(lower(name),
                 {"feature", "flag", "rollout", "kill_switch", "model_version", "app_version"});
}

/// Whether the command starts something here that takes the environment of this shell, or names the
/// variable itself.
bool may_read(const Command& command, const std::string& name) {
  static const std::set<std::string_view> kReads = {"docker-compose",
                                                    "npm",
                                                    "npx",
                                                    "pnpm",
                                                    "yarn",
                                                    "node",
                                                    "python",
                                                    "python3",
                                                    "make",
                                                    "uvicorn",
                                                    "gunicorn",
                                                    "pm2",
                                                    "rails",
                                                    "bundle",
                                                    "php",
                                                    "artisan",
                                                    "terraform",
                                                    "ansible-playbook",
                                                    "helm",
                                                    "envsubst",
                                                    "java",
                                                    "go",
                                                    "cargo",
                                                    "poetry",
                                                    "uv",
                                                    "pipenv",
                                                    "manage.py"};
  const catalogue::Known& known = command.known();
  return is_own_script(command) || kReads.contains(known.tool) || kReads.contains(command.name()) ||
         known.existence == catalogue::Existence::unknown_tool || has(command.line(), name);
}

bool is_read_anywhere(const Document& document, const importers::Assignment& each,
                      std::uint32_t unit) {
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    const bool used = std::ranges::any_of(
        block.script.uses, [&](const importers::Use& use) { return use.name == each.name; });
    if (used) return true;
    if (document.procedure_of(block.section) != unit) return false;
    return std::ranges::any_of(block.script.commands, [&](const Command& command) {
      return command.span.begin > each.span.end && may_read(command, each.name);
    });
  });
}

}  // namespace

void look_at_lone_exports(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow) return;
  OneFinding made;
  for (const Block* block : shell_blocks(document)) {
    if (!is_procedure(facts, block->section) || !is_followed(facts, *block)) continue;
    for (const importers::Assignment& each : block->script.assignments) {
      const bool exported = has(block->content.text, "export " + each.name + "=");
      if (!exported || !is_switch(each.name) || has(each.value, "$") ||
          is_read_anywhere(document, each, document.procedure_of(block->section)))
        continue;
      made.add(finding(model::Severity::error, each.span,
                       fmt::format("'{}' is set in this shell only: no service that runs reads it, "
                                   "and nothing changes",
                                   each.name),
                       "set it where the service reads it (its platform, its .env file), and start "
                       "it anew"));
    }
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
