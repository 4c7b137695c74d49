#include "simulator/decisions.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/situation.hpp"

namespace backout::simulator {
namespace {

/// The path that a decision means; kNone when it means none.
model::PathIndex path_meant(const model::Plan& plan, const model::DecisionRule& rule) {
  const bool takes_one =
      model::rolls_back(rule.decide) || rule.decide == model::DecisionRule::Outcome::disable_flag;
  return takes_one ? model::path_of(plan, rule) : model::kNone;
}

/// The best cell of the path behind the begin of the deploy; nullptr when it is offered nowhere
/// there.
const Cell* best_of(const Matrix& matrix, model::PathIndex path) {
  const Cell* best = nullptr;
  for (const Cell& cell : matrix.cells) {
    const Interruption& row = matrix.interruptions[cell.interruption];
    if (cell.path != path || !cell.applicable || (row.done.empty() && !row.half)) continue;
    if (best == nullptr || is_worse(best->fault_free, cell.fault_free)) best = &cell;
  }
  return best;
}

/// Whether the rule asks metrics only: what they show is asked for at any time, when the deploy has
/// ended, too.
bool asks_metrics(const model::Condition& when) {
  if (when.parts.empty()) return when.type == model::Condition::Type::metric && !when.window;
  return std::ranges::all_of(when.parts, asks_metrics);
}

/// Whether the path is offered somewhere, and not once the whole deploy has run.
bool ends_too_early(const Matrix& matrix, model::PathIndex path) {
  bool somewhere = false;
  const Cell* last = nullptr;
  for (const Cell& cell : matrix.cells) {
    if (cell.path != path) continue;
    somewhere = somewhere || cell.applicable;
    if (last == nullptr || cell.interruption > last->interruption) last = &cell;
  }
  return somewhere && last != nullptr && !last->applicable;
}

/// The decision is for a path that does not do it.
model::Finding about(const model::Plan& plan, const model::DecisionRule& rule,
                     model::PathIndex path, model::Severity severity, std::string_view wrong,
                     std::string fix) {
  model::Finding finding;
  finding.rule = "decision-path-fails";
  finding.severity = severity;
  finding.span = rule.span;
  finding.message = fmt::format("the decision is for path '{}', {}", plan.paths[path].name, wrong);
  finding.related.push_back({plan.paths[path].span, "the path"});
  finding.fix = std::move(fix);
  return finding;
}

}  // namespace

std::vector<model::Finding> findings_of_decisions(const model::Plan& plan, const Matrix& matrix) {
  std::map<model::PathIndex, model::Finding> found;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    const model::PathIndex path = path_meant(plan, rule);
    if (path == model::kNone || plan.paths[path].steps.empty()) continue;
    const Cell* best = best_of(matrix, path);
    // That a path is slow is said by method-slower-than-objective.
    const bool fails = best != nullptr && is_worse(best->fault_free, Verdict::too_slow);
    if (!fails && !(asks_metrics(rule.when) && ends_too_early(matrix, path))) continue;
    if (const auto said = found.find(path); said != found.end()) {
      said->second.related.push_back({rule.span, "this decision, too"});
    } else if (fails) {
      found.emplace(
          path,
          about(plan, rule, path, model::Severity::error,
                fmt::format("which works from nowhere: at best it is {}, when the deploy stops {}",
                            to_string(best->fault_free),
                            matrix.interruptions[best->interruption].label),
                "mend the path, or decide for one that works"));
    } else {
      found.emplace(path, about(plan, rule, path, model::Severity::warning,
                                "which is not offered once the deploy has ended: what the metric "
                                "shows then is answered by nothing",
                                "decide for a path that is offered after the last step, or let the "
                                "metric count only so long (`within`)"));
    }
  }
  std::vector<model::Finding> findings;
  for (auto& [path, finding] : found) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace backout::simulator
