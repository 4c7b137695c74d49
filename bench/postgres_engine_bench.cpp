// What the PostgreSQL fake costs: statements, and pairs of migrations by the number of them.
// docs/performance.md has the figures.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace {

using backout::postgres::Database;
using backout::postgres::RunMode;
using backout::postgres::Script;

/// A database of `tables` tables with a key, an index and a foreign key each.
Database database_of(std::int64_t tables) {
  Database database;
  std::string sql =
      "CREATE TABLE t0 (id bigserial PRIMARY KEY, name text, note varchar(80), made timestamptz "
      "DEFAULT now());"
      "CREATE INDEX t0_name ON t0 (name); INSERT INTO t0 (name) VALUES ('a'), ('b');";
  for (std::int64_t at = 1; at < tables; ++at) {
    sql += fmt::format(
        "CREATE TABLE t{0} (id bigserial PRIMARY KEY, other bigint REFERENCES t{1} (id), name text "
        "NOT NULL);"
        "CREATE INDEX t{0}_name ON t{0} (name);",
        at, at - 1);
  }
  database.run(Script::parse(sql), RunMode::one_transaction);
  return database;
}

void Parse(benchmark::State& state, const std::string& sql) {
  for (auto _ : state) benchmark::DoNotOptimize(Script::parse(sql));
  state.SetItemsProcessed(state.iterations());
}

/// Runs a script of one statement, parsed before, on a database of 1,000 tables; each time on the
/// same state.
void Apply(benchmark::State& state, const std::string& sql) {
  const Database start = database_of(1000);
  const Script script = Script::parse(sql);
  for (auto _ : state) {
    Database database = start;
    if (database.run(script, RunMode::one_transaction).refused()) {
      state.SkipWithError("refused");
      return;
    }
    benchmark::DoNotOptimize(database);
  }
  state.SetItemsProcessed(state.iterations());
}

const std::string kCreateTable =
    "CREATE TABLE fresh (id bigserial PRIMARY KEY, t bigint NOT NULL REFERENCES t0 (id), at "
    "timestamptz DEFAULT now())";
const std::string kAddColumn =
    "ALTER TABLE t0 ADD COLUMN total numeric(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0)";
const std::string kInsert = "INSERT INTO t0 (name, note) VALUES ('c', 'd')";

BENCHMARK_CAPTURE(Parse, create_table, kCreateTable);
BENCHMARK_CAPTURE(Parse, add_column, kAddColumn);
BENCHMARK_CAPTURE(Parse, insert, kInsert);
BENCHMARK_CAPTURE(Apply, create_table, kCreateTable);
BENCHMARK_CAPTURE(Apply, add_column, kAddColumn);
BENCHMARK_CAPTURE(Apply, change_type, std::string("ALTER TABLE t0 ALTER COLUMN note TYPE text"));
BENCHMARK_CAPTURE(Apply, create_index,
                  std::string("CREATE INDEX t0_lower ON t0 (lower(name)) WHERE note IS NOT NULL"));
BENCHMARK_CAPTURE(
    Apply, create_view,
    std::string("CREATE VIEW v AS SELECT a.id, b.name FROM t1 a JOIN t0 b ON b.id = a.other"));
BENCHMARK_CAPTURE(Apply, drop_column, std::string("ALTER TABLE t0 DROP COLUMN name"));
BENCHMARK_CAPTURE(Apply, drop_table, std::string("DROP TABLE t999"));
BENCHMARK_CAPTURE(Apply, insert, kInsert);
BENCHMARK_CAPTURE(Apply, update,
                  std::string("UPDATE t0 SET note = upper(name) WHERE note IS NULL"));
BENCHMARK_CAPTURE(Apply, remove, std::string("DELETE FROM t0 WHERE name = 'a'"));

/// Judges a chain of pairs on one thread: each creates a table that points to the one before, and
/// drops it.
void Judge(benchmark::State& state) {
  backout::model::Sources sources;
  backout::model::MigrationSet set;
  const auto script = [](std::string text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    return backout::model::SqlText{std::move(text), {{0, {0, 0, size}}}};
  };
  sources.add("chain", "");
  for (std::int64_t at = 0; at < state.range(0); ++at) {
    backout::model::Migration migration;
    migration.id = fmt::format("{:06}", at);
    const std::string key = at == 0 ? "" : fmt::format(" REFERENCES t{} (id)", at - 1);
    migration.up = script(fmt::format(
        "CREATE TABLE t{0} (id bigserial PRIMARY KEY, other bigint{1}, name text NOT NULL);"
        "CREATE INDEX t{0}_name ON t{0} (name);",
        at, key));
    migration.down = script(fmt::format("DROP INDEX t{0}_name; DROP TABLE t{0};", at));
    set.migrations.push_back(std::move(migration));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        backout::analyzer::judge_chain(set, sources, {}, backout::analyzer::postgres_database()));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(Judge)
    ->RangeMultiplier(10)
    ->Range(10, 10'000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace
