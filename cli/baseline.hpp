#pragma once
// Findings that are known and left out, in a file, until they are gone.

#include <iosfwd>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "reports/report.hpp"

namespace backout::cli {

/// A finding that is known. `file` is relative to the folder of the baseline.
struct KnownFinding {
  std::string fingerprint;
  std::string rule;
  std::string file;
  std::string step;
  std::string message;
};

/// What a baseline file lists; why it cannot be read.
tl::expected<std::vector<KnownFinding>, std::string> read_baseline(const std::string& file);

/// Takes the known findings out of the reports. Returns those of files that were looked at, or that
/// are gone, and that match nothing.
std::vector<KnownFinding> leave_out_known(std::vector<reports::PlanReport>& reports,
                                          const std::vector<KnownFinding>& known,
                                          const std::string& baseline);

/// The findings of the reports, as a baseline lists them, with those of `known` whose files were
/// not looked at.
std::vector<KnownFinding> known_now(const std::vector<reports::PlanReport>& reports,
                                    const std::vector<KnownFinding>& known,
                                    const std::string& baseline);
/// Writes them as `read_baseline` reads them, sorted.
void write_baseline(std::vector<KnownFinding> known, std::ostream& out);

}  // namespace backout::cli
