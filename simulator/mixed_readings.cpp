// What is bad where all opaque steps work and where none does may be good where some do.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulator/readings.hpp"

namespace backout::simulator {
namespace {

/// A cell whose verdict rests on how several opaque steps are taken, and where it is.
struct Doubtful {
  std::size_t cell = 0;
  std::vector<std::string> steps;  ///< the opaque ones that ran by then, or that the path may run
};

/// Whether the cell is bad for certain, by what was looked at so far, and not for its time alone.
bool is_decided(const Cell& cell) {
  const auto decided = [](Verdict verdict) {
    return is_certain(verdict) && verdict != Verdict::too_slow;
  };
  return cell.applicable && (decided(cell.verdict) || decided(cell.fault_free));
}

class Mixer {
 public:
  Mixer(const services::Context& context, Matrix joined)
      : plan_(context.plan()), joined_(std::move(joined)) {
    for (std::size_t at = 0; at < joined_.cells.size(); ++at) {
      const Cell& cell = joined_.cells[at];
      if (!is_decided(cell)) continue;
      std::vector<std::string> steps =
          opaque_in(joined_.interruptions[cell.interruption], cell.path);
      if (steps.size() < 2) continue;
      wanted_[row_key(joined_.interruptions[cell.interruption])].insert(cell.path);
      doubtful_.push_back({at, std::move(steps)});
    }
    number_steps();
  }

  bool is_needed() const { return !doubtful_.empty(); }

  /// The ids of the steps that do nothing, for each mix that is looked at.
  std::vector<std::vector<std::string>> mixes() {
    const std::size_t count =
        numbers_.empty() ? 0 : 1 + std::ranges::max_element(numbers_, {}, [](const auto& each) {
                                     return each.second;
                                   })->second;
    std::vector<std::vector<bool>> idle;
    if (count <= kAllMixesOf) {
      for (std::size_t bits = 1; bits + 1 < (std::size_t{1} << count); ++bits) {
        idle.emplace_back();
        for (std::size_t at = 0; at < count; ++at) idle.back().push_back((bits >> at & 1) != 0);
      }
    } else {
      for (std::size_t at = 0; at < count && idle.size() < kMostMixes; ++at) {
        for (const bool one : {true, false}) {  // it alone does nothing, it alone works
          idle.emplace_back(count, !one);
          idle.back()[at] = one;
        }
      }
      bound_ =
          fmt::format("of the ways in which {} opaque steps may work or not, {} were looked at",
                      count, idle.size() + 2);
    }
    std::vector<std::vector<std::string>> all;
    for (const std::vector<bool>& mix : idle) {
      all.emplace_back();
      for (const auto& [step, number] : numbers_) {
        if (mix[number]) all.back().push_back(step);
      }
    }
    return all;
  }

  bool wants(const Interruption& row, model::PathIndex path) const {
    const auto found = wanted_.find(row_key(row));
    return found != wanted_.end() && found->second.contains(path);
  }

  /// Takes back what is not so in the mix.
  void join(const Matrix& mix, const std::vector<std::string>& idle) {
    std::map<std::pair<RowKey, model::PathIndex>, const Cell*> cells;
    for (const Cell& cell : mix.cells)
      cells[{row_key(mix.interruptions[cell.interruption]), cell.path}] = &cell;
    for (const Doubtful& each : doubtful_) {
      Cell& cell = joined_.cells[each.cell];
      const auto found = cells.find({row_key(joined_.interruptions[cell.interruption]), cell.path});
      if (found != cells.end() && found->second->applicable)
        join(cell, *found->second, told(each.steps, idle));
    }
    joined_.completeness.states += mix.completeness.states;
    joined_.completeness.transitions += mix.completeness.transitions;
    for (const auto& [fault, count] : mix.completeness.faults)
      joined_.completeness.faults[fault] += count;
    if (mix.completeness.level == Completeness::Level::bounded) bounded(mix.completeness.bound);
  }

  /// Whether a cell is left that a mix may change.
  bool is_open() const {
    return std::ranges::any_of(
        doubtful_, [&](const Doubtful& each) { return is_decided(joined_.cells[each.cell]); });
  }

  Matrix take() {
    if (is_open() && !bound_.empty()) bounded(bound_);
    return std::move(joined_);
  }

 private:
  static constexpr std::size_t kAllMixesOf = 3;
  static constexpr std::size_t kMostMixes = 10;

  std::vector<std::string> opaque_in(const Interruption& row, model::PathIndex path) const {
    std::set<model::StepIndex> steps(row.done.begin(), row.done.end());
    if (row.half) steps.insert(*row.half);
    if (path < plan_.paths.size())
      steps.insert(plan_.paths[path].steps.begin(), plan_.paths[path].steps.end());
    std::vector<std::string> all;
    for (const model::StepIndex step : steps) {
      if (joined_.opaque.contains(plan_.steps[step].id)) all.push_back(plan_.steps[step].id);
    }
    return all;
  }

  /// Gives steps that no cell has together one number, so that one mix serves several paths.
  void number_steps() {
    std::map<std::string, std::set<std::string>> together;
    for (const Doubtful& each : doubtful_) {
      for (const std::string& step : each.steps)
        together[step].insert(each.steps.begin(), each.steps.end());
    }
    for (const auto& [step, others] : together) {
      std::set<std::size_t> taken;
      for (const std::string& other : others) {
        if (const auto found = numbers_.find(other); found != numbers_.end())
          taken.insert(found->second);
      }
      std::size_t number = 0;
      while (taken.contains(number)) ++number;
      numbers_[step] = number;
    }
  }

  void bounded(const std::string& by) {
    Completeness& all = joined_.completeness;
    if (all.bound.find(by) != std::string::npos) return;
    all.level = Completeness::Level::bounded;
    all.bound += (all.bound.empty() ? "" : "; ") + by;
  }

  static std::string told(const std::vector<std::string>& steps,
                          const std::vector<std::string>& idle) {
    std::vector<std::string> works;
    std::vector<std::string> not_works;
    for (const std::string& step : steps) {
      (std::ranges::find(idle, step) == idle.end() ? works : not_works)
          .push_back(fmt::format("'{}'", step));
    }
    if (works.empty() || not_works.empty()) return {};  // an extreme, as far as this cell goes
    return fmt::format("if {} {} and {} {} not", fmt::join(works, " and "),
                       works.size() == 1 ? "works" : "work", fmt::join(not_works, " and "),
                       not_works.size() == 1 ? "does" : "do");
  }

  static void join(Cell& cell, const Cell& mix, const std::string& when) {
    const Verdict verdict = joined(cell.verdict, mix.verdict);
    const Verdict fault_free = joined(cell.fault_free, mix.fault_free);
    if (when.empty() || (verdict == cell.verdict && fault_free == cell.fault_free)) return;
    const bool about_fault = is_about_fault(cell);
    const Verdict was = about_fault ? cell.verdict : cell.fault_free;
    if (verdict == Verdict::unknown) {
      open(cell, was,
           fmt::format(
               "{}: {}", when,
               to_string(mix.if_works.value_or(about_fault ? mix.verdict : mix.fault_free))));
    } else if (fault_free == Verdict::unknown && cell.fault_free != fault_free) {
      cell.fault_free_reason = fmt::format("whether all opaque steps work or none does: {}; {}: {}",
                                           to_string(cell.fault_free), when,
                                           to_string(mix.if_works.value_or(mix.fault_free)));
      cell.fault_free_culprit = model::kNone;
      if (!about_fault || verdict != cell.verdict) explain_by(cell, mix);
    } else if (was != (about_fault ? verdict : fault_free)) {
      explain_by(cell, mix);
    }
    cell.verdict = verdict;
    cell.fault_free = fault_free;
  }

  static void explain_by(Cell& cell, const Cell& mix) {
    cell.reason = mix.reason;
    cell.counterexample = mix.counterexample;
    cell.culprit = mix.culprit;
  }

  /// Of a cell that is good in a mix nobody knows what it comes to.
  static void open(Cell& cell, Verdict was, const std::string& in_mix) {
    const std::string known = cell.if_works
                                  ? cell.reason
                                  : fmt::format("whether all of them work or none does: {} ({})",
                                                to_string(was), cell.reason);
    if (!cell.if_works) cell.if_works = cell.if_idle = was;
    cell.reason = fmt::format("what opaque steps do is not known: {}; {}", known, in_mix);
    cell.fault_free_reason.clear();
    cell.fault_free_culprit = model::kNone;
    cell.working_order.clear();
  }

  const model::Plan& plan_;
  Matrix joined_;
  std::vector<Doubtful> doubtful_;
  std::map<RowKey, std::set<model::PathIndex>> wanted_;
  std::map<std::string, std::size_t> numbers_;  ///< of opaque steps that matter together
  std::string bound_;                           ///< where not every mix is looked at
};

}  // namespace

Matrix with_mixes(Matrix joined, const services::Context& context, const services::World& start,
                  const SearchOptions& options, const std::vector<Predicate>& predicates) {
  Mixer mixer(context, std::move(joined));
  if (!mixer.is_needed()) return mixer.take();
  for (const std::vector<std::string>& idle : mixer.mixes()) {
    if (!mixer.is_open()) break;
    const auto wanted = [&](const Interruption& row, model::PathIndex path) {
      return mixer.wants(row, path);
    };
    mixer.join(
        explore_as({.all_idle = false, .idle = idle}, context, start, options, predicates, wanted),
        idle);
  }
  return mixer.take();
}

}  // namespace backout::simulator
