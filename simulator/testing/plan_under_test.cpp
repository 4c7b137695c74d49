#include "simulator/testing/plan_under_test.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "model/render.hpp"
#include "simulator/cells.hpp"
#include "simulator/testing/composer.hpp"

namespace backout::simulator {
namespace {

/// The numbers, one after the other; 0 when they are used up.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint16_t> numbers) : numbers_(numbers) {}
  bool empty() const { return at_ == numbers_.size(); }
  std::size_t below(std::size_t count) {
    return empty() || count == 0 ? 0 : numbers_[at_++] % count;
  }

 private:
  std::span<const std::uint16_t> numbers_;
  std::size_t at_ = 0;
};

model::Plan loaded(tl::expected<model::Plan, model::LoadError> plan) {
  if (plan) return std::move(*plan);
  std::string all;
  for (const model::Mistake& mistake : plan.error().mistakes)
    all += model::render(mistake, *plan.error().sources);
  throw std::runtime_error(all);
}

services::World first_world(const services::Context& context) {
  std::vector<model::Mistake> mistakes;
  services::World world = services::initial_world(context, mistakes);
  std::string all;
  for (const model::Mistake& mistake : mistakes)
    all += model::render(mistake, *context.plan().sources);
  if (!all.empty()) throw std::runtime_error(all);
  return world;
}

/// Adds up to `most` of what the script could have besides, one after the other; what it had before
/// is not returned.
template <typename Part, typename Compose>
std::vector<Part> draw_parts(Chooser& chooser, Script script, std::size_t most,
                             std::vector<Part> Script::*list, const Compose& compose,
                             std::vector<Part> Composed::*more) {
  std::vector<Part>& parts = script.*list;
  const auto before = static_cast<std::ptrdiff_t>(parts.size());
  for (std::size_t left = chooser.choose(most + 1); left > 0; --left) {
    const std::vector<Part> possible = compose(script).*more;
    if (possible.empty()) break;
    parts.push_back(possible[chooser.choose(possible.size())]);
    // Possible by itself, but perhaps not with all that comes behind it.
    if (!compose(script).mistakes.empty()) parts.pop_back();
  }
  return {parts.begin() + before, parts.end()};
}

}  // namespace

struct PlanUnderTest::Parts {
  Parts(std::string file, tl::expected<model::Plan, model::LoadError> read)
      : name(std::move(file)),
        plan(loaded(std::move(read))),
        context(plan),
        worlds(context, first_world(context)),
        setting(worlds, every_fault()),
        runner(setting),
        judge(setting),
        deploys(setting, runner, true),
        player(setting, runner, judge, deploys) {
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

  Composed compose(const Script& script) {
    Composed composed = simulator::compose({setting, runner, deploys, player}, script);
    composed.scenario.plan = name;
    return composed;
  }

  std::recursive_mutex mutex;  ///< public functions hold it, and call each other
  std::string name;
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
    : parts_(std::make_shared<Parts>(
          file, model::load_plan(file, services::catalog(), read_migrations))) {}
PlanUnderTest::PlanUnderTest(const PlanSketch& sketch)
    : parts_(std::make_shared<Parts>(
          "sketch.yaml",
          model::load_plan_text("sketch.yaml", to_yaml(sketch), "", services::catalog()))) {}

const model::Plan& PlanUnderTest::plan() const { return parts_->plan; }
const services::Context& PlanUnderTest::context() const { return parts_->context; }

std::vector<std::string> PlanUnderTest::deploy_steps() const {
  std::vector<std::string> all;
  for (const Task& task : parts_->setting.books().deploy.tasks)
    all.push_back(name_of(parts_->plan, task));
  return all;
}
std::vector<std::string> PlanUnderTest::paths() const {
  std::vector<std::string> all;
  for (const Playbook& book : parts_->setting.books().paths) all.push_back(book.name);
  return all;
}
std::vector<std::string> PlanUnderTest::operations() const {
  std::vector<std::string> all;
  for (OperationId id = 0; id < parts_->worlds.operation_count(); ++id)
    all.push_back(parts_->worlds.operation(id).name);
  return all;
}

void PlanUnderTest::require(Predicate predicate) {
  const std::lock_guard lock(parts_->mutex);
  if (const std::string unmet = unmet_before(predicate.look(before_deploy())); !unmet.empty()) {
    throw std::invalid_argument("predicate '" + predicate.name + "' " + unmet);
  }
  std::vector<Predicate> all = parts_->worlds.predicates();
  all.push_back(std::move(predicate));
  parts_->worlds.require(std::move(all));
}

services::WorldView PlanUnderTest::after(const Played& played) const {
  const std::lock_guard lock(parts_->mutex);
  return {parts_->context, parts_->worlds.world(played.last.world)};
}
services::WorldView PlanUnderTest::before_deploy() const {
  const std::lock_guard lock(parts_->mutex);
  return {parts_->context, parts_->worlds.world(Worlds::start())};
}
std::vector<services::FactSpec> PlanUnderTest::fact_list() const {
  return services::fact_list(parts_->context);
}

Scenario PlanUnderTest::scenario(std::span<const std::uint16_t> choices,
                                 const ScenarioLimits& limits) const {
  const std::lock_guard lock(parts_->mutex);
  Numbers numbers(choices);
  Scenario scenario;
  scenario.plan = parts_->name;
  std::size_t traffic = 0;
  DeployState state = parts_->deploys.start();
  while (!numbers.empty()) {
    const std::vector<Deploys::Next> all = parts_->deploys.next(state);
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool served = all[i].event.actor == TraceLine::Actor::traffic;
      const bool fault = all[i].event.actor == TraceLine::Actor::fault;
      if ((!served || traffic < limits.traffic) && (!fault || limits.faults > 0))
        possible.push_back(i);
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
    if (wanted && is_offered(parts_->setting, parts_->deploys.interruption(state), book))
      paths.push_back(book.name);
  }
  if (paths.empty()) return this->scenario({}, {limits.faults, limits.traffic, {}});
  scenario.path = paths[numbers.below(paths.size())];
  RunState run = parts_->deploys.run_from(state);
  run.faults_left = static_cast<std::uint8_t>(limits.faults - (state.faulted ? 1 : 0));
  run.traffic_left = static_cast<std::uint8_t>(limits.traffic - traffic);
  const auto book =
      std::ranges::find(parts_->setting.books().paths, scenario.path, &Playbook::name);
  run = parts_->runner.begin(
      static_cast<model::PathIndex>(book - parts_->setting.books().paths.begin()), run);
  scenario.rollback = parts_->player.drawn(
      run, [&](std::size_t count) { return numbers.below(count); },
      [&] { return numbers.empty(); });
  return scenario;
}

Script PlanUnderTest::plain_script(const std::string& path) const {
  const std::lock_guard lock(parts_->mutex);
  Script script;
  for (const Task& task : parts_->setting.books().deploy.tasks)
    script.deploy.push_back(name_of(parts_->plan, task));
  std::string why;
  for (const Playbook& book : parts_->setting.books().paths) {
    if (!path.empty() && path != book.name) continue;
    script.path = book.name;
    const Composed composed = parts_->compose(script);
    if (composed.mistakes.empty()) return script;
    why = composed.mistakes.front().message;
  }
  throw std::invalid_argument(why.empty() ? "the plan has no path '" + path + "'" : why);
}

tl::expected<Scenario, std::vector<model::Mistake>> PlanUnderTest::compose(
    const Script& script) const {
  const std::lock_guard lock(parts_->mutex);
  Composed composed = parts_->compose(script);
  if (!composed.mistakes.empty()) return tl::unexpected(std::move(composed.mistakes));
  return std::move(composed.scenario);
}

std::vector<TrafficAt> PlanUnderTest::more_traffic(const Script& script) const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->compose(script).more_traffic;
}
std::vector<FaultAt> PlanUnderTest::more_faults(const Script& script) const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->compose(script).more_faults;
}

std::vector<TrafficAt> PlanUnderTest::draw_traffic(Chooser& chooser, Script script,
                                                   std::size_t most) const {
  const std::lock_guard lock(parts_->mutex);
  return draw_parts(
      chooser, std::move(script), most, &Script::traffic,
      [&](const Script& now) { return parts_->compose(now); }, &Composed::more_traffic);
}

std::vector<FaultAt> PlanUnderTest::draw_faults(Chooser& chooser, Script script,
                                                std::size_t most) const {
  const std::lock_guard lock(parts_->mutex);
  return draw_parts(
      chooser, std::move(script), most, &Script::faults,
      [&](const Script& now) { return parts_->compose(now); }, &Composed::more_faults);
}

Script PlanUnderTest::draw_script(Chooser& chooser, const ScenarioLimits& limits) const {
  const std::lock_guard lock(parts_->mutex);
  std::vector<Script> begins;  // each prefix of the deploy with each path that is offered behind it
  Script script;
  const std::vector<Task>& deploy = parts_->setting.books().deploy.tasks;
  for (std::size_t steps = 0; steps <= deploy.size(); ++steps) {
    if (steps > 0) script.deploy.push_back(name_of(parts_->plan, deploy[steps - 1]));
    for (const Playbook& book : parts_->setting.books().paths) {
      script.path = book.name;
      const bool wanted = limits.path.empty() || limits.path == book.name;
      if (wanted && parts_->compose(script).mistakes.empty()) begins.push_back(script);
    }
  }
  if (begins.empty()) {
    throw std::invalid_argument("the plan offers no path '" + limits.path +
                                "' behind any of its steps");
  }
  script = begins[chooser.choose(begins.size())];
  script.traffic = draw_traffic(chooser, script, limits.traffic);
  script.faults = draw_faults(chooser, script, limits.faults);
  return script;
}

Matrix PlanUnderTest::matrix(const SearchOptions& options) const {
  std::vector<Predicate> predicates;
  {
    const std::lock_guard lock(parts_->mutex);
    predicates = parts_->worlds.predicates();
  }
  return explore(parts_->context, before_deploy().world(), options, predicates);
}

std::vector<model::Finding> PlanUnderTest::findings(const Matrix& matrix) const {
  return findings_of(parts_->context, matrix);
}

Played PlanUnderTest::play(const Scenario& scenario) const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->player.play(scenario);
}

std::optional<std::string> PlanUnderTest::fact(const Played& played,
                                               const std::string& path) const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->fact(played.last.world, path);
}

std::optional<std::string> PlanUnderTest::fact_at_start(const std::string& path) const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->fact(Worlds::start(), path);
}

std::vector<std::string> PlanUnderTest::differences(const Played& played) const {
  const std::lock_guard lock(parts_->mutex);
  return services::differences(parts_->context, parts_->worlds.world(Worlds::start()),
                               parts_->worlds.world(played.last.world), {});
}

}  // namespace backout::simulator
