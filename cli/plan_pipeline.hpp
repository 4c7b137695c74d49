#pragma once
// From plan files to a report: what `check`, `explore` and `ci` share.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/finding_options.hpp"
#include "cli/options.hpp"
#include "cli/program_options.hpp"
#include "cli/watch.hpp"
#include "model/load.hpp"
#include "reports/report.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

struct PipelineParts {
  bool rules = true;
  bool search = true;
  bool campaign = false;        ///< timed runs, for percentiles
  const char* format = "text";  ///< when the command line names none
  bool documents =
      false;  ///< runbooks and scripts are inputs, too, and `.` is what no argument stands for
};

/// What the command line asks of the analysis of each plan.
struct PipelineSettings {
  PipelineParts parts;
  ReportOptions reports;
  simulator::SearchOptions search;
  std::uint64_t runs = 0;
  bool suppressions = true;  ///< what plans and documents say is to be left out is left out
  bool search_documents =
      true;  ///< what a runbook's ways back come to is played, too; not in a run over very many
  Watch::Limits limits = {};
  Watch* watch = nullptr;  ///< null: nothing stops it but its limits of states
  FindingOptions findings;
  std::string today;
};

/// The options of the analysis, without those of its reports.
boost::program_options::options_description plan_options();
/// Reads them into everything but `reports`. Throws UsageError.
PipelineSettings read_plan_options(const boost::program_options::variables_map& values,
                                   PipelineParts parts);

/// The plan at `file`; `-` is the standard input of `invocation`.
tl::expected<model::Plan, model::LoadError> load_argument(const std::string& file,
                                                          const Invocation& invocation);

/// Everything about one plan. What is wrong with it goes to `mistakes`, and then the report says
/// nothing.
reports::PlanReport examine(const model::Plan& plan, const PipelineSettings& settings,
                            std::vector<model::Mistake>& mistakes);

/// Prints what is wrong with an input, with its lines.
void print_mistakes(const model::Sources& sources, const std::vector<model::Mistake>& mistakes,
                    std::ostream& err);

/// Loads each plan named on the command line, runs the parts, writes the reports; the result is the
/// exit status.
int run_pipeline(const Invocation& invocation, const std::string& usage, PipelineParts parts);

}  // namespace backout::cli
