#include "analyzer/migrations/planned.hpp"

#include <algorithm>
#include <map>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "services/dependence.hpp"
#include "services/postgres_state.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {
namespace {

/// The deploy step that applies a migration, by its position.
std::map<std::size_t, model::StepIndex> steps_of(const Facts& facts,
                                                 const model::ServiceMigrations& migrations) {
  std::map<std::size_t, model::StepIndex> steps;
  for (model::StepIndex step = 0; step < facts.plan->deploy_count; ++step) {
    const services::Action& action = facts.actions[step];
    if (action.service != migrations.service || action.verb != model::kApplyMigration) continue;
    const std::size_t at = migrations.find(action.args.text("migration"));
    if (at < migrations.set.migrations.size()) steps.emplace(at, step);
  }
  return steps;
}

/// What is judged: those that the deploy applies, in the order of the folder.
model::MigrationSet new_ones(const model::ServiceMigrations& migrations,
                             const std::map<std::size_t, model::StepIndex>& steps) {
  model::MigrationSet set{migrations.set.folder, migrations.set.convention, {}};
  for (std::size_t at = migrations.applied; at < migrations.set.migrations.size(); ++at) {
    if (steps.empty() || steps.contains(at))
      set.migrations.push_back(migrations.set.migrations[at]);
  }
  return set;
}

/// Whether the plan says of all versions that work on the store what they write into it.
bool is_traffic_said(const model::Plan& plan, model::ServiceIndex store) {
  bool any = false;
  for (model::ServiceIndex app = 0; app < plan.services.size(); ++app) {
    const model::Service& service = plan.services[app];
    if (service.versions.empty() || !services::works_on(plan, app, store)) continue;
    any = true;
    if (service.find_version(service.start) == nullptr ||
        std::ranges::any_of(service.versions, services::is_silent))
      return false;
  }
  return any;
}

/// Rows that the new schema allows are what nobody may ever write. Where the plan says what its
/// versions write, the matrix judges the down on that.
void weigh_new_rows(const Facts& facts, model::ServiceIndex store,
                    std::vector<model::Finding>& findings) {
  if (!is_traffic_said(*facts.plan, store)) return;
  for (model::Finding& finding : findings) {
    if (finding.rule != "migrations-fails-on-rows") continue;
    finding.severity = model::Severity::note;
    finding.message += "; the matrix judges it on what the versions of this plan write";
  }
}

std::vector<model::Finding> findings_of(const Facts& facts,
                                        const model::ServiceMigrations& migrations) {
  const auto& state =
      static_cast<const services::PostgresState&>(*facts.start.states[migrations.service]);
  if (state.database() == nullptr) return {};
  const std::map<std::size_t, model::StepIndex> steps = steps_of(facts, migrations);
  const model::MigrationSet set = new_ones(migrations, steps);
  std::vector<model::Finding> findings = migration_findings(
      judge_chain(set, *facts.plan->sources, {}, postgres_database(*state.database())));
  weigh_new_rows(facts, migrations.service, findings);
  for (model::Finding& finding : findings) {
    const auto step = steps.find(migrations.find(finding.step));
    if (step != steps.end()) finding.step = facts.plan->steps[step->second].id;
  }
  for (model::Finding& finding : folder_findings(migrations.notes))
    findings.push_back(std::move(finding));
  return findings;
}

}  // namespace

std::vector<model::Finding> planned_migration_findings(const Facts& facts) {
  std::vector<model::Finding> all;
  for (const model::ServiceMigrations& migrations : facts.plan->migrations) {
    std::vector<model::Finding> findings = findings_of(facts, migrations);
    all.insert(all.end(), std::make_move_iterator(findings.begin()),
               std::make_move_iterator(findings.end()));
  }
  return all;
}

}  // namespace backout::analyzer
