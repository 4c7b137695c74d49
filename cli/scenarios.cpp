#include "cli/scenarios.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "cli/load_plan.hpp"
#include "cli/output_file.hpp"
#include "model/files.hpp"
#include "model/render.hpp"
#include "reports/campaign/campaign_report.hpp"
#include "simulator/scenario/player.hpp"

namespace backout::cli {
namespace {

namespace fs = std::filesystem;

void print(const Invocation& invocation, const std::vector<model::Mistake>& mistakes,
           const model::Sources& sources) {
  for (const model::Mistake& mistake : mistakes)
    invocation.err << model::render(mistake, sources) << '\n';
}

/// What a scenario expects and did not come; empty: all came.
std::string unexpected(const simulator::Scenario& scenario, const simulator::Played& played) {
  if (!scenario.verdict) {
    return is_worse(played.verdict, simulator::Verdict::restored_with_residue)
               ? "nothing is expected, so RESTORED is"
               : "";
  }
  if (*scenario.verdict != played.verdict)
    return fmt::format("expected {}", simulator::to_string(*scenario.verdict));
  if (played.reason.find(scenario.reason) != std::string::npos) return {};
  return fmt::format("expected the reason \"{}\"", scenario.reason);
}

}  // namespace

bool is_scenario(const std::string& file) {
  std::istringstream in(model::read_file(file).value_or(std::string()));
  for (std::string line; std::getline(in, line);) {
    const std::size_t begin = line.find_first_not_of(" \t{");
    if (begin == std::string::npos || line[begin] == '#' || line.starts_with("---")) continue;
    const std::string_view rest = std::string_view(line).substr(begin);
    return rest.starts_with("scenario:") || rest.starts_with("\"scenario\"");
  }
  return false;
}

int play_scenario(const Invocation& invocation, const std::string& file, bool steps) {
  const auto scenario = simulator::load_scenario(file);
  if (!scenario) {
    print(invocation, scenario.error().mistakes, *scenario.error().sources);
    return kInvalidInput;
  }
  const std::string plan_file =
      (fs::path(file).parent_path() / scenario->plan).lexically_normal().string();
  const auto plan = load_plan(plan_file);
  if (!plan) {
    print(invocation, plan.error().mistakes, *plan.error().sources);
    return kInvalidInput;
  }
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  if (!mistakes.empty()) {
    print(invocation, mistakes, *plan->sources);
    return kInvalidInput;
  }
  simulator::Worlds worlds(facts.context, facts.start, true,
                           {.all_idle = false, .idle = scenario->idle});
  std::vector<std::string> unknown;
  simulator::Setting setting(worlds, simulator::fault_set({"all"}, unknown));
  if (!setting.books().too_large.empty()) {
    invocation.err << fmt::format("backout: {}\n", setting.books().too_large);
    return kIncomplete;
  }
  simulator::Runner runner(setting);
  simulator::Judge judge(setting);
  simulator::Deploys deploys(setting, runner, true);
  const simulator::Played played =
      simulator::Player(setting, runner, judge, deploys).play(*scenario);
  if (!played.mistakes.empty()) {
    print(invocation, played.mistakes, *scenario->sources);
    return kInvalidInput;
  }
  const std::string missing = unexpected(*scenario, played);
  if (!scenario->name.empty()) invocation.out << scenario->name << '\n';
  const auto lines =
      steps ? simulator::lines_of(setting, played.log) : std::vector<simulator::TraceLine>{};
  reports::print_played_text(lines, played, {invocation.colour}, invocation.out);
  if (missing.empty()) {
    if (scenario->verdict) invocation.out << "as expected\n";
    return kOk;
  }
  invocation.out << fmt::format("NOT as expected: {}\n", missing);
  return kFindings;
}

bool write_campaign(const Invocation& invocation, const ReportOptions& options,
                    const simulator::CampaignOutcome& outcome) {
  for (const ReportTarget& target : options.targets) {
    const auto print = [&](std::ostream& out) {
      if (std::string_view(target.format->name) == "json")
        out << simulator::to_json(outcome, reports::tool_version());
      else
        reports::print_campaign_text(outcome, style_of(invocation, options, target.file), out);
    };
    if (!write_output(invocation, target.file, print)) return false;
  }
  return true;
}

int campaign_status(const ReportOptions& options, const simulator::CampaignOutcome& outcome,
                    bool part) {
  bool incomplete = !part && !outcome.complete();
  for (const auto& [key, failure] : outcome.tally.failures) {
    if (std::get<simulator::Verdict>(key) == simulator::Verdict::unknown)
      incomplete = true;
    else if (options.fail_on && *options.fail_on <= model::Severity::error)
      return kFindings;
  }
  return incomplete && options.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

}  // namespace backout::cli
