// Part of writers-not-stopped: nothing keeps two runs of a workflow apart.
#include <algorithm>

#include "analyzer/documents/scripts.hpp"
#include "model/yaml.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether somebody may start it while another run goes on; what others call is kept apart by them.
bool is_started_by_hand(const model::Node& root) {
  const model::Node* on = root.find("on");
  if (on == nullptr) on = root.find("true");  // YAML 1.1 reads `on` so
  if (on == nullptr) return false;
  if (on->is_scalar()) return on->text == "workflow_dispatch" || on->text == "repository_dispatch";
  if (on->type == model::Node::Type::list)
    return std::ranges::any_of(
        on->items, [](const model::Node& each) { return each.text == "workflow_dispatch"; });
  return on->find("workflow_dispatch") != nullptr || on->find("repository_dispatch") != nullptr;
}

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
  if (!document.is_workflow) return;
  const auto blocks = shell_blocks(document);
  const auto going_back = std::ranges::find_if(blocks, [&](const Block* block) {
    return document.role(job_of(document, block->section)) == Role::rollback &&
           std::ranges::any_of(block->script.commands, changes_what_serves);
  });
  if (going_back == blocks.end()) return;
  model::Sources sources;
  const model::SourceFile& source = facts.sources[document.file];
  const model::Document yaml =
      model::parse_yaml(sources, sources.add(source.name(), source.text()));
  const model::Node* jobs = yaml.root ? yaml.root->find("jobs") : nullptr;
  if (jobs == nullptr || yaml.root->find("concurrency") != nullptr ||
      !is_started_by_hand(*yaml.root))
    return;
  for (const model::Node::Entry& job : jobs->entries) {
    if (job.value.find("concurrency") != nullptr) return;
  }
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
