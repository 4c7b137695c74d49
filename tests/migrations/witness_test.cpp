// Rows that break it: each file of fixtures/witness is a pair of scripts on a base, with the answer
// that a PostgreSQL 15 with the worst rows gives.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using analyzer::PairJudgement;

struct Witness {
  std::string name;
  std::string text;
};

/// The text between the line `-- part` and the next such line.
std::string part_of(const std::string& text, const std::string& part) {
  const std::string head = "-- " + part + "\n";
  const std::size_t begin = text.find(head);
  if (begin == std::string::npos) return {};
  std::size_t end = text.size();
  for (const char* other : {"-- base\n", "-- up\n", "-- down\n"}) {
    const std::size_t at = text.find(other, begin + head.size());
    if (at != std::string::npos) end = std::min(end, at);
  }
  return text.substr(begin + head.size(), end - begin - head.size());
}

std::vector<Witness> witnesses() {
  std::vector<Witness> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(kSourceDir) /
                                                               "fixtures" / "witness")) {
    found.push_back({entry.path().stem().string(), read_file(entry.path())});
  }
  std::sort(found.begin(), found.end(),
            [](const Witness& left, const Witness& right) { return left.name < right.name; });
  return found;
}

PairJudgement judged(const Witness& witness) {
  model::Sources sources;
  const auto script = [&](const std::string& part) {
    const std::string text = part_of(witness.text, part);
    const auto file = sources.add(witness.name + '.' + part, text);
    return model::SqlText{text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
  };
  model::MigrationSet set;
  model::Migration migration;
  migration.id = witness.name;
  migration.up = script("up");
  migration.down = script("down");
  set.migrations.push_back(std::move(migration));
  analyzer::JudgeOptions options;
  options.schema.push_back(script("base"));
  return analyzer::judge_chain(set, sources, options, analyzer::postgres_database())
      .judgements.at(0);
}

std::string answer(const PairJudgement& judgement, const std::string& question) {
  if (question == "up") return to_string(judgement.up_runs);
  if (question == "down") return to_string(judgement.down_runs);
  if (question == "schema") return to_string(judgement.schema);
  if (question == "data") return to_string(judgement.data);
  if (question == "new_rows") return to_string(judgement.new_rows);
  if (question == "schema_with_new_rows") return to_string(judgement.schema_with_new_rows);
  return question == "next_insert" ? to_string(judgement.next_insert) : "no such question";
}

TEST(Witness, EveryFixtureGetsTheAnswerOfAPostgresWithTheWorstRows) {
  const auto all = witnesses();
  EXPECT_GT(all.size(), 20U);
  for (const Witness& witness : all) {
    SCOPED_TRACE(witness.name);
    std::istringstream line(witness.text.substr(0, witness.text.find('\n')));
    std::string word;
    std::string question;
    std::string verdict;
    line >> word >> word >> verdict;
    const PairJudgement judgement = judged(witness);
    std::string why;
    for (const analyzer::Reason& reason : judgement.reasons) why += reason.message + "\n";
    EXPECT_EQ(to_string(judgement.verdict), verdict) << why;
    while (line >> question >> word)
      EXPECT_EQ(answer(judgement, question), word) << question << '\n' << why;
  }
}

TEST(Witness, NothingIsBrokenWithoutAFindingThatFails) {
  for (const Witness& witness : witnesses()) {
    analyzer::ChainJudgement chain;
    chain.judgements.push_back(judged(witness));
    const auto findings = analyzer::migration_findings(chain);
    const bool fails = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
      return finding.severity == model::Severity::error;
    });
    EXPECT_EQ(fails, chain.judgements[0].verdict == analyzer::PairVerdict::broken) << witness.name;
  }
}

TEST(Witness, SaysItsRowsAsStatements) {
  const PairJudgement judgement =
      judged({"null",
              "-- base\nCREATE TABLE t (id int PRIMARY KEY, a text NOT NULL);\n-- up\nALTER TABLE "
              "t ALTER a DROP NOT NULL;\n-- down\nALTER TABLE t ALTER a SET NOT NULL;\n"});
  ASSERT_EQ(judgement.reasons.size(), 1U);
  EXPECT_EQ(judgement.reasons[0].witness, "INSERT INTO t (id) VALUES ('7011');");
}

}  // namespace
}  // namespace backout::tests
