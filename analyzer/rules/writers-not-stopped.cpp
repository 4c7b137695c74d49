#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// A job that goes on writing what a rollback step puts right: the step is undone by itself.
void add_jobs(const Facts& facts, const Run& run, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (const Replayed& replayed : *run.steps) {
    const model::ServiceIndex target = plan.steps[replayed.step].target;
    if (target == model::kNone || plan.services[target].kind != "config" ||
        replayed.outcome.changes.empty())
      continue;
    for (const model::ServiceIndex writer :
         services::writers(facts.context, replayed.before, target)) {
      const std::string& name = plan.services[writer].name;
      // Who uses it, and is not among those who read it, writes it.
      const std::vector<std::string> readers = plan.services[target].fields.strings("read_by");
      if (plan.services[writer].kind != "workers" || readers.empty() || contains(readers, name))
        continue;
      findings.push_back(about_step(
          plan, replayed.step, model::Severity::error,
          fmt::format("'{}' puts '{}' right while '{}' runs ({}), which may write it again: then "
                      "the step is undone by itself",
                      plan.steps[replayed.step].id, plan.services[target].name, name, run.name)));
      findings.back().fix = "stop the job first, or say what it writes from where (`reconciles`)";
    }
  }
}

}  // namespace

std::vector<model::Finding> check_writers_not_stopped(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      const services::Traits& traits = facts.traits[replayed.step];
      const model::ServiceIndex target = plan.steps[replayed.step].target;
      if (traits.needs_quiesce.empty() || target == model::kNone) continue;
      std::vector<std::string> names;
      for (const model::ServiceIndex writer :
           services::writers(facts.context, replayed.before, target)) {
        names.push_back(fmt::format("'{}'", plan.services[writer].name));
      }
      if (names.empty()) continue;
      findings.push_back(
          about_step(plan, replayed.step, model::Severity::error,
                     fmt::format("'{}' runs while {} still write{} to '{}' ({}): {}",
                                 plan.steps[replayed.step].id, fmt::join(names, ", "),
                                 names.size() == 1 ? "s" : "", plan.services[target].name, run.name,
                                 traits.needs_quiesce)));
      findings.back().fix = "stop or drain them first, and start them again with `always: true`";
    }
    if (run.path != model::kNone) add_jobs(facts, run, findings);
  }
  return findings;
}

}  // namespace backout::analyzer
