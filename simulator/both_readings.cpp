// The verdicts of two readings, put together.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulator/readings.hpp"

namespace backout::simulator {

RowKey row_key(const Interruption& row) {
  return {row.done.size(), row.done, row.half ? *row.half + 1 : 0};
}

Verdict joined(Verdict one, Verdict other) {
  if (is_good(one) && is_good(other)) return is_worse(one, other) ? one : other;
  if (!is_certain(one) || !is_certain(other)) return Verdict::unknown;
  return is_worse(one, other) ? other : one;
}

namespace {

class Joiner {
 public:
  Joiner(const model::Plan& plan, Matrix works, const Matrix& idle,
         const std::vector<model::StepIndex>& beyond)
      : plan_(plan), works_(std::move(works)), idle_(idle) {
    for (Cell& cell : works_.cells) {
      for (const model::StepIndex step : beyond) doubt(plan, cell, step);
    }
    if (!beyond.empty()) works_.point_of_no_return.reset();
    if (!beyond.empty()) works_.point_of_no_return_decided = false;
    for (const auto& [step, why] : idle.opaque) works_.opaque.emplace(step, why);
    for (const auto& [step, why] : works_.opaque) names_.push_back(fmt::format("'{}'", step));
  }

  Matrix join() {
    Matrix all = works_;
    all.interruptions.clear();
    all.cells.clear();
    std::map<RowKey, std::pair<std::size_t, std::size_t>> rows;
    for (std::size_t i = 0; i < works_.interruptions.size(); ++i)
      rows[row_key(works_.interruptions[i])] = {i, kNone};
    for (std::size_t i = 0; i < idle_.interruptions.size(); ++i) {
      rows.try_emplace(row_key(idle_.interruptions[i]), kNone, kNone).first->second.second = i;
    }
    for (const auto& [key, places] : rows) {
      const auto& [a, b] = places;
      row_of_works_[a] = row_of_idle_[b] = all.interruptions.size();
      all.interruptions.push_back(a != kNone ? works_.interruptions[a] : idle_.interruptions[b]);
      for (std::size_t path = 0; path < all.paths.size(); ++path) {
        Cell cell = a == kNone   ? cell_of(idle_, b, path)
                    : b == kNone ? cell_of(works_, a, path)
                                 : join(cell_of(works_, a, path), cell_of(idle_, b, path));
        cell.interruption = all.interruptions.size() - 1;
        all.cells.push_back(std::move(cell));
      }
    }
    join_stops(all);
    join_points(all);
    join_completeness(all.completeness);
    for (const UnsaidTraffic& unsaid : idle_.unsaid_traffic) {
      const auto same = [&](const UnsaidTraffic& other) { return other.app == unsaid.app; };
      if (std::ranges::none_of(all.unsaid_traffic, same)) all.unsaid_traffic.push_back(unsaid);
    }
    return all;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  static const Cell& cell_of(const Matrix& matrix, std::size_t row, std::size_t path) {
    return matrix.cells[row * matrix.paths.size() + path];
  }

  /// Where the path runs the step, what it leaves is not known.
  void doubt(const model::Plan& plan, Cell& cell, model::StepIndex step) const {
    if (cell.path >= plan.paths.size() || !cell.applicable) return;
    const std::vector<model::StepIndex>& steps = plan.paths[cell.path].steps;
    if (std::ranges::find(steps, step) == steps.end() ||
        !begun(plan, works_.interruptions[cell.interruption], step))
      return;
    const auto open = [](Verdict& verdict) {
      const bool hangs_on_it = is_certain(verdict) && verdict != Verdict::too_slow;
      if (hangs_on_it) verdict = Verdict::unknown;
      return hangs_on_it;
    };
    const bool any = open(cell.verdict);
    if (!open(cell.fault_free) && !any) return;
    cell.if_works = Verdict::unknown;
    cell.culprit = step;
    cell.reason = fmt::format("what '{}' does is not known", plan.steps[step].id);
    if (cell.verdict == cell.fault_free) forget_fault_free(cell);
  }

  static bool begun(const model::Plan& plan, const Interruption& row, model::StepIndex step) {
    return std::ranges::any_of(undone_by(plan, step), [&](model::StepIndex undone) {
      return row.half == undone || std::ranges::find(row.done, undone) != row.done.end();
    });
  }

  static std::string told(const Cell& cell, Verdict verdict) {
    const std::string name = to_string(verdict);
    return is_certain(verdict) && !cell.reason.empty() ? fmt::format("{} ({})", name, cell.reason)
                                                       : name;
  }

  /// The verdict that the cell's reason and its counterexample are about.
  static Verdict explained(const Cell& cell) {
    return is_about_fault(cell) ? cell.verdict : cell.fault_free;
  }

  static void forget_fault_free(Cell& cell) {
    cell.fault_free_reason.clear();
    cell.fault_free_culprit = model::kNone;
  }

  static std::string told_fault_free(const Cell& cell) {
    const std::string name = to_string(cell.fault_free);
    return cell.fault_free_reason.empty() ? name
                                          : fmt::format("{} ({})", name, cell.fault_free_reason);
  }

  /// Why it is what it is without a fault, where the reason of the joined cell is about what it
  /// comes to with one.
  void tell_fault_free(Cell& cell, const Cell& works, const Cell& idle, bool is_idle) const {
    const Cell& first = is_idle ? idle : works;
    const Cell& second = is_idle ? works : idle;
    forget_fault_free(cell);
    if (cell.verdict == cell.fault_free || is_good(cell.fault_free) || !is_about_fault(first))
      return;
    for (const Cell* each : {&first, &second}) {
      if (each->fault_free != cell.fault_free || each->fault_free_reason.empty()) continue;
      cell.fault_free_reason = each->fault_free_reason;
      cell.fault_free_culprit = each->fault_free_culprit;
      return;
    }
    if (is_about_fault(second))
      cell.fault_free_reason = either(told_fault_free(works), told_fault_free(idle));
  }

  std::string either(const std::string& if_works, const std::string& if_idle) const {
    return fmt::format("if {} {}: {}; if not: {}", fmt::join(names_, " and "),
                       names_.size() == 1 ? "works" : "work", if_works, if_idle);
  }

  Cell join(const Cell& works, const Cell& idle) const {
    if (!works.applicable || !idle.applicable) return works;
    const Verdict verdict = joined(explained(works), explained(idle));
    const Verdict if_works = works.if_works.value_or(explained(works));
    const Verdict if_idle = idle.if_works.value_or(explained(idle));
    const bool both_bad = is_certain(explained(works)) && is_certain(explained(idle));
    const bool other =
        both_bad ? is_worse(explained(works), explained(idle)) : is_certain(explained(idle));
    Cell cell = other ? idle : works;
    cell.verdict = joined(works.verdict, idle.verdict);
    cell.fault_free = joined(works.fault_free, idle.fault_free);
    const bool besides = !cell.fault_free_reason.empty();
    tell_fault_free(cell, works, idle, other);
    const bool guessed = works.if_works || idle.if_works;
    if (is_good(verdict) || (if_works == if_idle && !guessed)) return cell;
    if (!besides && (works.unsaid_traffic || idle.unsaid_traffic)) return cell;
    cell.if_works = if_works;
    cell.if_idle = if_idle;
    const bool slow = verdict == Verdict::too_slow;
    const std::string what = verdict == Verdict::unknown ? why(works, idle) + ": "
                             : slow                      ? cell.reason + ": "
                                                         : std::string();
    if (verdict == Verdict::unknown && !names_.empty()) cell.culprit = guesser(works, idle);
    cell.reason = what + either(told(works, if_works), told(idle, if_idle));
    if (verdict != cell.verdict)
      forget_fault_free(cell);  // the reason is not about what it comes to with a fault
    return cell;
  }

  /// The opaque step, from the cell that says it.
  static model::StepIndex guesser(const Cell& works, const Cell& idle) {
    return works.if_works || !idle.if_works ? works.culprit : idle.culprit;
  }

  /// Why it is not known, from the cell that says it.
  std::string why(const Cell& works, const Cell& idle) const {
    for (const Cell* cell : {&works, &idle}) {
      if (explained(*cell) == Verdict::unknown) return cell->reason;
    }
    return fmt::format("what {} {} is not known", fmt::join(names_, " and "),
                       names_.size() == 1 ? "does" : "do");
  }

  void join_stops(Matrix& all) const {
    std::erase_if(all.deploy_stops, [&](const DeployStop& stop) {
      return std::ranges::none_of(idle_.deploy_stops,
                                  [&](const DeployStop& other) { return other.step == stop.step; });
    });
  }

  /// Past both points there is no way back for certain.
  void join_points(Matrix& all) {
    const auto& a = works_.point_of_no_return;
    const auto& b = idle_.point_of_no_return;
    all.point_of_no_return_decided =
        works_.point_of_no_return_decided && idle_.point_of_no_return_decided;
    all.point_of_no_return.reset();
    if (!a || !b) {
      // A reading has a step work or not: whether undos take back what a step of the deploy really
      // does, neither knows.
      const bool guessed = std::ranges::any_of(all.opaque, [&](const auto& each) {
        return plan_.find_step(each.first) < plan_.deploy_count;
      });
      all.point_of_no_return_decided = all.point_of_no_return_decided && !a && !b && !guessed;
      return;
    }
    const std::size_t first = row_of_works_[a->interruption];
    const std::size_t second = row_of_idle_[b->interruption];
    all.point_of_no_return = first >= second ? *a : *b;
    all.point_of_no_return->interruption = std::max(first, second);
    all.point_of_no_return_decided = all.point_of_no_return_decided && first == second;
  }

  void join_completeness(Completeness& all) const {
    const Completeness& other = idle_.completeness;
    all.states += other.states;
    all.transitions += other.transitions;
    for (const auto& [fault, count] : other.faults) all.faults[fault] += count;
    all.operations_run = std::max(all.operations_run, other.operations_run);
    if (other.level != Completeness::Level::bounded || all.bound == other.bound) return;
    all.level = Completeness::Level::bounded;
    all.bound += (all.bound.empty() ? "" : "; ") + other.bound;
  }

  const model::Plan& plan_;
  Matrix works_;
  const Matrix& idle_;
  std::vector<std::string> names_;
  std::map<std::size_t, std::size_t> row_of_works_;
  std::map<std::size_t, std::size_t> row_of_idle_;
};

}  // namespace

std::vector<model::StepIndex> beyond_imagining(const services::Context& context,
                                               const services::World& start,
                                               const std::map<std::string, std::string>& opaque) {
  const model::Plan& plan = context.plan();
  std::vector<services::World> worlds = {start};
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    worlds.push_back(
        services::run(context, worlds.back(), services::action_of(plan, plan.steps[step])).world);
  }
  std::vector<model::StepIndex> beyond;
  for (const auto& [id, why] : opaque) {
    const model::StepIndex step = plan.find_step(id);
    if (step == model::kNone || step < plan.deploy_count) continue;
    for (const model::StepIndex undone : undone_by(plan, step)) {
      const services::States& before = worlds[undone].states;
      const services::States& after = worlds[undone + 1].states;
      bool whole = false;
      for (std::size_t at = before.next_difference(after, 0); at < before.size();
           at = before.next_difference(after, at + 1)) {
        whole = whole || dynamic_cast<const services::Record*>(before[at].get()) == nullptr;
      }
      const services::Action action = services::action_of(plan, plan.steps[undone]);
      if (whole && services::undo_of(context, worlds[undone], action).actions.empty())
        beyond.push_back(step);
    }
  }
  return beyond;
}

Matrix both(const model::Plan& plan, Matrix works, const Matrix& idle,
            const std::vector<model::StepIndex>& beyond) {
  return Joiner(plan, std::move(works), idle, beyond).join();
}

Matrix explore(const services::Context& context, const services::World& start,
               const SearchOptions& options) {
  return explore(context, start, options, {});
}

Matrix explore(const services::Context& context, const services::World& start,
               const SearchOptions& options, const std::vector<Predicate>& predicates) {
  Matrix matrix = explore_as({}, context, start, options, predicates);
  assert_sound(matrix);
  if (matrix.opaque.empty()) return matrix;
  const std::vector<model::StepIndex> beyond = beyond_imagining(context, start, matrix.opaque);
  Matrix joined =
      both(context.plan(), std::move(matrix),
           explore_as({.all_idle = true, .idle = {}}, context, start, options, predicates), beyond);
  joined = with_mixes(std::move(joined), context, start, options, predicates);
  assert_sound(joined);
  return joined;
}

}  // namespace backout::simulator
