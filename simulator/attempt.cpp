#include "simulator/attempt.hpp"

#include <algorithm>

#include "services/late.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {
namespace {

using services::CheckResult;
using Result = services::Outcome::Result;

TextId failing(Setting& setting, const std::vector<model::Check>& checks, WorldId world) {
  for (const model::Check& check : checks) {
    const CheckResult& result = setting.worlds().check(world, check);
    if (result.value == CheckResult::Value::fail)
      return setting.worlds().text("its check fails: " + result.why);
  }
  return 0;
}

bool has_timeout(const model::Step& step) { return step.timeout.has_value(); }

std::optional<services::Harm> harm_of(Fault fault) {
  switch (fault) {
    case Fault::gone:
      return services::Harm::gone;
    case Fault::corrupt:
      return services::Harm::corrupt;
    case Fault::stale:
      return services::Harm::stale;
    case Fault::wrong_format:
      return services::Harm::wrong_format;
    case Fault::connected:
      return services::Harm::connected;
    case Fault::cached:
      return services::Harm::cached;
    case Fault::lingering:
      return services::Harm::lingering;
    case Fault::unhealthy:
      return services::Harm::unhealthy;
    case Fault::fail:
    case Fault::fail_applied:
    case Fault::half:
    case Fault::timeout_none:
    case Fault::timeout_applied:
    case Fault::late:
    case Fault::lying_ok:
    case Fault::killed:
    case Fault::second_run:
    case Fault::down:
    case Fault::lying_check:
    case Fault::slow:
    case Fault::nobody:
    case Fault::no_data:
      break;  // of the attempt, the operator or the clock
  }
  return std::nullopt;
}

/// The world in which the harm is done to what the task relies on; kNoId when nothing there can be
/// harmed so.
WorldId harmed(Worlds& worlds, const Task& task, WorldId world, services::Harm harm) {
  for (const ActionId action : task.actions) {
    if (const WorldId to = worlds.harmed(world, action, harm); to != kNoId) return to;
  }
  return kNoId;
}

/// Whether the harm changes what the step comes to, and not only whether it comes about.
bool is_silent(services::Harm harm) {
  using enum services::Harm;
  return harm == stale || harm == cached || harm == lingering || harm == unhealthy;
}

/// The task in the world in which the harm is done. What its precheck says of that, it says before
/// anything happened.
Attempt land_harmed(Setting& setting, const Task& task, WorldId harmed) {
  if (const TextId why = failing(setting, rules_of(setting.plan(), task).precheck, harmed);
      why != 0) {
    return {harmed, Truth::none, Observed::error, {}, false, false, false, why};
  }
  return land(setting.worlds(), task, harmed);
}

/// Whether the task notices the harm, or does something else because of it.
bool is_harmed(Setting& setting, const Task& task, WorldId world, services::Harm harm,
               const Attempt& plain) {
  const WorldId to = harmed(setting.worlds(), task, world, harm);
  if (to == kNoId) return false;
  const Attempt landed = land_harmed(setting, task, to);
  return landed.truth != Truth::all || (is_silent(harm) && landed.world != plain.world);
}

/// The faults that can befall this attempt, given what it does when nothing goes wrong.
std::vector<Fault> possible(Setting& setting, const Task& task, WorldId world,
                            const Attempt& plain) {
  const bool changes = plain.world != world;
  const bool bounded = has_timeout(rules_of(setting.plan(), task));
  // Failing to do nothing, and going on, is no different from doing nothing.
  const bool harmless = !changes && task.reaction.type == model::OnFailure::Type::carry_on;
  std::vector<Fault> all;
  for (const Fault fault : setting.faults()) {
    switch (fault) {
      case Fault::fail:
        if (!harmless) all.push_back(fault);
        break;
      case Fault::half:
        if (!halves(setting.worlds(), task, world).empty()) all.push_back(fault);
        break;
      case Fault::timeout_none:
        if (bounded && !harmless) all.push_back(fault);
        break;
      case Fault::timeout_applied:
        if (bounded && changes) all.push_back(fault);
        break;
      case Fault::late:
        if (bounded && changes && may_come_late(setting.worlds(), task)) all.push_back(fault);
        break;
      case Fault::lying_ok:
      case Fault::fail_applied:
        if (changes) all.push_back(fault);
        break;
      case Fault::lying_check:
        // Where no check would notice, lying_ok says the same.
        if (changes && failing_verify(setting, task, world) != 0) all.push_back(fault);
        break;
      case Fault::down:
        if (!harmless) all.push_back(fault);
        break;
      case Fault::gone:
      case Fault::corrupt:
      case Fault::stale:
      case Fault::wrong_format:
      case Fault::connected:
      case Fault::cached:
      case Fault::lingering:
      case Fault::unhealthy:
        if (is_harmed(setting, task, world, *harm_of(fault), plain)) all.push_back(fault);
        break;
      case Fault::killed:
      case Fault::second_run:  // befall a run, not an attempt
      case Fault::slow:
      case Fault::nobody:
      case Fault::no_data:
        break;  // change no state
    }
  }
  return all;
}

Attempt faulty(Setting& setting, const Task& task, WorldId world, Fault fault, Chooser& chooser) {
  if (const auto harm = harm_of(fault)) {
    Attempt result = land_harmed(setting, task, harmed(setting.worlds(), task, world, *harm));
    result.fault = fault;
    return result;
  }
  const Attempt plain = land(setting.worlds(), task, world);
  Attempt result{world, Truth::none, Observed::error, fault, false, false, false, 0};
  if (fault == Fault::half) {
    const std::vector<WorldId> stops = halves(setting.worlds(), task, world);
    result.world = stops[chooser.choose(stops.size())];
    result.truth = Truth::part;
  } else if (fault == Fault::lying_ok || fault == Fault::lying_check) {
    result.observed = Observed::ok;
  } else if (fault == Fault::down) {
    result.hopeless = true;
    // What it goes through does not come back because a person goes on.
    if (const WorldId cut = harmed(setting.worlds(), task, world, services::Harm::unreachable);
        cut != kNoId) {
      result.world = cut;
    }
  } else if (fault != Fault::fail && fault != Fault::fail_applied) {
    result.observed = Observed::timeout;
    result.pending = fault == Fault::late;
  }
  if (fault == Fault::timeout_applied || fault == Fault::fail_applied) {
    result.world = plain.world;
    result.truth = Truth::all;
  }
  if (result.truth != Truth::none) {  // what did not happen, nobody needs to know
    result.opaque = plain.opaque;
    result.message = plain.opaque ? plain.message : 0;
  }
  return result;
}

}  // namespace

bool may_come_late(const Worlds& worlds, const Task& task) {
  return !std::ranges::all_of(task.actions, [&](ActionId id) {
    return services::newest_word_counts(worlds.context(), worlds.action(id));
  });
}

Attempt land(Worlds& worlds, const Task& task, WorldId world) {
  Attempt result{world, Truth::all, Observed::ok, {}, false, false, false, 0};
  if (!task.impossible.empty()) {
    result.truth = Truth::none;
    result.observed = Observed::error;
    result.message = worlds.text(task.impossible);
    return result;
  }
  for (const ActionId action : task.actions) {
    const Ran ran = worlds.run(result.world, action);
    result.world = ran.world;
    if (ran.result == Result::opaque) {
      result.opaque = true;
      result.message = ran.message;
      const bool idle = worlds.reading().does_nothing(step_of(worlds.action(action).label));
      if (idle) result.truth = result.world == world ? Truth::none : Truth::part;
    }
    if (ran.result == Result::refused || ran.result == Result::noop) {
      result.truth = result.world == world ? Truth::none : Truth::part;
      result.message = ran.message;
    }
    if (!ran.reported_ok) {
      result.observed = Observed::error;
      return result;
    }
  }
  return result;
}

std::vector<Fault> possible_faults(Setting& setting, const Task& task, WorldId world) {
  if (failing(setting, rules_of(setting.plan(), task).precheck, world) != 0) return {};
  const Attempt plain = land(setting.worlds(), task, world);
  if (plain.observed != Observed::ok) return {};
  return possible(setting, task, world, plain);
}

Attempt attempt(Setting& setting, const Task& task, WorldId world, bool faults, Chooser& chooser) {
  const model::Step& rules = rules_of(setting.plan(), task);
  if (const TextId why = failing(setting, rules.precheck, world); why != 0) {
    return {world, Truth::none, Observed::error, {}, false, false, false, why};
  }
  Attempt result = land(setting.worlds(), task, world);
  if (faults && result.observed == Observed::ok) {
    const std::vector<Fault> kinds = possible(setting, task, world, result);
    const std::size_t choice = chooser.choose(kinds.size() + 1);
    if (choice > 0) result = faulty(setting, task, world, kinds[choice - 1], chooser);
  }
  if (result.observed == Observed::ok && result.fault != Fault::lying_check) {
    if (const TextId why = failing(setting, rules.verify, result.world); why != 0) {
      result.observed = Observed::error;
      result.message = why;
    }
  }
  return result;
}

std::optional<Attempt> unhealthy_attempt(Setting& setting, const Task& task, WorldId world) {
  const Attempt plain = land(setting.worlds(), task, world);
  if (!is_harmed(setting, task, world, services::Harm::unhealthy, plain)) return std::nullopt;
  return land_harmed(setting, task,
                     harmed(setting.worlds(), task, world, services::Harm::unhealthy));
}

TextId failing_verify(Setting& setting, const Task& task, WorldId world) {
  return failing(setting, rules_of(setting.plan(), task).verify, world);
}

std::vector<WorldId> halves(Worlds& worlds, const Task& task, WorldId world) {
  std::vector<WorldId> stops;
  WorldId now = world;
  for (const ActionId action : task.actions) {
    const std::vector<ActionId> pieces = worlds.parts(now, action);
    for (const ActionId piece : pieces) {
      const Ran ran = worlds.run(now, piece);
      if (ran.result == Result::refused) return stops;
      now = ran.world;
      stops.push_back(now);
    }
  }
  // What remains are states that neither nothing nor everything gives.
  const auto plain = [&](WorldId stop) { return stop == world || stop == now; };
  std::erase_if(stops, plain);
  stops.erase(std::unique(stops.begin(), stops.end()), stops.end());
  return stops;
}

}  // namespace backout::simulator
