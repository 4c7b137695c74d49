#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/app.hpp"
#include "services/dns.hpp"

namespace backout::analyzer {

namespace {

std::int64_t low(const std::optional<model::Duration>& duration) {
  return duration && !duration->unknown ? duration->low_ms : 0;
}

/// How long the step takes at least, with its waits.
std::int64_t length_of(const model::Step& step) {
  std::int64_t all = low(step.takes) + low(step.settle);
  if (const auto own = model::parse_duration(step.args.text("for")); own && !step.takes)
    all += low(*own);
  return all;
}

/// How long before position `at` of the run some step gave the zone's record another value; the
/// length of the run when none did.
std::int64_t since_set(const Facts& facts, const Run& run, std::size_t at, model::ServiceIndex zone,
                       const std::string& record) {
  std::int64_t passed = 0;
  for (std::size_t i = at; i-- > 0;) {
    const model::Step& step = facts.plan->steps[(*run.steps)[i].step];
    if (step.target == zone && step.args.text("record") == record) break;
    passed += length_of(step);
  }
  return passed;
}

void check(const Facts& facts, const Run& run, std::size_t at, model::ServiceIndex zone,
           std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const Replayed& replayed = (*run.steps)[at];
  for (const services::KeptAnswer& answer :
       services::kept_answers(facts.context, replayed.before, zone)) {
    const model::ServiceIndex app = plan.find_service(answer.value);
    if (app == model::kNone || !services::answers(facts.context, replayed.before, app) ||
        services::answers(facts.context, replayed.after, app))
      continue;
    if (answer.longest_ms && since_set(facts, run, at, zone, answer.record) >= *answer.longest_ms)
      continue;
    findings.push_back(
        about_step(plan, replayed.step,
                   run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                   fmt::format("'{}' ends '{}' ({}), to which '{}' still leads for {}",
                               plan.steps[replayed.step].id, answer.value, run.name, answer.record,
                               answer.longest_ms ? model::format_ms(*answer.longest_ms)
                                                 : "a time that the plan does not say")));
    findings.back().related.push_back({plan.services[zone].span, "the zone"});
    findings.back().fix = "let it run until nobody is led there any more (`wait_ttl`)";
  }
}

}  // namespace

std::vector<model::Finding> check_stale_answers(const Facts& facts) {
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t at = 0; at < run.steps->size(); ++at) {
      if (is_refused((*run.steps)[at])) continue;
      for (model::ServiceIndex zone = 0; zone < facts.plan->services.size(); ++zone) {
        if (facts.plan->services[zone].kind == "dns") check(facts, run, at, zone, findings);
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
