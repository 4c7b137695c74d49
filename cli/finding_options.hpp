#pragma once
// The options that say which findings count: --select, --ignore, --severity, --config, --baseline.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/config.hpp"
#include "cli/program_options.hpp"
#include "cli/selection.hpp"

namespace backout::cli {

/// What the command line and backout.toml say together.
struct FindingOptions {
  Config config;
  Selection selection;
  std::string baseline;  ///< empty: none
  bool update_baseline = false;
};

/// For a subcommand's --help; --baseline and --update-baseline only with `baseline`.
boost::program_options::options_description finding_options(bool baseline);

/// Reads them, and the backout.toml above `start`. Throws UsageError, and InvalidInput when
/// backout.toml is wrong.
FindingOptions read_finding_options(const boost::program_options::variables_map& values,
                                    const std::string& start);

/// Its parts, for what looks at many files in turn: the command line alone (UsageError); the
/// backout.toml that holds for `start`, empty for none; and what it says beside the command line.
FindingOptions findings_asked(const boost::program_options::variables_map& values);
std::string config_for(const boost::program_options::variables_map& values,
                       const std::string& start);
void configure(FindingOptions& options, Config config);
/// The baseline that backout.toml names, as it is called from here; empty: none.
std::string baseline_of(const Config& config);

}  // namespace backout::cli
