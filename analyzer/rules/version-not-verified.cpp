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

}  // namespace

std::vector<model::Finding> check_version_not_verified(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
      const model::Step& each = plan.steps[path.steps[i]];
      if (!facts.traits[path.steps[i]].changes_version || each.target == model::kNone) continue;
      const bool verified = std::any_of(path.steps.begin() + i, path.steps.end(), [&](model::StepIndex later) {
        return asserts_version(plan.steps[later].verify, each.target) ||
               (facts.traits[later].read_only && plan.steps[later].args.has("version"));
      });
      if (verified) continue;
      findings.push_back(about_step(
          plan, path.steps[i], model::Severity::warning,
          fmt::format("after '{}' nothing asks which version of '{}' answers: a healthy answer of the bad version passes",
                      each.id, plan.services[each.target].name)));
      findings.back().fix = "add a check with `version:` to `verify`";
    }
  }
  drop_repeated(findings);
  return findings;
}

}  // namespace backout::analyzer
