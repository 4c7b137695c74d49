#pragma once
// Small questions that several rules ask.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/rule.hpp"

namespace backout::analyzer {

/// A finding placed at a step's id. The registry fills in the rule's name.
model::Finding about_step(const model::Plan& plan, model::StepIndex step, model::Severity severity,
                          std::string message);

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// Objectives that hold for a path: its own; the plan's for paths that claim to restore everything and have none of
/// that phase themselves.
std::vector<model::Objective> objectives_of(const model::Plan& plan, const model::RollbackPath& path);

struct TimeRange {
  std::int64_t low_ms = 0;
  std::int64_t high_ms = 0;
};
/// The time that counts for a phase: total = response + steps + checks, execute = steps, verify = checks.
/// Nullopt for phases that no step decides (detect, decide).
std::optional<TimeRange> phase_time(const model::Plan& plan, const model::Schedule& schedule,
                                    const std::string& phase);

/// Whether some path with an objective or a stated total has the step.
bool on_timed_path(const model::Plan& plan, model::StepIndex step);

/// The conditions without parts below `condition`.
std::vector<const model::Condition*> leaves(const model::Condition& condition);

/// Keeps one of findings that agree in place and severity: the first.
void drop_repeated(std::vector<model::Finding>& findings);

}  // namespace backout::analyzer
