#pragma once
// Small questions that several rules ask.

#include <algorithm>
#include <string>
#include <vector>

#include "analyzer/rule.hpp"
#include "model/objective.hpp"

namespace backout::analyzer {

/// A finding placed at a step's id. The registry fills in the rule's name.
model::Finding about_step(const model::Plan& plan, model::StepIndex step, model::Severity severity,
                          std::string message);

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// Whether some path with an objective or a stated total has the step.
bool on_timed_path(const model::Plan& plan, model::StepIndex step);

/// The conditions without parts below `condition`.
std::vector<const model::Condition*> leaves(const model::Condition& condition);

/// Keeps one of findings that agree in place and severity: the first.
void drop_repeated(std::vector<model::Finding>& findings);

}  // namespace backout::analyzer
