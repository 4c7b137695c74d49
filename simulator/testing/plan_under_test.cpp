#include "simulator/testing/plan_under_test.hpp"

#include <algorithm>
#include <stdexcept>

#include "model/render.hpp"
#include "simulator/cells.hpp"

namespace backout::simulator {
namespace {

/// The numbers, one after the other; 0 when they are used up.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint16_t> numbers) : numbers_(numbers) {}
  bool empty() const { return at_ == numbers_.size(); }
  std::size_t below(std::size_t count) { return empty() || count == 0 ? 0 : numbers_[at_++] % count; }

 private:
  std::span<const std::uint16_t> numbers_;
  std::size_t at_ = 0;
};

model::Plan loaded(tl::expected<model::Plan, model::LoadError> plan) {
  if (plan) return std::move(*plan);
  std::string all;
  for (const model::Mistake& mistake : plan.error().mistakes) all += model::render(mistake, *plan.error().sources);
  throw std::runtime_error(all);
}

services::World first_world(const services::Context& context) {
  std::vector<model::Mistake> mistakes;
  services::World world = services::initial_world(context, mistakes);
  std::string all;
  for (const model::Mistake& mistake : mistakes) all += model::render(mistake, *context.plan().sources);
  if (!all.empty()) throw std::runtime_error(all);
  return world;
}

}  // namespace

struct PlanUnderTest::Parts {
  explicit Parts(tl::expected<model::Plan, model::LoadError> read)
      : plan(loaded(std::move(read))), context(plan), worlds(context, first_world(context)), setting(worlds, every_fault()),
        runner(setting), judge(setting), deploys(setting, runner, true), player(setting, runner, judge, deploys) {
    if (!setting.books().too_large.empty()) throw std::runtime_error(setting.books().too_large);
  }
  static std::vector<Fault> every_fault() {
    std::vector<std::string> unknown;
    return fault_set({"all"}, unknown);
  }
  std::optional<std::string> fact(WorldId world, const std::string& path) const {
    for (const services::Fact& fact : services::facts_of(context, worlds.world(world))) {
      if (fact.path == path) return fact.value;
    }
    return std::nullopt;
  }

  model::Plan plan;
  services::Context context;
  Worlds worlds;
  Setting setting;
  Runner runner;
  Judge judge;
  Deploys deploys;
  Player player;
};

PlanUnderTest::PlanUnderTest(const std::string& file, const model::ReadMigrations& read_migrations)
    : parts_(std::make_unique<Parts>(model::load_plan(file, services::catalog(), read_migrations))) {}
PlanUnderTest::PlanUnderTest(const PlanSketch& sketch)
    : parts_(std::make_unique<Parts>(model::load_plan_text("sketch.yaml", to_yaml(sketch), "", services::catalog()))) {}
PlanUnderTest::~PlanUnderTest() = default;

const model::Plan& PlanUnderTest::plan() const { return parts_->plan; }

Scenario PlanUnderTest::scenario(std::span<const std::uint16_t> choices, const ScenarioLimits& limits) {
  Numbers numbers(choices);
  Scenario scenario;
  std::size_t traffic = 0;
  DeployState state = parts_->deploys.start();
  while (!numbers.empty()) {
    const std::vector<Deploys::Next> all = parts_->deploys.next(state);
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool served = all[i].event.actor == TraceLine::Actor::traffic;
      const bool fault = all[i].event.actor == TraceLine::Actor::fault;
      if ((!served || traffic < limits.traffic) && (!fault || limits.faults > 0)) possible.push_back(i);
    }
    if (possible.empty()) break;
    const std::size_t chosen = numbers.below(possible.size() + 1);
    if (chosen == possible.size()) break;  // the deploy stops here
    scenario.deploy.push_back(Player::happening_of(all, possible[chosen]));
    if (scenario.deploy.back().kind == Happening::Kind::traffic) ++traffic;
    state = all[possible[chosen]].state;
  }
  std::vector<std::string> paths;
  for (const Playbook& book : parts_->setting.books().paths) {
    const bool wanted = limits.path.empty() || limits.path == book.name;
    if (wanted && is_offered(parts_->setting, parts_->deploys.interruption(state), book)) paths.push_back(book.name);
  }
  if (paths.empty()) return this->scenario({}, {limits.faults, limits.traffic, {}});
  scenario.path = paths[numbers.below(paths.size())];
  RunState run = parts_->deploys.run_from(state);
  run.faults_left = static_cast<std::uint8_t>(limits.faults - (state.faulted ? 1 : 0));
  run.traffic_left = static_cast<std::uint8_t>(limits.traffic - traffic);
  const auto book = std::ranges::find(parts_->setting.books().paths, scenario.path, &Playbook::name);
  run = parts_->runner.begin(static_cast<model::PathIndex>(book - parts_->setting.books().paths.begin()), run);
  scenario.rollback = parts_->player.drawn(run, [&](std::size_t count) { return numbers.below(count); },
                                           [&] { return numbers.empty(); });
  return scenario;
}

Matrix PlanUnderTest::matrix(const SearchOptions& options) const {
  return explore(parts_->context, parts_->worlds.world(Worlds::start()), options);
}

Played PlanUnderTest::play(const Scenario& scenario) { return parts_->player.play(scenario); }

std::optional<std::string> PlanUnderTest::fact(const Played& played, const std::string& path) const {
  return parts_->fact(played.last.world, path);
}

std::optional<std::string> PlanUnderTest::fact_at_start(const std::string& path) const {
  return parts_->fact(Worlds::start(), path);
}

std::vector<std::string> PlanUnderTest::differences(const Played& played) const {
  return services::differences(parts_->context, parts_->worlds.world(Worlds::start()),
                               parts_->worlds.world(played.last.world), {});
}

}  // namespace backout::simulator
