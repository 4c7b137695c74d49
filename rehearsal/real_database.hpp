#pragma once
// A database on a real server as the judge of migrations asks of it.

#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "analyzer/migrations/engine.hpp"
#include "rehearsal/scratch.hpp"

namespace backout::rehearsal {

/// The server went away, or gave no database. Thrown through the judge, caught by rehearse().
struct ServerLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a statement of a script was seen to do.
struct Observed {
  analyzer::Bytes place;    ///< in the script
  double milliseconds = 0;  ///< the longest that was seen
  std::vector<std::string>
      locks;  ///< "ACCESS EXCLUSIVE on public.users", sorted; none outside a transaction
};

/// What happened on the server besides the answers to the judge.
struct Observations {
  std::map<const model::SqlText*, std::map<std::size_t, Observed>>
      statements;                         ///< by script and first byte
  std::vector<std::string> refused_rows;  ///< rows that the fake made and PostgreSQL did not take
};

/// An empty database on `server`. Beside it runs the fake, which makes the rows. `seen` outlives
/// all worlds.
std::unique_ptr<analyzer::DatabaseState> real_database(const std::shared_ptr<ScratchServer>& server,
                                                       Observations& seen);

}  // namespace backout::rehearsal
