#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

void compare(const model::Plan& plan, const model::Duration& timeout, const model::Schedule& work,
             std::string what, model::Finding finding, std::vector<model::Finding>& findings) {
  (void)plan;
  if (timeout.unknown || work.high_ms < timeout.high_ms) return;
  const bool always = work.low_ms >= timeout.high_ms;
  finding.severity = always ? model::Severity::error : model::Severity::warning;
  finding.message = fmt::format("the timeout of {} {} {}, which takes {}: it is killed half way",
                                model::to_string(timeout), always ? "always ends" : "can end", what,
                                model::format_range_ms(work.low_ms, work.high_ms));
  finding.fix = "give the outer timeout the sum of the inner ones and some room";
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<model::Finding> check_timeout_too_short(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const model::RollbackPath& path = plan.paths[i];
    if (!path.timeout) continue;
    model::Finding finding;
    finding.span = path.span;
    model::Schedule work = facts.path_times[i];
    // What a step may use up before its own timeout ends it counts: the outer bound must outlive
    // the inner ones.
    for (const model::StepIndex step : work.critical_path) {
      const model::Step& each = plan.steps[step];
      if (each.timeout && !each.timeout->unknown) {
        work.high_ms +=
            std::max<std::int64_t>(0, each.timeout->high_ms - schedule_step(plan, step).high_ms);
      }
    }
    const std::size_t before = findings.size();
    compare(plan, *path.timeout, work, fmt::format("path '{}'", path.name), finding, findings);
    if (findings.size() > before || path.timeout->unknown || work.unestimated.empty()) continue;
    finding.severity = model::Severity::warning;
    finding.message = fmt::format(
        "the timeout of {} ends path '{}' wherever it is, and {} of its steps {} no estimate, "
        "beginning with '{}': it may be killed half way",
        model::to_string(*path.timeout), path.name, work.unestimated.size(),
        work.unestimated.size() == 1 ? "has" : "have", plan.steps[work.unestimated.front()].id);
    finding.fix =
        "measure the steps in a drill, write `takes`, and give the timeout their sum and some room";
    findings.push_back(std::move(finding));
  }
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const model::Step& each = plan.steps[step];
    if (!each.timeout || !each.takes || each.takes->unknown) continue;
    model::Schedule work;
    work.low_ms = each.takes->low_ms;
    work.high_ms = each.takes->high_ms;
    if (work.high_ms == each.timeout->high_ms)
      continue;  // a bound at the worst estimate is no contradiction
    compare(plan, *each.timeout, work, fmt::format("'{}'", each.id),
            about_step(plan, step, model::Severity::warning, ""), findings);
  }
  return findings;
}

}  // namespace backout::analyzer
