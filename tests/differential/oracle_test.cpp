// Holds the generator and the real server to what the comparison with the fake relies on.

#include "differential/oracle.hpp"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "differential/fixture.hpp"
#include "differential/statements.hpp"

namespace backout::tests {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr int kLength = 12;
constexpr int kSequences = 15;

std::vector<Piece> sequence(std::uint64_t seed) {
  return piece_sequences(kLength)(rc::Random(seed), 50).value();
}

Piece alone(std::string statement) { return {{std::move(statement)}, false}; }

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
      ask(*server_, {alone("CREATE TABLE a (b integer NOT NULL)"), alone("SELEKT"),
                     alone("ALTER TABLE a ALTER b DROP NOT NULL"), alone("DROP TABLE gone")});
  ASSERT_THAT(outcomes, SizeIs(5));
  EXPECT_EQ(outcomes[0].sqlstate, "00000");
  EXPECT_THAT(
      changes(outcomes[0].catalog, outcomes[1].catalog),
      ElementsAre("extra colorder|public.a", "extra column|public.a.b", "extra table|public.a"));
  EXPECT_EQ(outcomes[2].sqlstate, "42601");
  EXPECT_EQ(outcomes[2].catalog, outcomes[1].catalog);
  EXPECT_THAT(changes(outcomes[1].catalog, outcomes[3].catalog),
              ElementsAre("changed column|public.a.b"));
  EXPECT_EQ(outcomes[4].sqlstate, "42P01");
}

TEST_F(Oracle, EverySequenceStartsOnAnEmptyDatabase) {
  ask(*server_, {alone("CREATE TABLE a (b integer)")});
  const std::vector<Outcome> outcomes = ask(*server_, {alone("CREATE TABLE a (b integer)")});
  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[1].sqlstate, "00000");
}

TEST_F(Oracle, PiecesEndWhereTheyAreRefused) {
  const std::vector<std::string> statements{
      "CREATE TABLE a (b integer)", "INSERT INTO a VALUES (1)", "DROP TABLE gone", "DELETE FROM a"};
  const std::vector<Outcome> outcomes = ask(
      *server_, {{statements, true}, {statements, false}, alone("INSERT INTO a VALUES (NULL)")});
  ASSERT_THAT(outcomes, SizeIs(4));
  EXPECT_EQ(outcomes[1].sqlstate, "42P01");
  EXPECT_THAT(outcomes[1].rows, SizeIs(0));
  EXPECT_EQ(outcomes[2].sqlstate, "42P01");
  EXPECT_EQ(outcomes[2].rows.at("public.a"), (Rows{{"1"}}));
  EXPECT_EQ(outcomes[3].rows.at("public.a"), (Rows{{"1"}, {std::nullopt}}));
}

TEST_F(Oracle, RolesGoWithTheirSequence) {
  ask(*server_, {alone("CREATE ROLE somebody")});
  EXPECT_EQ(ask(*server_, {alone("CREATE ROLE somebody")}).back().sqlstate, "00000");
}

TEST_F(Oracle, GeneratedStatementsParseAndManyAreAccepted) {
  std::size_t accepted = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 0; seed < kSequences; ++seed) {
    const std::vector<Piece> pieces = sequence(seed);
    const std::vector<Outcome> outcomes = ask(*server_, pieces);
    ASSERT_EQ(outcomes.size(), pieces.size() + 1);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_NE(outcomes[i + 1].sqlstate, "42601") << pieces[i].statements[0];
      accepted += outcomes[i + 1].sqlstate == "00000" ? 1 : 0;
      ++all;
    }
  }
  // With fewer the comparison would only see refusals of names that do not exist.
  EXPECT_GT(accepted * 3, all);
}

TEST(Statements, TheSameSeedGivesTheSameSequence) {
  const auto text = [](std::uint64_t seed) {
    return print_fixture(sequence(seed), std::vector<Outcome>(kLength));
  };
  EXPECT_EQ(text(7), text(7));
  EXPECT_NE(text(7), text(8));
}

}  // namespace
}  // namespace backout::tests
