#pragma once
// Downs that are missing or broken, written anew from what differs between the states before and
// after their ups, and judged like any other.

#include <cstddef>
#include <string>
#include <vector>

#include "analyzer/migrations/chain_judge.hpp"
#include "postgres/catalog/database.hpp"

namespace backout::analyzer {

/// A down that was written for a migration whose own is missing or broken.
struct WrittenDown {
  std::size_t at = 0;  ///< of the set
  std::string
      up;  ///< the up with what it has to keep aside before; empty: the up may stay as it is
  std::string down;
  std::string drops;  ///< of the copies: the end of `down`, which has them only where it is known
                      ///< that nothing is lost
  std::vector<std::string> cannot;  ///< what could not be written
  PairJudgement judgement;          ///< of the pair as it was written
  bool is_honest() const { return judgement.verdict == PairVerdict::honest; }
  /// Whether it runs and restores the schema with any rows, so that only rows of before are lost.
  bool loses_only_rows() const;
};

/// Judges `set` from `start` on and writes a down for every judged migration whose up runs and
/// whose down is missing or broken. `sources` gets the written texts.
std::vector<WrittenDown> write_downs(const model::MigrationSet& set, model::Sources& sources,
                                     const JudgeOptions& options,
                                     const postgres::Database& start = {});

}  // namespace backout::analyzer
