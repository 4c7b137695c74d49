#pragma once
// For property tests of a plan in C++: load it, make scenarios out of numbers, play them, look at the world.
// simulator/testing/rapidcheck.hpp has generators; docs/examples/property-tests is a project that uses them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/scenario/player.hpp"
#include "simulator/testing/plan_sketch.hpp"

namespace backout::simulator {

/// How much may happen in a drawn scenario.
struct ScenarioLimits {
  std::size_t faults = 1;
  std::size_t traffic = 2;            ///< operations of live traffic, before and during the rollback
  std::string path;                   ///< only this path; empty: any that the plan offers
};

/// A plan, ready to be played. Not for use from two threads.
class PlanUnderTest {
 public:
  /// Loads the plan. Throws std::runtime_error with everything that is wrong with it. A plan that names a folder of
  /// migrations needs `importers::read_migrations`.
  explicit PlanUnderTest(const std::string& file, const model::ReadMigrations& read_migrations = {});
  /// The plan of a sketch, likewise.
  explicit PlanUnderTest(const PlanSketch& sketch);
  ~PlanUnderTest();
  PlanUnderTest(const PlanUnderTest&) = delete;
  PlanUnderTest& operator=(const PlanUnderTest&) = delete;

  const model::Plan& plan() const;

  /// A scenario that can happen, made of the numbers: each answers one question (which step next, which fault, does
  /// traffic come), modulo the number of answers, and 0 is the plain course of events. When they are used up the deploy
  /// stops, or the rollback goes on plainly. So fewer and smaller numbers are simpler scenarios, which is what
  /// property-testing libraries shrink to.
  Scenario scenario(std::span<const std::uint16_t> choices, const ScenarioLimits& limits = {});

  /// The rollback matrix, as `backout explore` works it out: the worst of every scenario within the options' limits.
  Matrix matrix(const SearchOptions& options = {}) const;

  /// Plays a scenario, drawn or loaded. The same scenario gives the same result every time.
  Played play(const Scenario& scenario);

  /// What a fact is after a scenario, as reports name it ("api.version", "db.tables.calls.columns.id"); nullopt: there is
  /// no such fact.
  std::optional<std::string> fact(const Played& played, const std::string& path) const;
  /// The same before the deploy.
  std::optional<std::string> fact_at_start(const std::string& path) const;
  /// What differs from before the deploy, "path: from -> to".
  std::vector<std::string> differences(const Played& played) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace backout::simulator
