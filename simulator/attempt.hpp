#pragma once
// One attempt at one task: what becomes true and what the runner is told.

#include <optional>

#include "simulator/chooser.hpp"
#include "simulator/setting.hpp"

namespace backout::simulator {

enum class Truth : std::uint8_t { none, part, all };
enum class Observed : std::uint8_t { ok, error, timeout };

struct Attempt {
  WorldId world = 0;
  Truth truth = Truth::none;
  Observed observed = Observed::ok;
  std::optional<Fault> fault;  ///< the fault that made it so
  bool pending = false;        ///< the effect is still to come: Fault::late
  bool hopeless = false;       ///< trying again is no use until a person goes on: Fault::down
  bool opaque = false;         ///< nobody can tell what it does: the world is as the reading says
  TextId message = 0;          ///< why it was refused, failed or is opaque
};

/// Runs the task's actions one after the other, up to the first that refuses. No checks, no faults.
Attempt land(Worlds& worlds, const Task& task, WorldId world);

/// One attempt with its precheck and verify. `faults` allows at most one fault; the chooser says
/// which.
Attempt attempt(Setting& setting, const Task& task, WorldId world, bool faults, Chooser& chooser);

/// The faults that may befall the attempt in this world, in the order in which attempt() offers
/// them to the chooser behind the plain course of events. Empty: the attempt fails without any.
std::vector<Fault> possible_faults(Setting& setting, const Task& task, WorldId world);

/// The attempt when the app that it starts, or sends traffic to, does not serve; nullopt where that
/// cannot be.
std::optional<Attempt> unhealthy_attempt(Setting& setting, const Task& task, WorldId world);

/// What the step's `verify` says of a world: the reason why it fails, or 0. Checks that cannot be
/// evaluated pass: they only look, and the world is known.
TextId failing_verify(Setting& setting, const Task& task, WorldId world);

/// Prefixes of the task's pieces after which it may stop half way: the worlds, in order. Empty: it
/// is atomic.
std::vector<WorldId> halves(Worlds& worlds, const Task& task, WorldId world);

/// Whether the task may still take effect after its runner gave up: not where a tool was told what
/// shall be and another word takes its place.
bool may_come_late(const Worlds& worlds, const Task& task);

}  // namespace backout::simulator
