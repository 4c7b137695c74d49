#pragma once
// The search model of a plan in Promela, for SPIN: the same states, the same transitions.

#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "simulator/interruptions.hpp"
#include "simulator/search.hpp"

namespace backout::simulator {

/// What the model has, for a reader and for a comparison with what SPIN says of it.
struct PromelaFacts {
  std::string impossible;         ///< why there is no model; empty: there is
  std::uint64_t begins = 0;       ///< begins of rollbacks, one state of SPIN's each
  std::uint64_t states = 0;       ///< of runs; SPIN stores `begins` more
  std::uint64_t transitions = 0;  ///< of runs; SPIN counts 2 * begins more
  std::set<Verdict> verdicts;     ///< of all states that are judged
  Verdict worst =
      Verdict::restored;  ///< of all runs, endless ones too, which SPIN does not look for
};

/// Writes every run of a rollback, from every state in which the deploy may stop, as a Promela
/// model.
///
/// The model is what Relation says: its rows become tables of C, and one guarded command per way
/// that a task, an operation, a late effect, a fault or a person may go reads them. The plan is
/// searched for that, every state of it, so the model is complete or, beyond `options.max_states`,
/// impossible.
PromelaFacts write_promela(const services::Context& context, const services::World& start,
                           const SearchOptions& options, std::ostream& out);

/// The begins of rollbacks wherever the deploy stopped: by each path that is offered there, without
/// faults and with at most `faults`.
std::vector<RunState> begins(const Setting& setting, const Deploys& deploys, Runner& runner,
                             std::int64_t faults);

}  // namespace backout::simulator
