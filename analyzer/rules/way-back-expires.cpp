#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/validity.hpp"

namespace backout::analyzer {

namespace {

/// The deploy from `first` on, and then the path, one after the other.
model::Schedule until_back(const Facts& facts, model::StepIndex first, const model::RollbackPath& path) {
  model::RollbackPath rest;
  for (model::StepIndex later = first; later < facts.plan->deploy_count; ++later) rest.steps.push_back(later);
  const model::Schedule deploy = schedule_path(*facts.plan, rest);
  model::Schedule time = schedule_path(*facts.plan, path);
  time.low_ms += deploy.low_ms;
  time.high_ms += deploy.high_ms;
  return time;
}

/// Whether the version that a step brings back needs what the service had before the deploy: the secret that is kept for a while.
bool brings_back_what_needs(const model::Plan& plan, const model::Step& back, model::ServiceIndex service) {
  if (back.target == model::kNone) return false;
  const model::Version* version = plan.services[back.target].find_version(back.args.text_or("version", back.args.text("to")));
  const std::string former = plan.services[service].fields.text("current");
  return version != nullptr && !former.empty() && std::ranges::any_of(version->operations, [&](const model::Operation& operation) {
    return operation.type == model::Operation::Type::require && operation.on == service && operation.subject.ends_with("." + former);
  });
}

/// A step of the path that takes the step back, works on the same service, or brings back what needs it: what the time is there for.
bool relies_on(const Facts& facts, const model::RollbackPath& path, model::StepIndex step) {
  const model::Step& each = facts.plan->steps[step];
  return std::ranges::any_of(path.steps, [&](model::StepIndex back) {
    const model::Step& later = facts.plan->steps[back];
    return each.undo.step == back || contains(later.undoes, step) || later.target == each.target || (each.target != model::kNone && brings_back_what_needs(*facts.plan, later, each.target));
  });
}

model::Finding finding_of(const Facts& facts, model::StepIndex step, const model::RollbackPath& path, const model::Schedule& time) {
  const model::Plan& plan = *facts.plan;
  const services::Traits& traits = facts.traits[step];
  const bool never = time.low_ms > traits.expires_high_ms;
  model::Finding finding = about_step(
      plan, step, never ? model::Severity::error : model::Severity::warning,
      fmt::format("after '{}' {}, and the rest of the deploy and path '{}' take {}: what the way back needs has {}ended before it is through",
                  plan.steps[step].id, traits.expires, path.name, model::format_range_ms(time.low_ms, time.high_ms), never ? "" : "perhaps "));
  finding.related.push_back({path.span, "the path"});
  finding.fix = "keep it until the deploy is declared good, and end it by a step of its own then";
  return finding;
}

/// What ends by itself, and when, counted from the begin of the deploy.
struct Ending {
  model::ServiceIndex service = model::kNone;
  std::string version;
  model::Duration at;
};

/// What a step of a path makes the plan rely on: the certificate or secret that is current then, or what the version needs that serves then.
std::vector<Ending> relied_on(const Facts& facts, const Replayed& replayed) {
  const model::Plan& plan = *facts.plan;
  const model::ServiceIndex target = plan.steps[replayed.step].target;
  std::vector<Ending> all;
  const auto add = [&](model::ServiceIndex service, const std::string& version) {
    if (const auto at = services::ends_after(plan.services[service], version)) all.push_back({service, version, *at});
  };
  if (target == model::kNone || is_refused(replayed)) return all;
  const auto changed = [&](const char* fact) {
    const auto* before = dynamic_cast<const services::Record*>(replayed.before.states[target].get());
    const auto* after = dynamic_cast<const services::Record*>(replayed.after.states[target].get());
    return before == nullptr || after == nullptr || before->get(fact) == after->get(fact) ? std::string() : after->get(fact);
  };
  if (const std::string current = changed("current"); !current.empty()) add(target, current);
  const model::Version* serves = plan.services[target].find_version(changed("version"));
  if (serves == nullptr) return all;
  for (const model::Operation& operation : serves->operations) {
    if (operation.type != model::Operation::Type::require || operation.on == model::kNone) continue;
    if (operation.subject.starts_with("valid.")) add(operation.on, operation.subject.substr(6));
    if (operation.subject == "current" && operation.values.size() < 2) add(operation.on, operation.expect);
  }
  return all;
}

/// Certificates and passwords that have ended by the time that a path brings them back.
void add_ended(const Facts& facts, const Run& run, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::Schedule time = until_back(facts, 0, plan.paths[run.path]);
  for (const Replayed& replayed : *run.steps) {
    for (const Ending& ending : relied_on(facts, replayed)) {
      if (time.high_ms <= ending.at.low_ms) continue;
      const bool never = time.low_ms > ending.at.high_ms;
      findings.push_back(about_step(plan, replayed.step, never ? model::Severity::error : model::Severity::warning,
                                    fmt::format("'{}' relies on '{}' of '{}', which ends {} after the begin of the deploy; the deploy and {} take {}: it has {}ended by then",
                                                plan.steps[replayed.step].id, ending.version, plan.services[ending.service].name, model::to_string(ending.at),
                                                run.name, model::format_range_ms(time.low_ms, time.high_ms), never ? "" : "perhaps ")));
      findings.back().fix = "renew it before the deploy, so that the way back has one that lasts";
    }
  }
}

}  // namespace

std::vector<model::Finding> check_way_back_expires(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (facts.traits[step].expires.empty()) continue;
    const model::RollbackPath* slowest = nullptr;
    model::Schedule longest;
    for (const model::RollbackPath& path : plan.paths) {
      if (!relies_on(facts, path, step)) continue;
      const model::Schedule time = until_back(facts, step + 1, path);
      if (slowest != nullptr && time.high_ms <= longest.high_ms) continue;
      slowest = &path;
      longest = time;
    }
    if (slowest != nullptr && longest.high_ms > facts.traits[step].expires_low_ms) findings.push_back(finding_of(facts, step, *slowest, longest));
  }
  for (const Run& run : runs_of(facts)) {
    if (run.path != model::kNone) add_ended(facts, run, findings);
  }
  return findings;
}

}  // namespace backout::analyzer
