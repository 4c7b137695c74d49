#pragma once
// Where a rollback run is. Small and comparable: two runs in the same state have the same future.

#include <cstdint>
#include <functional>

#include "simulator/playbook.hpp"

namespace backout::simulator {

/// What the runner is doing.
enum class Phase : std::uint8_t {
  running,  ///< between two tasks
  stopped,  ///< a task failed and nothing handles it: a person takes over at `task`
  ended,    ///< every task ended
  stuck,    ///< nothing more can run; `why` says what stands in the way
};

struct RunState {
  WorldId world = 0;
  SetId expected = 0;      ///< data that must be there at the end
  SetId traffic = 0;       ///< operations that live traffic ran
  SetId deployed = 0;      ///< deploy steps that ran, as far as the paths ask for them
  SetId broken = 0;        ///< operations that were refused already where the deploy stopped
  std::uint32_t late = 0;  ///< 1 + index of an effect still to come, see Runner; 0: none
  TextId why = 0;          ///< stuck: why; else with `opaque`: what nobody can tell the effect of
  StepSet ended;
  StepSet landed;  ///< tasks whose whole effect came about once, where a person may ask
  std::uint16_t path = 0;
  std::uint16_t task = 0;
  std::uint8_t faults_left = 0;
  std::uint8_t traffic_left = 0;
  std::uint8_t round = 0;  ///< 1: the path was started over
  Phase phase = Phase::running;
  bool began = false;    ///< a task ran
  bool faulted = false;  ///< a fault befell this run
  bool opaque =
      false;  ///< a step ran whose effect nobody can tell: the world is as the reading says

  friend bool operator==(const RunState&, const RunState&) = default;
};

struct RunStateHash {
  std::size_t operator()(const RunState& s) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto mix = [&](std::uint64_t value) {
      hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 32;
    };
    mix(std::uint64_t{s.world} << 32 | s.expected);
    mix(std::uint64_t{s.traffic} << 32 | s.deployed);
    mix(std::uint64_t{s.broken} << 32 | s.late);
    mix(std::hash<StepSet>{}(s.ended));
    mix(std::hash<StepSet>{}(s.landed));
    mix(std::uint64_t{s.why} << 32 | std::uint64_t{s.path} << 16 | s.task);
    mix(std::uint64_t{s.faults_left} << 40 | std::uint64_t{s.traffic_left} << 32 |
        std::uint64_t{s.round} << 16 | static_cast<std::uint64_t>(s.phase) << 8 |
        static_cast<std::uint64_t>(s.began) << 2 | static_cast<std::uint64_t>(s.faulted) << 1 |
        static_cast<std::uint64_t>(s.opaque));
    return hash;
  }
};

}  // namespace backout::simulator
