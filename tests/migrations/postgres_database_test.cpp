#include "analyzer/migrations/postgres_database.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/migrations/chain_judge.hpp"

namespace backout::analyzer {
namespace {

/// What the judge says of the rows that were there before the last pair, with its reason.
std::string data_answer(const std::string& base, const std::string& up, const std::string& down) {
  model::Sources sources;
  const auto script = [&](const std::string& name, const std::string& text) {
    const std::uint32_t file = sources.add(name, text);
    return model::SqlText{text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
  };
  model::MigrationSet set{"db", "test", {}};
  for (const auto& [id, first, second] :
       {std::tuple{"1", base, std::string("SELECT 1")}, std::tuple{"2", up, down}}) {
    model::Migration migration;
    migration.id = id;
    migration.up = script(migration.id + ".up.sql", first);
    migration.down = script(migration.id + ".down.sql", second);
    set.migrations.push_back(std::move(migration));
  }
  const ChainJudgement chain = judge_chain(set, sources, {}, postgres_database());
  std::string answer = to_string(chain.judgements.back().data);
  for (const Reason& reason : chain.judgements.back().reasons) {
    if (reason.question == Question::data) answer += ": " + reason.message;
  }
  return answer;
}

TEST(PostgresDatabase, AColumnThatNoRowCanFillWantsAnEmptyTable) {
  EXPECT_EQ(data_answer("CREATE TABLE orders (id int PRIMARY KEY)",
                        "ALTER TABLE orders ADD COLUMN size int NOT NULL",
                        "ALTER TABLE orders DROP COLUMN size"),
            "kept");
}

TEST(PostgresDatabase, OneRowIsTakenWhereTwoCollide) {
  const std::string base = "CREATE TABLE engines (id int PRIMARY KEY, note text)";
  const std::string up =
      "ALTER TABLE engines ADD COLUMN name text DEFAULT 'x' NOT NULL; CREATE UNIQUE INDEX one ON "
      "engines (name)";
  EXPECT_EQ(data_answer(base, up, "ALTER TABLE engines DROP COLUMN name"), "kept");
  EXPECT_EQ(data_answer(base, up,
                        "ALTER TABLE engines DROP COLUMN name, DROP COLUMN note; ALTER TABLE "
                        "engines ADD COLUMN note text")
                .substr(0, 4),
            "lost");
}

TEST(PostgresDatabase, RowsThatOtherValuesMightLetThroughLeaveItOpen) {
  EXPECT_EQ(data_answer("CREATE TABLE orders (id int PRIMARY KEY, size text NOT NULL)",
                        "ALTER TABLE orders ADD CHECK (size LIKE 'q%')",
                        "ALTER TABLE orders DROP CONSTRAINT orders_size_check"),
            "unknown: the up does not run with the representative rows: check constraint "
            "\"orders_size_check\" of relation \"orders\" "
            "is violated by some row");
}

}  // namespace
}  // namespace backout::analyzer
