// backout explore: the rollback matrix, exhaustively.
#include <iostream>

#include <fmt/format.h>

#include "cli/options.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kHelp =
    "Usage: backout explore [OPTIONS] PLAN...\n\n"
    "Explores every interruption of the deploy x rollback path x order x outcome x traffic and prints the matrix.\n";

po::options_description explore_options() {
  po::options_description options("Search");
  options.add_options()
      ("faults", po::value<std::int64_t>()->default_value(-1), "at most so many faults in one run; -1: the plan's limit")
      ("fault", po::value<std::vector<std::string>>()->composing(), "consider this fault kind; repeatable; all: every kind")
      ("max-states", po::value<std::uint64_t>(), "look at no more states than this");
  return options;
}

simulator::SearchOptions search_options(const po::variables_map& values) {
  simulator::SearchOptions options;
  options.faults = values["faults"].as<std::int64_t>();
  if (values.count("fault")) options.fault_kinds = values["fault"].as<std::vector<std::string>>();
  if (values.count("max-states")) options.max_states = values["max-states"].as<std::uint64_t>();
  return options;
}

void print(const Invocation& invocation, const model::Sources& sources, const std::vector<model::Mistake>& mistakes) {
  for (const model::Mistake& mistake : mistakes) invocation.err << model::render(mistake, sources);
}

bool is_incomplete(const simulator::Matrix& matrix) {
  if (matrix.completeness.level == simulator::Completeness::Level::bounded) return true;
  for (const simulator::Cell& cell : matrix.cells) {
    if (cell.applicable && cell.verdict == simulator::Verdict::unknown) return true;
  }
  return false;
}

}  // namespace

int run_explore(const Invocation& invocation) {
  po::options_description options;
  options.add(explore_options()).add(report_options());
  const auto values = parse_arguments(invocation, kHelp, options, "plan");
  if (!values) return kOk;
  if (!values->count("plan")) throw UsageError{"explore needs a PLAN"};
  const ReportOptions report = read_report_options(*values);

  std::vector<model::Plan> plans;
  for (const std::string& path : (*values)["plan"].as<std::vector<std::string>>()) {
    auto plan = model::load_plan(path, services::catalog());
    if (!plan) {
      print(invocation, *plan.error().sources, plan.error().mistakes);
      return kInvalidInput;
    }
    plans.push_back(std::move(*plan));
  }
  std::vector<reports::PlanReport> all;
  bool incomplete = false;
  bool failed = false;
  for (const model::Plan& plan : plans) {
    const services::Context context(plan);
    std::vector<model::Mistake> mistakes;
    const services::World start = services::initial_world(context, mistakes);
    if (!mistakes.empty()) {
      print(invocation, *plan.sources, mistakes);
      return kInvalidInput;
    }
    simulator::Matrix matrix = simulator::explore(context, start, search_options(*values));
    incomplete = incomplete || is_incomplete(matrix);
    reports::PlanReport one{&plan, simulator::findings_of(context, matrix), std::move(matrix), reports::time_table(plan)};
    for (const model::Finding& finding : one.findings) {
      failed = failed || (report.fail_on && finding.severity >= *report.fail_on);
    }
    all.push_back(std::move(one));
  }
  if (!write_reports(invocation, report, all)) return kInvalidInput;
  if (failed) return kFindings;
  return incomplete && report.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

}  // namespace backout::cli
