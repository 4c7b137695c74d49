// Part of writers-not-stopped: nothing keeps two runs of a workflow apart.
#include <algorithm>

#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command changes what serves or what is stored.
bool changes_what_serves(const Command& command) {
  const Effect effect = effect_of(command);
  return effect == Effect::deploy || effect == Effect::restore || effect == Effect::destroy ||
         command.known().does == "migrate_down" || command.known().does == "restart" ||
         command.known().does == "switch" || command.known().path == "up";
}

/// The job that a step stands in.
std::uint32_t job_of(const Document& document, std::uint32_t section) {
  while (section != importers::kNowhere && document.sections[section].parent != importers::kNowhere)
    section = document.sections[section].parent;
  return section;
}

}  // namespace

void look_at_runs_at_once(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (!document.pipeline.may_overlap) return;
  const auto blocks = shell_blocks(document);
  const auto going_back = std::ranges::find_if(blocks, [&](const Block* block) {
    return document.role(job_of(document, block->section)) == Role::rollback &&
           std::ranges::any_of(block->script.commands, changes_what_serves);
  });
  if (going_back == blocks.end()) return;
  // What is tried out on a runner disturbs nobody.
  const auto tries = [](std::string_view low) {
    return says_test(low) || has_any(low, {"drill", "dry-run", "dry run", "rehears", "verify"});
  };
  const std::uint32_t section = job_of(document, (*going_back)->section);
  if (section == importers::kNowhere || tries(file_name_of(facts)) ||
      tries(lower(document.title_of(section))) ||
      tries(lower(document.title_of((*going_back)->section))))
    return;
  add_once(
      found,
      finding(model::Severity::warning, document.sections[section].span,
              "nothing keeps two runs apart: started twice, or while a deploy runs, each goes on "
              "beside the other, and what serves at the end is that of whichever comes last",
              "`concurrency:` with one group for the deploy and the rollback of an environment, "
              "and `cancel-in-progress: false`"));
}

}  // namespace backout::analyzer::documents
