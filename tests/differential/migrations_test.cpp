// The fixture migrations on a real PostgreSQL: up, down, up again after all the ups before. It agrees with the verdicts on
// whether the scripts run and whether the schema is restored.

#include <gtest/gtest.h>

#include "analyzer/migrations/judge.hpp"
#include "analyzer/migrations/postgres_world.hpp"
#include "differential/oracle.hpp"
#include "importers/migrations/import.hpp"
#include "services/postgres/sql_reader.hpp"

namespace backout::tests {
namespace {

using analyzer::Judgement;
using analyzer::Runs;
using analyzer::SchemaAnswer;
using model::Migration;

Piece piece_of(const model::SqlText& script, model::Transaction mode) {
  Piece piece;
  piece.one_transaction = mode != model::Transaction::none;
  const auto ranges = postgres::split_statements(script.text).value_or(std::vector<std::pair<std::size_t, std::size_t>>());
  for (const auto& [begin, end] : ranges) piece.statements.push_back(script.text.substr(begin, end - begin));
  // psql wants something to send.
  if (piece.statements.empty()) piece.statements.emplace_back("SELECT 1");
  return piece;
}

/// Column order is not compared, as in the verdict.
Snapshot without_order(Snapshot catalog) {
  std::erase_if(catalog, [](const auto& entry) { return entry.first.starts_with("colorder|"); });
  return catalog;
}

/// Compares one judged migration with what the server says of it.
void expect_agreement(const PostgresServer& server, const model::MigrationSet& set, std::size_t at, const Judgement& judged) {
  const Migration& migration = set.migrations[at];
  std::vector<Piece> pieces;
  for (std::size_t before = 0; before < at; ++before) pieces.push_back(piece_of(*set.migrations[before].up, set.migrations[before].up_mode));
  pieces.push_back(piece_of(*migration.up, migration.up_mode));
  pieces.push_back(piece_of(*migration.down, migration.down_mode));
  pieces.push_back(pieces[at]);
  const auto outcomes = ask(server, pieces);
  ASSERT_EQ(outcomes.size(), at + 4) << judged.id;
  const auto expect_run = [&](Runs said, std::size_t piece, const char* script) {
    const Runs ran = outcomes[at + piece].sqlstate == "00000" ? Runs::yes : Runs::no;
    EXPECT_TRUE(said == Runs::unknown || said == ran) << set.folder << ' ' << judged.id << ' ' << script << ": " << outcomes[at + piece].sqlstate;
  };
  expect_run(judged.up_runs, 1, "up");
  expect_run(judged.down_runs, 2, "down");
  expect_run(judged.reup, 3, "up again");
  if (judged.schema == SchemaAnswer::unknown) return;
  const bool restored = without_order(outcomes[at].catalog) == without_order(outcomes[at + 2].catalog);
  EXPECT_EQ(judged.schema != SchemaAnswer::differs, restored) << set.folder << ' ' << judged.id << " schema";
}

TEST(MigrationsOnPostgres, AgreeWithTheVerdictsOnTheFixtures) {
  if (!PostgresServer::programs()) GTEST_SKIP() << "no PostgreSQL 15 on this machine";
  const PostgresServer server;
  const auto imported = importers::import_migrations({std::string(BACKOUT_SOURCE_DIR) + "/fixtures/migrations"});
  ASSERT_TRUE(imported);
  std::size_t compared = 0;
  for (const model::MigrationSet& set : imported->sets) {
    const auto chain = analyzer::judge_chain(set, *imported->sources, {}, analyzer::postgres_world());
    for (std::size_t at = 0; at < set.migrations.size(); ++at) {
      const Migration& migration = set.migrations[at];
      // What needs no transaction is judged without one, and what is for psql no server runs.
      if (!migration.up || !migration.down || !chain.judgements[at].needs_autocommit.empty()) continue;
      if (migration.up->text.find("LANGUAGE psql") != std::string::npos) continue;
      expect_agreement(server, set, at, chain.judgements[at]);
      ++compared;
    }
  }
  EXPECT_GT(compared, 100u);
}

}  // namespace
}  // namespace backout::tests
