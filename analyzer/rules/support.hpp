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

/// One list of steps as it runs: the deploy, or a path after the whole deploy, fault-free.
struct Run {
  std::string name;                      ///< "the deploy", "path 'full'"
  model::PathIndex path = model::kNone;  ///< kNone: the deploy
  const std::vector<Replayed>* steps = nullptr;
};
/// The deploy, then every path.
std::vector<Run> runs_of(const Facts& facts);

/// Whether the step discards data or a thing for good: its kind says so, or a replay of it loses
/// data.
bool is_destructive(const Facts& facts, const Replayed& replayed);

/// Whether the step was refused before it changed anything: step-refused says so, and what it would
/// have done it did not.
bool is_refused(const Replayed& replayed);

/// Whether the plan declares as residue everything essential that the step changes, and it changes
/// something.
bool is_residue(const Facts& facts, const Replayed& replayed);

/// Whether the plan says of the step, or of its service, what may stay behind.
bool is_declared(const model::Plan& plan, const model::Step& step);

/// Whether a check can stop what follows it: it is there and has something to fail on.
bool can_stop(const std::vector<model::Check>& checks);

/// Whether the step only looks: a `run` with `effects: none` does so when its command is known to
/// change nothing.
bool is_a_look(const Facts& facts, model::StepIndex step);

}  // namespace backout::analyzer
