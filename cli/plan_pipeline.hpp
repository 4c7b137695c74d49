#pragma once
// From plan files to a report: what `check` and `explore` share.

#include <string>

#include "cli/command.hpp"

namespace backout::cli {

struct PipelineParts {
  bool rules = true;
  bool search = true;
  bool campaign = false;  ///< timed runs, for percentiles
  const char* format = "text";  ///< when the command line names none
};

/// Loads each plan named on the command line, runs the parts, writes the reports; the result is the exit status.
int run_pipeline(const Invocation& invocation, const std::string& usage, PipelineParts parts);

}  // namespace backout::cli
