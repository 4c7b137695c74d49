// Plans that load, and what they mean.
#include <gtest/gtest.h>

#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "model/schedule.hpp"
#include "small_catalog.hpp"
#include "support/places.hpp"

namespace backout::model {
namespace {

Plan load_good(const std::string& name) {
  auto plan = load_plan(source_path("fixtures/load/good/") + name, tests::small_catalog(),
                        importers::read_migrations);
  if (plan) return std::move(*plan);
  for (const Mistake& mistake : plan.error().mistakes)
    ADD_FAILURE() << render(mistake, *plan.error().sources);
  return {};
}

std::vector<std::string> ids(const Plan& plan, const std::vector<StepIndex>& steps) {
  std::vector<std::string> names;
  for (const StepIndex step : steps) names.push_back(plan.steps[step].id);
  return names;
}
using Names = std::vector<std::string>;

TEST(GoodPlans, StepsAreFlatAndGroupsStandForTheirMembers) {
  const Plan plan = load_good("call_sid.yaml");
  EXPECT_EQ(plan.deploy_count, 8u);
  EXPECT_EQ(plan.steps.size(), 8u + 11u);
  EXPECT_EQ(plan.steps[plan.find_step("m003")].group, "schema");
  EXPECT_EQ(ids(plan, predecessors(plan, plan.find_step("m001"))), Names{"backup"});
  EXPECT_EQ(ids(plan, predecessors(plan, plan.find_step("code"))), Names{"m004"});
  EXPECT_EQ(ids(plan, predecessors(plan, plan.find_step("nulls"))), Names{"v_code"});
  EXPECT_TRUE(plan.steps[plan.find_step("u001")].optional);
  EXPECT_EQ(ids(plan, plan.paths[plan.find_path("full")].steps),
            (Names{"assess", "stop_calls", "r_hook", "r_code", "v_code", "nulls", "u004", "u003",
                   "u002", "u001", "v_all"}));
  EXPECT_EQ(plan.find_step("schema"), kNone);
}

TEST(GoodPlans, MigrationsAreStepsWhoseDownsTakeThemBack) {
  const Plan plan = load_good("migrations.yaml");
  Names steps;
  for (const Step& step : plan.steps) steps.push_back(step.verb + ' ' + step.id);
  EXPECT_EQ(steps, (Names{"apply_migration expand_002_note", "deploy code",
                          "apply_migration rest_003_find", "apply_migration rest_004_more",
                          "revert_migration r_rest_004_more", "revert_migration r_rest_003_find",
                          "deploy r_code", "revert_migration r_expand_002_note"}));
  const Step& last = plan.steps[plan.find_step("rest_004_more")];
  EXPECT_EQ(last.args.text("migration"), "004-More");
  EXPECT_EQ(plan.sources->place(last.span).file,
            source_path("fixtures/load/good/migrations/004-More.up.sql"));
  EXPECT_EQ(last.undo.type, UndoRef::Type::step);
  EXPECT_EQ(plan.steps[last.undo.step].id, "r_rest_004_more");
  EXPECT_EQ(plan.steps[last.undo.step].undoes,
            std::vector<StepIndex>{plan.find_step("rest_004_more")});
  EXPECT_EQ(ids(plan, plan.paths[plan.find_path("code_and_rest")].steps),
            (Names{"r_rest_004_more", "r_rest_003_find", "r_code"}));
  EXPECT_EQ(last.takes->high_ms, 60'000);
  EXPECT_EQ(plan.find_migrations(plan.find_service("db"))->applied, 1u);
}

TEST(GoodPlans, MigrationsWithoutStepsInTheRollbackAreUndoneByThemselves) {
  const Plan plan = load_good("migrations_only.yaml");
  ASSERT_EQ(plan.steps.size(), 4u);
  for (const Step& step : plan.steps)
    EXPECT_EQ(step.undo.type, UndoRef::Type::automatic) << step.id;
}

TEST(GoodPlans, TimesOfGroupsAreShared) {
  const Plan plan = load_good("call_sid.yaml");
  EXPECT_EQ(to_string(*plan.steps[plan.find_step("m001")].takes), "7m30s-15m");
  EXPECT_EQ(to_string(*plan.steps[plan.find_step("watch")].takes), "2-4h");
  const Schedule full = schedule_path(plan, plan.paths[plan.find_path("full")]);
  EXPECT_EQ(format_range_ms(full.low_ms, full.high_ms), "100-165m");
  EXPECT_EQ(ids(plan, full.unestimated), Names{"stop_calls"});
}

TEST(GoodPlans, ShortListsBecomeOperations) {
  const Plan plan = load_good("call_sid.yaml");
  const Service& api = plan.services[plan.find_service("api")];
  const Version& fresh = *api.find_version("new");
  ASSERT_EQ(fresh.operations.size(), 4u);
  EXPECT_EQ(fresh.operations[1].sql, "INSERT INTO dev.calls (call_sid) VALUES (:call_sid)");
  EXPECT_EQ(fresh.operations[1].on, plan.find_service("db"));
  EXPECT_EQ(fresh.operations[2].subject, "tables.dev.calls.columns.call_sid");
  EXPECT_EQ(fresh.operations[2].expect, "*");
  EXPECT_EQ(fresh.operations[3].subject, "tables.dev.calls.columns.conversation_id.not_null");
  EXPECT_EQ(fresh.operations[3].expect, "false");
  EXPECT_EQ(fresh.operations[0].fields, Names{"call_sid"});
  EXPECT_EQ(fresh.operations[0].on, plan.find_service("hook"));
  EXPECT_EQ(api.find_version("old")->operations[0].name, fresh.operations[0].name);
}

TEST(GoodPlans, UndoAndUndoesAreOneRelation) {
  const Plan plan = load_good("call_sid.yaml");
  EXPECT_EQ(plan.steps[plan.find_step("m004")].undo.step, plan.find_step("u004"));
  EXPECT_EQ(ids(plan, plan.steps[plan.find_step("u004")].undoes), Names{"m004"});
}

TEST(GoodPlans, WindowsObjectivesAndResponsesAreLengths) {
  const Plan call_sid = load_good("call_sid.yaml");
  EXPECT_EQ(to_string(*call_sid.window), "2h");
  EXPECT_EQ(call_sid.rpo->high_ms, 0);
  ASSERT_EQ(call_sid.objectives.size(), 1u);
  EXPECT_TRUE(call_sid.objectives[0].limit.unknown);

  const Plan emergency = load_good("emergency.yaml");
  EXPECT_TRUE(emergency.rpo_unknown);
  EXPECT_EQ(to_string(*emergency.respond), "<12m");
  ASSERT_EQ(emergency.objectives.size(), 4u);
  EXPECT_EQ(emergency.objectives[2].path, "emergency");
  EXPECT_TRUE(emergency.objectives[2].limit.strict);
}

TEST(GoodPlans, DecisionsKnowUnitsOfTheirMetrics) {
  const Plan plan = load_good("emergency.yaml");
  ASSERT_EQ(plan.decisions.metrics.size(), 2u);
  EXPECT_EQ(plan.decisions.metrics[0].absent, "roll_back");
  EXPECT_EQ(plan.decisions.metrics[0].high, 100);
  EXPECT_EQ(plan.decisions.metrics[1].source, plan.find_service("mon"));
  EXPECT_EQ(plan.decisions.rules[0].when.value, 50);
  EXPECT_EQ(plan.decisions.rules[1].when.value, 5000);
  EXPECT_EQ(plan.decisions.rules[4].when.parts[1].high, 5);
  EXPECT_EQ(plan.decisions.rules[5].when.type, Condition::Type::otherwise);
  EXPECT_EQ(plan.decisions.severities, (Names{"critical", "high", "medium"}));
}

TEST(GoodPlans, ChecksKnowTheirServices) {
  const Plan plan = load_good("emergency.yaml");
  const Step& switched = plan.steps[plan.find_step("switch")];
  ASSERT_EQ(switched.verify.size(), 1u);
  EXPECT_EQ(switched.verify[0].services, std::vector{plan.find_service("lb")});
  EXPECT_EQ(switched.precheck[0].services, std::vector{plan.find_service("blue")});
  EXPECT_EQ(switched.on_failure.type, OnFailure::Type::abort);
  const Step& health = plan.steps[plan.find_step("health")];
  EXPECT_EQ(health.verify[1].type, Check::Type::manual);
  EXPECT_EQ(health.on_failure.step, plan.find_step("m_off"));
  EXPECT_EQ(plan.steps[plan.find_step("w_stop")].on_failure.type, OnFailure::Type::carry_on);
  EXPECT_EQ(plan.invariants[0].check.args.text("service"), "maint");
  EXPECT_EQ(plan.invariants[0].check.args.text("fact"), "state");
  EXPECT_TRUE(plan.invariants[1].always);
}

}  // namespace
}  // namespace backout::model
