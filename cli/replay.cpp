// backout replay FILE: a scenario or counterexample, step by step.
#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/scenarios.hpp"

namespace backout::cli {

int run_replay(const Invocation& invocation) {
  const auto values = parse_arguments(
      invocation,
      "Usage: backout replay FILE...\n\n"
      "Plays each scenario or counterexample file and prints what happens step by step, with the\n"
      "changes of the world. Exit status 0: it came as the file expects.\n",
      boost::program_options::options_description(), "file");
  if (!values) return kOk;
  if (!values->count("file"))
    throw UsageError{"name a scenario file, as simulate --counterexamples writes them"};
  int worst = kOk;
  for (const std::string& file : (*values)["file"].as<std::vector<std::string>>()) {
    worst = std::max(worst, play_scenario(invocation, file, true));
  }
  return worst;
}

}  // namespace backout::cli
