#include "simulator/cells.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/objective.hpp"
#include "services/app.hpp"
#include "services/downtime.hpp"
#include "services/endings.hpp"
#include "services/unknown_args.hpp"
#include "services/unsaid_caches.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {
namespace {

using Actor = TraceLine::Actor;

/// Why the path misses an objective of the plan; empty: it does not, or not for certain.
std::string too_slow(const services::Context& context, const services::World& start,
                     const model::RollbackPath& path) {
  const model::Plan& plan = context.plan();
  const model::Schedule whole = model::schedule_path(plan, path);
  for (const model::Objective& objective : model::objectives_of(plan, path)) {
    const model::Schedule schedule = services::schedule_for(context, start, path, objective, whole);
    const auto time = model::phase_time(plan, schedule, objective.phase);
    if (!time) continue;
    const model::Fit fit = model::fit(*time, schedule.strict, objective.limit);
    if (fit != model::Fit::worst_case && fit != model::Fit::never) continue;
    return fmt::format("it {} {}, the objective ({}) is {}",
                       services::is_downtime(objective) ? "keeps users out for" : "takes",
                       model::format_range_ms(time->low_ms, time->high_ms), objective.phase,
                       model::to_string(objective.limit));
  }
  return {};
}

}  // namespace

Cells::Cells(Setting& setting, Search& search, const Deploys& deploys, std::int64_t faults)
    : setting_(setting),
      search_(search),
      deploys_(deploys),
      silence_(setting),
      faults_(faults),
      any_caches_(services::has_unsaid_caches(setting.plan())),
      any_unsaid_(services::says_unknown(setting.plan())),
      any_endings_(services::has_endings(setting.worlds().context())) {
  const Worlds& worlds = setting.worlds();
  for (const model::RollbackPath& path : setting.plan().paths)
    slow_.push_back(too_slow(worlds.context(), worlds.world(Worlds::start()), path));
}

bool is_offered(const Setting& setting, const Interruption& row, const Playbook& path) {
  if (path.from.empty()) return true;
  const model::Plan& plan = setting.plan();
  const auto named = [&](model::StepIndex step) {
    return std::ranges::find(path.from, plan.steps[step].id) != path.from.end();
  };
  if (row.done.empty() && !row.half)
    return std::ranges::find(path.from, "before") != path.from.end();
  StepSet followed;
  for (const model::StepIndex step : row.done)
    followed |= setting.books().deploy.tasks[step].before;
  return (row.half && named(*row.half)) ||
         std::ranges::any_of(
             row.done, [&](model::StepIndex step) { return !followed.test(step) && named(step); });
}

std::optional<RunState> begin_at(const Deploys& deploys, Runner& runner, std::size_t stop,
                                 model::PathIndex path, std::int64_t faults) {
  const std::size_t traffic = faults > 0 ? kTrafficWithFaults : kTrafficPlain;
  const DeployState& state = deploys.state(stop);
  if ((state.faulted && faults == 0) || deploys.traffic(stop) > traffic) return std::nullopt;
  RunState run = deploys.run_from(stop);
  run.traffic_left =
      static_cast<std::uint8_t>(deploys.has_traffic() ? traffic - deploys.traffic(stop) : 0);
  run.faults_left = static_cast<std::uint8_t>(faults - (state.faulted ? 1 : 0));
  const RunState begun = runner.begin(path, run);
  return deploys.concerns(stop, begun) ? std::optional(begun) : std::nullopt;
}

Cells::Worst Cells::worst(std::size_t row, model::PathIndex path, bool with_faults) {
  Worst found;
  for (const std::size_t stop : deploys_.stops(row)) {
    const std::optional<RunState> start =
        begin_at(deploys_, search_.runner(), stop, path, with_faults ? faults_ : 0);
    if (!start) continue;
    const Value value = search_.worst(*start);
    const std::size_t length = deploys_.depth(stop) + value.length;
    const Verdict verdict = value.judgement.verdict;
    // A run in which the new version is well says more: that it is sick explains nothing then.
    const bool sick = deploys_.state(stop).sick != DeployState::kNobody;
    const bool plainer = verdict == found.judgement.verdict &&
                         std::pair(sick, length) < std::pair(found.sick, found.length);
    if (!found.any || is_worse(verdict, found.judgement.verdict) || plainer)
      found = {value.judgement, stop, length, *start, sick, true};
  }
  return found;
}

std::vector<model::StepIndex> Cells::working_order(std::size_t row, const Worst& worst) {
  const model::PathIndex path = worst.start.path;
  std::vector<RunState> starts = {worst.start};
  for (const std::size_t stop : deploys_.stops(row)) {
    const std::optional<RunState> start = begin_at(deploys_, search_.runner(), stop, path, 0);
    if (start && stop != worst.stop) starts.push_back(*start);
  }
  std::vector<model::StepIndex> steps;
  for (const std::size_t task : simulator::working_order(setting_, path, starts))
    steps.push_back(setting_.books().paths[path].tasks[task].step);
  return steps;
}

Cell Cells::judge(std::size_t row, model::PathIndex path) {
  const Playbook& book = setting_.books().paths[path];
  Cell cell;
  cell.interruption = row;
  cell.path = path;
  time(cell, book);
  cell.applicable = is_offered(setting_, deploys_.interruptions()[row], book);
  if (!cell.applicable) {
    cell.reason = "the plan does not offer this path from here";
    return cell;
  }
  if (path < setting_.plan().paths.size() && book.tasks.empty()) {
    // A path without steps is a promise: whatever it would come to, nobody can say.
    cell.verdict = cell.fault_free = Verdict::unknown;
    cell.reason = fmt::format("nobody wrote down the steps of '{}'", book.name);
    cell.time_unknown = true;
    return cell;
  }
  const Worst plain = worst(row, path, false);
  const Worst faulty = faults_ > 0 ? worst(row, path, true) : plain;
  cell.fault_free = plain.judgement.verdict;
  const bool faults_matter = is_worse(faulty.judgement.verdict, plain.judgement.verdict);
  cell.verdict = faults_matter ? faulty.judgement.verdict : plain.judgement.verdict;
  explain(cell, !is_good(plain.judgement.verdict) || !faults_matter ? plain : faulty);
  if (is_worse(cell.fault_free, Verdict::too_slow)) cell.working_order = working_order(row, plain);
  // Where nothing was changed there is nothing to take back, and nobody waits for it.
  if (path < setting_.plan().paths.size() && !is_unchanged(row)) add_time(cell, slow_[path]);
  return cell;
}

bool Cells::is_unchanged(std::size_t row) const {
  const Worlds& worlds = setting_.worlds();
  return std::ranges::all_of(deploys_.stops(row), [&](std::size_t stop) {
    return services::differences(worlds.context(), worlds.world(Worlds::start()),
                                 worlds.world(deploys_.state(stop).world), {})
        .empty();
  });
}

void Cells::add_time(Cell& cell, const std::string& slow) {
  if (slow.empty()) return;
  if (!is_worse(Verdict::too_slow, cell.fault_free)) return;
  const auto besides = [&](const std::string& reason) {
    return cell.fault_free == Verdict::unknown ? fmt::format("{}; besides, {}", slow, reason)
                                               : slow;
  };
  if (is_worse(Verdict::too_slow, cell.verdict)) {
    cell.reason = besides(cell.reason);
    cell.verdict = Verdict::too_slow;
  } else if (is_good(cell.fault_free) || !cell.fault_free_reason.empty()) {
    cell.fault_free_reason = besides(cell.fault_free_reason);
    cell.fault_free_culprit = model::kNone;
  } else {
    cell.reason = besides(cell.reason);  // it was about the end without a fault
  }
  cell.fault_free = Verdict::too_slow;
  cell.unsaid_traffic = false;
}

void Cells::explain(Cell& cell, const Worst& worst) {
  Log log = deploys_.log(worst.stop);
  const WorldId stopped = deploys_.state(worst.stop).world;
  log.push_back({Actor::interruption, "", deploys_.interruptions()[cell.interruption].label,
                 stopped, stopped});
  const RunState last = search_.replay(worst.start, log);
  listen(cell, worst, log);
  const Verdict verdict = worst.judgement.verdict;
  if (cell.unsaid_traffic && cell.fault_free_reason.empty()) return;
  doubt_starts(cell);
  doubt_files(cell, stopped);
  doubt_copies(cell, stopped);
  if (any_endings_ || any_caches_ || any_unsaid_) {
    const Log run = plain_run(worst.start);
    doubt_ended(cell, run, log);
    doubt_caches(cell, run);
    doubt_checks(cell, run);
  }
  doubt_points(cell, log);
  if (is_good(verdict) && !is_good(cell.verdict)) return;
  if (verdict == Verdict::unknown && last.opaque)
    cell.if_works = search_.judge().end_as_read(last).verdict;
  if (is_good(verdict) && verdict != Verdict::restored)
    cell.residue = search_.judge().residue(last);
  if (is_good(verdict)) return;
  cell.reason = setting_.worlds().text(worst.judgement.why) + sickness(worst);
  cell.culprit = culprit(log, last, verdict);
  if (verdict == Verdict::data_lost)
    cell.lost = search_.judge().losses(last, setting_.books().paths[cell.path]);
  if (verdict == Verdict::incompatible) cell.reason += window(last, cell.culprit);
  log.push_back({verdict == Verdict::incompatible ? Actor::check : Actor::end, "", cell.reason,
                 last.world, last.world});
  lines(cell, log);
}

/// What the reason leaves out where the run is one of a sick new version; else empty.
std::string Cells::sickness(const Worst& worst) const {
  if (!worst.sick) return {};
  const Worlds& worlds = setting_.worlds();
  const DeployState& stop = deploys_.state(worst.stop);
  const std::string why =
      services::why_unhealthy(worlds.context(), worlds.world(stop.world), stop.sick);
  const bool is_said = worlds.text(worst.judgement.why).find(why) != std::string::npos;
  return is_said ? std::string() : fmt::format(", while {}", why);
}

/// A good end is one only if nobody does anything that the plan says nothing of.
void Cells::listen(Cell& cell, const Worst& worst, const Log& log) {
  const auto unsaid =
      silence_.heard(deploys_.interruptions()[cell.interruption], setting_.books().paths[cell.path],
                     search_.runner().left_out(worst.start), log);
  if (!unsaid) return;
  cell.unsaid_traffic = is_good(cell.fault_free);
  doubt(cell, cell.culprit, silence_.why(*unsaid));
}

bool Cells::makes_it_so(const Event& event, const RunState& last, Verdict verdict) {
  if (event.from == event.to) return false;
  if (verdict == Verdict::incompatible) {
    const OperationId operation =
        search_.judge().refused(last.world, last.phase == Phase::ended ? 0 : last.broken);
    return operation != kNoId && setting_.refusal(event.from, operation).empty();
  }
  if (verdict == Verdict::data_lost) {
    const std::vector<Setting::Lost> lost = setting_.lost(last.expected, last.world);
    const Sets::Members& before = setting_.worlds().data(event.from);
    const Sets::Members& after = setting_.worlds().data(event.to);
    return std::ranges::any_of(lost, [&](const Setting::Lost& each) {
      return std::ranges::binary_search(before, each.datum) &&
             !std::ranges::binary_search(after, each.datum);
    });
  }
  return search_.judge().adds_difference(event.from, event.to, last);
}

model::StepIndex Cells::culprit(const Log& log, const RunState& last, Verdict verdict) {
  const model::Plan& plan = setting_.plan();
  if (last.phase == Phase::stuck) return setting_.books().paths[last.path].tasks[last.task].step;
  model::StepIndex latest = model::kNone;
  model::StepIndex opaque = model::kNone;  // the first one
  for (std::size_t i = log.size(); i-- > 0;) {
    const std::string id = step_of(log[i].step);
    const model::StepIndex step = plan.find_step(id);
    if (step == model::kNone || log[i].actor == Actor::traffic) continue;
    if (latest == model::kNone) latest = step;
    if (log[i].attempt && setting_.worlds().opaque().contains(id)) opaque = step;
    if (verdict != Verdict::unknown && makes_it_so(log[i], last, verdict)) return step;
  }
  return verdict == Verdict::unknown && opaque != model::kNone ? opaque : latest;
}

void Cells::lines(Cell& cell, const Log& log) {
  const Worlds& worlds = setting_.worlds();
  for (const Event& event : log) {
    TraceLine line{event.actor, event.step, event.text, {}};
    if (event.from != event.to) {
      line.changes = services::differences(worlds.context(), worlds.world(event.from),
                                           worlds.world(event.to), {}, false);
    }
    cell.counterexample.push_back(std::move(line));
  }
}

std::string Cells::window(const RunState& from, model::StepIndex culprit) {
  const OperationId operation =
      search_.judge().refused(from.world, from.phase == Phase::ended ? 0 : from.broken);
  if (operation == kNoId) return {};
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool known = true;
  const auto add = [&](model::StepIndex index) {
    const model::Schedule step = model::schedule_step(setting_.plan(), index);
    low += step.low_ms;
    high += step.high_ms;
    known = known && step.unestimated.empty();
  };
  // From the begin of the step that breaks it, because nobody knows when in the step it breaks.
  if (culprit != model::kNone && setting_.plan().steps[culprit].in_rollback) add(culprit);
  RunState now = from;
  const std::size_t most = 2 * setting_.books().paths[from.path].tasks.size();
  for (std::size_t steps = 0; steps <= most && now.phase == Phase::running; ++steps) {
    if (setting_.refusal(now.world, operation).empty()) {
      if (!known && high == 0) return "; how long this lasts, the plan does not say";
      return fmt::format("; this lasts {}{}", model::format_range_ms(low, high),
                         known ? "" : " and what is not estimated");
    }
    const RunState before = now;
    ReplayChooser plain({});
    now.faults_left = 0;
    now = search_.runner().next(now, plain, nullptr);
    for (std::size_t i = 0; i < kMaxSteps; ++i) {
      if (!now.ended.test(i) || before.ended.test(i)) continue;
      add(setting_.books().paths[now.path].tasks[i].step);
    }
  }
  return "; no later step of the path mends it";
}

void Cells::time(Cell& cell, const Playbook& path) {
  const model::Plan& plan = setting_.plan();
  if (cell.path >= plan.paths.size()) {
    cell.time_unknown = !path.tasks.empty();  // derived undos have no estimates
    return;
  }
  // Steps that have nothing to take back from here take no time, and an optional one may be left
  // out.
  RunState start = deploys_.run_from(deploys_.stops(cell.interruption).front());
  const StepSet left_out = search_.runner().left_out(search_.runner().begin(cell.path, start));
  model::RollbackPath all = plan.paths[cell.path];
  model::RollbackPath least = all;
  all.steps.clear();
  least.steps.clear();
  for (std::size_t i = 0; i < path.tasks.size(); ++i) {
    if (left_out.test(i)) continue;
    all.steps.push_back(path.tasks[i].step);
    if (!plan.steps[path.tasks[i].step].optional) least.steps.push_back(path.tasks[i].step);
  }
  const model::Schedule schedule = model::schedule_path(plan, all);
  cell.time_low_ms = model::phase_time(plan, model::schedule_path(plan, least), "total")->low_ms;
  cell.time_high_ms = model::phase_time(plan, schedule, "total")->high_ms;
  cell.time_unknown = !schedule.unestimated.empty();
}

}  // namespace backout::simulator
