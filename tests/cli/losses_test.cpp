// One sentence for what a rollback loses.
#include <gtest/gtest.h>

#include "reports/losses.hpp"

namespace backout::reports {
namespace {

using simulator::Cell;
using simulator::Loss;
using simulator::Matrix;
using simulator::Verdict;

Cell cell(std::size_t row, std::size_t path, Verdict verdict, std::vector<Loss> lost = {}) {
  Cell made;
  made.interruption = row;
  made.path = path;
  made.verdict = made.fault_free = verdict;
  made.lost = std::move(lost);
  return made;
}

Loss row_of(const std::string& table, bool since) {
  return {{"db.tables." + table + "#1", "db.tables." + table}, since};
}

Matrix two_paths() {
  Matrix matrix;
  matrix.paths = {"full", "code"};
  matrix.interruptions.resize(3);
  for (std::size_t row = 0; row < 3; ++row) {
    matrix.cells.push_back(cell(row, 0, Verdict::restored));
    matrix.cells.push_back(cell(row, 1, Verdict::works));
  }
  return matrix;
}

TEST(LossesInWords, AreNoneWhereNothingIsLost) { EXPECT_EQ(losses_in_words(two_paths()), ""); }

TEST(LossesInWords, CountWaysAndPlacesAndTellOldFromNew) {
  Matrix matrix = two_paths();
  const Loss email{{"db.tables.users#1.email=x", "db.tables.users.columns.email"}, false};
  matrix.cells[0] = cell(0, 0, Verdict::data_lost, {email, row_of("users", false)});
  matrix.cells[4] = cell(2, 0, Verdict::data_lost, {row_of("calls", true), row_of("calls", true)});
  EXPECT_EQ(losses_in_words(matrix),
            "by 'full' (1 of 2 ways back), from 2 of 3 places: rows of users in 'db', email of "
            "users in 'db', there before the deploy; rows of calls in 'db', written since it "
            "began");
}

TEST(LossesInWords, SayWhenItTakesAFaultAndHowManyMoreThereAre) {
  Matrix matrix = two_paths();
  for (Cell& each : matrix.cells) each.applicable = each.path == 0;
  matrix.cells[2] = cell(1, 0, Verdict::data_lost,
                         {row_of("a", true), row_of("b", true), row_of("c", true),
                          row_of("d", true), row_of("e", true)});
  matrix.cells[2].fault_free = Verdict::restored;
  EXPECT_EQ(losses_in_words(matrix),
            "by 'full', from 1 of 3 places, when one more thing goes wrong: rows of a in 'db', "
            "rows of b in 'db', rows of c in 'db' and 2 more, written since it began");
}

}  // namespace
}  // namespace backout::reports
