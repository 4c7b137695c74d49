// backout explore PLAN: the rollback matrix alone.
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

int run_explore(const Invocation& invocation) {
  return run_pipeline(invocation,
                      "Usage: backout explore [OPTIONS] PLAN|DIR...\n\n"
                      "Prints the rollback matrix: every interruption, every path, every fault.\n",
                      {.rules = false, .search = true});
}

}  // namespace backout::cli
