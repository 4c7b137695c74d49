#include "simulator/campaign/tell.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

std::vector<Happening> deploy_of(Campaign& campaign, std::size_t stop) {
  Deploys& deploys = campaign.deploys();
  std::vector<Happening> all;
  for (std::size_t at = stop; at != 0; at = deploys.parent(at)) {
    const std::vector<Deploys::Next> nexts = deploys.next(deploys.state(deploys.parent(at)));
    const auto found = std::ranges::find_if(
        nexts, [&](const Deploys::Next& each) { return each.state == deploys.state(at); });
    all.push_back(Player::happening_of(nexts, static_cast<std::size_t>(found - nexts.begin())));
  }
  std::ranges::reverse(all);
  return all;
}

}  // namespace

CampaignHead head_of(const Campaign& campaign, const CampaignOptions& options, std::uint64_t runs,
                     const std::string& plan_file) {
  const Setting& setting = campaign.setting();
  const model::Plan& plan = setting.plan();
  CampaignHead head{plan_file,
                    {},
                    options.seed,
                    runs,
                    campaign.faults_at_once(),
                    campaign.timing().detect_known,
                    campaign.timing().respond_known,
                    {},
                    {}};
  std::uint64_t digest = 0xcbf29ce484222325ULL;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    digest = (digest ^ 0xff) * 0x100000001b3ULL;
  };
  for (std::uint32_t file = 0; file < plan.sources->size(); ++file)
    mix((*plan.sources)[file].text());
  for (const Fault fault : setting.faults()) mix(to_string(fault));
  mix(std::to_string(head.faults_at_once));
  head.digest = fmt::format("{:016x}", digest);
  for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
    const Playbook& book = setting.books().paths[path];
    PathHead& named = head.paths.emplace_back();
    named.name = book.name;
    for (const Task& task : book.tasks) named.tasks.push_back(name_of(plan, task));
    for (const model::StepIndex step : campaign.timing().paths[path].unestimated) {
      named.unestimated.push_back(plan.steps[step].id);
    }
    for (const model::Objective& objective : campaign.objectives(path)) {
      named.objectives.push_back({objective.phase, model::to_string(objective.limit)});
    }
  }
  for (std::size_t i = 0; i < plan.decisions.rules.size(); ++i) {
    const std::string& id = plan.decisions.rules[i].id;
    head.rules.push_back(id.empty() ? fmt::format("rule {}", i + 1) : id);
  }
  return head;
}

CampaignOutcome outcome_of(Campaign& campaign, const CampaignOptions& options, std::uint64_t runs,
                           const std::string& plan_file) {
  CampaignOutcome outcome;
  outcome.head = head_of(campaign, options, runs, plan_file);
  outcome.tally = campaign.blank();
  campaign.run(0, runs, outcome.tally);
  outcome.done = {{0, runs}};
  return outcome;
}

void add_times(Matrix& matrix, Campaign& campaign) {
  const std::vector<Interruption>& rows = campaign.deploys().interruptions();
  for (Cell& cell : matrix.cells) {
    if (!cell.applicable || cell.time_unknown) continue;
    const Interruption& wanted = matrix.interruptions[cell.interruption];
    const auto row = std::ranges::find_if(rows, [&](const Interruption& each) {
      return each.done == wanted.done && each.half == wanted.half;
    });
    if (row == rows.end())
      continue;  // one of them reached a limit, or the deploy gets there only if a step does
                 // nothing
    const Histogram times =
        campaign.times_from(static_cast<std::size_t>(row - rows.begin()), cell.path);
    if (times.count() == 0 || cell.fault_free == Verdict::stuck)
      continue;  // who is stuck never gets there
    // A walk in which a step is tried again takes longer than the estimates; a percentile is as
    // exact as its bucket.
    cell.time_high_ms = std::max(cell.time_high_ms, times.max_ms());
    const auto within = [&](std::int64_t ms) {
      return std::clamp(ms, cell.time_low_ms, cell.time_high_ms);
    };
    cell.time_p50_ms = within(times.percentile_ms(500));
    cell.time_p95_ms = within(times.percentile_ms(950));
  }
}

void add_counterexamples(CampaignOutcome& outcome, Campaign& campaign) {
  for (const auto& [key, failure] : outcome.tally.failures) {
    const std::optional<Scenario> story =
        counterexample(campaign, failure.first_run, outcome.head.plan);
    if (story) outcome.counterexamples[key] = to_yaml(*story);
  }
}

Scenario scenario_of(Campaign& campaign, const RunRecord& record, const std::string& plan_file) {
  Scenario scenario;
  scenario.plan = plan_file;
  scenario.path = campaign.setting().books().paths[record.path].name;
  scenario.deploy = deploy_of(campaign, record.stop);
  for (const Taken& taken : record.taken) {
    if (taken.kind == Move::Kind::finish || taken.kind == Move::Kind::deadlock) continue;
    scenario.rollback.push_back(
        {kind_of(taken.kind), taken.name, taken.fault, taken.part, taken.at_ms, {}});
  }
  return scenario;
}

std::optional<Scenario> counterexample(Campaign& campaign, std::uint64_t run,
                                       const std::string& plan_file) {
  const std::optional<RunRecord> record = campaign.tell(run);
  if (!record || record->verdict == Verdict::too_slow) return std::nullopt;
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(),
                campaign.deploys());
  Scenario small = shrink(player, scenario_of(campaign, *record, plan_file));
  const Played played = player.play(small);
  const auto stop = std::ranges::find(played.log, TraceLine::Actor::interruption, &Event::actor);
  small.name = fmt::format("path '{}' {}", small.path, stop == played.log.end() ? "" : stop->text);
  return small;
}

}  // namespace backout::simulator
