#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

bool asserts_version(const std::vector<model::Check>& checks, model::ServiceIndex app) {
  return std::ranges::any_of(checks, [&](const model::Check& check) {
    const bool about_it = check.services.empty() || contains(check.services, app);
    return about_it && (check.type == model::Check::Type::version || check.args.has("version") ||
                        (check.type == model::Check::Type::fact && check.args.text("fact").find("version") != std::string::npos));
  });
}

/// Whether a step of the path from position `from` on asks which version of `app` answers.
bool is_verified(const Facts& facts, const model::RollbackPath& path, std::size_t from, model::ServiceIndex app) {
  return std::any_of(path.steps.begin() + from, path.steps.end(), [&](model::StepIndex later) {
    const model::Step& step = facts.plan->steps[later];
    return asserts_version(step.verify, app) || (facts.traits[later].read_only && step.args.has("version"));
  });
}

}  // namespace

std::vector<model::Finding> check_version_not_verified(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
      const model::Step& each = plan.steps[path.steps[i]];
      const services::Traits& traits = facts.traits[path.steps[i]];
      // A push changes the version of what watches its branch.
      const std::vector<model::ServiceIndex> changed =
          traits.changes_version ? std::vector{each.target} : traits.triggers;
      for (const model::ServiceIndex app : changed) {
        if (app == model::kNone || is_verified(facts, path, i, app)) continue;
        findings.push_back(about_step(
            plan, path.steps[i], model::Severity::warning,
            fmt::format("after '{}' nothing asks which version of '{}' answers: a healthy answer of the bad version passes",
                        each.id, plan.services[app].name)));
        findings.back().fix = "add a check with `version:` to `verify`";
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
