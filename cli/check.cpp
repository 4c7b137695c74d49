// backout check PLAN|DIR...: analyse, search, report. The main job.
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

int run_check(const Invocation& invocation) {
  return run_pipeline(invocation, "Usage: backout check [OPTIONS] PLAN|DIR...\n\n"
                                  "Analyses each plan, explores every interruption of it and prints what is wrong.\n"
                                  "A DIR stands for the plans in it (*.yaml, *.yml, *.json with a `backout:` key).\n",
                      {.rules = true, .search = true, .campaign = true});
}

}  // namespace backout::cli
