#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"
#include "services/replica.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// How far a replica is behind, as far as it matters; empty: an RPO allows that much, or it is not
/// behind at all.
std::string behind(const model::Plan& plan, const model::Service& replica) {
  const auto lag = model::parse_duration(replica.fields.text("lag"));
  if (!lag || lag->unknown) return "a time that the plan does not say (`lag`)";
  const bool allowed =
      plan.rpo && !plan.rpo_unknown && !plan.rpo->unknown && lag->high_ms <= plan.rpo->high_ms;
  return allowed || lag->high_ms == 0 ? "" : model::format_ms(lag->high_ms);
}

/// "'web', 'worker'": who may write to the store in this world.
std::string writers_of(const Facts& facts, const services::World& world,
                       model::ServiceIndex store) {
  std::vector<std::string> names;
  for (const model::ServiceIndex writer : services::writers(facts.context, world, store))
    names.push_back(fmt::format("'{}'", facts.plan->services[writer].name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Whether some path restores the dump.
bool some_path_restores(const Facts& facts, const std::string& dump) {
  return std::ranges::any_of(facts.plan->paths, [&](const model::RollbackPath& path) {
    return std::ranges::any_of(path.steps, [&](model::StepIndex step) {
      return facts.traits[step].restores_backup == dump;
    });
  });
}

void check(const Facts& facts, const Run& run, const Replayed& replayed,
           std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[replayed.step];
  const model::ServiceIndex primary = services::primary_of(plan, step.target);
  if (primary == model::kNone || is_refused(replayed)) return;
  const std::string& name = plan.services[primary].name;
  const std::string writing = writers_of(facts, replayed.before, primary);
  const auto report = [&](model::Severity severity, std::string message, std::string fix) {
    findings.push_back(about_step(plan, replayed.step, severity, std::move(message)));
    findings.back().related.push_back({plan.services[step.target].span, "the replica"});
    findings.back().fix = std::move(fix);
  };
  const bool follows = services::is_following(facts.context, replayed.before, step.target);
  const std::string lag = follows ? behind(plan, plan.services[step.target]) : std::string();
  if (step.verb == "promote" && !lag.empty() && !writing.empty()) {
    report(model::Severity::error,
           fmt::format("'{}' promotes '{}' while {} may write to '{}' ({}): what was written in "
                       "the last {} is not on it",
                       step.id, plan.services[step.target].name, writing, name, run.name, lag),
           "stop the writers and wait until the replica has caught up, or state an `rpo` that "
           "allows its `lag`");
  } else if (step.verb == "resync" &&
             services::is_promoted(facts.context, replayed.before, step.target)) {
    report(
        model::Severity::error,
        fmt::format(
            "'{}' makes '{}' a replica of '{}' again ({}): every write since its promotion is lost",
            step.id, plan.services[step.target].name, name, run.name),
        "let the old primary catch up first, and switch over then (`fail_back`)");
  } else if (step.verb == "backup" && some_path_restores(facts, step.args.text("file")) &&
             !writing.empty() && !(follows && lag.empty())) {
    report(
        model::Severity::warning,
        fmt::format("'{}' takes '{}' from '{}', which {}: it lacks what {} wrote to '{}' meanwhile",
                    step.id, step.args.text("file"), plan.services[step.target].name,
                    follows ? "is behind by " + lag : "does not follow", writing, name),
        "take it from the primary, or stop the writers and wait until the replica has caught up");
  }
}

}  // namespace

std::vector<model::Finding> check_promotion_loses_writes(const Facts& facts) {
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) check(facts, run, replayed, findings);
  }
  return findings;
}

}  // namespace backout::analyzer
