#include "analyzer/decision.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

using model::Condition;
using model::Decisions;
using model::kSinceDeploy;
using model::Situation;

/// More cells than this in one table are not looked at (eight metrics with two thresholds each are
/// 390,625).
constexpr std::size_t kMostCells = 400'000;

/// Of one table so many gaps are told, and so many are looked for.
constexpr std::size_t kMostRegions = 8;
constexpr std::size_t kMostBoxes = 64;

/// One cell of an axis: a threshold itself, or the open stretch between two.
struct Segment {
  double low = 0;
  double high = 0;
  bool point = false;
  bool from_start = false;  ///< nothing below it
  bool to_end = false;      ///< nothing above it

  double sample() const {
    if (point) return low;
    if (from_start && to_end) return 0;
    if (from_start) return high - 1;
    return to_end ? low + 1 : (low + high) / 2;
  }
};

struct Axis {
  std::string metric;
  std::vector<Segment> segments;
};

void collect(const Condition& condition, std::map<std::string, std::set<double>>& thresholds,
             std::set<std::string>& issues, std::set<std::string>& severities) {
  if (condition.type == Condition::Type::issue) issues.insert(condition.name);
  if (condition.type == Condition::Type::severity) severities.insert(condition.name);
  if (condition.type == Condition::Type::metric && condition.value_unknown)
    thresholds[condition.name];
  if (condition.type == Condition::Type::metric && !condition.value_unknown) {
    thresholds[condition.name].insert(condition.value);
    if (condition.op == Condition::Op::between) thresholds[condition.name].insert(condition.high);
    if (condition.window && !condition.window->unknown)
      thresholds[kSinceDeploy].insert(model::window_minutes(condition));
  }
  for (const Condition& part : condition.parts) collect(part, thresholds, issues, severities);
}

bool has_unknown(const Condition& condition) {
  return condition.value_unknown ||
         std::any_of(condition.parts.begin(), condition.parts.end(), has_unknown);
}

/// What a rule speaks of.
struct Subject {
  std::map<std::string, std::set<double>> thresholds;
  std::set<std::string> issues;
  std::set<std::string> severities;
  bool is_plain() const { return issues.empty() && severities.empty(); }
};

Subject subject_of(const model::DecisionRule& rule) {
  Subject subject;
  collect(rule.when, subject.thresholds, subject.issues, subject.severities);
  return subject;
}

Axis axis_of(const Decisions& decisions, const std::string& name,
             const std::set<double>& thresholds) {
  double low = 0;
  double high = 0;
  bool bounded = false;
  for (const model::Metric& metric : decisions.metrics) {
    if (metric.name != name) continue;
    low = metric.low;
    high = metric.high;
    bounded = high > low;
  }
  Axis axis{name, {}};
  double before = low;
  bool first = true;
  for (const double threshold : thresholds) {
    if (!(bounded && first && threshold <= low))
      axis.segments.push_back({before, threshold, false, first, false});
    axis.segments.push_back({threshold, threshold, true, false, false});
    before = threshold;
    first = false;
  }
  if (!bounded || before < high)
    axis.segments.push_back({before, high, false, thresholds.empty(), true});
  return axis;
}

std::string number(double value) { return fmt::format("{:g}", value); }

/// Neighbouring segments [first, last] of an axis in words.
std::string words(const Axis& axis, std::size_t first, std::size_t last) {
  const Segment& from = axis.segments[first];
  const Segment& to = axis.segments[last];
  const std::string low = from.point ? "from " + number(from.low) : "above " + number(from.low);
  const std::string high = to.point ? "to " + number(to.high) : "to below " + number(to.high);
  if (first == last && from.point)
    return fmt::format("{} of exactly {}", axis.metric, number(from.low));
  if (from.from_start && to.to_end) return fmt::format("any {}", axis.metric);
  if (from.from_start)
    return fmt::format("{} {} {}", axis.metric, to.point ? "up to" : "below", number(to.high));
  if (to.to_end)
    return fmt::format("{} {} {}", axis.metric, from.point ? "of at least" : "above",
                       number(from.low));
  return fmt::format("{} {} {}", axis.metric, low, high);
}

/// What the outcome asks for: two outcomes of one class are no contradiction.
int class_of(model::DecisionRule::Outcome outcome) {
  using Outcome = model::DecisionRule::Outcome;
  switch (outcome) {
    case Outcome::roll_back:
    case Outcome::must_roll_back:
    case Outcome::recommended:
      return 0;
    case Outcome::maybe:
      return 1;
    case Outcome::forward:
    case Outcome::monitor:
      return 2;  // both leave the deploy where it is
    case Outcome::disable_flag:
      return 3;
  }
  return 0;
}

/// One decision table: the rules that can hold together in one context, over the metrics that they
/// speak of.
class Table {
 public:
  Table(const Decisions& decisions, std::vector<std::size_t> rules, std::string issue,
        std::string severity)
      : decisions_(decisions),
        rules_(std::move(rules)),
        issue_(std::move(issue)),
        severity_(std::move(severity)) {
    std::map<std::string, std::set<double>> thresholds;
    for (const std::size_t rule : rules_) {
      for (const auto& [metric, values] : subject_of(decisions.rules[rule]).thresholds) {
        thresholds[metric].insert(values.begin(), values.end());
      }
    }
    cells_ = 1;
    for (const auto& [metric, values] : thresholds) {
      axes_.push_back(axis_of(decisions, metric, values));
      cells_ = std::min(kMostCells + 1, cells_ * axes_.back().segments.size());
    }
    if (cells_ > kMostCells) return;
    for (std::size_t cell = 0; cell < cells_; ++cell) holding_.push_back(rules_that_hold(cell));
  }

  bool too_large() const { return cells_ > kMostCells; }
  std::size_t size() const { return holding_.size(); }
  /// How many rules hold in a cell.
  std::size_t holding(std::size_t cell) const { return holding_[cell]; }

  /// Uncovered regions as boxes, the largest first; of many the rest is counted only. Below the
  /// lowest and above the highest trigger of a metric all is well unless an issue or a severity
  /// asks for a decision.
  std::vector<Region> uncovered() const {
    const bool asked = !issue_.empty() || !severity_.empty();
    const std::vector<bool> gap = gap_cells(asked);
    std::vector<Box> boxes;
    std::vector<bool> told(size());
    for (std::size_t cell = 0; cell < size() && boxes.size() < kMostBoxes; ++cell) {
      if (!gap[cell] || told[cell]) continue;
      const Box box = widened(cell, gap);
      each_cell(box, [&](std::size_t inside) { return told[inside] = true; });
      if (!is_open_end(box)) boxes.push_back(box);
    }
    std::stable_sort(boxes.begin(), boxes.end(),
                     [](const Box& a, const Box& b) { return a.cells > b.cells; });
    std::vector<Region> regions;
    for (const Box& box : boxes) {
      if (regions.size() == kMostRegions) break;
      regions.push_back({text(box), false, rules_.front()});
    }
    if (boxes.size() <= kMostRegions) return regions;
    const char* more = boxes.size() == kMostBoxes ? "at least " : "";
    regions.push_back(
        {fmt::format("{}{} smaller gaps of the same table", more, boxes.size() - kMostRegions),
         false, rules_.front()});
    return regions;
  }

  /// One cell in words.
  std::string text(std::size_t cell) const { return text(Box{indices(cell), indices(cell), 1}); }

 private:
  /// The cells between two corners, both included.
  struct Box {
    std::vector<std::size_t> first;
    std::vector<std::size_t> last;
    std::size_t cells = 1;
  };

  /// Calls `function` with each cell of the box until it returns false. Whether it never did.
  template <typename Function>
  bool each_cell(const Box& box, Function function) const {
    std::vector<std::size_t> at = box.first;
    while (true) {
      std::size_t cell = 0;
      for (std::size_t i = 0; i < axes_.size(); ++i) cell = cell * axes_[i].segments.size() + at[i];
      if (!function(cell)) return false;
      std::size_t axis = axes_.size();
      while (axis > 0 && at[axis - 1] == box.last[axis - 1]) {
        at[axis - 1] = box.first[axis - 1];
        --axis;
      }
      if (axis == 0) return true;
      ++at[axis - 1];
    }
  }

  /// The box around a gap that no axis can be widened on without meeting a rule.
  Box widened(std::size_t cell, const std::vector<bool>& gap) const {
    Box box{indices(cell), indices(cell), 1};
    const auto free = [&](std::size_t axis, std::size_t at) {
      Box slab = box;
      slab.first[axis] = slab.last[axis] = at;
      return each_cell(slab, [&](std::size_t inside) { return bool(gap[inside]); });
    };
    for (std::size_t axis = axes_.size(); axis-- > 0;) {
      while (box.last[axis] + 1 < axes_[axis].segments.size() && free(axis, box.last[axis] + 1))
        ++box.last[axis];
      while (box.first[axis] > 0 && free(axis, box.first[axis] - 1)) --box.first[axis];
      box.cells *= box.last[axis] - box.first[axis] + 1;
    }
    return box;
  }

  /// Whether a rule's `between` on `metric` ends at `value`.
  bool ends_between(const std::string& metric, double value) const {
    const auto ends = [&](auto& self, const Condition& condition) -> bool {
      const bool here = condition.op == Condition::Op::between && condition.name == metric &&
                        condition.high == value;
      return here || std::any_of(condition.parts.begin(), condition.parts.end(),
                                 [&](const Condition& part) { return self(self, part); });
    };
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](std::size_t rule) { return ends(ends, decisions_.rules[rule].when); });
  }

  /// Whether the box is but the open end of a stretch that people write with both ends ("0.5-1 %"):
  /// rules hold on either side of it.
  bool is_open_end(const Box& box) const {
    std::size_t stride = 1;
    for (std::size_t axis = axes_.size(); axis-- > 0;) {
      const std::vector<Segment>& segments = axes_[axis].segments;
      const std::size_t at = box.first[axis];
      const bool inner =
          at == box.last[axis] && segments[at].point && at > 0 && at + 1 < segments.size();
      if (inner && ends_between(axes_[axis].metric, segments[at].low) &&
          each_cell(box, [&](std::size_t cell) {
            return holding_[cell - stride] > 0 && holding_[cell + stride] > 0;
          })) {
        return true;
      }
      stride *= segments.size();
    }
    return false;
  }

  std::string text(const Box& box) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      const bool whole = box.first[i] == 0 && box.last[i] + 1 == axes_[i].segments.size();
      if (!whole) parts.push_back(words(axes_[i], box.first[i], box.last[i]));
    }
    const std::string joined = fmt::format("{}", fmt::join(parts, ", "));
    std::string context;
    if (!issue_.empty())
      context = fmt::format("issue '{}'", issue_);
    else if (!severity_.empty())
      context = fmt::format("severity '{}'", severity_);
    if (context.empty()) return joined;
    return joined.empty() ? context : fmt::format("{} with {}", context, joined);
  }

  std::vector<std::size_t> indices(std::size_t cell) const {
    std::vector<std::size_t> at(axes_.size());
    for (std::size_t i = axes_.size(); i-- > 0;) {
      at[i] = cell % axes_[i].segments.size();
      cell /= axes_[i].segments.size();
    }
    return at;
  }

  std::size_t rules_that_hold(std::size_t cell) const {
    Situation situation{{{kSinceDeploy, 0}}, issue_, severity_};
    const std::vector<std::size_t> at = indices(cell);
    for (std::size_t i = 0; i < axes_.size(); ++i)
      situation.values[axes_[i].metric] = axes_[i].segments[at[i]].sample();
    // A rule with an unknown threshold may hold anywhere: it hides gaps and makes no conflict of
    // its own.
    return static_cast<std::size_t>(std::ranges::count_if(rules_, [&](std::size_t rule) {
      return holds(decisions_.rules[rule].when, situation).value_or(true);
    }));
  }

  /// Whether the lower values of an axis are the worse ones: rules that roll back ask for low
  /// values only.
  bool falls(const Axis& axis) const {
    bool low = false;
    bool high = false;
    const auto look = [&](auto& self, const Condition& condition) -> void {
      const bool about = condition.type == Condition::Type::metric && condition.name == axis.metric;
      const bool below = condition.op == Condition::Op::lt || condition.op == Condition::Op::le;
      if (about) (below ? low : high) = true;
      for (const Condition& part : condition.parts) self(self, part);
    };
    for (const std::size_t rule : rules_) {
      if (class_of(decisions_.rules[rule].decide) == 0) look(look, decisions_.rules[rule].when);
    }
    return low && !high;
  }

  /// For each cell whether some rule holds in it or in one that is nowhere worse (nowhere better
  /// with `worse`).
  std::vector<bool> reached(bool worse) const {
    std::vector<bool> found(size());
    for (std::size_t cell = 0; cell < size(); ++cell) found[cell] = holding_[cell] > 0;
    std::size_t stride = 1;
    for (std::size_t axis = axes_.size(); axis-- > 0;) {
      const std::size_t segments = axes_[axis].segments.size();
      const bool upwards = worse == falls(axes_[axis]);
      for (std::size_t i = 0; i < size(); ++i) {
        const std::size_t cell = upwards ? i : size() - 1 - i;
        const std::size_t at = cell / stride % segments;
        if (upwards && at > 0 && found[cell - stride]) found[cell] = true;
        if (!upwards && at + 1 < segments && found[cell + stride]) found[cell] = true;
      }
      stride *= segments;
    }
    return found;
  }

  /// Cells without a rule although rules decide in something better and in something worse, or an
  /// issue or a severity asks, or a rule held until a time window closed.
  std::vector<bool> gap_cells(bool asked) const {
    const std::vector<bool> better = reached(false);
    const std::vector<bool> worse = reached(true);
    std::vector<bool> gap(size());
    for (std::size_t cell = 0; cell < size(); ++cell) {
      gap[cell] =
          holding_[cell] == 0 && (asked || (better[cell] && worse[cell]) || was_decided(cell));
    }
    return gap;
  }

  /// Whether a rule holds in the same situation sooner after the deploy.
  bool was_decided(std::size_t cell) const {
    const std::vector<std::size_t> at = indices(cell);
    std::size_t stride = 1;
    for (std::size_t axis = axes_.size(); axis-- > 0;) {
      for (std::size_t i = 1; axes_[axis].metric == kSinceDeploy && i <= at[axis]; ++i) {
        if (holding_[cell - i * stride] > 0) return true;
      }
      stride *= axes_[axis].segments.size();
    }
    return false;
  }

  const Decisions& decisions_;
  std::vector<std::size_t> rules_;
  std::string issue_;
  std::string severity_;
  std::vector<Axis> axes_;
  std::vector<std::size_t> holding_;
  std::size_t cells_ = 0;
};

/// Tables of rules on metrics alone, one per group of metrics that occur together.
std::vector<std::vector<std::size_t>> plain_groups(const Decisions& decisions) {
  std::vector<std::pair<std::set<std::string>, std::vector<std::size_t>>> groups;
  for (std::size_t i = 0; i < decisions.rules.size(); ++i) {
    const Subject subject = subject_of(decisions.rules[i]);
    if (!subject.is_plain() || subject.thresholds.empty()) continue;
    std::set<std::string> metrics;
    for (const auto& [metric, values] : subject.thresholds) metrics.insert(metric);
    std::vector<std::size_t> rules{i};
    for (auto it = groups.begin(); it != groups.end();) {
      const bool meets =
          std::any_of(metrics.begin(), metrics.end(),
                      [&](const std::string& metric) { return it->first.contains(metric); });
      if (!meets) {
        ++it;
        continue;
      }
      metrics.insert(it->first.begin(), it->first.end());
      rules.insert(rules.end(), it->second.begin(), it->second.end());
      it = groups.erase(it);
    }
    std::sort(rules.begin(), rules.end());
    groups.emplace_back(std::move(metrics), std::move(rules));
  }
  std::vector<std::vector<std::size_t>> result;
  for (auto& [metrics, rules] : groups) result.push_back(std::move(rules));
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<std::size_t> rules_about(const Decisions& decisions, const std::string& issue,
                                     const std::string& severity) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < decisions.rules.size(); ++i) {
    const Subject subject = subject_of(decisions.rules[i]);
    if ((!issue.empty() && subject.issues.contains(issue)) ||
        (!severity.empty() && subject.severities.contains(severity)) ||
        decisions.rules[i].when.type == Condition::Type::otherwise) {
      found.push_back(i);
    }
  }
  return found;
}

bool disagree(const model::DecisionRule& one, const model::DecisionRule& other) {
  if (class_of(one.decide) != class_of(other.decide)) return true;
  return class_of(one.decide) == 0 && !one.path.empty() && !other.path.empty() &&
         one.path != other.path;
}

std::set<std::string> names(const std::vector<std::string>& declared, const Decisions& decisions,
                            bool issues) {
  std::set<std::string> all(declared.begin(), declared.end());
  for (const model::DecisionRule& rule : decisions.rules) {
    const Subject subject = subject_of(rule);
    const std::set<std::string>& used = issues ? subject.issues : subject.severities;
    all.insert(used.begin(), used.end());
  }
  return all;
}

}  // namespace

std::vector<Region> gaps(const Decisions& decisions) {
  std::vector<Region> found;
  const auto add = [&](const Table& table) {
    for (Region& region : table.uncovered()) found.push_back(std::move(region));
  };
  for (std::vector<std::size_t>& rules : plain_groups(decisions))
    add(Table(decisions, std::move(rules), "", ""));
  const auto contexts = [&](const std::set<std::string>& all, bool issues) {
    for (const std::string& name : all) {
      std::vector<std::size_t> rules =
          rules_about(decisions, issues ? name : "", issues ? "" : name);
      if (rules.empty()) {
        found.push_back({fmt::format("{} '{}'", issues ? "issue" : "severity", name), true, 0});
      } else {
        add(Table(decisions, std::move(rules), issues ? name : "", issues ? "" : name));
      }
    }
  };
  contexts(names(decisions.issues, decisions, true), true);
  contexts(names(decisions.severities, decisions, false), false);
  return found;
}

std::vector<Conflict> conflicts(const Decisions& decisions) {
  std::vector<Conflict> found;
  if (decisions.hit == "first" || decisions.hit == "priority") return found;
  for (std::size_t i = 0; i < decisions.rules.size(); ++i) {
    const Subject one = subject_of(decisions.rules[i]);
    for (std::size_t j = i + 1; j < decisions.rules.size(); ++j) {
      if (!disagree(decisions.rules[i], decisions.rules[j])) continue;
      if (has_unknown(decisions.rules[i].when) || has_unknown(decisions.rules[j].when)) continue;
      if (decisions.rules[i].when.type == Condition::Type::otherwise ||
          decisions.rules[j].when.type == Condition::Type::otherwise)
        continue;
      const Subject other = subject_of(decisions.rules[j]);
      // Rules on unlike issues are about unlike incidents.
      const bool same = one.issues == other.issues && one.severities == other.severities;
      const bool crossed = one.is_plain() != other.is_plain();
      if (!same && !crossed) continue;
      bool share_metric = one.thresholds.empty() && other.thresholds.empty();
      for (const auto& [metric, values] : one.thresholds)
        share_metric = share_metric || other.thresholds.contains(metric);
      if (!share_metric && !(same && !one.is_plain())) continue;
      const std::string issue = !one.issues.empty()     ? *one.issues.begin()
                                : !other.issues.empty() ? *other.issues.begin()
                                                        : "";
      const std::string severity = !one.severities.empty()     ? *one.severities.begin()
                                   : !other.severities.empty() ? *other.severities.begin()
                                                               : "";
      const Table table(decisions, {i, j}, issue, severity);
      for (std::size_t cell = 0; cell < table.size(); ++cell) {
        if (table.holding(cell) < 2) continue;
        found.push_back({i, j, table.text(cell), same});
        break;
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer
