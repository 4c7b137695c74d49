#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/endings.hpp"
#include "services/validity.hpp"

namespace backout::analyzer {

namespace {

/// The deploy steps that have ended before `step` begins, by the needs of the plan.
std::vector<bool> ended_before(const model::Plan& plan, model::StepIndex step) {
  std::vector<bool> ended(plan.deploy_count);
  std::vector<model::StepIndex> pending = {step};
  while (!pending.empty()) {
    const model::StepIndex each = pending.back();
    pending.pop_back();
    for (const model::StepIndex need : model::predecessors(plan, each)) {
      if (!ended[need]) pending.push_back(need);
      ended[need] = true;
    }
  }
  return ended;
}

/// The deploy behind `since` (kNone: all of it), and then the path with the time before its first
/// step, one after the other. At the longest what runs beside `since` goes on long after it. Where
/// the path is not offered behind the whole deploy, the step that comes next may be under way, and
/// have failed at its end.
model::Schedule until_back(const Facts& facts, model::StepIndex since, std::size_t deployed,
                           const model::RollbackPath& path) {
  const model::Plan& plan = *facts.plan;
  const std::vector<bool> ended =
      since == model::kNone ? std::vector<bool>(plan.deploy_count) : ended_before(plan, since);
  model::RollbackPath behind;
  model::RollbackPath beside;
  for (model::StepIndex step = 0; step < std::min<std::size_t>(deployed, plan.deploy_count);
       ++step) {
    if (since == model::kNone || step > since) behind.steps.push_back(step);
    if (step != since && !ended[step]) beside.steps.push_back(step);
  }
  std::int64_t most = schedule_path(plan, beside).high_ms;
  if (deployed < plan.deploy_count)
    most += schedule_step(plan, static_cast<model::StepIndex>(deployed)).high_ms;
  model::Schedule time = schedule_path(plan, path);
  const auto whole = model::phase_time(plan, time, "total");
  time.low_ms = schedule_path(plan, behind).low_ms + (whole ? whole->low_ms : time.low_ms);
  time.high_ms = most + (whole ? whole->high_ms : time.high_ms);
  return time;
}

/// A step of the path that takes the step back, works on the same service, or brings back what
/// needs the version before it.
bool relies_on(const Facts& facts, const Replay& run, model::StepIndex step) {
  const auto ended = std::ranges::find(facts.deploy.steps, step, &Replayed::step);
  const model::Plan& plan = *facts.plan;
  const bool ran = ended != facts.deploy.steps.end();
  const services::Counted former =
      ran ? services::former_of(plan, step, ended->before) : services::Counted{};
  return std::ranges::any_of(run.steps, [&](const Replayed& each) {
    return services::is_way_back_of(plan, step, each.step) ||
           services::newly_counted_on(facts.context, each.before, each.after).contains(former);
  });
}

model::Finding finding_of(const Facts& facts, model::StepIndex step,
                          const model::RollbackPath& path, const model::Schedule& time) {
  const model::Plan& plan = *facts.plan;
  const services::Traits& traits = facts.traits[step];
  const bool never = time.low_ms > traits.expires_high_ms;
  model::Finding finding = about_step(
      plan, step, never ? model::Severity::error : model::Severity::warning,
      fmt::format("after '{}' {}, and the rest of the deploy and path '{}' take {}: what the way "
                  "back needs has {}ended before it is through",
                  plan.steps[step].id, traits.expires, path.name,
                  model::format_range_ms(time.low_ms, time.high_ms), never ? "" : "perhaps "));
  if (!plan.paths.empty()) finding.related.push_back({path.span, "the path"});
  finding.fix = "keep it until the deploy is declared good, and end it by a step of its own then";
  return finding;
}

/// Certificates and passwords that have ended by the time that a path brings them back.
void add_ended(const Facts& facts, const Replay& run, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::Schedule time = until_back(facts, model::kNone, run.deployed, plan.paths[run.path]);
  for (const Replayed& replayed : run.steps) {
    if (is_refused(replayed)) continue;
    for (const auto& [service, version] :
         services::newly_counted_on(facts.context, replayed.before, replayed.after)) {
      const auto at = services::ends_after(plan.services[service], version);
      if (!at || time.high_ms <= at->low_ms) continue;
      const bool never = time.low_ms > at->high_ms;
      findings.push_back(about_step(
          plan, replayed.step, never ? model::Severity::error : model::Severity::warning,
          fmt::format("'{}' relies on '{}' of '{}', which ends {} after the begin of the deploy; "
                      "the deploy and path '{}' take {}: it has {}ended by then",
                      plan.steps[replayed.step].id, version, plan.services[service].name,
                      services::length_in_words(*at), plan.paths[run.path].name,
                      model::format_range_ms(time.low_ms, time.high_ms), never ? "" : "perhaps ")));
      findings.back().fix = "renew it before the deploy, so that the way back has one that lasts";
    }
  }
}

/// A plan without paths, whose deploy is taken back by the automatic undos of its steps: at the
/// earliest when all of it has run, because they have no estimates.
void add_derived(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  model::RollbackPath undo;
  undo.name = "undo";
  for (const Replayed& replayed : facts.deploy.steps) {
    const model::StepIndex step = replayed.step;
    if (facts.traits[step].expires.empty() ||
        plan.steps[step].undo.type == model::UndoRef::Type::none)
      continue;
    if (services::undo_of(facts.context, replayed.before, facts.actions[step]).actions.empty())
      continue;
    const model::Schedule time = until_back(facts, step, plan.deploy_count, undo);
    if (time.high_ms > facts.traits[step].expires_low_ms)
      findings.push_back(finding_of(facts, step, undo, time));
  }
}

}  // namespace

std::vector<model::Finding> check_way_back_expires(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  if (!services::has_endings(facts.context)) return findings;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (facts.traits[step].expires.empty()) continue;
    const model::RollbackPath* slowest = nullptr;
    model::Schedule longest;
    for (const Replay& run : facts.paths) {
      const model::RollbackPath& path = plan.paths[run.path];
      if (step >= run.deployed || !relies_on(facts, run, step)) continue;
      const model::Schedule time = until_back(facts, step, run.deployed, path);
      if (slowest != nullptr && time.high_ms <= longest.high_ms) continue;
      slowest = &path;
      longest = time;
    }
    if (slowest != nullptr && longest.high_ms > facts.traits[step].expires_low_ms)
      findings.push_back(finding_of(facts, step, *slowest, longest));
  }
  for (const Replay& run : facts.paths) add_ended(facts, run, findings);
  if (plan.paths.empty()) add_derived(facts, findings);
  return findings;
}

}  // namespace backout::analyzer
