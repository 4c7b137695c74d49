// Properties of the search on random small plans.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "explored.hpp"
#include "simulator/search.hpp"
#include "simulator/testing/rapidcheck.hpp"

namespace backout::simulator {
namespace {

RC_GTEST_PROP(RandomPlans, AnotherFaultNeverMakesAVerdictBetter, ()) {
  const std::string text = to_yaml(*plans());
  const Loaded loaded(text);
  const Matrix none = loaded.matrix(0);
  const Matrix one = loaded.matrix(1, {"all"});
  const Matrix two = loaded.matrix(2, {"all"});
  RC_ASSERT(none.cells.size() == one.cells.size() && one.cells.size() == two.cells.size());
  for (std::size_t i = 0; i < none.cells.size(); ++i) {
    RC_ASSERT(none.cells[i].verdict == one.cells[i].fault_free);
    RC_ASSERT(one.cells[i].fault_free == two.cells[i].fault_free);
    RC_ASSERT(!is_worse(one.cells[i].fault_free, one.cells[i].verdict));
    RC_ASSERT(!is_worse(one.cells[i].verdict, two.cells[i].verdict));
  }
}

RC_GTEST_PROP(RandomPlans, TheSamePlanGivesTheSameMatrix, ()) {
  const std::string text = to_yaml(*plans());
  const Loaded first(text);
  const Loaded second(text);
  const Matrix a = first.matrix(1);
  const Matrix b = second.matrix(1);
  RC_ASSERT(verdicts(a) == verdicts(b));
  RC_ASSERT(a.completeness.states == b.completeness.states);
  RC_ASSERT(a.completeness.faults == b.completeness.faults);
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    RC_ASSERT(a.cells[i].reason == b.cells[i].reason);
    RC_ASSERT(a.cells[i].counterexample.size() == b.cells[i].counterexample.size());
  }
}

/// Walks one run of every path from the start of the plan by random answers; the worst over all
/// runs is never better than what this run ends in.
RC_GTEST_PROP(RandomPlans, NoRandomRunIsWorseThanTheSearchSays, ()) {
  const std::string text = to_yaml(*plans());
  const Loaded loaded(text);
  Worlds worlds(loaded.context, loaded.start);
  Worlds plain(loaded.context, loaded.start, false);
  std::vector<std::string> unknown;
  for (Worlds* each : {&worlds, &plain}) {
    Setting setting(*each, fault_set({"all"}, unknown));
    Search search(setting, 1'000'000);
    SeededChooser chooser(*rc::gen::arbitrary<std::uint64_t>());
    RunState run;
    run.world = Worlds::start();
    run.expected = setting.expected_at_start();
    run.traffic_left = 2;
    run.faults_left = 1;
    run = search.runner().begin(0, run);
    const Verdict worst = search.worst(run).judgement.verdict;
    for (int steps = 0;
         steps < 100 && run.phase != Phase::ended && run.phase != Phase::stuck && !run.opaque;
         ++steps) {
      run = search.runner().next(run, chooser, nullptr);
      RC_ASSERT(!is_worse(search.judge().visible(run).verdict, worst));
    }
    if (run.phase == Phase::ended || run.phase == Phase::stuck)
      RC_ASSERT(!is_worse(search.judge().end(run).verdict, worst));
  }
}

/// Remembering what services said changes nothing: the same walk in both gives the same worlds.
RC_GTEST_PROP(RandomPlans, RememberedAnswersAreThoseOfTheServices, ()) {
  const Loaded loaded(to_yaml(*plans()));
  Worlds remembered(loaded.context, loaded.start);
  Worlds forgetful(loaded.context, loaded.start, false);
  services::World world = loaded.start;
  WorldId id = Worlds::start();
  for (int i = 0; i < 12; ++i) {
    const auto step =
        static_cast<model::StepIndex>(*rc::gen::inRange<std::size_t>(0, loaded.plan.steps.size()));
    const services::Action action = services::action_of(loaded.plan, loaded.plan.steps[step]);
    const services::Applied applied = services::run(loaded.context, world, action);
    const Ran ran = remembered.run(id, remembered.intern(action));
    const Ran again = forgetful.run(forgetful.intern(world), forgetful.intern(action));
    RC_ASSERT(remembered.world(ran.world) == forgetful.world(again.world));
    RC_ASSERT(ran.result == again.result && ran.reported_ok == again.reported_ok);
    if (applied.outcome.result == services::Outcome::Result::opaque) {  // read one way or the other
      world = remembered.world(ran.world);
      id = ran.world;
      continue;
    }
    RC_ASSERT(remembered.world(ran.world) == applied.world);
    RC_ASSERT(ran.result == applied.outcome.result &&
              ran.reported_ok == applied.outcome.reported_ok);
    const services::World parted = [&] {
      services::World now = world;
      for (const services::Action& part : services::parts_of(loaded.context, world, action)) {
        now = services::run(loaded.context, now, part).world;
      }
      return now;
    }();
    if (applied.outcome.ok()) RC_ASSERT(parted == applied.world);
    world = applied.world;
    id = ran.world;
  }
}

}  // namespace
}  // namespace backout::simulator
