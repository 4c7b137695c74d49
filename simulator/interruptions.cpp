#include "simulator/interruptions.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::simulator {
namespace {

using Actor = TraceLine::Actor;

constexpr std::size_t kMaxRows = 200;
constexpr std::size_t kMaxStates = 100'000;

std::vector<model::StepIndex> members(const StepSet& set) {
  std::vector<model::StepIndex> all;
  for (model::StepIndex i = 0; i < kMaxSteps; ++i) {
    if (set.test(i)) all.push_back(i);
  }
  return all;
}

}  // namespace

std::size_t Deploys::StateHash::operator()(const DeployState& state) const {
  std::uint64_t hash = std::hash<StepSet>{}(state.done);
  for (const std::uint64_t part : {std::uint64_t{state.world}, std::uint64_t{state.expected},
                                   std::uint64_t{state.traffic}, std::uint64_t{state.late},
                                   std::uint64_t{state.half} << 2 | std::uint64_t{state.faulted} << 1 |
                                       std::uint64_t{state.stopped}}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

Deploys::Deploys(Setting& setting, Runner& runner, bool with_faults)
    : setting_(setting), runner_(runner), with_faults_(with_faults) {}

void Deploys::explore() {
  reach(0, start(), {});
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    for (Next& each : next(DeployState(nodes_[at].state))) reach(at, std::move(each.state), std::move(each.event));
  }
  make_rows();
}

DeployState Deploys::start() const {
  DeployState start;
  start.world = Worlds::start();
  start.expected = setting_.expected_at_start();
  return start;
}

void Deploys::reach(std::size_t parent, DeployState state, Event event) {
  ++transitions_;
  if (nodes_.size() >= kMaxStates) {
    bound_ = fmt::format("more than {} states of the deploy", kMaxStates);
    return;
  }
  const auto [found, fresh] = ids_.try_emplace(state, nodes_.size());
  if (!fresh) return;
  const std::size_t depth = nodes_.empty() ? 0 : nodes_[parent].depth + 1;
  nodes_.push_back({std::move(state), parent, depth, std::move(event)});
}

Interruption Deploys::interruption(const DeployState& state) const { return row_of(state, members(state.done)); }

std::vector<Deploys::Next> Deploys::next(const DeployState& state) {
  std::vector<Next> all;
  if (state.stopped) return all;
  const std::vector<Task>& tasks = setting_.books().deploy.tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (state.done.test(i) || (tasks[i].before & ~state.done).any()) continue;
    try_step(state, i, all);
  }
  if (!state.opaque) serve(state, all);
  return all;
}

void Deploys::serve(const DeployState& state, std::vector<Next>& all_next) {
  const Sets::Members done = setting_.sets()[state.traffic];
  if (done.size() >= (state.faulted ? kTrafficWithFaults : kTrafficPlain)) return;
  const std::vector<Served> all = setting_.worlds().operations(state.world);
  for (const Served& served : all) {
    if (served.ran.result == services::Outcome::Result::refused || served.ran.world == state.world) continue;
    if (std::ranges::count(done, served.operation) >= setting_.plan().limits.traffic) continue;
    DeployState next = state;
    Sets::Members more = done;
    more.insert(std::ranges::upper_bound(more, served.operation), served.operation);
    next.traffic = setting_.sets().intern(std::move(more));
    next.expected = setting_.expect(state.expected, state.world, served);
    next.world = served.ran.world;
    const OperationKey& key = setting_.worlds().operation(served.operation);
    if (served.ran.result == services::Outcome::Result::opaque) {
      next.opaque = true;
      next.why = setting_.worlds().text(
          fmt::format("what {} does is not known: {}", key.name, setting_.worlds().text(served.ran.message)));
    }
    all_next.push_back({next, {Actor::traffic, key.name, "is served", state.world, next.world}});
  }
}

void Deploys::refuse(const DeployState& state, std::size_t task, TextId why) {
  const bool needs_traffic = !setting_.sets()[state.traffic].empty();
  for (const DeployStop& known : refusals_) {
    if (known.step == task) return;  // the shortest way came first
  }
  refusals_.push_back({static_cast<model::StepIndex>(task), setting_.worlds().text(why), needs_traffic});
}

void Deploys::try_step(const DeployState& state, std::size_t index, std::vector<Next>& all) {
  const Task& task = setting_.books().deploy.tasks[index];
  const model::Step& rules = rules_of(setting_.plan(), task);
  Worlds& worlds = setting_.worlds();
  ReplayChooser plain({});
  const Attempt result = attempt(setting_, task, state.world, false, plain);
  const bool goes_on = result.observed == Observed::ok || rules.on_failure.type == model::OnFailure::Type::carry_on;
  Event event{Actor::deploy, rules.id, "", state.world, result.world, true};
  DeployState next = state;
  next.world = result.world;
  next.opaque = state.opaque || result.opaque;
  if (state.opaque) {
    event.text = "runs";
  } else if (result.opaque) {
    next.why = worlds.text(fmt::format("what '{}' does is not known: {}", rules.id, worlds.text(result.message)));
    event.text = "runs; what it does is not known";
  } else {
    event.text = result.observed == Observed::ok ? "done" : "fails: " + worlds.text(result.message);
    if (result.truth != Truth::all && result.observed == Observed::ok) {
      event.text = "reports success, but: " + worlds.text(result.message);
    }
  }
  if (!goes_on && !state.faulted && !state.opaque) refuse(state, index, result.message);
  next.stopped = !goes_on && !state.opaque;
  if (goes_on || state.opaque || result.truth == Truth::all) {
    next.done.set(index);
    all.push_back({next, event});
  } else if (result.world != state.world) {
    next.half = static_cast<std::uint16_t>(index);
    all.push_back({next, event});
  }
  if (rules.optional) {
    DeployState skipped = state;
    skipped.done.set(index);
    all.push_back({skipped, {Actor::deploy, rules.id, "optional: left out", state.world, state.world}});
  }
  if (state.opaque) return;
  for (const WorldId stop : halves(worlds, task, state.world)) {
    DeployState half = state;
    half.world = stop;
    half.half = static_cast<std::uint16_t>(index);
    half.stopped = true;
    all.push_back({half, {Actor::deploy, rules.id, "stops half way", state.world, stop, true, Fault::half}});
  }
  if (with_faults_ && !state.faulted && result.observed == Observed::ok) try_faults(state, index, result, all);
}

void Deploys::try_faults(const DeployState& state, std::size_t index, const Attempt& plain, std::vector<Next>& all) {
  if (plain.world == state.world || setting_.sets()[state.traffic].size() > kTrafficWithFaults) return;
  const Task& task = setting_.books().deploy.tasks[index];
  const model::Step& rules = rules_of(setting_.plan(), task);
  DeployState next = state;
  next.faulted = true;
  if (setting_.considers(Fault::late) && rules.timeout) {
    setting_.count(Fault::late);
    DeployState late = next;
    late.late = runner_.pending(task);
    late.under_way = static_cast<std::uint16_t>(index);
    late.stopped = true;
    all.push_back({late, {Actor::fault, rules.id, "runs into its timeout; it takes effect later", state.world,
                          state.world, true, Fault::late}});
  }
  if (setting_.considers(Fault::lying_ok) && failing_verify(setting_, task, state.world) == 0) {
    setting_.count(Fault::lying_ok);
    next.done.set(index);
    all.push_back({next, {Actor::fault, rules.id, "reports success; nothing happened", state.world, state.world, true,
                          Fault::lying_ok}});
  }
}

RunState Deploys::run_from(const DeployState& state) const {
  StepSet ran = state.done;
  for (const std::uint16_t begun : {state.half, state.under_way}) {
    if (begun != DeployState::kWhole) ran.set(begun);
  }
  StepSet asked;  // steps that no path asks for would only keep equal runs apart
  for (const Playbook& path : setting_.books().paths) {
    for (const Task& task : path.tasks) asked |= task.undoes;
  }
  Sets::Members deployed;
  for (const model::StepIndex step : members(ran & asked)) deployed.push_back(step);
  RunState run;
  run.world = state.world;
  run.expected = state.expected;
  run.traffic = state.traffic;
  run.deployed = setting_.sets().intern(std::move(deployed));
  run.broken = setting_.sets().intern(setting_.refused(state.world));
  run.late = state.late;
  run.opaque = state.opaque;
  run.why = state.why;
  run.faulted = state.faulted;
  return run;
}

Log Deploys::log(std::size_t stop) const {
  Log log;
  for (std::size_t at = stop; at != 0; at = nodes_[at].parent) log.push_back(nodes_[at].event);
  std::reverse(log.begin(), log.end());
  return log;
}

Interruption Deploys::row_of(const DeployState& state, const std::vector<model::StepIndex>& order) const {
  const model::Plan& plan = setting_.plan();
  const std::vector<Task>& tasks = setting_.books().deploy.tasks;
  Interruption row{order, std::nullopt, ""};
  StepSet followed;  // done steps that another done step waited for
  for (const model::StepIndex step : order) followed |= tasks[step].before;
  std::vector<std::string> last;
  for (const model::StepIndex step : order) {
    if (!followed.test(step)) last.push_back(fmt::format("'{}'", plan.steps[step].id));
  }
  if (state.half != DeployState::kWhole) {
    row.half = state.half;
    row.label = fmt::format("during '{}'", plan.steps[state.half].id);
    if (last.size() > 1) row.label += fmt::format(", after {}", fmt::join(last, " and "));
  } else {
    row.label = last.empty() ? "before the deploy" : fmt::format("after {}", fmt::join(last, " and "));
  }
  return row;
}

void Deploys::make_rows() {
  using Key = std::tuple<std::size_t, std::vector<model::StepIndex>, std::uint32_t>;
  std::map<Key, std::vector<std::size_t>> rows;
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    const DeployState& state = nodes_[at].state;
    const std::uint32_t half = state.half == DeployState::kWhole ? 0 : state.half + 1U;
    rows[{state.done.count(), members(state.done), half}].push_back(at);
  }
  for (auto& [key, stops] : rows) {
    if (rows_.size() >= kMaxRows) {
      bound_ = fmt::format("more than {} interruptions", kMaxRows);
      break;
    }
    rows_.push_back(row_of(nodes_[stops.front()].state, std::get<1>(key)));
    stops_.push_back(std::move(stops));
  }
}

}  // namespace backout::simulator
