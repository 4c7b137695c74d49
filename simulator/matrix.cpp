#include "simulator/matrix.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/schedule.hpp"
#include "simulator/cells.hpp"
#include "simulator/existence.hpp"
#include "simulator/packed_state.hpp"
#include "simulator/predicate.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::unknown:
      return "UNKNOWN";
    case Verdict::stuck:
      return "STUCK";
    case Verdict::data_lost:
      return "DATA LOST";
    case Verdict::not_restored:
      return "NOT RESTORED";
    case Verdict::down:
      return "DOWN";
    case Verdict::incompatible:
      return "INCOMPATIBLE";
    case Verdict::too_slow:
      return "TOO SLOW";
    case Verdict::restored_with_residue:
      return "RESTORED WITH RESIDUE";
    case Verdict::works:
      return "WORKS";
    case Verdict::restored:
      return "RESTORED";
  }
  return "";
}

void assert_sound(const Matrix& matrix) {
  assert(matrix.cells.size() == matrix.interruptions.size() * matrix.paths.size());
  for (std::size_t at = 0; at < matrix.cells.size(); ++at) {
    const Cell& cell = matrix.cells[at];
    assert(cell.interruption == at / matrix.paths.size() && cell.path == at % matrix.paths.size());
    if (!cell.applicable) continue;
    assert(!is_worse(cell.fault_free, cell.verdict) && "a fault makes no cell better");
    assert(cell.time_low_ms <= cell.time_high_ms);
    assert(is_good(cell.verdict) || !cell.reason.empty());
  }
}

std::int64_t fault_budget(const model::Plan& plan, const SearchOptions& options) {
  const std::int64_t planned = plan.limits.faults >= 0 ? plan.limits.faults : kDefaultFaults;
  return std::min(options.faults >= 0 ? options.faults : planned, kMostFaults);
}

std::string unmet_before(const services::CheckResult& then) {
  if (then.value == services::CheckResult::Value::pass) return "";
  const char* how =
      then.value == services::CheckResult::Value::fail ? "does not hold" : "cannot be decided";
  return fmt::format("{} before the deploy{}", how, then.why.empty() ? "" : ", " + then.why);
}

namespace {

void bounded(Completeness& completeness, const std::string& by) {
  completeness.level = Completeness::Level::bounded;
  if (!completeness.bound.empty()) completeness.bound += "; ";
  completeness.bound += by;
}

/// Step checks and invariants that nothing in the model can evaluate.
std::vector<std::string> unchecked(Setting& setting) {
  std::vector<std::string> all;
  const auto look = [&](const std::string& what, const model::Check& check) {
    const services::CheckResult& result = setting.worlds().check(Worlds::start(), check);
    if (result.value == services::CheckResult::Value::unknown)
      all.push_back(fmt::format("{}: {}", what, result.why));
  };
  for (const model::Step& step : setting.plan().steps) {
    for (const model::Check& check : step.precheck)
      look(fmt::format("precheck of '{}'", step.id), check);
    for (const model::Check& check : step.verify)
      look(fmt::format("verify of '{}'", step.id), check);
  }
  for (const auto& [step, why] : setting.worlds().unseen())
    all.push_back(fmt::format("'{}': {}", step, why));
  for (const model::Invariant& invariant : setting.plan().invariants) {
    look(fmt::format("invariant '{}'", invariant.name), invariant.check);
  }
  for (std::size_t i = 0; i < setting.worlds().predicates().size(); ++i) {
    const std::string unmet = unmet_before(setting.worlds().holds(Worlds::start(), i));
    if (!unmet.empty())
      all.push_back(
          fmt::format("predicate '{}': {}", setting.worlds().predicates()[i].name, unmet));
  }
  return all;
}

Matrix not_explored(const model::Plan& plan, const std::string& why) {
  Matrix matrix;
  matrix.interruptions.push_back({{}, std::nullopt, "before the deploy"});
  for (model::PathIndex path = 0; path < plan.paths.size(); ++path) {
    matrix.paths.push_back(plan.paths[path].name);
    Cell cell;
    cell.path = path;
    cell.reason = why;
    matrix.cells.push_back(std::move(cell));
  }
  bounded(matrix.completeness, why);
  matrix.point_of_no_return_decided = false;
  return matrix;
}

/// Whether a path that claims to restore everything does so from a row.
std::vector<bool> restored_rows(const Matrix& matrix, const Setting& setting) {
  std::vector<bool> restored(matrix.interruptions.size(), false);
  for (const Cell& cell : matrix.cells) {
    if (is_good(cell.fault_free) && cell.applicable && setting.books().paths[cell.path].full)
      restored[cell.interruption] = true;
  }
  return restored;
}

void complete(Matrix& matrix, Setting& setting, const Deploys& deploys, const Search& search) {
  Completeness& completeness = matrix.completeness;
  completeness.states = search.states() + deploys.states();
  completeness.transitions = search.transitions() + deploys.transitions();
  completeness.unchecked = unchecked(setting);
  completeness.operations = setting.worlds().operation_count();
  completeness.operations_run = setting.worlds().operations_run();
  if (completeness.faults_at_once > 0) {
    for (const Fault fault : setting.faults()) {
      if (!is_timed(fault)) completeness.faults[to_string(fault)] = setting.fired(fault);
    }
    if (setting.fired(Fault::unhealthy) > 0) {
      completeness.faults[to_string(Fault::unhealthy)] = setting.fired(Fault::unhealthy);
    }
  }
  if (!deploys.bound().empty()) bounded(completeness, deploys.bound());
  if (search.limit_reached()) {
    bounded(completeness,
            search.stopped() ? "the search was stopped" : "the limit of states was reached");
  }
}

}  // namespace

namespace {

/// All begins of rollbacks that cells ask for, in their order.
std::vector<RunState> begins(const Setting& setting, const Deploys& deploys, Runner& runner,
                             std::int64_t faults, const Wanted& wanted) {
  std::vector<RunState> all;
  for (std::size_t row = 0; row < deploys.interruptions().size(); ++row) {
    for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
      if (!is_offered(setting, deploys.interruptions()[row], setting.books().paths[path])) continue;
      if (wanted && !wanted(deploys.interruptions()[row], path)) continue;
      for (const std::int64_t each : {std::int64_t{0}, faults}) {
        for (const std::size_t stop : deploys.stops(row)) {
          if (const auto begin = begin_at(deploys, runner, stop, path, each)) all.push_back(*begin);
        }
      }
    }
  }
  return all;
}

}  // namespace

Matrix explore_as(const Reading& reading, const services::Context& context,
                  const services::World& start, const SearchOptions& options,
                  const std::vector<Predicate>& predicates, const Wanted& wanted) {
  const model::Plan& plan = context.plan();
  Worlds worlds(context, start, true, reading);
  worlds.require(predicates);
  std::vector<std::string> unknown_kinds;
  const auto& kinds = options.fault_kinds.empty() ? plan.limits.fault_kinds : options.fault_kinds;
  Setting setting(worlds, fault_set(kinds, unknown_kinds));
  if (!setting.books().too_large.empty()) return not_explored(plan, setting.books().too_large);

  Matrix matrix;
  matrix.completeness.faults_at_once = fault_budget(plan, options);
  matrix.completeness.traffic_at_once = plan.limits.traffic > 0 ? kTrafficPlain : 0;
  const std::uint64_t limit =
      plan.limits.states > 0 ? static_cast<std::uint64_t>(plan.limits.states) : options.max_states;
  Search search(
      setting, limit,
      {.reduction = options.reduction, .threads = options.threads, .go_on = options.go_on});
  Deploys deploys(setting, search.runner(), matrix.completeness.faults_at_once > 0);
  deploys.explore();
  matrix.interruptions = deploys.interruptions();
  matrix.deploy_stops = deploys.refusals();
  for (const Playbook& path : setting.books().paths) matrix.paths.push_back(path.name);

  const std::int64_t faults = matrix.completeness.faults_at_once;
  if (!search.prepare(begins(setting, deploys, search.runner(), faults, wanted))) {
    // What is bounded is bounded in the order of one thread.
    SearchOptions alone = options;
    alone.threads = 1;
    return explore_as(reading, context, start, alone, predicates, wanted);
  }
  Cells cells(setting, search, deploys, matrix.completeness.faults_at_once);
  for (std::size_t row = 0; row < matrix.interruptions.size(); ++row) {
    for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
      if (wanted && !wanted(matrix.interruptions[row], path)) {
        Cell& left = matrix.cells.emplace_back();
        left.interruption = row;
        left.path = path;
        left.applicable = false;
      } else {
        matrix.cells.push_back(cells.judge(row, path));
      }
    }
  }
  matrix.unsaid_traffic = cells.unsaid_traffic();
  matrix.opaque = worlds.opaque();
  bool undecided = !matrix.unsaid_traffic.empty() || cells.any_ended() || static_cast<bool>(wanted);
  if (!wanted)
    matrix.point_of_no_return =
        point_of_no_return(setting, deploys, restored_rows(matrix, setting), undecided);
  complete(matrix, setting, deploys, search);
  // A bound takes back what it touches: behind it may lie an earlier point than the one that was
  // found, or one at all.
  const bool all_looked_at = matrix.completeness.level == Completeness::Level::exhaustive;
  matrix.point_of_no_return_decided =
      !undecided && (all_looked_at || matrix.point_of_no_return.has_value());
  for (const std::string& name : unknown_kinds) {
    bounded(matrix.completeness, fmt::format("'{}' is no fault kind", name));
  }
  return matrix;
}

}  // namespace backout::simulator
