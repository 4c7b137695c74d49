#include "analyzer/migrations/chain_judge.hpp"

#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/migrations/rules.hpp"

namespace backout::analyzer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A database of named things that hold a row or none. One statement a line:
/// `make X`, `drop X`, `fill X` (its row changes), `needs-empty X` (refuses a new row), `picky X`
/// (refuses an old row that was not chosen for the up), `alone` (not in a transaction), `role X`
/// (refused until X is assumed), `opaque`.
class TinyWorld : public DatabaseState {
 public:
  std::unique_ptr<DatabaseState> clone() const override {
    return std::make_unique<TinyWorld>(*this);
  }

  std::unique_ptr<const Program> read(const model::SqlText& script) const override {
    return std::make_unique<Program>(script);
  }

  RunOutcome run(const Program& program, model::Transaction mode, bool /*same_session*/) override {
    const TinyWorld before = *this;
    RunOutcome outcome;
    each_line(program.script().text, [&](const std::string& line, Bytes place) {
      outcome.refused = execute(line, mode, place, outcome.opaque);
      return !outcome.refused;
    });
    if (outcome.refused && mode != model::Transaction::none) *this = before;
    return outcome;
  }

  std::vector<Trouble> run_what_runs(const Program& program, const std::string& /*why*/) override {
    std::vector<Trouble> ignored;
    std::vector<Trouble> refused;
    each_line(program.script().text, [&](const std::string& line, Bytes place) {
      if (auto trouble = execute(line, model::Transaction::none, place, ignored))
        refused.push_back(*trouble);
      return true;
    });
    return refused;
  }

  std::optional<std::string> assume(const Trouble& trouble) override {
    if (trouble.sqlstate != "42704") return std::nullopt;
    roles_.insert(trouble.message);
    return "role " + trouble.message;
  }

  std::vector<SchemaDifference> differences(const DatabaseState& after) const override {
    const auto& other = dynamic_cast<const TinyWorld&>(after).things_;
    std::vector<SchemaDifference> result;
    for (const auto& [name, row] : things_) {
      if (!other.contains(name)) result.push_back({"missing", "table", name, "", "", "", {}});
    }
    for (const auto& [name, row] : other) {
      if (!things_.contains(name))
        result.push_back({"extra", name == "order" ? "colorder" : "table", name, "", "", "", {}});
    }
    return result;
  }

  std::string schema_doubt(const DatabaseState& after) const override {
    return dynamic_cast<const TinyWorld&>(after).doubtful_ ? "something opaque ran" : "";
  }

  RowsOutcome compare_rows(const DatabaseState& after) const override {
    const auto& other = dynamic_cast<const TinyWorld&>(after).things_;
    for (const auto& [name, row] : things_) {
      if (!row.empty() && (!other.contains(name) || other.at(name) != row))
        return {RowsOutcome::State::lost, "row of " + name, row};
    }
    return {};
  }

  SeedOutcome seed(const Pair&, const DatabaseState&, const DatabaseState&, RowKind kind) override {
    SeedOutcome outcome;
    for (auto& [name, row] : things_) {
      row = kind == RowKind::new_rows                     ? "new"
            : kind == RowKind::old_rows_that_the_up_takes ? "chosen"
                                                          : "old";
      outcome.rows = [said = row] { return std::vector<std::string>{said}; };
      ++outcome.stored;
    }
    return outcome;
  }

  std::optional<Trouble> next_insert(const DatabaseState&) const override { return std::nullopt; }
  std::vector<std::string> fewest_new_rows(const Pair&, const DatabaseState&,
                                           const DatabaseState&) const override {
    return {"new"};
  }

 private:
  template <typename Visit>
  static void each_line(const std::string& text, Visit visit) {
    std::size_t at = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line); at += line.size() + 1) {
      if (!line.empty() && !line.starts_with("--") && !visit(line, {at, at + line.size()})) return;
    }
  }

  std::optional<Trouble> execute(const std::string& line, model::Transaction mode, Bytes place,
                                 std::vector<Trouble>& opaque) {
    std::istringstream words(line);
    std::string verb;
    std::string name;
    words >> verb >> name;
    if (verb == "opaque") {
      doubtful_ = true;
      opaque.push_back({"", "cannot follow", place});
    } else if (verb == "alone" && mode != model::Transaction::none) {
      return Trouble{"25001", "not in a transaction", place};
    } else if (verb == "role" && !roles_.contains(name)) {
      return Trouble{"42704", name, place};
    } else if (verb == "make") {
      if (!things_.emplace(name, "").second) return Trouble{"42P07", name + " exists", place};
    } else if (verb == "drop") {
      if (things_.erase(name) == 0) return Trouble{"42P01", name + " does not exist", place};
    } else if (verb == "fill") {
      if (things_.contains(name) && !things_[name].empty()) things_[name] = "filled";
    } else if (verb == "picky" && things_[name] == "old") {
      return Trouble{"23505", name + " is picky", place};
    } else if (verb == "needs-empty" && things_[name] == "new") {
      return Trouble{"23502", name + " has nulls", place};
    }
    return std::nullopt;
  }

  std::map<std::string, std::string> things_;
  std::set<std::string> roles_;
  bool doubtful_ = false;
};

/// A chain made from pairs of scripts; a down of "-" is missing.
struct Chain {
  model::Sources sources;
  model::MigrationSet set{"db", "test", {}};
  JudgeOptions options;

  Chain& add(const std::string& up, const std::string& down) {
    model::Migration migration;
    migration.id = fmt::format("{}", set.migrations.size() + 1);
    migration.up = script(migration.id + ".up.sql", up);
    if (down != "-") migration.down = script(migration.id + ".down.sql", down);
    set.migrations.push_back(std::move(migration));
    return *this;
  }

  model::SqlText script(const std::string& name, const std::string& text) {
    const std::uint32_t file = sources.add(name, text);
    return {text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
  }

  ChainJudgement judge() const {
    return judge_chain(set, sources, options, std::make_unique<TinyWorld>());
  }
};

/// "verdict up down schema data new_rows reup" of the last migration.
std::string answers(const Chain& chain) {
  const PairJudgement judgement = chain.judge().judgements.back();
  return fmt::format("{} {} {} {} {} {} {}", to_string(judgement.verdict),
                     to_string(judgement.up_runs), to_string(judgement.down_runs),
                     to_string(judgement.schema), to_string(judgement.data),
                     to_string(judgement.new_rows), to_string(judgement.reup));
}

std::vector<std::string> findings(const Chain& chain) {
  std::vector<std::string> lines;
  for (const model::Finding& finding : migration_findings(chain.judge())) {
    lines.push_back(finding.rule + ": " + finding.message);
  }
  return lines;
}

Chain item() { return Chain().add("make item", "drop item"); }

TEST(Judge, AnHonestPair) {
  EXPECT_EQ(answers(item()), "honest yes yes restored kept accepted yes");
  EXPECT_THAT(findings(item()), IsEmpty());
}

TEST(Judge, ADownThatFailsLeavesTheOtherQuestionsOpen) {
  Chain chain = item().add("make tag", "drop tags");
  EXPECT_EQ(answers(chain), "broken yes no differs unknown unknown unknown");
  const PairJudgement judgement = chain.judge().judgements.back();
  ASSERT_EQ(judgement.reasons.size(), 1u);
  EXPECT_EQ(judgement.reasons[0].sqlstate, "42P01");
  EXPECT_EQ(chain.sources.place(judgement.reasons[0].span).file, "2.down.sql");
}

TEST(Judge, AMissingOrEmptyDown) {
  EXPECT_EQ(answers(item().add("make tag", "-")),
            "broken yes missing unknown unknown unknown unknown");
  EXPECT_EQ(answers(item().add("make tag", "-- nothing")),
            "broken yes yes differs kept accepted no");
  EXPECT_THAT(
      findings(item().add("make tag", "-- nothing")),
      ElementsAre(
          "migrations-empty-down: the down of '2' does nothing, and its up does",
          "migrations-not-rerunnable: the up does not run again after the down: tag exists"));
  // What stands behind a lone carriage return is in no comment.
  EXPECT_THAT(findings(item().add("make tag", "-- nothing\rdrop tag")),
              testing::Not(testing::Contains(testing::HasSubstr("does nothing"))));
}

TEST(Judge, OnlyTheOrderOfColumnsDiffers) {
  EXPECT_EQ(answers(item().add("make order", "fill order")),
            "honest yes yes restored-but-order kept accepted no");
}

TEST(Judge, RowsThatTheUpRefusesAreChosenAnew) {
  EXPECT_EQ(answers(item().add("picky item", "fill other")),
            "honest yes yes restored kept accepted yes");
  EXPECT_EQ(answers(item().add("picky item\nfill item", "fill other")),
            "broken yes yes restored lost accepted yes");
}

TEST(Judge, DataLostNamesTheScriptThatLosesIt) {
  Chain by_up = item().add("drop item\nmake item", "fill other");
  EXPECT_EQ(answers(by_up), "broken yes yes restored lost accepted yes");
  EXPECT_EQ(by_up.judge().judgements.back().reasons[0].message, "lost by the up: row of item");
  Chain by_down = item().add("make tag", "drop tag\nfill item");
  EXPECT_EQ(by_down.judge().judgements.back().reasons[0].message, "lost by the down: row of item");
}

TEST(Judge, NewRowsMakeTheDownFail) {
  Chain chain = item().add("make tag", "needs-empty tag\ndrop tag");
  EXPECT_EQ(answers(chain), "broken yes yes restored kept refused yes");
  EXPECT_THAT(
      findings(chain),
      ElementsAre(
          "migrations-fails-on-rows: the down may fail on new rows: tag has nulls (witness: new)"));
}

TEST(Judge, ARefusedUpGoesOnWithWhatRuns) {
  Chain chain = item().add("make tag\ndrop gone", "drop tag");
  EXPECT_EQ(answers(chain), "broken no unknown unknown unknown unknown unknown");
  EXPECT_EQ(answers(chain.add("drop tag", "make tag")),
            "broken yes yes restored lost accepted yes");
}

TEST(Judge, WhatCannotRunInATransactionIsJudgedWithoutOne) {
  Chain chain = item().add("alone\nmake tag", "drop tag");
  EXPECT_EQ(answers(chain), "honest yes yes restored kept accepted yes");
  EXPECT_THAT(findings(chain),
              ElementsAre("migrations-unsafe-in-transaction: not in a transaction"));
}

TEST(Judge, AMissingRoleIsAssumedAndNamed) {
  Chain chain = item().add("role reader\nmake tag", "drop tag");
  EXPECT_EQ(answers(chain), "honest yes yes restored kept accepted yes");
  EXPECT_THAT(chain.judge().judgements.back().assumptions, ElementsAre("role reader"));
}

TEST(Judge, AnOpaqueStatementMakesTheVerdictUnknown) {
  Chain chain = item().add("make tag", "opaque\ndrop tag");
  EXPECT_EQ(answers(chain), "unknown yes unknown unknown unknown unknown unknown");
  EXPECT_THAT(findings(chain),
              ElementsAre("migrations-unknown: the verdict is not known: cannot follow"));
  EXPECT_EQ(answers(item().add("make tag", "opaque\ndrop tags")),
            "unknown yes unknown unknown unknown unknown unknown");
}

TEST(Judge, TheWholeChainStopsWhereADownLeftSomething) {
  Chain chain = item().add("drop item", "fill other").add("make item", "drop item");
  const ChainRollback rollback = chain.judge().rollback;
  EXPECT_EQ(rollback.judged, 3u);
  EXPECT_EQ(rollback.undone, 2u);
  EXPECT_EQ(rollback.stopped_at, "1");
  EXPECT_EQ(rollback.reason.sqlstate, "42P01");
  EXPECT_THAT(findings(chain),
              testing::Contains(
                  "migrations-order-of-downs: rolling the chain back stops at '1', whose down runs "
                  "straight after its up: item does not exist"));
}

TEST(Judge, OnlyTheChosenMigrationsAreJudged) {
  Chain chain = item().add("make tag", "drop tag");
  chain.options.judged = {false, true};
  const ChainJudgement judgement = chain.judge();
  ASSERT_EQ(judgement.judgements.size(), 1u);
  EXPECT_EQ(judgement.judgements[0].id, "2");
}

TEST(Rules, SuppressionsNeedAReasonAndAMatch) {
  EXPECT_THAT(findings(item().add(
                  "-- backout: ignore missing-down shared with the next release\nmake tag", "-")),
              IsEmpty());
  EXPECT_THAT(
      findings(
          item().add("-- backout: ignore migrations-residue just in case\nmake tag", "drop tag")),
      ElementsAre(
          "migrations-directive: this suppression of 'migrations-residue' matches nothing"));
  EXPECT_THAT(findings(item().add("-- backout: ignore missing-down\nmake tag", "-")),
              ElementsAre("migrations-missing-down: '2' has no down",
                          "migrations-directive: a suppression without a rule or a reason"));
  EXPECT_THAT(findings(item().add("-- backout: ignroe x y\nmake tag", "drop tag")),
              ElementsAre("migrations-directive: unknown directive 'ignroe'"));
}

TEST(Rules, ADeclaredIrreversibilityIsShownInPlaceOfFindings) {
  Chain chain = item().add(
      "-- backout: irreversible purged by law\n-- backout: instead restore the backup\ndrop item",
      "-");
  const std::vector<model::Finding> found = migration_findings(chain.judge());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "'2' is declared irreversible: purged by law");
  EXPECT_EQ(found[0].fix, "restore the backup");
}

TEST(Rules, ResidueAndTooMuchDropped) {
  EXPECT_THAT(findings(item().add("make tag", "fill tag")),
              testing::Contains("migrations-residue: the down leaves table 'tag' behind"));
  EXPECT_THAT(findings(item().add("make tag", "drop tag\ndrop item")),
              testing::Contains("migrations-drops-too-much: table 'item' was there before the up "
                                "and is gone after the down"));
}

}  // namespace
}  // namespace backout::analyzer
