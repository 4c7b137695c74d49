#include "simulator/campaign/tell.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

using Kind = Happening::Kind;

Kind kind_of(Move::Kind kind) {
  switch (kind) {
    case Move::Kind::skip: return Kind::skip;
    case Move::Kind::serve: return Kind::traffic;
    case Move::Kind::late: return Kind::late;
    case Move::Kind::killed: return Kind::killed;
    case Move::Kind::second_run: return Kind::second_run;
    case Move::Kind::take_over: return Kind::person;
    default: return Kind::step;
  }
}

std::vector<Happening> deploy_of(Campaign& campaign, std::size_t stop) {
  Deploys& deploys = campaign.deploys();
  std::vector<Happening> all;
  for (std::size_t at = stop; at != 0; at = deploys.parent(at)) {
    const std::vector<Deploys::Next> nexts = deploys.next(deploys.state(deploys.parent(at)));
    const auto found = std::ranges::find_if(nexts, [&](const Deploys::Next& each) { return each.state == deploys.state(at); });
    all.push_back(Player::happening_of(nexts, static_cast<std::size_t>(found - nexts.begin())));
  }
  std::ranges::reverse(all);
  return all;
}

}  // namespace

Scenario scenario_of(Campaign& campaign, const RunRecord& record, const std::string& plan_file) {
  Scenario scenario;
  scenario.plan = plan_file;
  scenario.path = campaign.setting().books().paths[record.path].name;
  scenario.deploy = deploy_of(campaign, record.stop);
  for (const Taken& taken : record.taken) {
    if (taken.kind == Move::Kind::finish || taken.kind == Move::Kind::deadlock) continue;
    scenario.rollback.push_back({kind_of(taken.kind), taken.name, taken.fault, taken.part, taken.at_ms, {}});
  }
  return scenario;
}

std::optional<Scenario> counterexample(Campaign& campaign, std::uint64_t run, const std::string& plan_file) {
  const std::optional<RunRecord> record = campaign.tell(run);
  if (!record || record->verdict == Verdict::too_slow) return std::nullopt;
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(), campaign.deploys());
  Scenario small = shrink(player, scenario_of(campaign, *record, plan_file));
  small.name = fmt::format("{} from {}", small.path, small.deploy.empty() ? "before the deploy" : "a stop of the deploy");
  return small;
}

}  // namespace backout::simulator
