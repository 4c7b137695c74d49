#pragma once
// Draws plans: any plan over a vocabulary, for tests of whatever reads plans, and plans whose
// rollback works because of how they are made, for tests that nothing is reported without a reason.

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/chooser.hpp"
#include "simulator/testing/plan_sketch.hpp"

namespace backout::simulator {

/// An action that a vocabulary knows.
struct ActionWord {
  LineSketch action;
  std::string undo;  ///< the action that takes it back from where the services start, any number of
                     ///< times; empty: none
  std::string check;  ///< a check that holds when it is taken back and not before; empty: none
};

/// What plans are drawn from.
struct Vocabulary {
  std::vector<ServiceSketch> services;  ///< every plan has them all
  std::vector<ActionWord> actions;      ///< at least one
  std::vector<LineSketch> invariants;   ///< each is in every third plan
  std::vector<LineSketch> residue;      ///< the same
};

/// Two stores, three configurations, an app of two versions with live operations, a notifier, a
/// person.
const Vocabulary& small_vocabulary();

/// How large plans are.
struct PlanLimits {
  std::size_t deploy_steps = 5;    ///< at most; at least two
  std::size_t deploy_lanes = 3;    ///< steps of one lane wait for each other; at most
  std::size_t rollback_steps = 5;  ///< at most; at least two
  std::size_t rollback_lanes = 4;
  std::size_t traffic = 2;  ///< at most
};

/// Any plan: lanes of steps with edges between them, two paths, retries, timeouts, jumps. Some
/// rollbacks work, many do not. The same answers give the same plan.
PlanSketch draw_plan(Chooser& chooser, const Vocabulary& vocabulary = small_vocabulary(),
                     const PlanLimits& limits = {});

/// A plan whose rollback restores everything: steps of actions that can be undone, each at most
/// once, and their undos in reverse order. It does so under every default fault kind; with
/// `checked`, undos are verified where the vocabulary has a check, which protects from lying_ok,
/// too. `vocabulary` needs an action with an undo (and a check); those actions must not depend on
/// each other, and live operations must work with and without each. Rollback limits do not count.
PlanSketch draw_working_plan(Chooser& chooser, const Vocabulary& vocabulary = small_vocabulary(),
                             const PlanLimits& limits = {}, bool checked = false);

/// simpler() for a plan of draw_working_plan: a step goes with its undo, and checks stay, so that
/// each still works.
std::vector<PlanSketch> simpler_working(const PlanSketch& plan);

}  // namespace backout::simulator
