#pragma once
// What a rehearsal on a real PostgreSQL adds to a judgement that is PostgreSQL's own.

#include <cstddef>
#include <string>
#include <vector>

#include "model/source.hpp"

namespace backout::analyzer {

/// An answer of the static verdict that is not what PostgreSQL says.
struct Disagreement {
  std::string migration;
  std::string
      question;        ///< "up", "down", "schema", "data", "new rows", "up again" or "next insert"
  std::string said;    ///< the static answer
  std::string real;    ///< PostgreSQL's
  std::string reason;  ///< PostgreSQL's first reason for it; empty when it has none
};

/// What a statement was seen to do on a server.
struct SeenStatement {
  model::Span span;
  double milliseconds = 0;         ///< the longest that was seen
  std::vector<std::string> locks;  ///< "ACCESS EXCLUSIVE on public.users", sorted
};

/// All of a chain.
struct Rehearsed {
  std::string server;       ///< "PostgreSQL 15.20"
  std::size_t answers = 0;  ///< that the static verdict gave, too
  std::size_t unknown = 0;  ///< that it left unknown
  std::vector<Disagreement> disagreements;
  std::vector<SeenStatement> downs;  ///< in the order of the chain
  std::vector<std::string>
      refused_rows;  ///< rows that were made for it and PostgreSQL did not take
};

}  // namespace backout::analyzer
