#include "simulator/campaign/deploy_way.hpp"

#include <algorithm>
#include <optional>

namespace backout::simulator {
namespace {

std::optional<DeployState> after(Deploys& deploys, const DeployState& state, const Event& event) {
  for (const Deploys::Next& next : deploys.next(state)) {
    const Event& its = next.event;
    if (its.actor == event.actor && its.step == event.step && its.text == event.text &&
        its.fault == event.fault) {
      return next.state;
    }
  }
  return std::nullopt;
}

}  // namespace

DeployWay way_to(Deploys& deploys, const model::Plan& plan, std::size_t stop) {
  std::vector<std::size_t> stops{stop};
  while (stops.back() != 0) stops.push_back(deploys.parent(stops.back()));
  std::ranges::reverse(stops);
  DeployWay way;
  for (std::size_t at = 1; at < stops.size(); ++at) {
    const Event& event = deploys.event(stops[at]);
    if (event.actor != TraceLine::Actor::traffic) {
      way.steps.push_back(plan.find_step(event.step));
      continue;
    }
    way.steps.push_back(model::kNone);
    const DeployState& reached = deploys.state(stops[at]);
    // The same with the write first and the events from `earliest` on behind it.
    const auto is_the_same_from = [&](std::size_t earliest) {
      std::optional<DeployState> state = after(deploys, deploys.state(stops[earliest]), event);
      for (std::size_t i = earliest + 1; state && i < at; ++i)
        state = after(deploys, *state, deploys.event(stops[i]));
      return state == reached;
    };
    std::size_t earliest = at - 1;
    while (earliest > 0 && is_the_same_from(earliest - 1)) --earliest;
    way.writes.push_back(
        {event.step, deploys.state(stops[at - 1]).expected, reached.expected, earliest, at - 1});
  }
  return way;
}

}  // namespace backout::simulator
