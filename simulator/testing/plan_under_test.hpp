#pragma once
// For property tests of a plan in C++: load it, make scenarios out of numbers, play them, look at
// the world. simulator/testing/rapidcheck.hpp has generators; docs/examples/property-tests is a
// project that uses them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/scenario/player.hpp"
#include "simulator/testing/plan_sketch.hpp"
#include "simulator/testing/script.hpp"

namespace backout::simulator {

/// How much may happen in a drawn scenario.
struct ScenarioLimits {
  std::size_t faults = 1;
  std::size_t traffic = 2;  ///< operations of live traffic, before and during the rollback
  std::string path;         ///< only this path; empty: any that the plan offers
};

/// A plan, ready to be played. Copies are cheap and share what was worked out. Several threads may
/// use one and the same, or copies of it: one of them works at a time. Where all shall work, each
/// makes its own.
class PlanUnderTest {
 public:
  /// Loads the plan. Throws std::runtime_error with everything that is wrong with it. A plan that
  /// names a folder of migrations needs `importers::read_migrations`.
  explicit PlanUnderTest(const std::string& file,
                         const model::ReadMigrations& read_migrations = {});
  /// The plan of a sketch, likewise.
  explicit PlanUnderTest(const PlanSketch& sketch);

  const model::Plan& plan() const;
  const services::Context& context() const;

  /// What a scenario may name: steps of the deploy in plan order, paths, operations of versions
  /// ("'save' of api@v2").
  std::vector<std::string> deploy_steps() const;
  std::vector<std::string> paths() const;
  std::vector<std::string> operations() const;

  /// From now on the predicate is judged, in play() and in matrix(), in all copies. Throws
  /// std::invalid_argument when it does not hold before the deploy, or cannot be decided there:
  /// then it could never be broken.
  void require(Predicate predicate);

  /// A scenario that can happen, made of the numbers: each answers one question (which step next,
  /// which fault, does traffic come), modulo the number of answers, and 0 is the plain course of
  /// events. When they are used up the deploy stops, or the rollback goes on plainly. So fewer and
  /// smaller numbers are simpler scenarios, which is what property-testing libraries shrink to.
  Scenario scenario(std::span<const std::uint16_t> choices,
                    const ScenarioLimits& limits = {}) const;

  /// The script of which nothing is out of the ordinary: the whole deploy, then `path`, or the
  /// first that the plan offers there. Throws std::invalid_argument when it offers none, or not
  /// `path`, or the deploy does not get through.
  Script plain_script(const std::string& path = {}) const;
  /// The scenario that the script describes: playing it makes no mistakes. Or what of it cannot
  /// happen, everything, and what could happen there.
  tl::expected<Scenario, std::vector<model::Mistake>> compose(const Script& script) const;
  /// What could be served, or befall an attempt, besides what the script has: each of them by
  /// itself. It may leave no room for what the script has behind it, and a late effect may not find
  /// the step that is to come after it.
  std::vector<TrafficAt> more_traffic(const Script& script) const;
  std::vector<FaultAt> more_faults(const Script& script) const;
  /// A script that can happen, drawn: where the deploy stops, which path, traffic and faults within
  /// the limits.
  Script draw_script(Chooser& chooser, const ScenarioLimits& limits = {}) const;
  /// Traffic and faults, drawn, that can happen in the script besides what it has; at most `most`
  /// of them.
  std::vector<TrafficAt> draw_traffic(Chooser& chooser, Script script, std::size_t most) const;
  std::vector<FaultAt> draw_faults(Chooser& chooser, Script script, std::size_t most) const;

  /// The rollback matrix, as `backout explore` works it out: the worst of every scenario within the
  /// options' limits. Several threads may do so at the same time.
  Matrix matrix(const SearchOptions& options = {}) const;
  /// The matrix as findings, those of the search only: one per path and cause.
  std::vector<model::Finding> findings(const Matrix& matrix) const;

  /// Plays a scenario, drawn or loaded. The same scenario gives the same result every time.
  Played play(const Scenario& scenario) const;

  /// The world after a scenario, and that before the deploy, to ask facts, types and SQL of. They
  /// live as long as any copy of this does.
  services::WorldView after(const Played& played) const;
  services::WorldView before_deploy() const;
  /// Every family of facts that worlds of this plan may have, with types: "settings.items.<key>".
  std::vector<services::FactSpec> fact_list() const;

  /// What a fact is after a scenario, as reports name it ("api.version",
  /// "db.tables.calls.columns.id"); nullopt: there is no such fact.
  std::optional<std::string> fact(const Played& played, const std::string& path) const;
  /// The same before the deploy.
  std::optional<std::string> fact_at_start(const std::string& path) const;
  /// What differs from before the deploy, "path: from -> to".
  std::vector<std::string> differences(const Played& played) const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace backout::simulator
