// backout simulate PLAN|SCENARIO: many timed runs of a plan with faults and traffic, or one
// scenario.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "analyzer/facts.hpp"
#include "cli/checkpoint.hpp"
#include "cli/load_plan.hpp"
#include "cli/options.hpp"
#include "cli/output_file.hpp"
#include "cli/scenarios.hpp"
#include "cli/shard.hpp"
#include "cli/watch.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "reports/campaign/campaign_report.hpp"
#include "simulator/campaign/fleet.hpp"
#include "simulator/campaign/tell.hpp"

namespace backout::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kSimulateHelp =
    "Usage: backout simulate [OPTIONS] PLAN|SCENARIO\n\n"
    "Runs a plan's rollbacks many times in virtual time, with faults and live traffic, and prints "
    "how long they take,\n"
    "how often they fail and what they lose. The same plan, seed and runs give the same bytes on "
    "any number of threads\n"
    "and machines. A SCENARIO is one run as a file: it is played and compared with what it "
    "expects.\n";

struct SimulateSettings {
  std::string file;
  simulator::CampaignOptions campaign;
  std::uint64_t runs = 0;
  Shard shard;
  std::size_t threads = 1;
  Watch::Limits limits;
  std::optional<std::uint64_t> run;
  std::string counterexamples;
  std::string checkpoint;
  ReportOptions reports;
};

po::options_description campaign_options() {
  po::options_description options("Campaign");
  options.add_options()("runs", po::value<std::uint64_t>()->default_value(100'000)->value_name("N"),
                        "how many runs")(
      "seed", po::value<std::uint64_t>()->default_value(1)->value_name("N"),
      "what chance is made of");
  add_limit_options(options, "stop after this much time (10s, 5m): the result is partial");
  options.add_options()(
      "shard", po::value<std::string>()->value_name("I/N|auto"),
      "only the I-th of N parts of the runs; auto asks the scheduler that runs this process")(
      "threads", po::value<std::size_t>()->value_name("N"),
      "how many threads (default: all cores)")(
      "faults", po::value<std::int64_t>()->value_name("K"),
      "how many faults at once (default: the plan's limit, else 1)")(
      "fault", po::value<std::vector<std::string>>()->composing()->value_name("KIND"),
      "consider only this fault kind; repeatable")(
      "checkpoint", po::value<std::string>()->value_name("FILE"),
      "keep there what was found so far, and go on from it; removed at the end")(
      "run", po::value<std::uint64_t>()->value_name("I"), "only this run, step by step")(
      "counterexamples", po::value<std::string>()->value_name("DIR"),
      "write a scenario file there for each kind of failure");
  return options;
}

std::vector<std::string> fault_kinds(const po::variables_map& values) {
  if (!values.count("fault")) return {};
  return known_faults(values["fault"].as<std::vector<std::string>>());
}

std::optional<SimulateSettings> read_simulate_settings(const Invocation& invocation) {
  po::options_description options;
  options.add(campaign_options()).add(report_options(kCampaignReports));
  const auto values = parse_arguments(invocation, kSimulateHelp, options, "file");
  if (!values) return std::nullopt;
  if (!values->count("file")) throw UsageError{"name a plan or a scenario"};
  const auto files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one plan or scenario at a time"};
  SimulateSettings settings;
  settings.file = files.front();
  settings.runs = (*values)["runs"].as<std::uint64_t>();
  if (settings.runs == 0) throw UsageError{"--runs takes 1 or more"};
  settings.campaign.seed = (*values)["seed"].as<std::uint64_t>();
  settings.campaign.faults = read_faults(*values).value_or(settings.campaign.faults);
  settings.campaign.fault_kinds = fault_kinds(*values);
  settings.limits = read_limits(*values);
  if (values->count("shard")) settings.shard = read_shard((*values)["shard"].as<std::string>());
  settings.threads = read_threads(*values);
  if (values->count("run")) settings.run = (*values)["run"].as<std::uint64_t>();
  if (values->count("counterexamples"))
    settings.counterexamples = (*values)["counterexamples"].as<std::string>();
  if (values->count("checkpoint")) settings.checkpoint = (*values)["checkpoint"].as<std::string>();
  settings.reports = read_report_options(*values, kCampaignReports);
  return settings;
}

/// A campaign with what it looks at. One per thread, because the services' memory is not shared.
struct Station {
  std::unique_ptr<analyzer::Facts> facts;
  std::unique_ptr<simulator::Campaign> campaign;
};

using Campaigns = std::vector<std::unique_ptr<simulator::Campaign>>;

/// Runs [first, last), or fewer when `go_on` says so.
simulator::CampaignOutcome run_part(const SimulateSettings& settings, Campaigns& campaigns,
                                    std::uint64_t first, std::uint64_t last,
                                    const std::function<bool(std::uint64_t)>& go_on) {
  simulator::FleetRun run = simulator::run_fleet(campaigns, first, last, go_on);
  simulator::CampaignOutcome outcome;
  outcome.head =
      simulator::head_of(*campaigns.front(), settings.campaign, settings.runs, settings.file);
  outcome.done = {{first, first + run.done}};
  outcome.tally = std::move(run.tally);
  simulator::add_counterexamples(outcome, *campaigns.front());
  return outcome;
}

/// The same in parts: after each, what was found so far is kept. The error is a message, and the
/// exit status.
tl::expected<simulator::CampaignOutcome, std::pair<std::string, int>> run_kept(
    const Invocation& invocation, const SimulateSettings& settings, Campaigns& campaigns,
    const std::function<bool(std::uint64_t)>& go_on) {
  const auto [first, last] = settings.shard.range(settings.runs);
  const Checkpoint checkpoint(settings.checkpoint, first, last);
  auto whole = checkpoint.load(run_part(settings, campaigns, first, first, go_on));
  if (!whole)
    return tl::unexpected(std::pair(
        fmt::format("backout: {}: {}\n", settings.checkpoint, whole.error()), int(kInvalidInput)));
  const std::uint64_t stride = std::max<std::uint64_t>(20'000, (last - first) / 50);
  std::uint64_t at = whole->done.empty() ? first : whole->done.front().second;
  while (at < last) {
    const std::uint64_t end = std::min(last, at + stride);
    simulator::CampaignOutcome part =
        run_part(settings, campaigns, at, end,
                 [&, begin = first](std::uint64_t done) { return go_on(at - begin + done); });
    const std::uint64_t reached = part.done.front().second;
    whole = simulator::merge({std::move(*whole), std::move(part)});
    if (!checkpoint.save(invocation, *whole))
      return tl::unexpected(std::pair(std::string(), int(kOutput)));
    if (reached < end) break;
    at = end;
  }
  if (at >= last) checkpoint.forget();
  return *std::move(whole);
}

tl::expected<simulator::CampaignOutcome, std::pair<std::string, int>> run_campaign(
    const Invocation& invocation, const SimulateSettings& settings, Campaigns& campaigns) {
  const auto [first, last] = settings.shard.range(settings.runs);
  Watch watch(settings.limits, invocation.err);
  watch.begin(settings.file, 1, 1);
  watch.expect_runs(last - first);
  const auto go_on = [&](std::uint64_t done) { return watch.go_on(done); };
  auto outcome = settings.checkpoint.empty()
                     ? tl::expected<simulator::CampaignOutcome, std::pair<std::string, int>>(
                           run_part(settings, campaigns, first, last, go_on))
                     : run_kept(invocation, settings, campaigns, go_on);
  if (watch.stopped())
    invocation.err << fmt::format("backout: {}: what follows is what is known so far\n",
                                  watch.why());
  return outcome;
}

/// A word for file names: letters, digits and dashes.
std::string slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  return out;
}

bool write_counterexamples(const SimulateSettings& settings,
                           const simulator::CampaignOutcome& outcome,
                           const Invocation& invocation) {
  if (settings.counterexamples.empty()) return true;
  std::error_code error;
  fs::create_directories(settings.counterexamples, error);
  std::size_t number = 0;
  for (const auto& [key, text] : outcome.counterexamples) {
    const auto& [path, verdict, reason] = key;
    const std::string name =
        fmt::format("{:02}-{}-{}.yaml", ++number, slug(outcome.head.paths[path].name),
                    slug(simulator::to_string(verdict)));
    const fs::path file = fs::path(settings.counterexamples) / name;
    auto scenario = simulator::load_scenario_text(name, text);
    scenario->plan = fs::proximate(settings.file, settings.counterexamples, error).generic_string();
    const auto print = [&](std::ostream& out) { out << simulator::to_yaml(*scenario); };
    if (!write_output(invocation, file.string(), print)) return false;
  }
  return true;
}

int report(const Invocation& invocation, const SimulateSettings& settings,
           const simulator::CampaignOutcome& outcome) {
  if (!write_campaign(invocation, settings.reports, outcome)) return kOutput;
  if (!write_counterexamples(settings, outcome, invocation)) return kOutput;
  return campaign_status(settings.reports, outcome, settings.shard.count > 1);
}

int tell_run(const Invocation& invocation, const SimulateSettings& settings,
             simulator::Campaign& campaign) {
  const auto record = campaign.tell(*settings.run);
  if (!record) {
    invocation.out << fmt::format("run {}: nobody rolls back\n", *settings.run);
    return kOk;
  }
  simulator::Player player(campaign.setting(), campaign.course().runner(),
                           campaign.course().judge(), campaign.deploys());
  const simulator::Scenario scenario = simulator::scenario_of(campaign, *record, settings.file);
  const simulator::Played played = player.play(scenario);
  reports::print_played_text(simulator::lines_of(campaign.setting(), played.log), played,
                             {invocation.colour}, invocation.out);
  invocation.out << fmt::format("\nfrom trigger to the end: {}{}\n",
                                model::format_ms(record->total_ms),
                                record->verdict == simulator::Verdict::too_slow
                                    ? fmt::format("; TOO SLOW: {}", record->reason)
                                    : "");
  invocation.out << "\nAs a scenario:\n" << simulator::to_yaml(scenario);
  return kOk;
}

}  // namespace

int run_simulate(const Invocation& invocation) {
  const auto settings = read_simulate_settings(invocation);
  if (!settings) return kOk;
  if (is_scenario(settings->file)) return play_scenario(invocation, settings->file, false);
  const auto plan = load_plan(settings->file);
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes)
      invocation.err << model::render(mistake, *plan.error().sources) << '\n';
    return kInvalidInput;
  }
  std::vector<std::unique_ptr<analyzer::Facts>> facts;
  std::vector<std::unique_ptr<simulator::Campaign>> campaigns;
  const std::size_t threads = settings->run ? 1 : settings->threads;
  for (std::size_t i = 0; i < threads; ++i) {
    std::vector<model::Mistake> mistakes;
    facts.push_back(std::make_unique<analyzer::Facts>(analyzer::derive_facts(*plan, mistakes)));
    for (const model::Mistake& mistake : mistakes)
      invocation.err << model::render(mistake, *plan->sources) << '\n';
    if (!mistakes.empty()) return kInvalidInput;
    campaigns.push_back(std::make_unique<simulator::Campaign>(
        facts.back()->context, facts.back()->start, settings->campaign));
  }
  if (const std::string& why = campaigns.front()->impossible(); !why.empty()) {
    invocation.err << fmt::format("backout: {}: {}\n", settings->file, why);
    return kIncomplete;
  }
  if (settings->run) return tell_run(invocation, *settings, *campaigns.front());
  const auto outcome = run_campaign(invocation, *settings, campaigns);
  if (!outcome) {
    invocation.err << outcome.error().first;
    return outcome.error().second;
  }
  return report(invocation, *settings, *outcome);
}

}  // namespace backout::cli
