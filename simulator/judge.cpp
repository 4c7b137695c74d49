#include "simulator/judge.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/schedule.hpp"
#include "services/app.hpp"
#include "services/residue.hpp"

namespace backout::simulator {
namespace {

using services::CheckResult;

/// The first few of many.
std::string some(const std::vector<std::string>& all) {
  constexpr std::size_t kShown = 3;
  const std::size_t shown = std::min(kShown, all.size());
  std::string text = fmt::format(
      "{}", fmt::join(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), "; "));
  if (all.size() > shown) text += fmt::format("; and {} more", all.size() - shown);
  return text;
}

/// Whether the check depends on what apps answer.
bool asks(const model::Check& check) {
  using Type = model::Check::Type;
  return check.type == Type::http || check.type == Type::version || check.type == Type::metric;
}

bool is_ill(const Worlds& worlds, WorldId id) {
  const services::World& world = worlds.world(id);
  for (model::ServiceIndex app = 0; app < world.states.size(); ++app) {
    if (worlds.context().kind(app).spec().has_versions && services::is_ill_since_deploy(world, app))
      return true;
  }
  return false;
}

}  // namespace

OperationId Judge::refused(WorldId world, SetId broken) {
  for (const OperationId operation : setting_.refused(world)) {
    if (!setting_.sets().contains(broken, operation)) return operation;
  }
  return kNoId;
}

Judgement Judge::incompatible(WorldId world, OperationId operation) {
  return say(Verdict::incompatible,
             fmt::format("{} is refused: {}", setting_.worlds().operation(operation).name,
                         setting_.refusal(world, operation)));
}

Judgement Judge::invariants(WorldId world, bool at_end) {
  Judgement worst;
  for (const model::Invariant& invariant : setting_.plan().invariants) {
    if (!at_end && !invariant.always) continue;
    const CheckResult& now = setting_.worlds().check(world, invariant.check);
    const CheckResult::Value then = setting_.worlds().check(Worlds::start(), invariant.check).value;
    // What asks an app that is ill since the deploy failed before the rollback began.
    if (!at_end && now.value != CheckResult::Value::pass && asks(invariant.check) &&
        is_ill(setting_.worlds(), world))
      continue;
    if (now.value == CheckResult::Value::fail && then != CheckResult::Value::fail) {
      return say(at_end ? Verdict::not_restored : Verdict::incompatible,
                 fmt::format("invariant '{}' does not hold: {}", invariant.name, now.why));
    }
    // One that nobody can evaluate even before the deploy says nothing about the rollback.
    if (now.value == CheckResult::Value::unknown && then != CheckResult::Value::unknown) {
      worst = say(Verdict::unknown,
                  fmt::format("invariant '{}' cannot be decided: {}", invariant.name, now.why));
    }
  }
  const Judgement own = predicates(world, at_end);
  return is_worse(own.verdict, worst.verdict) ? own : worst;
}

Judgement Judge::predicates(WorldId world, bool at_end) {
  Judgement worst;
  for (std::size_t i = 0; i < setting_.worlds().predicates().size(); ++i) {
    const Predicate& predicate = setting_.worlds().predicates()[i];
    if (!at_end && predicate.when == Predicate::When::at_end) continue;
    const CheckResult& now = setting_.worlds().holds(world, i);
    const CheckResult::Value then = setting_.worlds().holds(Worlds::start(), i).value;
    const std::string why = now.why.empty() ? "" : ": " + now.why;
    if (now.value == CheckResult::Value::fail && then != CheckResult::Value::fail) {
      return say(at_end ? Verdict::not_restored : Verdict::incompatible,
                 fmt::format("predicate '{}' does not hold{}", predicate.name, why));
    }
    if (now.value == CheckResult::Value::unknown && then != CheckResult::Value::unknown) {
      worst = say(Verdict::unknown,
                  fmt::format("predicate '{}' cannot be decided{}", predicate.name, why));
    }
  }
  return worst;
}

Judgement Judge::visible(const RunState& state) {
  if (!state.began) return {};
  // While a person mends what a fault broke, users may see errors: what counts is where it ends.
  if (state.faulted) return invariants(state.world, false);
  if (const OperationId operation = refused(state.world, state.broken); operation != kNoId) {
    return incompatible(state.world, operation);
  }
  return invariants(state.world, false);
}

bool Judge::adds_difference(WorldId from, WorldId to, const RunState& last) {
  const Worlds& worlds = setting_.worlds();
  const std::vector<model::Residue>& residue = setting_.books().paths[last.path].narrow;
  const auto since_start = [&](WorldId world) {
    return services::differences(worlds.context(), worlds.world(Worlds::start()),
                                 worlds.world(world), residue);
  };
  const std::vector<std::string> before = since_start(from);
  const std::vector<std::string> after = since_start(to);
  return std::ranges::any_of(since_start(last.world), [&](const std::string& line) {
    return std::ranges::find(after, line) != after.end() &&
           std::ranges::find(before, line) == before.end();
  });
}

bool Judge::allows_loss(const Playbook& path) const {
  const model::Plan& plan = setting_.plan();
  if (!plan.rpo || plan.rpo->unknown || plan.rpo->high_ms == 0) return false;
  const model::Schedule deploy = model::schedule_deploy(plan);
  if (!deploy.unestimated.empty()) return false;
  std::int64_t oldest_ms = deploy.high_ms;
  for (const Task& task : path.tasks) {
    const model::Schedule step = model::schedule_step(plan, task.step);
    if (!step.unestimated.empty()) return false;
    oldest_ms += step.high_ms;
  }
  return oldest_ms < plan.rpo->high_ms || (oldest_ms == plan.rpo->high_ms && !plan.rpo->strict);
}

std::vector<Loss> Judge::losses(const RunState& state, const Playbook& book) {
  const Worlds& worlds = setting_.worlds();
  std::vector<Loss> losses;
  const bool allowed = allows_loss(book);
  for (const auto& [datum, never_written] : setting_.lost(state.expected, state.world)) {
    if (services::is_declared(worlds.datum(datum), book.residue) || (!book.full && never_written))
      continue;
    const bool old = setting_.sets().contains(setting_.expected_at_start(), datum);
    if (old || !allowed) losses.push_back({worlds.datum(datum), !old});
  }
  // Not in the order in which this search came upon the data.
  std::ranges::sort(losses, {}, &Loss::datum);
  return losses;
}

Judgement Judge::lost(const RunState& state, const Playbook& book) {
  std::vector<std::string> lost;
  for (const Loss& loss : losses(state, book))
    lost.push_back(services::describe(loss.datum) +
                   (loss.written_since ? " (written since the deploy began)" : "") +
                   (setting_.worlds().is_readable(state.world, loss.datum)
                        ? ""
                        : ", encrypted with a key that is gone"));
  if (lost.empty()) return {};
  std::ranges::sort(lost);
  return say(Verdict::data_lost, fmt::format("lost: {}", some(lost)));
}

Judgement Judge::not_restored(const RunState& state, const Playbook& book) {
  if (!book.full) return {};
  const Worlds& worlds = setting_.worlds();
  const std::vector<std::string> rest = services::differences(
      worlds.context(), worlds.world(Worlds::start()), worlds.world(state.world), book.narrow);
  if (rest.empty()) return {};
  // Nobody can tell whether a fact is again what it was when nobody said what that is.
  std::vector<std::string> sure = rest;
  std::erase_if(sure, [](const std::string& line) {
    return line.find(": unknown -> ") != std::string::npos;
  });
  if (sure.empty())
    return say(Verdict::unknown,
               fmt::format("what it was before, the plan does not say: {}", some(rest)));
  return say(Verdict::not_restored,
             fmt::format("{}, and the state is not the old one: {}",
                         state.began ? "every step ran" : "no step of the path runs from here",
                         some(sure)));
}

Judgement Judge::down(const RunState& state, const Playbook& book) {
  std::vector<std::string> down;
  const std::vector<services::Outage>& before = setting_.worlds().outages(Worlds::start());
  for (const services::Outage& now : setting_.worlds().outages(state.world)) {
    const auto same = [&](const services::Outage& other) { return other.service == now.service; };
    // Who writes the very fact down knows of the outage; whoever writes a pattern may not.
    const auto named = [&](const model::Residue& residue) { return residue.path == now.path; };
    if (std::ranges::any_of(before, same) || std::ranges::any_of(book.residue, named)) continue;
    // Nobody takes a path for another purpose because of what a step of the deploy left down.
    if (!book.full && now.path.ends_with(".unhealthy")) {
      const model::ServiceIndex app =
          setting_.plan().find_service(now.path.substr(0, now.path.find('.')));
      if (services::is_ill_since_deploy(setting_.worlds().world(state.world), app)) continue;
    }
    down.push_back(now.why);
  }
  if (down.empty()) return {};
  return say(Verdict::down,
             fmt::format("what served before the deploy serves no more: {}", some(down)));
}

std::vector<std::string> Judge::residue(const RunState& state) {
  const Worlds& worlds = setting_.worlds();
  std::vector<std::string> rest = services::differences(
      worlds.context(), worlds.world(Worlds::start()), worlds.world(state.world), {});
  if (!setting_.books().paths[state.path].full) {
    for (std::string& line : rest) line.insert(0, "keeps: ");
  }
  const auto facts = static_cast<std::ptrdiff_t>(rest.size());
  for (const auto& [datum, never_written] : setting_.lost(state.expected, state.world)) {
    if (!setting_.books().paths[state.path].full && never_written) continue;
    rest.push_back("data: " + services::describe(worlds.datum(datum)));
  }
  std::sort(rest.begin() + facts, rest.end());
  return rest;
}

/// A step that is refused because there is nothing to take back does no harm. One whose check fails
/// does: nobody ever hears that the rollback is over.
bool Judge::is_old_state(const RunState& state) {
  if (state.landed.test(state.task)) return false;
  const Worlds& worlds = setting_.worlds();
  return services::differences(worlds.context(), worlds.world(Worlds::start()),
                               worlds.world(state.world), {})
      .empty();
}

Judgement Judge::end(const RunState& state) {
  const Judgement judged = end_as_read(state);
  // What is good under this reading of what nobody can tell is good under a guess.
  return state.opaque && is_good(judged.verdict) ? Judgement{Verdict::unknown, state.why} : judged;
}

Judgement Judge::end_as_read(const RunState& state) {
  if (state.phase == Phase::stuck && !is_old_state(state)) return {Verdict::stuck, state.why};
  const Playbook& book = setting_.books().paths[state.path];
  Judgement worst = invariants(state.world, true);
  const auto consider = [&](const Judgement& other) {
    if (is_worse(other.verdict, worst.verdict)) worst = other;
  };
  if (const OperationId operation = refused(state.world, 0); operation != kNoId) {
    consider(incompatible(state.world, operation));
  }
  if (const std::string why = setting_.unknown(state.world); !why.empty())
    consider(say(Verdict::unknown, why));
  const Judgement loss = lost(state, book);
  // Lost data explains the differences: it is the verdict of a run that ended.
  if (loss.verdict == Verdict::data_lost) return loss;
  // So does what is down.
  if (const Judgement outage = down(state, book); outage.verdict == Verdict::down) return outage;
  consider(not_restored(state, book));
  if (worst.verdict == Verdict::restored && !residue(state).empty()) {
    worst.verdict = book.full ? Verdict::restored_with_residue : Verdict::works;
  }
  return worst;
}

}  // namespace backout::simulator
