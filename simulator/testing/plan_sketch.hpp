#pragma once
// A plan as a small value that a test can draw, change, print and make smaller.
// simulator/testing/draw_plan.hpp draws them; simulator/testing/rapidcheck.hpp has generators.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backout::simulator {

/// A service of a sketch.
struct ServiceSketch {
  std::string name;
  std::string text;  ///< what it is, a YAML flow map: `{kind: config, items: {a: "1"}}`
  std::vector<std::string> uses;  ///< services that `text` names

  friend bool operator==(const ServiceSketch&, const ServiceSketch&) = default;
};

/// A part of the plan's text that speaks of a service: an action, an invariant, a residue.
struct LineSketch {
  std::string service;  ///< empty: of none
  std::string text;     ///< inside of a YAML flow map, or a whole entry

  friend bool operator==(const LineSketch&, const LineSketch&) = default;
};

struct StepSketch {
  std::string id;
  LineSketch action;                ///< `do: set, target: conf, key: a, value: "1"`
  std::vector<std::string> needs;   ///< steps of the same list
  std::vector<std::string> undoes;  ///< steps of the deploy; rollback only
  std::string takes;                ///< `1-3m`; empty: the plan does not say
  std::string timeout;              ///< `1m`; empty: none
  std::string verify;               ///< a check, `{fact: conf.items.a, is: "1"}`; empty: none
  std::int64_t retry = 0;
  std::string
      on_failure;  ///< `continue`, `goto:<step>`, `rollback:<path>`; empty: the language's default
  bool optional = false;
  bool always = false;  ///< rollback only

  friend bool operator==(const StepSketch&, const StepSketch&) = default;
};

struct PathSketch {
  std::string name;
  std::vector<std::string> steps;  ///< of the rollback
  bool full = true;                ///< it claims to restore everything

  friend bool operator==(const PathSketch&, const PathSketch&) = default;
};

/// A plan. What refers to what is by name, so that taking something away is finding its name.
struct PlanSketch {
  std::string name = "sketch";
  std::vector<ServiceSketch> services;
  std::vector<LineSketch> invariants;  ///< `has_k: {fact: other.items.k, is: "1", when: always}`
  std::vector<LineSketch> residue;     ///< `{path: other.items.l, reason: harmless}`
  std::int64_t traffic = 0;            ///< the plan's `limits: {traffic}`
  std::vector<StepSketch> deploy;      ///< at least one
  std::vector<StepSketch> rollback;    ///< at least one
  std::vector<PathSketch> paths;       ///< empty: all steps of the rollback, one path

  friend bool operator==(const PlanSketch&, const PlanSketch&) = default;
};

/// The plan in the plan language. It loads when names refer to what is there and the texts are what
/// the language takes.
std::string to_yaml(const PlanSketch& plan);

/// How much there is of it: services, steps, edges between steps, actions that do something, words
/// said about steps, paths and their steps, invariants, residue, operations of traffic, each 1.
std::size_t size_of(const PlanSketch& plan);

/// The plan without this step: what needed it then needs what it needed; undoes, jumps and paths
/// forget it, and a path without steps goes, too. `id` must be a step, and not the only one of its
/// list.
PlanSketch without_step(PlanSketch plan, const std::string& id);

/// Every plan that lacks one thing of this one, the largest things first: a step, a path, an edge,
/// a word about a step, an action (it becomes a person's task that changes nothing), an invariant,
/// traffic, a service that nothing speaks of. Each has fewer steps, or as many and is smaller by
/// size_of, so that going on for ever is impossible; each loads when `plan` does. Empty: nothing
/// can go.
std::vector<PlanSketch> simpler(const PlanSketch& plan);

}  // namespace backout::simulator
