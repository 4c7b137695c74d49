// backout report PLAN|DIR...: the page that a reviewer opens. What `check` finds, shown.
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

int run_report(const Invocation& invocation) {
  return run_pipeline(
      invocation,
      "Usage: backout report [OPTIONS] PLAN|DIR...\n\n"
      "Examines each plan as `check` does and writes one page about it for reviewers:\n"
      "can this be rolled back, from where not, how long does it take, what is lost, and why.\n"
      "The page holds everything that it shows: it opens without a network, from any disk.\n",
      {.rules = true, .search = true, .campaign = true, .format = "html"});
}

}  // namespace backout::cli
