#pragma once
// --show-config: what backout.toml and the command line come to.

#include <iosfwd>

#include "cli/finding_options.hpp"
#include "cli/options.hpp"

namespace backout::cli {

/// The choice of findings, and what fails a run, as a backout.toml that stands for both.
void print_config(const FindingOptions& findings, const ReportOptions& options, std::ostream& out);

}  // namespace backout::cli
