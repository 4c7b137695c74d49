// What holds for every action of every kind, from every world that some actions lead to.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>

#include "services/app.hpp"
#include "services/every_kind.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Action;
using services::Applied;
using services::Context;
using services::Fact;
using services::Outcome;
using services::World;

// A hundred worlds, the default, are few for so many actions.
const int kMoreRuns = setenv("RC_PARAMS", "max_success=2000", 0);

const Stage& stage() {
  static const Stage kStage(kEveryKind);
  return kStage;
}

/// One of [0, count), each as likely: generators otherwise begin with small values.
std::size_t pick(std::size_t count) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}

Action any_action() {
  const auto& steps = stage().plan().steps;
  const model::Step& step = steps[pick(steps.size())];
  return services::action_of(stage().plan(), step);
}

/// The world after up to eight actions and as many live operations.
World any_world() {
  World world = stage().world;
  const std::size_t count = pick(9);
  for (std::size_t i = 0; i < count; ++i) {
    world = services::run(stage().context(), world, any_action()).world;
    const auto live = services::live_operations(stage().context(), world);
    if (live.empty() || pick(2) == 0) continue;
    const auto& operation = live[pick(live.size())];
    world = services::run_operation(stage().context(), world, operation).world;
  }
  return world;
}

bool covers(const std::vector<std::string>& paths, const std::string& path) {
  return std::ranges::any_of(paths, [&](const std::string& each) {
    return path.size() >= each.size() && services::overlaps(path, each);
  });
}

std::set<std::string> changed_paths(const World& before, const World& after) {
  std::set<std::pair<std::string, std::string>> a;
  std::set<std::pair<std::string, std::string>> b;
  for (const Fact& fact : services::facts_of(stage().context(), before)) {
    a.emplace(fact.path, fact.value);
  }
  for (const Fact& fact : services::facts_of(stage().context(), after)) {
    b.emplace(fact.path, fact.value);
  }
  std::set<std::string> paths;
  for (const auto& fact : a) {
    if (!b.contains(fact)) paths.insert(fact.first);
  }
  for (const auto& fact : b) {
    if (!a.contains(fact)) paths.insert(fact.first);
  }
  return paths;
}

std::vector<std::string> essential_differences(const World& before, const World& after) {
  return services::differences(stage().context(), before, after, {});
}

RC_GTEST_PROP(EveryAction, gives_the_same_result_twice, ()) {
  const World world = any_world();
  const Action action = any_action();
  const Applied once = services::run(stage().context(), world, action);
  const Applied again = services::run(stage().context(), world, action);
  RC_ASSERT(once.world == again.world);
  RC_ASSERT(once.outcome.message == again.outcome.message);
  RC_ASSERT(services::hash_of(once.world) == services::hash_of(again.world));
}

RC_GTEST_PROP(EveryAction, changes_only_what_its_footprint_writes, ()) {
  const World world = any_world();
  const Action action = any_action();
  const Applied applied = services::run(stage().context(), world, action);
  const services::Footprint print = services::footprint_of(stage().context(), action);
  for (const std::string& path : changed_paths(world, applied.world)) {
    RC_LOG() << action.label << " changes " << path << '\n';
    RC_ASSERT(covers(print.writes, path));
  }
}

RC_GTEST_PROP(EveryAction, changes_nothing_when_it_only_looks_or_is_refused, ()) {
  const World world = any_world();
  const Action action = any_action();
  const Applied applied = services::run(stage().context(), world, action);
  RC_LOG() << action.label << '\n';
  const bool looks = services::traits_of(stage().context(), action).read_only;
  if (looks || applied.outcome.result == Outcome::Result::refused) {
    RC_ASSERT(changed_paths(world, applied.world).empty());
  }
}

RC_GTEST_PROP(EveryAction, commutes_with_those_that_it_does_not_conflict_with, ()) {
  const World world = any_world();
  const Action a = any_action();
  const Action b = any_action();
  const Context& context = stage().context();
  if (services::conflict(services::footprint_of(context, a), services::footprint_of(context, b))) {
    return;
  }
  RC_LOG() << a.label << " and " << b.label << '\n';
  const Applied a_first = services::run(context, world, a);
  const Applied then_b = services::run(context, a_first.world, b);
  const Applied b_first = services::run(context, world, b);
  const Applied then_a = services::run(context, b_first.world, a);
  RC_ASSERT(changed_paths(then_b.world, then_a.world).empty());
  RC_ASSERT(a_first.outcome.result == then_a.outcome.result);
  RC_ASSERT(b_first.outcome.result == then_b.outcome.result);
}

/// The action in the world in which this harm is done to what it relies on; nullopt when that
/// cannot be.
std::optional<World> run_harmed(const World& world, const Action& action, services::Harm harm) {
  const Context& context = stage().context();
  const services::Changes changes = services::harmed(context, world, action, harm);
  if (changes.empty()) return std::nullopt;
  return services::run(context, services::with_changes(world, changes), action).world;
}

RC_GTEST_PROP(EveryAction, harmed_keeps_to_its_footprint, ()) {
  using services::Harm;
  constexpr std::array kHarms = {Harm::gone,   Harm::corrupt,   Harm::stale,
                                 Harm::cached, Harm::lingering, Harm::unhealthy};
  const World world = any_world();
  const Action action = any_action();
  const Harm harm = kHarms[pick(kHarms.size())];
  const std::optional<World> first = run_harmed(world, action, harm);
  RC_LOG() << action.label << ", harm " << static_cast<int>(harm) << '\n';
  const Context& context = stage().context();
  const services::Footprint print = services::footprint_of(context, action);
  for (const std::string& path : first ? changed_paths(world, *first) : std::set<std::string>{}) {
    RC_LOG() << path << '\n';
    RC_ASSERT(covers(print.writes, path));
  }
  const Action other = any_action();
  if (services::conflict(print, services::footprint_of(context, other))) return;
  RC_LOG() << "and " << other.label << '\n';
  const std::optional<World> second =
      run_harmed(services::run(context, world, other).world, action, harm);
  RC_ASSERT(first.has_value() == second.has_value());
  if (first) RC_ASSERT(changed_paths(services::run(context, *first, other).world, *second).empty());
}

RC_GTEST_PROP(EveryAction, may_run_again_unless_its_traits_say_why_not, ()) {
  const World world = any_world();
  const Action action = any_action();
  if (!services::traits_of(stage().context(), action).not_repeatable.empty()) return;
  const Applied once = services::run(stage().context(), world, action);
  if (!once.outcome.ok()) return;
  const Applied twice = services::run(stage().context(), once.world, action);
  RC_LOG() << action.label << '\n';
  RC_ASSERT(essential_differences(once.world, twice.world).empty());
}

RC_GTEST_PROP(EveryAction, is_taken_back_by_its_exact_undo, ()) {
  const World world = any_world();
  const Action action = any_action();
  const services::Undo undo = services::undo_of(stage().context(), world, action);
  if (undo.kind != services::Undo::Class::exact) return;
  Applied now = services::run(stage().context(), world, action);
  if (now.outcome.result == Outcome::Result::opaque ||
      now.outcome.result == Outcome::Result::refused) {
    return;
  }
  for (const Action& back : undo.actions) {
    RC_LOG() << action.label << " undone by " << back.verb << '\n';
    now = services::run(stage().context(), now.world, back);
    RC_LOG() << now.outcome.message << '\n';
    RC_ASSERT(now.outcome.result != Outcome::Result::refused);
  }
  RC_LOG() << action.label << '\n';
  const std::vector<std::string> differences = essential_differences(world, now.world);
  for (const std::string& line : differences) RC_LOG() << line << '\n';
  RC_ASSERT(differences.empty());
  RC_ASSERT(services::data_of(stage().context(), world) ==
            services::data_of(stage().context(), now.world));
}

RC_GTEST_PROP(EveryAction, is_the_sum_of_its_parts, ()) {
  const World world = any_world();
  const Action action = any_action();
  const Context& context = stage().context();
  World in_parts = world;
  for (const Action& part : services::parts_of(context, world, action)) {
    in_parts = services::run(context, in_parts, part).world;
  }
  RC_LOG() << action.label << '\n';
  RC_ASSERT(changed_paths(in_parts, services::run(context, world, action).world).empty());
}

TEST(EveryKind, has_every_verb_in_the_plan_of_these_tests) {
  std::set<std::string> used;
  for (const model::Step& step : stage().plan().steps) {
    const std::string kind =
        step.target == model::kNone ? "manual" : stage().plan().services[step.target].kind;
    used.insert(kind + '.' + step.verb);
  }
  // The verbs that all apps have are tried on one of them.
  const model::KindSpec& app = services::find_kind("app")->spec();
  for (const services::Kind* kind : services::all_kinds()) {
    if (kind->spec().name == "postgres") continue;
    for (const model::VerbSpec& verb : kind->spec().verbs) {
      const bool common = kind->spec().has_versions && model::find_verb(app, verb.name) != nullptr;
      const std::string name = kind->spec().name + '.' + verb.name;
      EXPECT_TRUE(used.contains(name) || (common && used.contains("app." + verb.name))) << name;
      EXPECT_FALSE(verb.help.empty()) << name;
    }
  }
}

TEST(EveryKind, says_of_whatever_starts_a_stopped_app_that_it_runs_again) {
  const Context& context = stage().context();
  std::set<std::string> started;
  const auto try_step = [&](const World& before, const Action& action) {
    const World stopped =
        services::run(context, before, {action.service, "stop", {}, {}, ""}).world;
    if (services::is_running(stopped, action.service)) return;
    const Applied applied = services::run(context, stopped, action);
    if (!applied.outcome.ok() || !services::is_running(applied.world, action.service)) return;
    const std::vector<std::string> given = services::traits_of(context, action).releases;
    const std::string run = "run of " + stage().plan().services[action.service].name;
    if (!started.insert(action.label).second) return;
    EXPECT_TRUE(std::ranges::find(given, run) != given.end())
        << action.label << " does not give back the " << run;
  };
  for (const model::Step& step : stage().plan().steps) {
    const Action action = services::action_of(stage().plan(), step);
    if (action.service == model::kNone || !services::is_app(context.kind(action.service).spec()))
      continue;
    for (const model::Step& first : stage().plan().steps) {
      if (first.target != step.target) continue;
      try_step(
          services::run(context, stage().world, services::action_of(stage().plan(), first)).world,
          action);
    }
  }
  EXPECT_GT(started.size(), 30u);
}

TEST(EveryKind, gives_back_by_some_verb_what_another_takes) {
  std::set<std::string> taken;
  std::set<std::string> given;
  for (const model::Step& step : stage().plan().steps) {
    const services::Traits traits =
        services::traits_of(stage().context(), services::action_of(stage().plan(), step));
    taken.insert(traits.acquires.begin(), traits.acquires.end());
    given.insert(traits.releases.begin(), traits.releases.end());
  }
  EXPECT_GT(taken.size(), 8u);
  for (const std::string& resource : taken) EXPECT_TRUE(given.contains(resource)) << resource;
}

}  // namespace
}  // namespace backout::tests
