// Holds the generator and the real server to what the comparison with the fake relies on.

#include "differential/oracle.hpp"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "differential/statements.hpp"

namespace backout::tests {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr int kLength = 12;
constexpr int kSequences = 15;

std::vector<std::string> sequence(std::uint64_t seed) {
  return statement_sequences(kLength)(rc::Random(seed), 50).value();
}

class Oracle : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::programs()) {
      GTEST_SKIP() << "no PostgreSQL 15 on this machine";
    }
    server_.emplace();
  }

  std::optional<PostgresServer> server_;
};

TEST_F(Oracle, ReportsSqlstatesAndChanges) {
  const std::vector<Outcome> outcomes =
      ask(*server_, {"CREATE TABLE a (b integer NOT NULL)", "SELEKT", "ALTER TABLE a ALTER b DROP NOT NULL", "DROP TABLE gone"});
  ASSERT_THAT(outcomes, SizeIs(5));
  EXPECT_EQ(outcomes[0].sqlstate, "00000");
  EXPECT_THAT(changes(outcomes[0].catalog, outcomes[1].catalog),
              ElementsAre("extra colorder|public.a", "extra column|public.a.b", "extra table|public.a"));
  EXPECT_EQ(outcomes[2].sqlstate, "42601");
  EXPECT_THAT(outcomes[2].catalog, SizeIs(0));
  EXPECT_THAT(changes(outcomes[1].catalog, outcomes[3].catalog), ElementsAre("changed column|public.a.b"));
  EXPECT_EQ(outcomes[4].sqlstate, "42P01");
}

TEST_F(Oracle, EverySequenceStartsOnAnEmptyDatabase) {
  ask(*server_, {"CREATE TABLE a (b integer)"});
  const std::vector<Outcome> outcomes = ask(*server_, {"CREATE TABLE a (b integer)"});
  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[1].sqlstate, "00000");
}

TEST_F(Oracle, GeneratedStatementsParseAndManyAreAccepted) {
  std::size_t accepted = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 0; seed < kSequences; ++seed) {
    const std::vector<std::string> statements = sequence(seed);
    const std::vector<Outcome> outcomes = ask(*server_, statements);
    ASSERT_EQ(outcomes.size(), statements.size() + 1);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      EXPECT_NE(outcomes[i + 1].sqlstate, "42601") << statements[i];
      accepted += outcomes[i + 1].sqlstate == "00000" ? 1 : 0;
      ++all;
    }
  }
  // With fewer the comparison would only see refusals of names that do not exist.
  EXPECT_GT(accepted * 3, all);
}

TEST(Statements, TheSameSeedGivesTheSameSequence) {
  EXPECT_EQ(sequence(7), sequence(7));
  EXPECT_NE(sequence(7), sequence(8));
}

}  // namespace
}  // namespace backout::tests
