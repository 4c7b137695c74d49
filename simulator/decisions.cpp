#include "simulator/decisions.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

/// The path that a decision means; kNone when it means none.
model::PathIndex path_of(const model::Plan& plan, const model::DecisionRule& rule) {
  using Outcome = model::DecisionRule::Outcome;
  if (rule.decide > Outcome::recommended && rule.decide != Outcome::disable_flag) return model::kNone;
  return rule.path.empty() && plan.paths.size() == 1 ? 0 : plan.find_path(rule.path);
}

/// The best cell of the path behind the begin of the deploy; nullptr when it is offered nowhere there.
const Cell* best_of(const Matrix& matrix, model::PathIndex path) {
  const Cell* best = nullptr;
  for (const Cell& cell : matrix.cells) {
    const Interruption& row = matrix.interruptions[cell.interruption];
    if (cell.path != path || !cell.applicable || (row.done.empty() && !row.half)) continue;
    if (best == nullptr || is_worse(best->fault_free, cell.fault_free)) best = &cell;
  }
  return best;
}

/// Whether the rule asks metrics only: what they show is asked for at any time, when the deploy has ended, too.
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

model::Finding too_early(const model::Plan& plan, const model::DecisionRule& rule, model::PathIndex path) {
  model::Finding finding;
  finding.rule = "decision-path-fails";
  finding.severity = model::Severity::warning;
  finding.span = rule.span;
  finding.message = fmt::format("the decision is for path '{}', which is not offered once the deploy has ended: what the metric shows then is answered by nothing",
                                plan.paths[path].name);
  finding.related.push_back({plan.paths[path].span, "the path"});
  finding.fix = "decide for a path that is offered after the last step, or let the metric count only so long (`within`)";
  return finding;
}

}  // namespace

std::vector<model::Finding> findings_of_decisions(const model::Plan& plan, const Matrix& matrix) {
  std::map<model::PathIndex, model::Finding> found;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    const model::PathIndex path = path_of(plan, rule);
    if (path == model::kNone || plan.paths[path].steps.empty()) continue;
    if (const auto said = found.find(path); said != found.end()) {
      said->second.related.push_back({rule.span, "this decision, too"});
      continue;
    }
    const Cell* best = best_of(matrix, path);
    // That a path is slow is said by method-slower-than-objective.
    if (asks_metrics(rule.when) && ends_too_early(matrix, path)) {
      found.emplace(path, too_early(plan, rule, path));
      continue;
    }
    if (best == nullptr || !is_worse(best->fault_free, Verdict::too_slow)) continue;
    model::Finding finding;
    finding.rule = "decision-path-fails";
    finding.severity = model::Severity::error;
    finding.span = rule.span;
    finding.message = fmt::format("the decision is for path '{}', which works from nowhere: at best it is {}, when the deploy stops {}",
                                  plan.paths[path].name, to_string(best->fault_free), matrix.interruptions[best->interruption].label);
    finding.related.push_back({plan.paths[path].span, "the path"});
    finding.fix = "mend the path, or decide for one that works";
    found.emplace(path, std::move(finding));
  }
  std::vector<model::Finding> findings;
  for (auto& [path, finding] : found) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace backout::simulator
