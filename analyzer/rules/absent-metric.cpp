#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

#include "analyzer/rules/support.hpp"
#include "model/situation.hpp"
#include "services/record_kind.hpp"

namespace backout::analyzer {

namespace {

/// Whether a step of the deploy puts another version of the app, changes what it reads or uses, or
/// touches it otherwise.
bool is_deployed(const Facts& facts, model::ServiceIndex app) {
  const model::Plan& plan = *facts.plan;
  const auto feeds = [&](model::ServiceIndex service) {
    return service != model::kNone &&
           (contains(plan.services[app].uses, service) ||
            contains(plan.services[service].fields.strings("read_by"), plan.services[app].name));
  };
  return std::any_of(
      facts.deploy.steps.begin(), facts.deploy.steps.end(), [&](const Replayed& replayed) {
        const model::ServiceIndex target = plan.steps[replayed.step].target;
        const bool about =
            target == app || feeds(target) || contains(facts.traits[replayed.step].triggers, app);
        return about && !facts.traits[replayed.step].read_only;
      });
}

/// The app that serves the metric itself, if one does that the deploy touches: it is silent just
/// when it is needed.
model::ServiceIndex served_by(const Facts& facts, const model::Metric& metric) {
  const model::Plan& plan = *facts.plan;
  if (metric.source == model::kNone) return model::kNone;
  for (const model::ServiceIndex via :
       services::named_services(plan, plan.services[metric.source].fields, "via")) {
    if (!plan.services[via].versions.empty() && is_deployed(facts, via)) return via;
  }
  return model::kNone;
}

/// What is wrong with the metrics that come from `app`, or (kNone) from elsewhere.
model::Finding finding_of(const model::Plan& plan, model::ServiceIndex app,
                          const std::vector<const model::Metric*>& metrics) {
  std::vector<std::string> names;
  for (const model::Metric* metric : metrics) names.push_back(fmt::format("'{}'", metric->name));
  const bool one = names.size() == 1;
  model::Finding finding;
  finding.severity = app == model::kNone ? model::Severity::warning : model::Severity::error;
  finding.span = metrics.front()->span;
  finding.message =
      app == model::kNone
          ? fmt::format("{} trigger{} a rollback and nothing says what {} absence means",
                        fmt::join(names, ", "), one ? "s" : "", one ? "its" : "their")
          : fmt::format(
                "{} come{} from '{}' itself: when that is down {} absent, nothing triggers, and "
                "the dead app reads as healthy",
                fmt::join(names, ", "), one ? "s" : "", plan.services[app].name,
                one ? "the metric is" : "they are");
  finding.fix = "measure from outside, and say what missing data means (`absent: roll_back`)";
  return finding;
}

}  // namespace

std::vector<model::Finding> check_absent_metric(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::set<std::string> triggers;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!model::rolls_back(rule.decide)) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type == model::Condition::Type::metric) triggers.insert(leaf->name);
    }
  }
  std::map<model::ServiceIndex, std::vector<const model::Metric*>>
      silent;  // by the app behind them
  for (const model::Metric& metric : plan.decisions.metrics) {
    if (!triggers.contains(metric.name) || (!metric.absent.empty() && metric.absent != "unknown"))
      continue;
    silent[served_by(facts, metric)].push_back(&metric);
  }
  std::vector<model::Finding> findings;
  for (const auto& [app, metrics] : silent) findings.push_back(finding_of(plan, app, metrics));
  return findings;
}

}  // namespace backout::analyzer
