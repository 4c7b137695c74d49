// backout check PLAN|DIR...: analyse, search, report. The main job.
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

int run_check(const Invocation& invocation) {
  return run_pipeline(
      invocation,
      "Usage: backout check [OPTIONS] [PLAN|RUNBOOK.md|SCRIPT.sh|DIR...]\n\n"
      "Analyses each plan, explores every interruption of it and prints what is wrong.\n"
      "A runbook (Markdown), a shell script or a workflow (GitHub, GitLab) is read as it stands:\n"
      "findings at its own lines.\n"
      "A DIR (default: .) stands for the plans in it (*.yaml, *.yml, *.json with a `backout:` "
      "key)\n"
      "for its runbooks, scripts and workflows about rolling back, and for its migrations (see "
      "backout\n"
      "help migrations) that no plan names; what git ignores is left out.\n",
      {.rules = true, .search = true, .campaign = true, .documents = true});
}

}  // namespace backout::cli
