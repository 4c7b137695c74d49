#include "model/schedule.hpp"

#include <algorithm>

namespace backout::model {
namespace {

/// Time of one step, split.
struct StepTime {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t verify_low = 0;
  std::int64_t verify_high = 0;
  bool strict = false;
  bool estimated = true;
};

/// The wait and the window of a check: its `after` and `for`.
Duration check_time(const Check& check) {
  Duration total;
  for (const std::string_view key : {"after", "for"}) {
    const auto part = parse_duration(check.args.text_or(key, "0"));
    if (part && !part->unknown) {
      total.low_ms += part->low_ms;
      total.high_ms += part->high_ms;
    }
  }
  return total;
}

StepTime time_of(const Step& step) {
  StepTime time;
  time.estimated = step.takes && !step.takes->unknown;
  if (time.estimated) {
    time.low = step.takes->low_ms;
    time.high = step.takes->high_ms;
    time.strict = step.takes->strict;
  }
  if (step.settle && !step.settle->unknown) {
    time.verify_low += step.settle->low_ms;
    time.verify_high += step.settle->high_ms;
  }
  Duration longest;
  for (const auto* checks : {&step.precheck, &step.verify}) {
    for (const Check& check : *checks) {
      const Duration one = check_time(check);
      longest.low_ms = std::max(longest.low_ms, one.low_ms);
      longest.high_ms = std::max(longest.high_ms, one.high_ms);
    }
  }
  time.verify_low += longest.low_ms;
  time.verify_high += longest.high_ms;
  time.low += time.verify_low;
  time.high += time.verify_high;
  return time;
}

/// The longest way through steps of which each waits for earlier ones. Indices are positions in
/// `steps`.
class LongestWay {
 public:
  LongestWay(const Plan& plan, std::vector<StepIndex> steps,
             std::vector<std::vector<std::size_t>> before)
      : steps_(std::move(steps)), before_(std::move(before)) {
    for (const StepIndex step : steps_) times_.push_back(time_of(plan.steps[step]));
  }

  Schedule schedule() {
    Schedule result;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!times_[i].estimated) result.unestimated.push_back(steps_[i]);
    }
    const std::vector<std::size_t> order = in_order();
    for (const std::size_t at : longest(order, &StepTime::low)) {
      result.low_ms += times_[at].low;
      result.verify_low_ms += times_[at].verify_low;
    }
    for (const std::size_t at : longest(order, &StepTime::high)) {
      result.high_ms += times_[at].high;
      result.verify_high_ms += times_[at].verify_high;
      result.strict |= times_[at].strict;
      result.critical_path.push_back(steps_[at]);
    }
    return result;
  }

 private:
  /// Positions so that each stands behind all that it waits for; those on a cycle are left out.
  std::vector<std::size_t> in_order() const {
    std::vector<std::size_t> waiting(steps_.size());
    std::vector<std::vector<std::size_t>> after(steps_.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      waiting[i] = before_[i].size();
      for (const std::size_t earlier : before_[i]) after[earlier].push_back(i);
      if (waiting[i] == 0) order.push_back(i);
    }
    for (std::size_t next = 0; next < order.size(); ++next) {
      for (const std::size_t later : after[order[next]]) {
        if (--waiting[later] == 0) order.push_back(later);
      }
    }
    return order;
  }

  std::vector<std::size_t> longest(const std::vector<std::size_t>& order,
                                   std::int64_t StepTime::*time) const {
    constexpr std::size_t kStart = static_cast<std::size_t>(-1);
    std::vector<std::int64_t> end(steps_.size(), 0);
    std::vector<std::size_t> previous(steps_.size(), kStart);
    std::size_t last = kStart;
    for (const std::size_t at : order) {
      for (const std::size_t earlier : before_[at]) {
        if (previous[at] == kStart || end[earlier] > end[previous[at]]) previous[at] = earlier;
      }
      end[at] = times_[at].*time + (previous[at] == kStart ? 0 : end[previous[at]]);
      if (last == kStart || end[at] > end[last]) last = at;
    }
    std::vector<std::size_t> way;
    for (; last != kStart; last = previous[last]) way.push_back(last);
    std::reverse(way.begin(), way.end());
    return way;
  }

  std::vector<StepIndex> steps_;
  std::vector<std::vector<std::size_t>> before_;
  std::vector<StepTime> times_;
};

}  // namespace

Schedule schedule_path(const Plan& plan, const RollbackPath& path) {
  return LongestWay(plan, path.steps, path_predecessors(plan, path)).schedule();
}

Schedule schedule_deploy(const Plan& plan) {
  std::vector<StepIndex> steps;
  std::vector<std::vector<std::size_t>> before;
  for (StepIndex step = 0; step < plan.deploy_count; ++step) {
    steps.push_back(step);
    const std::vector<StepIndex> needs = predecessors(plan, step);
    before.emplace_back(needs.begin(), needs.end());
  }
  return LongestWay(plan, std::move(steps), std::move(before)).schedule();
}

Schedule schedule_step(const Plan& plan, StepIndex step) {
  return LongestWay(plan, {step}, {{}}).schedule();
}

}  // namespace backout::model
