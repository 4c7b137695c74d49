#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/record_kind.hpp"

namespace backout::analyzer {

namespace {

/// Whether a recorded baseline is of the metric: one that says no metrics is of all.
bool is_of(const std::string& recorded, const std::string& metric) {
  return metric.empty() || recorded == "recorded" || recorded == "unknown" ||
         contains(services::split_list(recorded), metric);
}

/// Whether some step of the deploy records the baseline, as facts of the world after it say.
bool recorded(const Facts& facts, const std::string& name, const std::string& metric) {
  for (const Replayed& replayed : facts.deploy.steps) {
    for (const auto& [service, state] : replayed.outcome.changes) {
      for (const services::Fact& fact :
           facts.context.kind(service).facts(facts.context, service, *state)) {
        const bool named =
            name.empty() ? fact.path.starts_with("baselines.") : fact.path == "baselines." + name;
        if (named && is_of(fact.value, metric)) return true;
      }
    }
  }
  return false;
}

/// A table whose rows are compared with a baseline that counts others alone; empty: there is none.
std::string uncounted(const model::Plan& plan, const model::Check& check, const std::string& name) {
  for (const std::string& row : check.args.strings("rows")) {
    const std::string table = row.substr(row.find('.') + 1);
    bool is_counted = false;
    bool counts_others = false;
    for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
      const model::Args& args = plan.steps[step].args;
      if (plan.steps[step].verb != "count_baseline" || args.text_or("name", "baseline") != name)
        continue;
      const std::vector<std::string> tables = args.strings("tables");
      const bool some = !tables.empty() && !args.is_unknown("tables") && !contains(tables, table) &&
                        !contains(tables, row) && !contains(tables, "public." + table);
      (some ? counts_others : is_counted) = true;
    }
    if (counts_others && !is_counted) return table;
  }
  return {};
}

}  // namespace

std::vector<model::Finding> check_baseline_missing(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  const auto look = [&](const model::Check& check, const std::string& step,
                        const std::string& what) {
    const bool compares = check.args.has("baseline") ||
                          (check.type == model::Check::Type::rows && check.args.has("within"));
    if (!compares) return;
    const std::string name = check.args.text_or("baseline", "baseline");
    const std::string table = uncounted(plan, check, name);
    if (table.empty() && recorded(facts, name == "true" ? "" : name, check.args.text("metric")))
      return;
    model::Finding finding;
    finding.severity = model::Severity::error;
    finding.span = check.span;
    finding.step = step;
    finding.message =
        fmt::format("{} compares {}with the baseline '{}', which no step of the deploy records{}",
                    what, table.empty() ? "" : fmt::format("rows of '{}' ", table), name,
                    table.empty() ? "" : ": other tables are counted");
    finding.fix = "record it in the deploy before anything changes";
    findings.push_back(std::move(finding));
  };
  for (const model::Step& each : plan.steps) {
    for (const model::Check& check : each.verify)
      look(check, each.id, fmt::format("the verify of '{}'", each.id));
    for (const model::Check& check : each.precheck)
      look(check, each.id, fmt::format("the precheck of '{}'", each.id));
  }
  for (const model::Invariant& invariant : plan.invariants)
    look(invariant.check, "", fmt::format("invariant '{}'", invariant.name));
  return findings;
}

}  // namespace backout::analyzer
