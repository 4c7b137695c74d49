#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_writers_not_stopped(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      const services::Traits& traits = facts.traits[replayed.step];
      const model::ServiceIndex target = plan.steps[replayed.step].target;
      if (traits.needs_quiesce.empty() || target == model::kNone) continue;
      std::vector<std::string> names;
      for (const model::ServiceIndex writer : services::writers(facts.context, replayed.before, target)) {
        names.push_back(fmt::format("'{}'", plan.services[writer].name));
      }
      if (names.empty()) continue;
      findings.push_back(about_step(plan, replayed.step, model::Severity::error,
                                    fmt::format("'{}' runs while {} still write{} to '{}' ({}): {}", plan.steps[replayed.step].id,
                                                fmt::join(names, ", "), names.size() == 1 ? "s" : "", plan.services[target].name,
                                                run.name, traits.needs_quiesce)));
      findings.back().fix = "stop or drain them first, and start them again with `always: true`";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
