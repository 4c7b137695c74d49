#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The resources whose release makes a change on `service` take effect: its own, and those of its readers.
std::vector<std::string> refreshes(const model::Plan& plan, model::ServiceIndex service) {
  std::vector<std::string> all{"stale " + plan.services[service].name};
  for (const std::string& reader : plan.services[service].fields.strings("read_by")) all.push_back("stale configuration of " + reader);
  return all;
}

}  // namespace

std::vector<model::Finding> check_delayed_effect(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const model::StepIndex step = (*run.steps)[i].step;
      const services::Traits& traits = facts.traits[step];
      if (traits.delayed_effect.empty() || plan.steps[step].target == model::kNone) continue;
      const std::vector<std::string> wanted = refreshes(plan, plan.steps[step].target);
      const bool refreshed = std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(i), run.steps->end(), [&](const Replayed& later) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
          return contains(facts.traits[later.step].releases, each);
        });
      });
      if (refreshed) continue;
      findings.push_back(about_step(plan, step, run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                                    fmt::format("what '{}' changes is not seen {}, and no later step of {} sees to that",
                                                plan.steps[step].id, traits.delayed_effect, run.name)));
      findings.back().fix = "clear the cache or restart the readers after it, and check what they see";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
