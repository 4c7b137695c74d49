#include "simulator/interruptions.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/app.hpp"
#include "services/rollout.hpp"
#include "services/traffic.hpp"

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
  for (const std::uint64_t part :
       {std::uint64_t{state.world}, std::uint64_t{state.expected}, std::uint64_t{state.traffic},
        std::uint64_t{state.late},
        std::uint64_t{state.half} << 4 | std::uint64_t{state.aborted} << 3 |
            std::uint64_t{state.opaque} << 2 | std::uint64_t{state.faulted} << 1 |
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
    for (Next& each : next(DeployState(nodes_[at].state)))
      reach(at, each.state, std::move(each.event));
  }
  make_rows();
}

DeployState Deploys::start() const {
  DeployState start;
  start.world = Worlds::start();
  start.expected = setting_.expected_at_start();
  return start;
}

void Deploys::reach(std::size_t parent, const DeployState& state, Event event) {
  ++transitions_;
  if (nodes_.size() >= kMaxStates) {
    bound_ = fmt::format("more than {} states of the deploy", kMaxStates);
    return;
  }
  const auto [found, fresh] = ids_.try_emplace(state, nodes_.size());
  if (!fresh) return;
  const std::size_t depth = nodes_.empty() ? 0 : nodes_[parent].depth + 1;
  nodes_.push_back({state, parent, depth, std::move(event)});
}

Interruption Deploys::interruption(const DeployState& state) const {
  return row_of(state, members(state.done));
}

std::vector<Deploys::Next> Deploys::next(const DeployState& state) {
  std::vector<Next> all;
  if (state.stopped) return all;
  const std::vector<Task>& tasks = setting_.books().deploy.tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (state.done.test(i) || (tasks[i].before & ~state.done).any()) continue;
    try_step(state, i, all);
  }
  serve(state, all);
  if (!state.faulted && state.done.any()) fall_sick(state, all);
  return all;
}

/// A version that the deploy brought answers errors: why people roll back, and no fault of the
/// rollback. Where an analysis sees it, the users go back by themselves: the deploy does not hear
/// of it, and goes on unless a check stops it.
void Deploys::fall_sick(const DeployState& state, std::vector<Next>& all) {
  Worlds& worlds = setting_.worlds();
  const services::World world = worlds.world(state.world);
  for (model::ServiceIndex app = 0; app < world.states.size(); ++app) {
    const auto add = [&](DeployState next, const services::Record& then, const std::string& version,
                         std::string told) {
      next.world = worlds.intern(services::with_changes(world, {{app, then.share()}}));
      const std::string name = fmt::format("{}@{}", setting_.plan().services[app].name, version);
      all.push_back({next, {Actor::fault, name, std::move(told), state.world, next.world}});
    };
    if (const auto sick = services::sick(worlds.context(), world, app)) {
      DeployState next = state;
      next.sick = static_cast<std::uint16_t>(app);
      next.stopped = true;
      const services::World then = services::with_changes(world, {{app, sick->share()}});
      add(next, *sick, services::sick_version(then, app), "the new version answers errors");
    }
    if (state.aborted) continue;
    if (const auto back = services::aborted_by_analysis(worlds.context(), world, app)) {
      DeployState next = state;
      next.aborted = true;
      const services::Record& now = world.record(app);
      add(next, *back, now.get("rolling"),
          fmt::format("the new version answers errors, and the analysis sends its users back to {}",
                      now.get("version")));
    }
  }
}

void Deploys::serve(const DeployState& state, std::vector<Next>& all_next) {
  const Sets::Members done = setting_.sets()[state.traffic];
  if (done.size() >= (state.faulted ? kTrafficWithFaults : kTrafficPlain)) return;
  const std::vector<Served> all = setting_.worlds().operations(state.world);
  for (const Served& served : all) {
    if (!is_served(served, state.world)) continue;
    if (std::ranges::count(done, served.operation) >= setting_.plan().limits.traffic) continue;
    DeployState next = state;
    Sets::Members more = done;
    more.insert(std::ranges::upper_bound(more, served.operation), served.operation);
    next.traffic = setting_.sets().intern(std::move(more));
    next.expected = setting_.expect(state.expected, state.world, served);
    next.world = served.ran.world;
    const OperationKey& key = setting_.worlds().operation(served.operation);
    if (served.ran.result == services::Outcome::Result::opaque && !next.opaque) {
      next.opaque = true;
      next.why = setting_.worlds().text(fmt::format("what {} does is not known: {}", key.name,
                                                    setting_.worlds().text(served.ran.message)));
    }
    all_next.push_back({next, {Actor::traffic, key.name, "is served", state.world, next.world}});
  }
}

void Deploys::refuse(const DeployState& state, std::size_t task, TextId why) {
  const bool needs_traffic = !setting_.sets()[state.traffic].empty();
  for (const DeployStop& known : refusals_) {
    if (known.step == task) return;  // the shortest way came first
  }
  refusals_.push_back(
      {static_cast<model::StepIndex>(task), setting_.worlds().text(why), needs_traffic});
}

void Deploys::try_step(const DeployState& state, std::size_t index, std::vector<Next>& all) {
  const Task& task = setting_.books().deploy.tasks[index];
  const model::Step& rules = rules_of(setting_.plan(), task);
  Worlds& worlds = setting_.worlds();
  ReplayChooser plain({});
  const Attempt result = attempt(setting_, task, state.world, false, plain);
  const bool goes_on =
      result.observed == Observed::ok || rules.on_failure.type == model::OnFailure::Type::carry_on;
  Event event{Actor::deploy, rules.id, "", state.world, result.world, true};
  DeployState next = state;
  next.world = result.world;
  if (result.opaque && !state.opaque) {
    next.opaque = true;
    next.why = worlds.text(
        fmt::format("what '{}' does is not known: {}", rules.id, worlds.text(result.message)));
  }
  event.text = describe(worlds, result);
  if (!goes_on && !state.faulted && !state.aborted) refuse(state, index, result.message);
  next.stopped = !goes_on;
  if (goes_on || result.truth == Truth::all) {
    next.done.set(index);
    all.push_back({next, event});
  } else if (result.world != state.world) {
    next.half = static_cast<std::uint16_t>(index);
    all.push_back({next, event});
  }
  if (rules.optional) {
    DeployState skipped = state;
    skipped.done.set(index);
    all.push_back(
        {skipped, {Actor::deploy, rules.id, "optional: left out", state.world, state.world}});
  }
  for (const WorldId stop : halves(worlds, task, state.world)) {
    DeployState half = state;
    half.world = stop;
    half.half = static_cast<std::uint16_t>(index);
    half.stopped = true;
    all.push_back(
        {half, {Actor::deploy, rules.id, "stops half way", state.world, stop, true, Fault::half}});
  }
  if (with_faults_ && !state.faulted && result.observed == Observed::ok)
    try_faults(state, index, result, all);
}

/// The app that the step starts, or sends traffic to, does not serve. For a version that the deploy
/// brought, fall_sick() says the same.
void Deploys::try_unhealthy(const DeployState& state, std::size_t index, std::vector<Next>& all) {
  const Task& task = setting_.books().deploy.tasks[index];
  Worlds& worlds = setting_.worlds();
  const std::optional<Attempt> harmed = unhealthy_attempt(setting_, task, state.world);
  if (!harmed || harmed->truth != Truth::all || harmed->opaque) return;
  const services::World& world = worlds.world(harmed->world);
  const services::Changes ill = services::ill_since_deploy(worlds.context(), world);
  const bool is_new = std::ranges::any_of(ill, [&](const auto& change) {
    return world.record(change.first).get("version") !=
           setting_.plan().services[change.first].start;
  });
  if (ill.empty() || is_new) return;
  setting_.count(Fault::unhealthy);
  DeployState next = state;
  next.faulted = true;
  next.done.set(index);
  next.world = worlds.intern(services::with_changes(world, ill));
  all.push_back(
      {next,
       {Actor::fault, rules_of(setting_.plan(), task).id, "done, but the app does not serve",
        state.world, next.world, true, Fault::unhealthy}});
}

void Deploys::try_faults(const DeployState& state, std::size_t index, const Attempt& plain,
                         std::vector<Next>& all) {
  if (setting_.sets()[state.traffic].size() > kTrafficWithFaults) return;
  if (setting_.considers_in_deploy(Fault::unhealthy)) try_unhealthy(state, index, all);
  if (plain.world == state.world) return;
  const Task& task = setting_.books().deploy.tasks[index];
  const model::Step& rules = rules_of(setting_.plan(), task);
  DeployState next = state;
  next.faulted = true;
  if (setting_.considers(Fault::late) && rules.timeout && may_come_late(setting_.worlds(), task)) {
    setting_.count(Fault::late);
    DeployState late = next;
    late.late = runner_.pending(task);
    late.under_way = static_cast<std::uint16_t>(index);
    late.stopped = true;
    all.push_back({late,
                   {Actor::fault, rules.id, "runs into its timeout; it takes effect later",
                    state.world, state.world, true, Fault::late}});
  }
  if (setting_.considers(Fault::lying_ok) && failing_verify(setting_, task, state.world) == 0) {
    setting_.count(Fault::lying_ok);
    next.done.set(index);
    all.push_back({next,
                   {Actor::fault, rules.id, "reports success; nothing happened", state.world,
                    state.world, true, Fault::lying_ok}});
  }
}

bool Deploys::concerns(std::size_t stop, const RunState& begun) const {
  if (nodes_[stop].state.sick == DeployState::kNobody) return true;
  const auto key = std::pair(stop, begun.path);
  if (const auto known = concerned_.find(key); known != concerned_.end()) return known->second;
  return concerned_[key] = is_cure(stop, begun) && is_noticed(stop, begun);
}

/// Whether users no longer meet the sick version behind the path, when all goes well.
bool Deploys::is_cure(std::size_t stop, const RunState& begun) const {
  const std::uint16_t app = nodes_[stop].state.sick;
  const Playbook& book = setting_.books().paths[begun.path];
  Worlds& worlds = setting_.worlds();
  WorldId now = nodes_[nodes_[stop].parent].state.world;  // the same without the sickness
  const std::string version = services::sick_version(worlds.world(nodes_[stop].state.world), app);
  for (std::size_t i = 0; i < book.tasks.size(); ++i) {
    if (!begun.ended.test(i)) now = land(worlds, book.tasks[i], now).world;
  }
  const services::World after = worlds.world(now);
  return !services::is_running(after, app) || after.record(app).get("version") != version ||
         !services::blocked(worlds.context(), after, app).empty();
}

/// Whether some task comes to something else because of the sickness: at once, or when all goes
/// well in the listed order. A task that asks the version does, wherever it stands, because it does
/// at once; one that asks for another version fails as long as the sick one serves, sick or not.
bool Deploys::is_noticed(std::size_t stop, const RunState& begun) const {
  const Playbook& book = setting_.books().paths[begun.path];
  const WorldId first_sick = nodes_[stop].state.world;
  const WorldId first_well = nodes_[nodes_[stop].parent].state.world;
  WorldId sick = first_sick;
  WorldId well = first_well;
  const auto differ = [&](const Task& task, WorldId one, WorldId other) {
    ReplayChooser plain({});
    const Attempt a = attempt(setting_, task, one, false, plain);
    const Attempt b = attempt(setting_, task, other, false, plain);
    return a.truth != b.truth || a.observed != b.observed || a.opaque != b.opaque;
  };
  for (std::size_t i = 0; i < book.tasks.size(); ++i) {
    const Task& task = book.tasks[i];
    if (differ(task, first_sick, first_well)) return true;
    if (begun.ended.test(i)) continue;
    if (differ(task, sick, well)) return true;
    sick = land(setting_.worlds(), task, sick).world;
    well = land(setting_.worlds(), task, well).world;
  }
  return false;
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

Interruption Deploys::row_of(const DeployState& state,
                             const std::vector<model::StepIndex>& order) const {
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
    row.label =
        last.empty() ? "before the deploy" : fmt::format("after {}", fmt::join(last, " and "));
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
  // A long deploy in one line is no reason to look at less.
  const std::size_t most = std::max(kMaxRows, 2 * setting_.books().deploy.tasks.size() + 1);
  for (auto& [key, stops] : rows) {
    if (rows_.size() >= most) {
      bound_ = fmt::format("more than {} interruptions", most);
      break;
    }
    rows_.push_back(row_of(nodes_[stops.front()].state, std::get<1>(key)));
    stops_.push_back(std::move(stops));
  }
}

}  // namespace backout::simulator
