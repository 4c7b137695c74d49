// Replays fixtures/sql on the fake and, where there is one, on a real PostgreSQL: both give the
// answers that the fixtures hold. BACKOUT_UPDATE=1 writes the answers of the real one.

#include <cstdlib>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "differential/comparison.hpp"
#include "differential/fake.hpp"
#include "differential/fixture.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(kSourceDir) / "fixtures" / "sql";

TEST(Fixtures, TheFakeAnswersAsPostgresDid) {
  const auto fixtures = read_fixtures(kFolder);
  ASSERT_FALSE(fixtures.empty());
  for (const Fixture& fixture : fixtures) {
    const FakeRun run = run_fake(fixture.pieces);
    EXPECT_THAT(run.opaque, testing::IsEmpty()) << fixture.name;
    EXPECT_EQ(answers_of(run.outcomes), fixture.answers) << fixture.name;
  }
}

TEST(Fixtures, PostgresAnswersAsTheyHold) {
  if (!PostgresServer::programs()) GTEST_SKIP() << "no PostgreSQL 15 on this machine";
  const PostgresServer server;
  for (const Fixture& fixture : read_fixtures(kFolder)) {
    const auto outcomes = ask(server, fixture.pieces);
    if (std::getenv("BACKOUT_UPDATE") != nullptr) {
      std::ofstream(kFolder / (fixture.name + ".sql"))
          << fixture.head << print_fixture(fixture.pieces, outcomes);
    } else {
      EXPECT_EQ(answers_of(outcomes), fixture.answers) << fixture.name;
    }
    const auto divergence = first_divergence(outcomes, run_fake(fixture.pieces).outcomes);
    EXPECT_FALSE(divergence) << fixture.name << ": " << divergence->text;
  }
}

}  // namespace
}  // namespace backout::tests
