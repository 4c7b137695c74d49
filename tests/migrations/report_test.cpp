#include "reports/migrations/migrations_report.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace backout::reports {
namespace {

/// A report of one broken migration with one finding.
struct Sample {
  model::Sources sources;
  MigrationsReport report;

  Sample() {
    const std::uint32_t file = sources.add("db/2.down.sql", "-- back\n\tDROP TABLE tags;\n");
    analyzer::PairJudgement judgement;
    judgement.id = "2";
    judgement.down_path = "db/2.down.sql";
    judgement.verdict = analyzer::PairVerdict::broken;
    judgement.up_runs = analyzer::Runs::yes;
    judgement.down_runs = analyzer::Runs::no;
    judgement.schema = analyzer::SchemaAnswer::differs;
    judgement.reasons.push_back({analyzer::Question::down,
                                 "table \"tags\" does not exist",
                                 "42P01",
                                 "",
                                 {file, 9, 24},
                                 false});
    JudgedChain chain{"db", "up-down-files", {}, {}};
    chain.judgement.judgements.push_back(std::move(judgement));
    chain.judgement.rollback = {2,
                                0,
                                "2",
                                {analyzer::Question::down,
                                 "table \"tags\" does not exist",
                                 "42P01",
                                 "",
                                 {file, 9, 24},
                                 false}};
    model::Finding finding;
    finding.rule = "migrations-down-fails";
    finding.severity = model::Severity::error;
    finding.message = "the down fails: table \"tags\" does not exist";
    finding.span = {file, 9, 24};
    finding.step = "2";
    chain.findings.push_back(std::move(finding));
    report.sources = &sources;
    report.chains.push_back(std::move(chain));
  }
};

TEST(MigrationsText, ShowsTheStatementAndTheCounts) {
  const Sample sample;
  std::ostringstream out;
  write_migrations_text(sample.report, {.verbose = true}, out);
  EXPECT_EQ(out.str(),
            "error[migrations-down-fails]: the down fails: table \"tags\" does not exist\n"
            "  --> db/2.down.sql:2:2\n"
            "  |\n"
            "2 |  DROP TABLE tags;\n"
            "  |  ^^^^^^^^^^^^^^^\n"
            "\n"
            "broken   2: up yes, down no, schema differs, data unknown, new rows unknown, up again "
            "unknown\n"
            "db (up-down-files): 1 migration judged, 0 honest, 1 broken, 0 unknown\n"
            "rolling back from the newest: 0 of 2 downs run, then '2' stops it: table \"tags\" "
            "does not exist\n");
}

TEST(MigrationsText, ColoursOnlyWhenAsked) {
  const Sample sample;
  std::ostringstream plain;
  write_migrations_text(sample.report, {.verbose = true}, plain);
  EXPECT_EQ(plain.str().find('\x1b'), std::string::npos);
  std::ostringstream coloured;
  write_migrations_text(sample.report, {.colour = true, .verbose = true}, coloured);
  EXPECT_NE(coloured.str().find("\x1b[1;31merror"), std::string::npos);
}

TEST(MigrationsJson, KeepsTheContract) {
  const Sample sample;
  std::ostringstream out;
  write_migrations_json(sample.report, {}, out);
  const nlohmann::json json = nlohmann::json::parse(out.str());
  const nlohmann::json& migration = json["migrations"][0];
  EXPECT_EQ(migration["id"], "2");
  EXPECT_TRUE(migration["up"].is_null());
  EXPECT_EQ(migration["verdict"], "broken");
  EXPECT_EQ(migration["down_runs"], "no");
  EXPECT_EQ(migration["schema"], "differs");
  EXPECT_EQ(migration["new_rows"], "unknown");
  EXPECT_EQ(migration["reasons"][0]["sqlstate"], "42P01");
  EXPECT_EQ(migration["reasons"][0]["line"], 2);
  EXPECT_EQ(json["findings"][0]["severity"], "error");
  EXPECT_EQ(json["findings"][0]["end_column"], 17);
  EXPECT_EQ(json["coverage"],
            nlohmann::json::parse(R"({"judged": 1, "honest": 0, "broken": 1, "unknown": 0})"));
  EXPECT_EQ(json["chains"][0]["stopped_at"], "2");
}

TEST(MigrationsJson, BytesThatAreNoUtf8DoNotBreakIt) {
  Sample sample;
  sample.report.chains[0].judgement.judgements[0].reasons[0].message = "\xff\xfe";
  std::ostringstream out;
  write_migrations_json(sample.report, {}, out);
  EXPECT_TRUE(nlohmann::json::accept(out.str()));
}

}  // namespace
}  // namespace backout::reports
