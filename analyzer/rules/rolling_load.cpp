#include "analyzer/rules/rolling_load.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "services/app.hpp"
#include "services/room.hpp"

namespace backout::analyzer {

namespace {

constexpr std::int64_t kAll = 100;

/// Who sends users to an app, or is asked itself.
struct Asked {
  std::int64_t percent = 0;           ///< of all users
  std::optional<std::int64_t> bears;  ///< with all instances, in percent of all users
};

/// The largest share of users that comes to the app in this world; nullopt: no service of the plan
/// sends any, and it does not say what it bears.
std::optional<Asked> asked(const model::Plan& plan, const services::World& world,
                           model::ServiceIndex app) {
  std::optional<Asked> most;
  for (model::ServiceIndex router = 0; router < plan.services.size(); ++router) {
    for (const Side& side : sides_of(plan, router)) {
      const std::int64_t percent = side.app == app ? weight_of(world, router, side) : 0;
      if (percent > 0 && (!most || percent > most->percent))
        most = Asked{percent, services::bears(plan.services[router], side.name)};
    }
  }
  const std::optional<std::int64_t> own = plan.services[app].fields.integer("bears");
  return most || !own ? most : std::optional(Asked{kAll, own});
}

/// Whether something about the app must hold at any moment.
bool must_always_serve(const model::Plan& plan, model::ServiceIndex app) {
  return std::ranges::any_of(plan.invariants, [&](const model::Invariant& invariant) {
    return invariant.always && contains(invariant.check.services, app);
  });
}

bool replaces(const Replayed& replayed, model::ServiceIndex app) {
  if (!services::is_running(replayed.before, app) || !services::is_running(replayed.after, app))
    return false;
  const services::Record& before = replayed.before.record(app);
  const services::Record& after = replayed.after.record(app);
  return before.get("version") != after.get("version") || after.has("rolling");
}

std::string left_in_words(const services::RoomLeft& left, bool is_counted) {
  if (left.room.serving == 0) return "nothing";
  return is_counted ? fmt::format("{} of {} instances", left.room.serving, left.of)
                    : fmt::format("{}%", left.room.serving * kAll / left.of);
}

}  // namespace

void check_rolling_load(const Facts& facts, const Run& run, const Replayed& replayed,
                        std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (model::ServiceIndex app = 0; app < plan.services.size(); ++app) {
    if (!services::is_app(facts.context.kind(app).spec()) || !replaces(replayed, app)) continue;
    const auto left = services::room_left(facts.context, replayed.before, app);
    if (!left) continue;
    auto users = asked(plan, replayed.before, app);
    if (!users && left->room.serving == 0 && must_always_serve(plan, app))
      users = Asked{kAll, std::nullopt};
    if (!users) continue;
    const bool fits = users->bears ? users->percent * left->of <= *users->bears * left->room.serving
                                   : left->of <= kMostLoad * left->room.serving;
    if (fits) continue;
    const bool is_counted = services::instances_of(plan, replayed.before, app).has_value();
    const bool certain =
        !left->room.starts_beside && (users->bears.has_value() || run.path != model::kNone);
    findings.push_back(about_step(
        plan, replayed.step, certain ? model::Severity::error : model::Severity::warning,
        fmt::format("while '{}' replaces the instances of '{}', {} {} left for {}% of the users{} "
                    "({})",
                    plan.steps[replayed.step].id, plan.services[app].name,
                    left_in_words(*left, is_counted),
                    left->room.starts_beside               ? "may be"
                    : is_counted && left->room.serving > 1 ? "are"
                                                           : "is",
                    users->percent,
                    users->bears ? fmt::format(", and all of them bear {}%", *users->bears) : "",
                    run.name)));
    findings.back().fix =
        "let more of them serve meanwhile, or start the new ones beside them (ECS "
        "`maximum_percent: 200`; `max_unavailable: 0`; a deployment configuration in shares); "
        "leave the number of pods out of a chart whose pods "
        "something else scales";
  }
}

}  // namespace backout::analyzer
