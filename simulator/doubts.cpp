// What takes a good end back: it rests on what nobody knows, or on what may have ended by then.
#include <algorithm>

#include <fmt/format.h>

#include "model/schedule.hpp"
#include "services/endings.hpp"
#include "services/engine_files.hpp"
#include "services/features.hpp"
#include "services/traffic.hpp"
#include "services/unsaid_caches.hpp"
#include "services/validity.hpp"
#include "simulator/cells.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {

/// A good end that rests on what nobody knows is none, with a fault or without one.
void Cells::doubt(Cell& cell, model::StepIndex step, std::string reason) {
  if (is_good(cell.fault_free) && !is_good(cell.verdict)) {
    cell.fault_free_reason = reason;
    cell.fault_free_culprit = step;
  }
  if (is_good(cell.fault_free)) cell.fault_free = Verdict::unknown;
  if (!is_good(cell.verdict)) return;
  cell.verdict = Verdict::unknown;
  cell.culprit = step;
  cell.reason = std::move(reason);
}

/// Of an app of which nobody says what runs before the deploy, nobody knows what it needs, does and
/// answers.
void Cells::doubt_starts(Cell& cell) {
  for (const model::Service& app : setting_.plan().services) {
    if (app.start != "unknown" || app.find_version("unknown") != nullptr) continue;
    doubt(cell, model::kNone,
          fmt::format("which version of '{}' runs before the deploy, the plan does not say "
                      "(`start` of '{}')",
                      app.name, app.name));
  }
}

/// Whether the older version reads what the newer one has had open, nobody knows who does not say
/// what that rewrites.
void Cells::doubt_files(Cell& cell, WorldId stopped) {
  if (!is_good(cell.verdict) && !is_good(cell.fault_free)) return;
  Worlds& worlds = setting_.worlds();
  const model::Plan& plan = setting_.plan();
  const std::vector<Task>& tasks = setting_.books().paths[cell.path].tasks;
  const auto first = [&](model::ServiceIndex service, const auto& does) {
    return std::ranges::find_if(tasks, [&](const Task& task) {
      return std::ranges::any_of(task.actions, [&](ActionId id) {
        return worlds.action(id).service == service &&
               does(services::traits_of(worlds.context(), worlds.action(id)));
      });
    });
  };
  for (model::ServiceIndex store = 0; store < plan.services.size(); ++store) {
    const model::ServiceIndex app = services::engine_of(plan, store);
    if (app == model::kNone || services::says_what_it_rewrites(plan.services[app])) continue;
    const auto live = [&](WorldId world) {
      return worlds.context().kind(app).live_versions(worlds.context(), worlds.world(world), app);
    };
    const std::vector<std::string> newer = live(stopped);
    if (newer.empty() || newer == live(Worlds::start())) continue;
    const auto restore = first(
        store, [](const services::Traits& traits) { return !traits.restores_backup.empty(); });
    const auto change =
        first(app, [](const services::Traits& traits) { return traits.changes_version; });
    if (restore != tasks.end() || change == tasks.end()) continue;
    return doubt(cell, change->step,
                 fmt::format("whether {} of '{}' rewrote the files of '{}', which the older "
                             "version reads, nobody says",
                             newer.front(), plan.services[app].name, plan.services[store].name));
  }
}

/// What a copy of a configuration held that was made before the deploy began, nobody knows: it
/// counts as what is there now.
void Cells::doubt_copies(Cell& cell, WorldId stopped) {
  if (!is_good(cell.verdict) && !is_good(cell.fault_free)) return;
  const Worlds& worlds = setting_.worlds();
  const model::Plan& plan = setting_.plan();
  if (worlds.world(stopped) == worlds.world(Worlds::start())) return;
  for (const Task& task : setting_.books().paths[cell.path].tasks) {
    for (const ActionId id : task.actions) {
      const services::Action& action = worlds.action(id);
      if (action.service == model::kNone ||
          !services::features_of(worlds.context().kind(action.service)).is_configuration)
        continue;
      const std::string name = services::traits_of(worlds.context(), action).restores_backup;
      const auto old = std::ranges::find_if(plan.backups, [&](const model::Backup& backup) {
        return backup.name == name && backup.of == action.service && backup.age &&
               (backup.age->unknown || backup.age->high_ms > 0);
      });
      if (name.empty() || old == plan.backups.end()) continue;
      return doubt(
          cell, task.step,
          fmt::format("'{}' is {} old, and whether '{}' was the same then, the plan does not say",
                      name, old->age->unknown ? "nobody knows how" : model::to_string(*old->age),
                      plan.services[action.service].name));
    }
  }
}

/// A step that ran, or runs on the path, and of which the plan says that nobody knows how long it
/// takes (`takes: unknown`, `for: unknown`); kNone: there is none.
model::StepIndex Cells::untold_step(const Interruption& row, const Playbook& path) const {
  const model::Plan& plan = setting_.plan();
  const auto is_untold = [&](model::StepIndex step) {
    const model::Step& each = plan.steps[step];
    return (each.takes && each.takes->unknown) || each.args.is_unknown("for");
  };
  const std::vector<Task>& tasks = setting_.books().deploy.tasks;
  StepSet done;
  for (const model::StepIndex step : row.done) {
    done.set(step);
    if (is_untold(step)) return step;
  }
  for (model::StepIndex step = 0; step < tasks.size(); ++step) {  // what came next was under way
    if (!done.test(step) && (tasks[step].before & ~done).none() && is_untold(step)) return step;
  }
  const auto on_path = std::ranges::find_if(
      path.tasks, [&](const Task& task) { return !task.derived && is_untold(task.step); });
  return on_path == path.tasks.end() ? model::kNone : on_path->step;
}

/// The longest time from the end of deploy step `since` (kNone: from the begin of the deploy) to
/// where it stopped: the step that came next was under way, and failed at its end.
std::int64_t Cells::elapsed_ms(const Interruption& row, model::StepIndex since) const {
  const model::Plan& plan = setting_.plan();
  const std::vector<Task>& tasks = setting_.books().deploy.tasks;
  // What must have ended before `since` began; what runs beside it may have gone on long after it.
  StepSet ahead;
  if (since != model::kNone) ahead.set(since);
  for (StepSet grown; grown != ahead;) {
    grown = ahead;
    for (model::StepIndex step = 0; step < tasks.size(); ++step) {
      if (grown.test(step)) ahead |= tasks[step].before;
    }
  }
  StepSet done;
  model::RollbackPath ran;
  for (const model::StepIndex step : row.done) {
    done.set(step);
    if (!ahead.test(step)) ran.steps.push_back(step);
  }
  std::int64_t next = 0;
  for (model::StepIndex step = 0; step < tasks.size(); ++step) {
    if (!done.test(step) && (tasks[step].before & ~done).none())
      next = std::max(next, model::schedule_step(plan, step).high_ms);
  }
  return model::schedule_path(plan, ran).high_ms + next;
}

/// The path from here on, when nothing fails and nobody writes.
Log Cells::plain_run(RunState now) {
  Log log;
  now.faults_left = 0;
  now.traffic_left = 0;
  const std::size_t most = 2 * setting_.books().paths[now.path].tasks.size();
  for (std::size_t steps = 0; steps <= most && now.phase == Phase::running; ++steps) {
    ReplayChooser plain({});
    now = search_.runner().next(now, plain, &log);
  }
  return log;
}

/// What ends by itself may have ended where the path is through: the search has no clock, but the
/// plan says how long it takes.
void Cells::doubt_ended(Cell& cell, const Log& run, const Log& deploy) {
  if (!any_endings_ || (!is_good(cell.verdict) && !is_good(cell.fault_free))) return;
  const services::Context& context = setting_.worlds().context();
  const model::Plan& plan = setting_.plan();
  const Interruption& row = deploys_.interruptions()[cell.interruption];
  const Playbook& path = setting_.books().paths[cell.path];
  const auto gone = [&](model::StepIndex since, std::int64_t lasts_ms) {
    const model::StepIndex untold = untold_step(row, path);
    if (untold != model::kNone) {
      any_ended_ = true;
      return fmt::format("how long '{}' takes, the plan does not say", plan.steps[untold].id);
    }
    const std::int64_t high = elapsed_ms(row, since) + cell.time_high_ms;
    if (high <= lasts_ms) return std::string();
    any_ended_ = true;
    return fmt::format("up to {} pass from there to the end of '{}'",
                       model::format_range_ms(high, high), path.name);
  };
  std::vector<services::Counted> brought;
  const Worlds& worlds = setting_.worlds();
  for (const Event& event : run) {
    const model::StepIndex step = plan.find_step(step_of(event.step));
    if (event.from == event.to || step == model::kNone) continue;
    for (const services::Counted& each :
         services::newly_counted_on(context, worlds.world(event.from), worlds.world(event.to))) {
      brought.push_back(each);
      const auto at = services::ends_after(plan.services[each.first], each.second);
      const std::string late = at ? gone(model::kNone, at->low_ms) : std::string();
      if (late.empty()) continue;
      return doubt(
          cell, step,
          fmt::format("'{}' of '{}' ends {} after the begin of the deploy, and {}: it may have "
                      "ended by then",
                      each.second, plan.services[each.first].name, services::length_in_words(*at),
                      late));
    }
  }
  for (const Event& event : deploy) {
    const model::StepIndex step = event.actor == TraceLine::Actor::deploy
                                      ? plan.find_step(step_of(event.step))
                                      : model::kNone;
    if (step == model::kNone || plan.steps[step].target == model::kNone) continue;
    const services::Traits traits =
        services::traits_of(context, services::action_of(plan, plan.steps[step]));
    if (traits.expires.empty()) continue;
    const services::Counted former = services::former_of(plan, step, worlds.world(event.from));
    const bool relies =
        std::ranges::any_of(path.tasks,
                            [&](const Task& task) {
                              return task.derived ? task.step == step
                                                  : services::is_way_back_of(plan, step, task.step);
                            }) ||
        std::ranges::find(brought, former) != brought.end();
    const std::string late = relies ? gone(step, traits.expires_low_ms) : std::string();
    if (late.empty()) continue;
    return doubt(
        cell, step,
        fmt::format("after '{}' {}, and {}: what the way back needs may have ended by then",
                    plan.steps[step].id, traits.expires, late));
  }
}

/// Points that the deploy made anew beside a new version may be of its model: whether the version
/// that a path brings back finds anything in them, nobody says.
void Cells::doubt_points(Cell& cell, const Log& deploy) {
  if (!is_good(cell.verdict) && !is_good(cell.fault_free)) return;
  const model::Plan& plan = setting_.plan();
  const auto traits_of = [&](model::StepIndex step) {
    return services::traits_of(setting_.worlds().context(),
                               services::action_of(plan, plan.steps[step]));
  };
  const auto renews = [&](const Task& task, model::ServiceIndex store) {
    if (task.derived || plan.steps[task.step].target != store) return false;
    const services::Traits traits = traits_of(task.step);
    return traits.makes_anew || !traits.restores_backup.empty();
  };
  const std::vector<Task>& tasks = setting_.books().paths[cell.path].tasks;
  for (const Event& event : deploy) {
    const model::StepIndex step = event.actor == TraceLine::Actor::deploy
                                      ? plan.find_step(step_of(event.step))
                                      : model::kNone;
    const model::ServiceIndex store = step == model::kNone ? model::kNone : plan.steps[step].target;
    if (store == model::kNone || !traits_of(step).makes_anew) continue;
    if (std::ranges::any_of(tasks, [&](const Task& task) { return renews(task, store); })) continue;
    const auto back = std::ranges::find_if(tasks, [&](const Task& task) {
      const model::ServiceIndex app = plan.steps[task.step].target;
      return app != model::kNone && services::works_on(plan, app, store) &&
             traits_of(task.step).changes_version;
    });
    if (back == tasks.end()) continue;
    return doubt(
        cell, step,
        fmt::format("whether what '{}' made anew is what the version of '{}' before it searches, "
                    "nobody says",
                    plan.steps[step].id, plan.services[plan.steps[back->step].target].name));
  }
}

/// What caches keep of which the plan speaks and which it does not declare, nobody knows: a probe
/// asks what stands behind them.
void Cells::doubt_caches(Cell& cell, const Log& run) {
  if (!any_caches_ || (!is_good(cell.verdict) && !is_good(cell.fault_free))) return;
  const model::Plan& plan = setting_.plan();
  const Worlds& worlds = setting_.worlds();
  for (auto event = run.begin(); event != run.end(); ++event) {
    const model::StepIndex step = plan.find_step(step_of(event->step));
    if (step == model::kNone || event->from == event->to) continue;
    const std::string left =
        services::left_in_caches(worlds.context(), worlds.world(event->from),
                                 worlds.world(event->to), plan.steps[step].target);
    if (left.empty()) continue;
    const bool purged = std::any_of(event, run.end(), [&](const Event& later) {
      const model::StepIndex each = plan.find_step(step_of(later.step));
      return each != model::kNone && services::purges_in_words(plan.steps[each]);
    });
    if (purged) continue;
    return doubt(
        cell, step,
        fmt::format("behind '{}' edges and browsers may go on with {}, and the plan does not say",
                    plan.steps[step].id, left));
  }
}

namespace {

/// Whether a check is undecided because the plan says `unknown` of what an app answers, or of what
/// live traffic needs. (One against an unknown fact decides nothing.)
bool asks_for_unknown(const model::Check& check, const services::CheckResult& result) {
  if (result.value != services::CheckResult::Value::unknown) return false;
  return check.type == model::Check::Type::metric
             ? result.why.find("the plan does not say") != std::string::npos
             : result.why.ends_with("' is unknown");
}

}  // namespace

/// A check of the path that asks for what the plan calls `unknown` may fail as well, and then
/// nobody goes on.
void Cells::doubt_checks(Cell& cell, const Log& run) {
  if (!any_unsaid_ || (!is_good(cell.verdict) && !is_good(cell.fault_free))) return;
  const model::Plan& plan = setting_.plan();
  for (const Event& event : run) {
    const model::StepIndex step = plan.find_step(step_of(event.step));
    if (event.actor != TraceLine::Actor::rollback || step == model::kNone) continue;
    for (const model::Check& check : plan.steps[step].verify) {
      const services::CheckResult& result = setting_.worlds().check(event.to, check);
      if (!asks_for_unknown(check, result)) continue;
      return doubt(cell, step,
                   fmt::format("whether the check of '{}' passes, nobody knows: {}{}",
                               plan.steps[step].id, result.why,
                               check.type == model::Check::Type::metric || check.services.empty()
                                   ? ""
                                   : fmt::format(" (`answers` of '{}')",
                                                 plan.services[check.services.front()].name)));
    }
  }
}

}  // namespace backout::simulator
