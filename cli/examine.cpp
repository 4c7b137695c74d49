// Everything about one plan: what the rules, the search and timed runs say of it.
#include <istream>
#include <iterator>
#include <ostream>

#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "cli/load_plan.hpp"
#include "cli/plan_pipeline.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "reports/causes.hpp"
#include "simulator/campaign/tell.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

tl::expected<model::Plan, model::LoadError> load_argument(const std::string& file,
                                                          const Invocation& invocation) {
  if (file != "-") return load_plan(file);
  std::string text{std::istreambuf_iterator<char>(invocation.in), {}};
  return load_plan_text("<stdin>", std::move(text), "", {});
}

void print_mistakes(const model::Sources& sources, const std::vector<model::Mistake>& mistakes,
                    std::ostream& err) {
  for (const model::Mistake& mistake : mistakes) err << model::render(mistake, sources) << '\n';
}

namespace {

/// Timed runs of the plan, for percentiles: of the paths, and of the cells.
void add_campaign(reports::PlanReport& report, const analyzer::Facts& facts,
                  const PipelineSettings& settings) {
  simulator::CampaignOptions options;
  options.faults = settings.search.faults;
  options.fault_kinds = settings.search.fault_kinds;
  simulator::Campaign campaign(facts.context, facts.start, options);
  if (!campaign.impossible().empty()) return;
  report.campaign =
      simulator::outcome_of(campaign, options, settings.runs, (*report.plan->sources)[0].name());
  simulator::add_times(*report.matrix, campaign);
}

}  // namespace

reports::PlanReport examine(const model::Plan& plan, const PipelineSettings& settings,
                            std::vector<model::Mistake>& mistakes) {
  reports::PlanReport report{&plan, {}, std::nullopt, reports::time_table(plan), std::nullopt};
  const analyzer::Facts facts = analyzer::derive_facts(plan, mistakes);
  if (!mistakes.empty()) return report;
  std::vector<model::Finding> findings;
  if (settings.parts.search) {
    report.matrix = simulator::explore(facts.context, facts.start, settings.search);
    findings = simulator::findings_of(facts.context, *report.matrix);
    const bool stopped = settings.watch != nullptr && settings.watch->stopped();
    if (settings.runs > 0 && !stopped) add_campaign(report, facts, settings);
  }
  // A search of fewer faults than the plan's own leaves out what a suppression may be for.
  const bool all_faults =
      settings.search.fault_kinds.empty() &&
      simulator::fault_budget(plan, settings.search) >= simulator::fault_budget(plan, {});
  const bool searched =
      all_faults && report.matrix &&
      report.matrix->completeness.level == simulator::Completeness::Level::exhaustive;
  report.findings =
      analyzer::report(facts, std::move(findings), settings.parts.rules, settings.today, searched);
  settings.findings.selection.apply(report.findings, (*plan.sources)[0].name());
  reports::link_consequences(report.findings);
  return report;
}

}  // namespace backout::cli
