// Part of undo-leaves-rest: what serves goes back, and the branch does not, without a word on it.
#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// A command that makes an earlier version serve, and touches no branch.
bool goes_back_on_platform(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "git" || command.has("--dry-run") || command.has("--help")) return false;
  if (known.does == "roll_back")
    return known.tool != "argocd" && known.tool != "prisma" && known.tool != "capistrano" &&
           known.tool != "cap" && known.tool != "kamal";
  return known.tool == "kubectl" && known.path == "set image";
}

}  // namespace

void look_at_branches_left(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !document.is_runbook) return;
  const bool said = document_says(
      document,
      {"revert",       "freeze",    "frozen",      "lock",        "pause",       "disable",
       "halt",         "hold",      "next deploy", "next push",   "next merge",  "next release",
       "redeploy",     "re-deploy", "gitops",      "argo",        "flux",        "stop deploy",
       "block deploy", "hotfix",    "fix forward", "fix-forward", "forward fix", "forward-fix",
       "roll forward", "suspend",   "bloque",      "congel"});
  // Where nothing puts out what is merged, the next deploy is somebody's decision.
  const bool automatic =
      document_says(document, {"github actions", "gitlab", "ci/cd", "pipeline", "auto-deploy",
                               "auto deploy", "automatic deploy", "automatically deploy",
                               "deploys automatically", "push to main", "merge to main", "on merge",
                               "merged to main", "merging to main", "ci deploys", "workflow"});
  if (!automatic || said) return;
  for (const Block* block : blocks_of_way_back(facts)) {
    if (section_says(document, block->section, {"staging", "local"})) continue;
    for (const Command& command : block->script.commands) {
      if (!goes_back_on_platform(command)) continue;
      found.push_back(
          finding(model::Severity::warning, command.span,
                  "this does not bring everything back: the branch still holds the bad commit, and "
                  "the next run of the pipeline puts it out again",
                  "hold the pipeline, or revert the commit before anything else is merged"));
      return;
    }
  }
}

}  // namespace backout::analyzer::documents
