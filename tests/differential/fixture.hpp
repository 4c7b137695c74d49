#pragma once
// Sequences that once told the fake from PostgreSQL: fixtures/sql/*.sql, with PostgreSQL's answers
// beside the statements.
//
//     CREATE TABLE a (b integer);
//     --> 00000 extra colorder|public.a; extra column|public.a.b; extra table|public.a
//     -- in one transaction
//     DROP TABLE a;
//     DROP TABLE a;
//     --> 42P01

#include <filesystem>
#include <string>
#include <vector>

#include "differential/oracle.hpp"

namespace backout::tests {

struct Fixture {
  std::string name;
  std::string head;  ///< the comment that says what it is about
  std::vector<Piece> pieces;
  std::vector<std::string>
      answers;  ///< of each piece: its SQLSTATE and what changed in the catalog
};

/// All fixtures of the folder, by name.
std::vector<Fixture> read_fixtures(const std::filesystem::path& folder);

/// What PostgreSQL or the fake answered to each piece, as a fixture says it. `outcomes` start with
/// that of no piece.
std::vector<std::string> answers_of(const std::vector<Outcome>& outcomes);

/// A fixture's text.
std::string print_fixture(const std::vector<Piece>& pieces, const std::vector<Outcome>& outcomes);

}  // namespace backout::tests
