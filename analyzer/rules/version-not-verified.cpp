#include <algorithm>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

bool asserts_version(const std::vector<model::Check>& checks, model::ServiceIndex app) {
  return std::ranges::any_of(checks, [&](const model::Check& check) {
    const bool about_it = check.services.empty() || contains(check.services, app);
    return about_it && (check.type == model::Check::Type::version || check.args.has("version") ||
                        (check.type == model::Check::Type::fact &&
                         check.args.text("fact").find("version") != std::string::npos));
  });
}

/// What has no version, a balancer, is asked where it sends users to.
bool asserts_side(const model::Plan& plan, const std::vector<model::Check>& checks,
                  model::ServiceIndex balancer) {
  return plan.services[balancer].versions.empty() &&
         std::ranges::any_of(checks, [&](const model::Check& check) {
           return check.type == model::Check::Type::fact && contains(check.services, balancer);
         });
}

/// Whether the step asks which version of `app` answers.
bool asks_version(const Facts& facts, model::StepIndex index, model::ServiceIndex app) {
  const model::Step& step = facts.plan->steps[index];
  return asserts_version(step.verify, app) || asserts_side(*facts.plan, step.verify, app) ||
         (facts.traits[index].read_only && step.args.has("version"));
}

/// Whether the step asks the sides of a balancer, before it sends users there, which version of
/// them answers.
bool asks_sides_before(const Facts& facts, model::StepIndex index) {
  const model::Step& step = facts.plan->steps[index];
  return std::ranges::any_of(sides_of(*facts.plan, step.target), [&](const Side& side) {
    const bool gets = side.name == step.args.text("to") || side.name == step.args.text("side");
    return gets && asserts_version(step.precheck, side.app) &&
           std::ranges::any_of(step.precheck, [&](const model::Check& check) {
             return contains(check.services, side.app);
           });
  });
}

/// Whether a step of the path from position `from` on asks which version of `app` answers.
bool is_verified(const Facts& facts, const model::RollbackPath& path, std::size_t from,
                 model::ServiceIndex app) {
  return std::any_of(path.steps.begin() + from, path.steps.end(),
                     [&](model::StepIndex later) { return asks_version(facts, later, app); });
}

/// Whether the step makes another version of the app serve.
bool serves_another(const Replayed& replayed, model::ServiceIndex app) {
  return replayed.before.record(app).get("version") != replayed.after.record(app).get("version");
}

/// Whether the step, or the tool that it waits with, tells which version serves: a question, a
/// rollout that is waited for.
bool tells_version(const Facts& facts, model::StepIndex index, model::ServiceIndex app) {
  const model::Step& step = facts.plan->steps[index];
  if (asks_version(facts, index, app)) return true;
  return step.target == app &&
         (step.verb == "rollout_status" || step.args.flag("wait") || step.args.flag("atomic"));
}

/// The version that serves behind the step, in its verify: in a question that asks the app already,
/// else in one more. Nothing where a way back leaves the version that it is to take away.
Edits ask_version(const Facts& facts, const Replayed& replayed, model::ServiceIndex app) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[replayed.step];
  const std::string version = replayed.after.record(app).get("version");
  if (plan.services[app].find_version(version) == nullptr) return {};
  if (replayed.step >= plan.deploy_count && version != plan.services[app].start) return {};
  for (const model::Check& check : step.verify) {
    if (check.type == model::Check::Type::http && contains(check.services, app))
      return add_to_map(plan, check.span, "version", version);
  }
  if (!step.verify.empty() || step.verify_none) return {};
  std::vector<std::pair<std::string, std::string>> question = {{"version", version}};
  if (step.target != app) question.emplace_back("of", plan.services[app].name);
  return add_key(plan, step, "verify", written(question));
}

/// Versions that the deploy brings, on which it looks, and of which no look tells that they are
/// there.
void check_deploy(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const auto count = static_cast<model::StepIndex>(plan.deploy_count);
  for (const Replayed& replayed : facts.deploy.steps) {
    const services::Traits& traits = facts.traits[replayed.step];
    const std::vector<model::ServiceIndex> changed =
        traits.changes_version ? std::vector{plan.steps[replayed.step].target} : traits.triggers;
    for (const model::ServiceIndex app : changed) {
      if (app == model::kNone || !serves_another(replayed, app)) continue;
      bool looks = false;
      bool told = false;
      for (model::StepIndex later = replayed.step; later < count; ++later) {
        looks = looks || can_stop(plan.steps[later].verify) || facts.traits[later].read_only;
        told = told || tells_version(facts, later, app);
      }
      if (!looks || told) continue;
      findings.push_back(
          about_step(plan, replayed.step, model::Severity::warning,
                     fmt::format("after '{}' nothing asks which version of '{}' answers: a healthy "
                                 "answer of the old version passes",
                                 plan.steps[replayed.step].id, plan.services[app].name)));
      findings.back().fix = "add a check with `version:` to `verify`";
      findings.back().edits = ask_version(facts, replayed, app);
    }
  }
}

}  // namespace

std::vector<model::Finding> check_version_not_verified(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  check_deploy(facts, findings);
  for (const model::RollbackPath& path : plan.paths) {
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
      const model::Step& each = plan.steps[path.steps[i]];
      const services::Traits& traits = facts.traits[path.steps[i]];
      // A push changes the version of what watches its branch.
      const std::vector<model::ServiceIndex> changed =
          traits.changes_version ? std::vector{each.target} : traits.triggers;
      for (const model::ServiceIndex app : changed) {
        if (app == model::kNone || is_verified(facts, path, i, app) ||
            asks_sides_before(facts, path.steps[i]))
          continue;
        const bool routes = !sides_of(plan, app).empty();
        findings.push_back(about_step(
            plan, path.steps[i], model::Severity::warning,
            fmt::format("after '{}' nothing asks {} '{}' {}: a healthy answer of the bad version "
                        "passes",
                        each.id, routes ? "where" : "which version of", plan.services[app].name,
                        routes ? "sends users to" : "answers")));
        findings.back().fix =
            routes ? fmt::format(
                         "ask it (`verify: {{fact: {}.live, is: ...}}`, or `.weight.<side>`), or "
                         "ask the version of the side",
                         plan.services[app].name)
                   : "add a check with `version:` to `verify`";
        const Replay& replay = facts.paths[static_cast<std::size_t>(&path - plan.paths.data())];
        const auto replayed = std::ranges::find(replay.steps, path.steps[i], &Replayed::step);
        if (replayed != replay.steps.end())
          findings.back().edits = ask_version(facts, *replayed, app);
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
