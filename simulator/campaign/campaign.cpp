#include "simulator/campaign/campaign.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "model/objective.hpp"
#include "model/rate.hpp"
#include "services/downtime.hpp"
#include "services/residue.hpp"
#include "simulator/cells.hpp"

namespace backout::simulator {
namespace {

/// A course of more states is forgotten and grows anew.
constexpr std::size_t kMostStates = 3'000'000;

std::vector<Fault> faults_of(const model::Plan& plan, const CampaignOptions& options) {
  std::vector<std::string> unknown;
  return fault_set(options.fault_kinds.empty() ? plan.limits.fault_kinds : options.fault_kinds,
                   unknown);
}

bool is_met(const model::Objective& objective, std::int64_t time_ms) {
  return time_ms < objective.limit.high_ms ||
         (time_ms == objective.limit.high_ms && !objective.limit.strict);
}

std::uint64_t failure_key(model::PathIndex path, Verdict verdict, TextId why) {
  return std::uint64_t{path} << 40 | static_cast<std::uint64_t>(verdict) << 32 | why;
}

}  // namespace

/// What chance gave a run.
struct Campaign::Drawn {
  std::uint64_t run = 0;
  std::size_t row = 0;
  std::size_t stop = 0;
  model::PathIndex path = 0;
  std::uint8_t faults = 0;
  std::uint32_t kinds = 0;
  std::uint32_t earlier = 0;  ///< bit per Fault: those that fired before the rollback began
  std::int64_t detect_ms = 0;
  std::int64_t decide_ms = 0;

  bool may(Fault fault) const {
    return faults > std::popcount(earlier) && (kinds >> static_cast<unsigned>(fault) & 1U) != 0;
  }
  void fire(Fault fault) { earlier |= 1U << static_cast<unsigned>(fault); }
  /// What is left of the budget that the state where the rollback begins allows.
  FaultScript script(std::uint8_t left) const {
    const int used = std::popcount(earlier);
    return {static_cast<std::uint8_t>(left > used ? left - used : 0), kinds};
  }
};

Campaign::Campaign(const services::Context& context, const services::World& start,
                   const CampaignOptions& options)
    : faults_(options.faults >= 0 ? options.faults : context.plan().limits.faults),
      seed_(options.seed),
      worlds_(context, start),
      setting_(worlds_, faults_of(context.plan(), options)),
      course_(setting_),
      deploys_(setting_, course_.runner(), faults_ > 0),
      timing_(timing_of(context.plan(), setting_.books())),
      walker_(setting_, course_, timing_),
      triggers_(setting_) {
  for (const Fault fault : setting_.faults()) kinds_ |= 1U << static_cast<unsigned>(fault);
  impossible_ = setting_.books().too_large;
  worlds_.require(options.predicates);
  if (impossible_.empty()) prepare();
}

void Campaign::prepare() {
  deploys_.explore();
  const std::vector<Playbook>& books = setting_.books().paths;
  const std::size_t rows = deploys_.interruptions().size();
  offered_.resize(rows);
  rows_.resize(books.size());
  for (auto& stops : stops_) stops.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::size_t stop : deploys_.stops(row)) {
      if (deploys_.state(stop).sick != DeployState::kNobody)
        continue;  // changes no time: the search looks at it
      for (const std::int64_t faults : {0, 1}) {
        if (books.empty() || !begin_at(deploys_, course_.runner(), stop, 0, faults)) continue;
        stops_[static_cast<std::size_t>(faults)][row].push_back(stop);
      }
    }
    for (model::PathIndex path = 0; path < books.size(); ++path) {
      if (!is_offered(setting_, deploys_.interruptions()[row], books[path])) continue;
      offered_[row].push_back(path);
      rows_[path].push_back(row);
    }
  }
  for (model::PathIndex path = 0; path < books.size(); ++path) {
    if (!rows_[path].empty()) paths_.push_back(path);
    const bool written = path < setting_.plan().paths.size();
    objectives_.push_back(written
                              ? model::objectives_of(setting_.plan(), setting_.plan().paths[path])
                              : std::vector<model::Objective>{});
    std::erase_if(objectives_.back(), [](const model::Objective& each) {
      return each.limit.unknown || services::is_downtime(each);
    });
  }
  if (paths_.empty()) impossible_ = "no rollback path is offered anywhere";
}

Tally Campaign::blank() const {
  Tally tally;
  tally.paths.resize(setting_.books().paths.size());
  for (std::size_t path = 0; path < tally.paths.size(); ++path) {
    tally.paths[path].critical.resize(setting_.books().paths[path].tasks.size());
    tally.paths[path].in_time.resize(objectives_.empty() ? 0 : objectives_[path].size());
    tally.paths[path].in_time_with_faults = tally.paths[path].in_time;
  }
  tally.decisions.by_rule.resize(setting_.plan().decisions.rules.size());
  if (faults_ > 0) {
    for (const Fault fault : setting_.faults()) tally.faults[to_string(fault)] = 0;
  }
  return tally;
}

bool Campaign::choose_path(Draws& draws, Drawn& drawn, DecisionTally* decisions) {
  // Every other run asks the decision table; the rest give each path its share, whatever the table
  // says.
  if (!triggers_.any() || draws.coin()) {
    drawn.path = paths_[draws.below(paths_.size())];
    const std::vector<std::size_t>& rows = rows_[drawn.path];
    drawn.row = rows[draws.below(rows.size())];
    return true;
  }
  drawn.row = draws.below(deploys_.interruptions().size());
  const std::vector<std::size_t>& stops = stops_[0][drawn.row];
  if (stops.empty()) return false;
  const WorldId world = deploys_.state(stops[draws.below(stops.size())]).world;
  drawn.kinds = kinds_;
  const bool blind = drawn.may(Fault::no_data) && triggers_.has_metrics() && draws.coin();
  if (blind) drawn.fire(Fault::no_data);
  const Decided decided = triggers_.decide(world, draws, blind);
  const std::vector<model::PathIndex>& offered = offered_[drawn.row];
  const bool possible = std::ranges::find(offered, decided.path) != offered.end();
  drawn.detect_ms = decided.hold_ms;
  drawn.path = decided.path;
  if (decisions == nullptr) return possible;
  ++decisions->asked;
  switch (decided.what) {
    case Decided::What::rule:
      ++decisions->by_rule[decided.rule];
      if (decided.path != model::kNone)
        ++(possible ? decisions->rolled_back : decisions->not_offered);
      break;
    case Decided::What::no_rule:
      ++decisions->no_rule;
      break;
    case Decided::What::conflict:
      ++decisions->conflict;
      break;
    case Decided::What::unknown:
      ++decisions->unknown;
      break;
  }
  return possible;
}

/// False: nobody rolls back in this run.
bool Campaign::draw(Draws& draws, Drawn& drawn, DecisionTally* decisions) {
  if (faults_ > 0 && draws.coin())
    drawn.faults = static_cast<std::uint8_t>(1 + draws.below(static_cast<std::uint64_t>(faults_)));
  if (!choose_path(draws, drawn, decisions)) return false;
  const std::vector<std::size_t>& stops = stops_[drawn.faults > 0 ? 1 : 0][drawn.row];
  if (stops.empty()) return false;
  drawn.stop = stops[draws.below(stops.size())];
  // A swarm: each run lets only some kinds come, so that none hides another (Groce et al., Swarm
  // testing, 2012).
  drawn.kinds = static_cast<std::uint32_t>(draws.next()) & kinds_;
  if (drawn.kinds == 0) drawn.kinds = kinds_;
  drawn.detect_ms += timing_.detect.draw(draws);
  drawn.decide_ms = timing_.respond.draw(draws);
  if (drawn.may(Fault::nobody) && drawn.decide_ms > 0 && draws.coin()) {
    drawn.fire(Fault::nobody);
    drawn.decide_ms *= kSlowness;
  }
  return true;
}

Course::Node Campaign::start_of(const Drawn& drawn) {
  if (course_.size() > kMostStates) {
    course_.clear();
    starts_.clear();
    lost_.clear();
  }
  const std::size_t paths = setting_.books().paths.size();
  const auto budgets = static_cast<std::size_t>(faults_) + 1;
  if (starts_.empty()) starts_.resize(deploys_.states() * paths * budgets, Course::kUnknownNode);
  Course::Node& start = starts_[(drawn.stop * paths + drawn.path) * budgets + drawn.faults];
  if (start == Course::kUnknownNode) {
    start = course_.at(*begin_at(deploys_, course_.runner(), drawn.stop, drawn.path, drawn.faults));
  }
  return start;
}

void Campaign::run(std::uint64_t first, std::uint64_t last, Tally& tally) {
  tally_ = &tally;
  fired_.fill(0);
  failures_.clear();
  for (std::uint64_t run = first; run < last; ++run) {
    Draws draws(seed_, run);
    Drawn drawn;
    drawn.run = run;
    ++tally.runs;
    const bool rolls_back = draw(draws, drawn, &tally.decisions);
    for (std::uint32_t rest = drawn.earlier; rest != 0; rest &= rest - 1) {
      ++fired_[static_cast<std::size_t>(std::countr_zero(rest))];
    }
    if (!rolls_back) continue;
    const Course::Node start = start_of(drawn);
    const std::uint8_t left = course_.state(start).faults_left;
    const WalkEnd end = walker_.run(start, drawn.script(left), draws, nullptr);
    tally.transitions += end.transitions;
    for (const Fault fault : walker_.fired()) ++fired_[static_cast<std::size_t>(fault)];
    count(drawn, end, draws);
  }
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (fired_[i] > 0) tally.faults[to_string(static_cast<Fault>(i))] += fired_[i];
  }
  Tally failures;
  for (const auto& [key, failure] : failures_) {
    const auto path = static_cast<model::PathIndex>(key >> 40);
    const auto verdict = static_cast<Verdict>(key >> 32 & 0xff);
    failures.failures[{path, verdict, worlds_.text(static_cast<TextId>(key))}] = failure;
  }
  tally.add(failures);
}

void Campaign::count(const Drawn& drawn, const WalkEnd& end, Draws& draws) {
  PathTally& path = tally_->paths[course_.info(end.node).path];
  ++path.runs;
  Verdict verdict = end.verdict;
  TextId why = end.why;
  const bool plain = walker_.fired().empty() && drawn.earlier == 0;
  if (!plain) ++path.with_faults;
  count_times(drawn, end, path, plain);
  // What a fault costs is told apart: an objective is for the normal course.
  if (plain && is_worse(Verdict::too_slow, verdict)) {
    if (const std::string slow = missed(drawn, end); !slow.empty()) {
      verdict = Verdict::too_slow;
      why = worlds_.text(slow);
    }
  }
  ++path.verdicts[static_cast<std::size_t>(verdict)];
  if (is_worse(verdict, Verdict::restored_with_residue)) {
    const auto [failure, fresh] = failures_.try_emplace(
        failure_key(course_.info(end.node).path, verdict, why), FailureTally{0, drawn.run});
    ++failure->second.count;
  }
  if (course_.info(end.node).final) count_loss(drawn, end, path, draws);
}

std::string Campaign::missed(const Drawn& drawn, const WalkEnd& end) const {
  const model::PathIndex path = course_.info(end.node).path;
  const auto times = times_of(drawn, end);
  for (const model::Objective& objective : objectives_[path]) {
    for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
      if (objective.phase != kPhases[phase] || is_met(objective, times[phase])) continue;
      return fmt::format("it takes longer than the objective ({}) of {}", objective.phase,
                         model::to_string(objective.limit));
    }
  }
  return {};
}

std::array<std::int64_t, kPhases.size()> Campaign::times_of(const Drawn& drawn,
                                                            const WalkEnd& end) {
  return {drawn.detect_ms, drawn.decide_ms, end.time_ms - end.verify_ms, end.verify_ms,
          drawn.detect_ms + drawn.decide_ms + end.time_ms};
}

void Campaign::count_times(const Drawn& drawn, const WalkEnd& end, PathTally& path, bool plain) {
  const auto times = times_of(drawn, end);
  if (plain) {
    for (std::size_t phase = 0; phase < kPhases.size(); ++phase)
      path.plain[phase].add(times[phase]);
    for (const std::uint16_t task : walker_.critical()) path.critical[task].add(times[kTotal]);
  } else {
    path.faulty.add(times[kTotal]);
  }
  std::vector<std::uint64_t>& met = plain ? path.in_time : path.in_time_with_faults;
  const std::vector<model::Objective>& objectives = objectives_[course_.info(end.node).path];
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
      if (objectives[i].phase == kPhases[phase] && is_met(objectives[i], times[phase])) ++met[i];
    }
  }
}

const std::vector<DatumId>& Campaign::lost_writes(Course::Node node) {
  const auto found = lost_.find(node);
  if (found != lost_.end()) return found->second;
  const RunState& state = course_.state(node);
  const Playbook& book = setting_.books().paths[state.path];
  std::vector<DatumId> lost;
  for (const auto& [datum, never_written] : setting_.lost(state.expected, state.world)) {
    // Nobody accepted a write that only another version would have made.
    if (never_written || setting_.sets().contains(setting_.expected_at_start(), datum)) continue;
    if (!services::is_declared(worlds_.datum(datum), book.residue)) lost.push_back(datum);
  }
  return lost_.emplace(node, std::move(lost)).first->second;
}

void Campaign::count_loss(const Drawn& drawn, const WalkEnd& end, PathTally& path, Draws& draws) {
  const std::vector<DatumId>& lost = lost_writes(end.node);
  if (lost.empty()) return;
  const auto loses = [&](SetId before, SetId after) {
    Sets::Members added;
    std::ranges::set_difference(setting_.sets()[after], setting_.sets()[before],
                                std::back_inserter(added));
    return std::ranges::any_of(
        lost, [&](DatumId datum) { return std::ranges::binary_search(added, datum); });
  };
  std::int64_t writes = 0;
  std::map<std::string, std::int64_t> oldest_ms;  // by operation
  const auto lose = [&](const std::string& operation, std::int64_t age_ms) {
    ++writes;
    std::int64_t& oldest = oldest_ms[operation];
    oldest = std::max(oldest, age_ms);
  };
  for (const Walker::ServedAt& served : walker_.served()) {
    if (!loses(course_.state(served.before).expected, course_.state(served.after).expected))
      continue;
    lose(worlds_.operation(course_.operation(served.before, served.which)).name,
         end.time_ms - served.at_ms);
  }
  const auto [found, fresh] = ways_.try_emplace(drawn.stop);
  if (fresh) found->second = way_to(deploys_, setting_.plan(), drawn.stop);
  const DeployWay& way = found->second;
  std::vector<std::int64_t> since_ms(way.steps.size() + 1,
                                     drawn.detect_ms + drawn.decide_ms + end.time_ms);
  for (std::size_t at = way.steps.size(); at-- > 0;) {
    const model::StepIndex step = way.steps[at];
    since_ms[at] =
        since_ms[at + 1] + (step < timing_.deploy.size() ? timing_.deploy[step].draw(draws) : 0);
  }
  for (const DeployWay::Write& write : way.writes) {
    if (!loses(write.before, write.after)) continue;
    const auto moments = static_cast<std::uint32_t>(write.at - write.earliest + 1);
    lose(write.operation, since_ms[write.earliest + draws.below(moments)]);
  }
  ++path.losing;
  path.lost_writes.add(writes);
  std::int64_t all_ms = 0;
  double at_rate = 0;
  bool known = true;
  for (const auto& [operation, age_ms] : oldest_ms) {
    all_ms = std::max(all_ms, age_ms);
    const std::optional<double> per_hour = rate_of(operation);
    known = known && per_hour;
    at_rate += per_hour.value_or(0) * static_cast<double>(age_ms) / 3'600'000;
  }
  path.lost_age.add(all_ms);
  if (known) path.lost_at_rate.add(std::llround(at_rate));
}

std::optional<double> Campaign::rate_of(const std::string& operation) const {
  for (OperationId id = 0; id < worlds_.operation_count(); ++id) {
    if (worlds_.operation(id).name != operation) continue;
    const auto rate = setting_.plan().workload.find(worlds_.operation(id).live.operation->name);
    return rate != setting_.plan().workload.end() ? model::per_hour(rate->second) : std::nullopt;
  }
  return std::nullopt;
}

Histogram Campaign::times_from(std::size_t row, model::PathIndex path) {
  constexpr std::uint64_t kWalks = 200;
  Histogram times;
  const bool offered = std::ranges::find(offered_[row], path) != offered_[row].end();
  if (!offered || stops_[0][row].empty()) return times;
  RunState begin = *begin_at(deploys_, course_.runner(), stops_[0][row].front(), path, 0);
  begin.traffic_left = 0;
  const Course::Node start = course_.at(begin);
  for (std::uint64_t walk = 0; walk < kWalks; ++walk) {
    Draws draws(seed_, walk);
    const std::int64_t before_ms = timing_.detect.draw(draws) + timing_.respond.draw(draws);
    times.add(before_ms + walker_.run(start, {}, draws, nullptr).time_ms);
  }
  return times;
}

std::optional<RunRecord> Campaign::tell(std::uint64_t run) {
  Draws draws(seed_, run);
  Drawn drawn;
  drawn.run = run;
  if (!draw(draws, drawn, nullptr)) return std::nullopt;
  RunRecord record{run, drawn.row,         drawn.stop, drawn.path, drawn.faults,
                   {},  Verdict::restored, {},         0};
  const Course::Node start = start_of(drawn);
  const WalkEnd end =
      walker_.run(start, drawn.script(course_.state(start).faults_left), draws, &record.taken);
  record.verdict = end.verdict;
  record.reason = worlds_.text(end.why);
  record.total_ms = drawn.detect_ms + drawn.decide_ms + end.time_ms;
  if (walker_.fired().empty() && drawn.earlier == 0 &&
      is_worse(Verdict::too_slow, record.verdict)) {
    if (const std::string slow = missed(drawn, end); !slow.empty()) {
      record.verdict = Verdict::too_slow;
      record.reason = slow;
    }
  }
  return record;
}

}  // namespace backout::simulator
