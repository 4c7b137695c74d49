// Predicates of one's own, the facts and SQL that they may ask for, and what remembers and counts
// scenarios.
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include "simulator/campaign/campaign.hpp"
#include "simulator/testing/googletest.hpp"
#include "simulator/testing/rapidcheck.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using namespace backout::simulator;
using services::FactType;
using services::WorldView;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

PlanUnderTest orders() {
  return PlanUnderTest(std::string(kSourceDir) + "/docs/examples/property-tests/orders.yaml");
}

/// Broken between 'charge' of the deploy and 'r_charge' of the rollback.
Predicate in_euros(Predicate::When when) {
  return predicate(
      "prices are in euros",
      [](const WorldView& world) { return world.fact("settings.items.currency") == "eur"; }, when);
}

const Cell& cell_of(const Matrix& matrix, const std::string& label) {
  for (const Cell& cell : matrix.cells) {
    if (matrix.interruptions[cell.interruption].label == label) return cell;
  }
  throw std::out_of_range(label);
}

TEST(Predicate, OfEveryStepIsAVerdictOfTheMatrixWithItsCounterexample) {
  PlanUnderTest plan = orders();
  EXPECT_EQ(cell_of(plan.matrix(), "after 'release'").fault_free, Verdict::restored_with_residue);
  plan.require(in_euros(Predicate::When::every_step));
  const Matrix matrix = plan.matrix();
  const Cell& late = cell_of(matrix, "after 'release'");
  EXPECT_EQ(late.fault_free, Verdict::incompatible);
  EXPECT_EQ(late.reason, "predicate 'prices are in euros' does not hold");
  EXPECT_THAT(late.counterexample, Contains(testing::Field(&TraceLine::step, "r_release")));
  EXPECT_EQ(cell_of(matrix, "after 'add_paid'").fault_free, Verdict::restored_with_residue);
  EXPECT_THAT(plan.findings(matrix),
              Contains(testing::Field(&model::Finding::message,
                                      HasSubstr("predicate 'prices are in euros' does not hold"))));
}

TEST(Predicate, OfTheEndDoesNotMindWhatIsBefore) {
  PlanUnderTest plan = orders();
  plan.require(in_euros(Predicate::When::at_end));
  EXPECT_EQ(cell_of(plan.matrix(), "after 'release'").fault_free, Verdict::restored_with_residue);
}

TEST(Predicate, BrokenAtTheEndIsNotRestored) {
  PlanUnderTest plan = orders();
  plan.require(predicate(
      "no column is left",
      [](const WorldView& world) {
        return !world.fact("db.tables.orders.columns.paid").has_value();
      },
      Predicate::When::at_end));
  const Matrix matrix = plan.matrix();
  EXPECT_EQ(cell_of(matrix, "after 'release'").fault_free, Verdict::not_restored);
  EXPECT_EQ(cell_of(matrix, "before the deploy").fault_free, Verdict::restored);
}

TEST(Predicate, ThatCannotBeDecidedIsUnknown) {
  PlanUnderTest plan = orders();
  plan.require(predicate("somebody knows", [](const WorldView& world) -> services::CheckResult {
    using Value = services::CheckResult::Value;
    if (world.fact("settings.items.currency") == "eur") return {Value::pass, ""};
    return {Value::unknown, "nobody asked the bank"};
  }));
  const Cell cell = cell_of(plan.matrix(), "after 'release'");
  EXPECT_EQ(cell.fault_free, Verdict::unknown);
  EXPECT_EQ(cell.fault_free_reason.empty() ? cell.reason : cell.fault_free_reason,
            "predicate 'somebody knows' cannot be decided: nobody asked the bank");
}

TEST(Predicate, ThatIsBrokenBeforeTheDeployIsAMistake) {
  PlanUnderTest plan = orders();
  const Predicate never = predicate("prices are in yen", [](const WorldView& world) {
    return world.fact("settings.items.currency") == "jpy";
  });
  try {
    plan.require(never);
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& mistake) {
    EXPECT_STREQ(mistake.what(), "predicate 'prices are in yen' does not hold before the deploy");
  }
  const Matrix matrix = explore(plan.context(), plan.before_deploy().world(), {}, {never});
  EXPECT_THAT(matrix.completeness.unchecked,
              ElementsAre("predicate 'prices are in yen': does not hold before the deploy"));
}

TEST(Predicate, IsTheSameWithAndWithoutReductionAndOnSeveralThreads) {
  PlanUnderTest plan = orders();
  plan.require(in_euros(Predicate::When::every_step));
  const auto verdicts = [&](const SearchOptions& options) {
    std::vector<std::pair<Verdict, std::string>> all;
    for (const Cell& cell : plan.matrix(options).cells) all.emplace_back(cell.verdict, cell.reason);
    return all;
  };
  SearchOptions whole;
  whole.reduction = false;
  SearchOptions threads;
  threads.threads = 2;
  EXPECT_EQ(verdicts({}), verdicts(whole));
  EXPECT_EQ(verdicts({}), verdicts(threads));
}

TEST(Predicate, IsJudgedByScenariosAndTellsWhereItFirstBroke) {
  PlanUnderTest plan = orders();
  plan.require(in_euros(Predicate::When::every_step));
  const Played played = plan.play(*plan.compose(plan.plain_script()));
  EXPECT_EQ(played.verdict, Verdict::incompatible);
  EXPECT_THAT(played.broken, ElementsAre(Broken{"prices are in euros", "charge", ""}));
  const testing::AssertionResult said = restores(played);
  EXPECT_FALSE(said);
  EXPECT_THAT(said.message(),
              HasSubstr("predicate 'prices are in euros' does not hold after 'charge'"));
}

TEST(Predicate, IsJudgedByCampaigns) {
  const PlanUnderTest plan = orders();
  CampaignOptions options;
  options.predicates = {in_euros(Predicate::When::every_step)};
  Campaign campaign(plan.context(), plan.before_deploy().world(), options);
  Tally tally = campaign.blank();
  campaign.run(0, 200, tally);
  std::vector<std::string> reasons;
  for (std::uint64_t run = 0; run < 200; ++run) {
    if (const auto record = campaign.tell(run)) reasons.push_back(record->reason);
  }
  EXPECT_THAT(reasons, Contains("predicate 'prices are in euros' does not hold"));
}

TEST(WorldView, FactsHaveNamesValuesAndTypes) {
  PlanUnderTest plan = orders();
  const WorldView start = plan.before_deploy();
  EXPECT_EQ(start.fact("api.version"), "v1");
  EXPECT_EQ(start.flag("api.running"), true);
  EXPECT_EQ(start.flag("api.version"), std::nullopt);
  EXPECT_EQ(start.number("api.version"), std::nullopt);
  EXPECT_EQ(start.fact("api.nothing"), std::nullopt);
  EXPECT_EQ(start.fact("nobody.version"), std::nullopt);
  EXPECT_THAT(start.live_versions("api"), ElementsAre("v1"));
  bool typed = false;
  for (const services::FactValue& fact : start.facts()) {
    EXPECT_EQ(fact.value, start.fact(fact.path)) << fact.path;
    typed = typed || (fact.path == "api.running" && fact.type == FactType::boolean &&
                      fact.essential && fact.help == "true or false");
  }
  EXPECT_TRUE(typed);
  const std::vector<services::FactSpec> list = plan.fact_list();
  EXPECT_THAT(list, Contains(testing::Field(&services::FactSpec::path, "settings.items.<key>")));
  for (const services::FactValue& fact : start.facts()) {
    EXPECT_TRUE(std::ranges::any_of(list, [&](const services::FactSpec& spec) {
      return services::is_fact(spec, fact.path);
    })) << fact.path;
  }
}

/// The answer as text: NULL and what is not known as such.
std::string said(const tl::expected<services::SqlRows, std::string>& answer) {
  if (!answer) return answer.error();
  std::ostringstream out;
  for (const auto& row : answer->rows) {
    for (const services::SqlValue& value : row)
      out << (value.known ? value.null ? "NULL" : value.text : "?") << ' ';
    out << '\n';
  }
  return out.str();
}

/// A database with this SQL, a deploy of one statement and a rollback of one.
PlanUnderTest with_database(const std::string& sql, const std::string& deploy,
                            const std::string& rollback) {
  const auto step = [](const std::string& id, const std::string& text) {
    StepSketch made;
    made.id = id;
    made.action = {"db", "do: sql, target: db, text: \"" + text + "\""};
    return made;
  };
  PlanSketch plan;
  plan.services = {{"db", "{kind: postgres, sql: \"" + sql + "\"}", {}},
                   {"other", "{kind: config, items: {a: \"1\"}}", {}}};
  plan.deploy = {step("up", deploy)};
  plan.rollback = {step("down", rollback)};
  plan.rollback.front().undoes = {"up"};
  return PlanUnderTest(plan);
}

TEST(WorldView, SqlIsAnsweredOnTheLastWorld) {
  PlanUnderTest plan = with_database(
      "CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders VALUES (1, 'a'), "
      "(2, NULL)",
      "UPDATE orders SET note = 'x' WHERE note IS NULL",
      "UPDATE orders SET note = NULL WHERE note = 'x'");
  const WorldView start = plan.before_deploy();
  EXPECT_EQ(said(start.sql("db", "SELECT id, note FROM orders WHERE id < 3 ORDER BY id")),
            "1 a \n2 NULL \n");
  EXPECT_THAT(start.sql("db", "SELECT id, note AS n FROM orders")->columns, ElementsAre("id", "n"));
  EXPECT_EQ(said(start.sql("db", "SELECT count(*) FROM orders WHERE note IS NULL")), "1 \n");
  EXPECT_EQ(said(start.sql("db", "SELECT count(*) FROM orders WHERE note = 'x'")), "1 \n")
      << "a witness: a row that the down could take for another";
  EXPECT_EQ(said(start.sql("db", "SELECT nothing FROM orders")),
            "ERROR 42703: column \"nothing\" does not exist");
  EXPECT_EQ(said(start.sql("db", "DELETE FROM orders")), "one SELECT can be asked, nothing else");
  EXPECT_EQ(said(start.sql("db", "SELECT 1; SELECT 2")), "one SELECT can be asked, nothing else");
  EXPECT_THAT(said(start.sql("db", "SELEC")), HasSubstr("ERROR 42601"));
  EXPECT_EQ(said(start.sql("other", "SELECT 1")), "'other' is no PostgreSQL");
  EXPECT_EQ(said(start.sql("nobody", "SELECT 1")), "the plan has no service 'nobody'");
  const Played played = plan.play(*plan.compose(plan.plain_script()));
  EXPECT_EQ(said(plan.after(played).sql("db", "SELECT count(*) FROM orders WHERE note IS NULL")),
            "2 \n");
  EXPECT_EQ(said(plan.after(played).sql("db", "SELECT count(*) FROM orders WHERE note = 'x'")),
            "0 \n");
}

TEST(WorldView, SqlSeesNoRowsThatNobodyKnows) {
  const PlanUnderTest plan =
      with_database("CREATE TABLE t (id int, made timestamptz); INSERT INTO t VALUES (1, now())",
                    "SELECT 1", "SELECT 1");
  EXPECT_EQ(said(plan.before_deploy().sql("db", "SELECT id, made FROM t")), "1 ? \n");
}

TEST(CheckScenarios, RemembersWhatFailedAndTriesItFirst) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "failing.yaml").string();
  Drawn drawn(orders());
  // Three runs of four leave a residue: some of a hundred do, whatever is drawn.
  const auto property = [](const Played& played) {
    return played.verdict != Verdict::restored_with_residue;
  };
  testing::internal::CaptureStderr();
  EXPECT_FALSE(check_scenarios("it leaves no residue", orders(), property,
                               {.limits = {}, .examples = file, .drawn = &drawn}));
  testing::internal::GetCapturedStderr();
  const std::vector<Scenario> kept = FailingExamples(file).of("it leaves no residue");
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(orders().play(kept.front()).verdict, Verdict::restored_with_residue);
  EXPECT_GT(drawn.scenarios(), 0u);

  std::size_t tries = 0;
  testing::internal::CaptureStderr();
  EXPECT_FALSE(check_scenarios("it leaves no residue", orders(),
                               [&](const Played& played) { return ++tries, property(played); },
                               {.examples = file}));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("it leaves no residue: still falsified by an example of " + file +
                        "\nscenario: 1\n"));
  EXPECT_EQ(tries, 1u);

  EXPECT_TRUE(
      check_scenarios("another property", orders(), [](const Played&) {}, {.examples = file}));
  EXPECT_THAT(FailingExamples(file).of("it leaves no residue"), SizeIs(1))
      << "what holds does not forget what others keep";
  FailingExamples(file).add("it leaves no residue", kept.front());
  EXPECT_THAT(FailingExamples(file).of("it leaves no residue"), SizeIs(1))
      << "twice the same is one";
}

TEST(CheckScenarios, AnExampleThatThePlanOutgrewIsLeftOut) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "failing.yaml").string();
  std::ofstream(file) << "scenario: 1\nname: \"it plays\"\nplan: orders.yaml\ndeploy:\n  - {step: "
                         "gone}\npath: full\n";
  testing::internal::CaptureStderr();
  EXPECT_TRUE(check_scenarios("it plays", orders(), [](const Played&) { return true; },
                              {.examples = file}));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot happen any more: "));
  std::ofstream(file) << "no scenario\n";
  EXPECT_THROW(FailingExamples{file}, std::runtime_error);
}

TEST(Drawn, CountsWhatCameAndNamesWhatDidNot) {
  const PlanUnderTest plan = orders();
  Drawn drawn(plan);
  EXPECT_THAT(drawn.missing(), ElementsAre("stop add_paid", "stop charge", "stop release",
                                           "path full", "traffic 'inserts orders' of api@v1",
                                           "traffic 'inserts orders' of api@v2"));
  drawn.note(plan.play(*plan.compose(plan.plain_script())));
  EXPECT_EQ(drawn.text(),
            "1 scenario\n"
            "  stop     release                              100.0 %\n"
            "  path     full                                 100.0 %\n"
            "  fault    none                                 100.0 %\n"
            "  traffic  none                                 100.0 %\n"
            "  verdict  RESTORED WITH RESIDUE                100.0 %\n"
            "  never    stop add_paid\n  never    stop charge\n"
            "  never    traffic 'inserts orders' of api@v1\n  never    traffic 'inserts orders' of "
            "api@v2\n");
}

TEST(Threads, OnePlanIsUsedByMany) {
  const PlanUnderTest shared = orders();
  const std::string expected = describe(shared.plain_script());
  const Verdict verdict = shared.play(*shared.compose(shared.plain_script())).verdict;
  const std::size_t cells = shared.matrix().cells.size();
  std::atomic<int> same = 0;
  constexpr int kThreads = 4;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        const PlanUnderTest own = orders();
        SeededChooser chooser(static_cast<std::uint64_t>(thread));
        for (int i = 0; i < 20; ++i) {
          const Script script = shared.draw_script(chooser);
          const std::string one = shared.play(*shared.compose(script)).reason;
          if (one != own.play(*own.compose(script)).reason) return;
        }
        const bool plays = own.play(*own.compose(own.plain_script())).verdict == verdict &&
                           describe(shared.plain_script()) == expected;
        if (plays && shared.matrix().cells.size() == cells &&
            shared.after(shared.play(*shared.compose(shared.plain_script()))).sql("db", "SELECT 1"))
          ++same;
      });
    }
  }
  EXPECT_EQ(same, kThreads);
}

}  // namespace
}  // namespace backout::tests
