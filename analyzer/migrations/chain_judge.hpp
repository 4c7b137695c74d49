#pragma once
// Replays a chain of migrations on the PostgreSQL fake and says of each pair whether its down is
// honest.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/migrations/engine.hpp"
#include "analyzer/migrations/verdict.hpp"
#include "model/migration.hpp"
#include "model/source.hpp"

namespace backout::analyzer {

/// Calls task(0) ... task(count - 1), in any order, several at once if it likes. Returns when all
/// are done.
using ForEach =
    std::function<void(std::size_t count, const std::function<void(std::size_t)>& task)>;

/// One task after the other.
void one_by_one(std::size_t count, const std::function<void(std::size_t)>& task);

/// What to judge, and on what.
struct JudgeOptions {
  std::vector<model::SqlText> schema;  ///< run before the chain: what the database holds already
  std::vector<bool> judged;  ///< by migration: the others are replayed only; empty: all are judged
  ForEach for_each = one_by_one;  ///< runs the parts that do not wait for each other; the verdicts
                                  ///< do not depend on it
  /// How many states of the database are kept at once, thrice: large enough that waiting for the
  /// slowest of a batch is a small part, small enough for memory.
  std::size_t batch = 64;
  /// Told of each judged migration whose up ran, with the states before and after it; from several
  /// threads at once. May be empty.
  std::function<void(std::size_t at, const PairJudgement& judgement, const DatabaseState& base,
                     const DatabaseState& after)>
      watch;
  /// Asked before each script that runs, from several threads at once; false: no more is looked at,
  /// and what was not is unknown. May be empty.
  std::function<bool()> go_on;
};

/// The downs of a whole chain, run from the newest back.
struct ChainRollback {
  std::size_t judged = 0;  ///< migrations of the chain
  std::size_t undone = 0;  ///< downs that ran, from the newest
  std::string stopped_at;  ///< id of the migration whose down stops the chain, empty when none does
  Reason reason;           ///< why it stops there
};

/// Verdicts in the order of the chain.
struct ChainJudgement {
  std::vector<PairJudgement> judgements;
  ChainRollback rollback;
  std::vector<Reason> schema_mistakes;  ///< statements of JudgeOptions::schema that were refused
};

/// Judges the migrations of `set`.
///
/// Each up runs on what all ups before it made, as in a deploy. After an up that is refused the
/// chain goes on with the statements of it that run, as an operator would mend it by hand.
/// Deterministic; near-linear in the number of migrations. Statements that the fake cannot follow
/// make the answers that depend on them unknown. `start` is the empty database; it is used up.
ChainJudgement judge_chain(const model::MigrationSet& set, const model::Sources& sources,
                           const JudgeOptions& options, std::unique_ptr<DatabaseState> start);

}  // namespace backout::analyzer
