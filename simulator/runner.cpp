#include "simulator/runner.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

using Actor = TraceLine::Actor;

}  // namespace

std::string describe(const Worlds& worlds, const Attempt& attempt) {
  const std::string& why = worlds.text(attempt.message);
  if (attempt.fault) return tell(*attempt.fault, why);
  if (attempt.opaque) {
    return fmt::format("runs; what it does is not known: {}; taken to do {}", why,
                       attempt.truth == Truth::all ? "what it is there for" : "nothing");
  }
  if (attempt.observed == Observed::ok)
    return why.empty() ? "done" : "reports success, but: " + why;
  return "fails: " + why;
}

std::uint32_t Runner::pending(const Task& task) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].actions == task.actions) return static_cast<std::uint32_t>(i + 1);
  }
  pending_.push_back(task);
  return static_cast<std::uint32_t>(pending_.size());
}

void Runner::note(Log* log, Event event) const {
  if (log != nullptr) log->push_back(std::move(event));
}

StepSet Runner::left_out(const RunState& state) const {
  StepSet deployed;
  for (const std::uint32_t step : setting_.sets()[state.deployed]) deployed.set(step);
  StepSet out;
  const std::vector<Task>& tasks = book(state).tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].undoes.any() && (tasks[i].undoes & deployed).none()) out.set(i);
  }
  return out;
}

RunState Runner::begin(model::PathIndex path, RunState from) {
  from.path = static_cast<std::uint16_t>(path);
  from.phase = Phase::running;
  from.landed.reset();
  from.ended = left_out(from);
  if (from.traffic_left == 0) from.traffic = 0;  // nobody asks any more
  return from;
}

void Runner::add_traffic(const RunState& state, std::vector<Move>& moves) {
  if (state.traffic_left == 0) return;
  const std::vector<Served>& all = setting_.worlds().operations(state.world);
  const auto limit = setting_.plan().limits.traffic;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_served(all[i], state.world)) continue;
    const auto& done = setting_.sets()[state.traffic];
    if (std::ranges::count(done, all[i].operation) < limit) moves.push_back({Move::Kind::serve, i});
  }
}

std::vector<Move> Runner::moves(const RunState& state) {
  std::vector<Move> all;
  const std::vector<Task>& tasks = book(state).tasks;
  if (state.phase == Phase::stopped) {
    all.push_back({Move::Kind::take_over, state.task});
    add_traffic(state, all);
    if (state.late != 0) all.push_back({Move::Kind::late, 0});
    return all;
  }
  std::size_t left = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (state.ended.test(i)) continue;
    ++left;
    if ((tasks[i].before & ~state.ended).any()) continue;
    all.push_back({Move::Kind::task, i});
    if (rules_of(setting_.plan(), tasks[i]).optional) all.push_back({Move::Kind::skip, i});
  }
  const bool may_fault = state.faults_left > 0 && state.round == 0;
  if (left == 0) {
    all.push_back({Move::Kind::finish, 0});
    if (may_fault && state.began && setting_.considers(Fault::second_run))
      all.push_back({Move::Kind::second_run, 0});
    return all;
  }
  if (all.empty()) return {{Move::Kind::deadlock, 0}};
  add_traffic(state, all);
  if (state.late != 0) all.push_back({Move::Kind::late, 0});
  if (may_fault && state.began && setting_.considers(Fault::killed))
    all.push_back({Move::Kind::killed, 0});
  return all;
}

RunState Runner::stuck(RunState state, const std::string& why) const {
  state.phase = Phase::stuck;
  state.why = setting_.worlds().text(why);
  return state;
}

RunState Runner::next(const RunState& state, Chooser& chooser, Log* log) {
  const std::vector<Move> all = moves(state);
  return take(state, all[chooser.choose(all.size())], chooser, log);
}

RunState Runner::take(const RunState& state, const Move& move, Chooser& chooser, Log* log) {
  RunState next = state;
  switch (move.kind) {
    case Move::Kind::task:
      return try_task(next, move.index, chooser, log) ? next : fail_task(next, move.index, log);
    case Move::Kind::skip:
      next.ended.set(move.index);
      note(log, {Actor::rollback, name_of(setting_.plan(), book(state).tasks[move.index]),
                 "optional: left out", state.world, state.world});
      return next;
    case Move::Kind::serve: {
      const Served served = setting_.worlds().operations(state.world)[move.index];
      return serve(state, served, log);
    }
    case Move::Kind::late:
      return land_late(state, log);
    case Move::Kind::killed:
      return start_over(state, Fault::killed, log);
    case Move::Kind::second_run:
      return start_over(state, Fault::second_run, log);
    case Move::Kind::take_over:
      return take_over(state, chooser, log);
    case Move::Kind::deadlock:
      return stuck(state, "the steps that are left wait for each other");
    case Move::Kind::finish:
      next.phase = Phase::ended;
      return next;
  }
  return next;
}

RunState Runner::serve(RunState state, const Served& served, Log* log) {
  const OperationKey& key = setting_.worlds().operation(served.operation);
  note(log, {Actor::traffic, key.name, "is served", state.world, served.ran.world});
  if (served.ran.result == services::Outcome::Result::opaque && !state.opaque) {
    state.opaque = true;
    state.why = setting_.worlds().text(fmt::format("what {} does is not known: {}", key.name,
                                                   setting_.worlds().text(served.ran.message)));
  }
  state.expected = setting_.expect(state.expected, state.world, served);
  Sets::Members done = setting_.sets()[state.traffic];
  done.insert(std::ranges::upper_bound(done, served.operation), served.operation);
  state.traffic = setting_.sets().intern(std::move(done));
  state.world = served.ran.world;
  if (--state.traffic_left == 0) state.traffic = 0;
  return state;
}

RunState Runner::land_late(RunState state, Log* log) {
  const Task& task = pending_[state.late - 1];
  const Attempt landed = land(setting_.worlds(), task, state.world);
  note(log, {Actor::fault, name_of(setting_.plan(), task),
             landed.observed == Observed::ok
                 ? "takes effect only now"
                 : "comes too late: " + setting_.worlds().text(landed.message),
             state.world, landed.world});
  state.world = landed.world;
  state.late = 0;
  return state;
}

RunState Runner::start_over(RunState state, Fault fault, Log* log) {
  setting_.count(fault);
  const bool killed = fault == Fault::killed;
  note(log, {Actor::fault, "",
             killed ? "the runner dies; the path is started over" : "the whole path is run again",
             state.world, state.world});
  state.ended = left_out(state);
  state.round = 1;
  state.faulted = true;
  --state.faults_left;
  return state;
}

Runner::Tried Runner::try_once(RunState& state, std::size_t index, Chooser& chooser, Log* log) {
  const Task& task = book(state).tasks[index];
  const Attempt result = attempt(setting_, task, state.world, state.faults_left > 0, chooser);
  note(log, {result.fault ? Actor::fault : Actor::rollback, name_of(setting_.plan(), task),
             describe(setting_.worlds(), result), state.world, result.world, true, result.fault});
  if (result.fault) {
    setting_.count(*result.fault);
    --state.faults_left;
    state.faulted = true;
    if (result.pending) state.late = pending(task);
  }
  if (result.opaque && !state.opaque) {
    state.opaque = true;
    state.why = setting_.worlds().text(fmt::format("what '{}' does is not known: {}",
                                                   name_of(setting_.plan(), task),
                                                   setting_.worlds().text(result.message)));
  }
  state.world = result.world;
  state.began = true;
  // Only where a person may have to go on does anyone ask later whether it took effect.
  if (result.truth == Truth::all && task.reaction.type != model::OnFailure::Type::carry_on)
    state.landed.set(index);
  if (result.observed == Observed::ok) state.ended.set(index);
  if (result.observed == Observed::ok) return Tried::ended;
  return result.hopeless ? Tried::hopeless : Tried::failed;
}

bool Runner::try_task(RunState& state, std::size_t index, Chooser& chooser, Log* log) {
  const std::int64_t retries = rules_of(setting_.plan(), book(state).tasks[index]).retry;
  for (std::int64_t tries = 0; tries <= retries; ++tries) {
    const Tried tried = try_once(state, index, chooser, log);
    if (tried == Tried::ended) return true;
    if (tried == Tried::hopeless) return false;
  }
  return false;
}

bool Runner::fails_alone(model::PathIndex path, std::size_t index) const {
  const std::vector<Task>& tasks = setting_.books().paths[path].tasks;
  const model::OnFailure::Type reaction = tasks[index].reaction.type;
  if (reaction == model::OnFailure::Type::carry_on) return true;
  const auto always = [&](const Task& task) { return rules_of(setting_.plan(), task).always; };
  return reaction == model::OnFailure::Type::abort && std::ranges::none_of(tasks, always);
}

RunState Runner::fail_task(RunState state, std::size_t index, Log* log) {
  const model::Plan& plan = setting_.plan();
  const Task& task = book(state).tasks[index];
  const model::OnFailure& reaction = task.reaction;
  if (reaction.type == model::OnFailure::Type::carry_on) {
    state.ended.set(index);
    return state;
  }
  if (reaction.type == model::OnFailure::Type::rollback) {
    const model::PathIndex path = reaction.path.empty() ? 0 : plan.find_path(reaction.path);
    if (path != model::kNone && path != state.path) {
      note(log, {Actor::rollback, name_of(plan, task),
                 fmt::format("goes over to path '{}'", plan.paths[path].name), state.world,
                 state.world});
      return begin(path, state);
    }
  }
  if (reaction.type == model::OnFailure::Type::go_to) {
    const std::vector<Task>& tasks = book(state).tasks;
    for (std::size_t to = 0; to < tasks.size(); ++to) {
      if (tasks[to].step != reaction.step) continue;
      note(log, {Actor::rollback, name_of(plan, task),
                 fmt::format("goes to '{}'", name_of(plan, tasks[to])), state.world, state.world});
      for (std::size_t i = index; i < to; ++i) state.ended.set(i);  // jumped over
      for (std::size_t i = to; i < tasks.size(); ++i) state.ended.reset(i);
      state.ended |= left_out(state);
      return state;
    }
  }
  return abort_at(state, index, log);
}

RunState Runner::abort_at(RunState state, std::size_t index, Log* log) {
  const std::vector<Task>& tasks = book(state).tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (i == index || state.ended.test(i) || !rules_of(setting_.plan(), tasks[i]).always) continue;
    ReplayChooser plain({});
    const std::uint8_t budget = std::exchange(state.faults_left, std::uint8_t{0});
    try_once(state, i, plain, log);
    state.faults_left = budget;
    // What is still to do may undo it: whoever goes on runs it again in its turn.
    state.ended.set(i, state.ended.test(i) && (tasks[i].undone_by & ~state.ended).none());
    if (!state.ended.test(i)) state.landed.reset(i);
  }
  note(log, {Actor::rollback, name_of(setting_.plan(), tasks[index]), "the run stops here",
             state.world, state.world});
  state.phase = Phase::stopped;
  state.task = static_cast<std::uint16_t>(index);
  return state;
}

RunState Runner::take_over(RunState state, Chooser& chooser, Log* log) {
  const std::size_t index = state.task;
  const Task& task = book(state).tasks[index];
  const std::string name = name_of(setting_.plan(), task);
  state.phase = Phase::running;
  std::string why;
  if (state.landed.test(index)) {
    // Somebody looks: the step took effect, so only its check counts.
    const TextId failing = failing_verify(setting_, task, state.world);
    if (failing == 0) {
      note(log, {Actor::rollback, name, "has taken effect; a person goes on behind it", state.world,
                 state.world});
      state.ended.set(index);
      return state;
    }
    why = setting_.worlds().text(failing);
  } else {
    note(log, {Actor::rollback, name, "a person goes on from here", state.world, state.world});
    const std::uint8_t budget = state.faults_left;
    if (try_once(state, index, chooser, log) == Tried::ended) return state;
    if (state.faults_left < budget) {  // a fault, not the world: the next person gets further
      state.phase = Phase::stopped;
      return state;
    }
    ReplayChooser plain({});
    why = setting_.worlds().text(attempt(setting_, task, state.world, false, plain).message);
  }
  if (state.faulted && state.round == 0) {
    note(log, {Actor::rollback, name, "a person starts the path over", state.world, state.world});
    state.ended = left_out(state);
    state.round = 1;
    return state;
  }
  return stuck(state, fmt::format("'{}' does not get through: {}", name, why));
}

}  // namespace backout::simulator
