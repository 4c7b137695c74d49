#pragma once
// The same ups, downs and rows as `backout migrations`, on a real PostgreSQL, and whether both say
// the same.

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/rehearsed.hpp"
#include "postgres/catalog/database.hpp"
#include "rehearsal/real_database.hpp"

namespace backout::rehearsal {

/// One chain as PostgreSQL judges it.
struct Rehearsal {
  analyzer::ChainJudgement judgement;
  analyzer::Rehearsed rehearsed;
};

/// Judges the chain on the fake, from `start` on, and on databases of `server`; why the server did
/// not go through with it otherwise. `options.for_each` is for the fake: scratch databases are
/// worked on one by one.
tl::expected<Rehearsal, std::string> rehearse(const model::MigrationSet& set,
                                              const model::Sources& sources,
                                              const analyzer::JudgeOptions& options,
                                              const std::shared_ptr<ScratchServer>& server,
                                              const postgres::Database& start = {});

}  // namespace backout::rehearsal
