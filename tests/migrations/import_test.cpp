#include "importers/migrations/import.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace backout::importers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A folder that tests fill file by file.
struct Folder : tests::TemporaryFolder {
  Folder& file(const std::string& name, const std::string& text) {
    write(name, text);
    return *this;
  }
};

std::string one_line(const std::optional<model::SqlText>& script) {
  if (!script) {
    return "none";
  }
  std::string text = script->text;
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  for (char& c : text) {
    c = c == '\n' ? '/' : c;
  }
  return text;
}

const char* name(model::Transaction mode) {
  switch (mode) {
    case model::Transaction::wrapped:
      return "wrapped";
    case model::Transaction::implicit:
      return "implicit";
    case model::Transaction::none:
      return "none";
  }
  return "";
}

/// "convention: id [version] up => down (mode)" for each migration, then the notes.
std::vector<std::string> read(const Folder& folder) {
  std::vector<std::string> lines;
  const auto import = import_migrations({folder.path().string()});
  if (!import) {
    for (const model::Mistake& mistake : import.error().mistakes) {
      lines.push_back("mistake: " + mistake.message);
    }
    return lines;
  }
  for (const model::MigrationSet& set : import->sets) {
    for (const model::Migration& migration : set.migrations) {
      lines.push_back(fmt::format("{}: {} [{}] {} => {} ({})", set.convention, migration.id,
                                  migration.version, one_line(migration.up),
                                  one_line(migration.down), name(migration.up_mode)));
    }
  }
  for (const model::Mistake& note : import->notes) {
    const model::Place place = import->sources->place(note.span);
    lines.push_back(fmt::format("note: {}:{}: {}",
                                place.file.substr(folder.path().string().size() + 1), place.line,
                                note.message));
  }
  return lines;
}

TEST(Import, GolangMigrateOrdersVersionsAsNumbers) {
  Folder folder;
  folder.file("10_b.up.sql", "b")
      .file("10_b.down.sql", "-b")
      .file("9_a.up.sql", "a")
      .file("9_a.down.sql", "-a");
  folder.file("11_c.up.sql", "c");
  EXPECT_THAT(read(folder), ElementsAre("up-down-files: 9_a [9] a => -a (implicit)",
                                        "up-down-files: 10_b [10] b => -b (implicit)",
                                        "up-down-files: 11_c [11] c => none (implicit)"));
}

TEST(Import, ADownWithAnotherTitleBelongsToTheUpOfItsVersion) {
  Folder folder;
  folder.file("1_old.up.sql", "a")
      .file("1_new.down.sql", "-a")
      .file("2_b.up.sql", "b")
      .file("3_lost.down.sql", "-c");
  EXPECT_THAT(read(folder), ElementsAre("up-down-files: 1_old [1] a => -a (implicit)",
                                        "up-down-files: 2_b [2] b => none (implicit)",
                                        "up-down-files: 3_lost [3] none => -c (implicit)",
                                        "note: 3_lost.down.sql:1: a down without an up"));
}

TEST(Import, DieselFoldersKeepTheirTransactionSetting) {
  Folder folder;
  folder.file("2024-01-02-000000_b/up.sql", "b").file("2024-01-02-000000_b/down.sql", "-b");
  folder.file("2024-01-02-000000_b/metadata.toml", "run_in_transaction = false\n");
  folder
      .file("00000000000000_a/up.sql",
            "\xEF\xBB\xBF"
            "a")
      .file("00000000000000_a/down.sql", "-a");
  EXPECT_THAT(read(folder),
              ElementsAre("folders: 00000000000000_a [00000000000000] a => -a (wrapped)",
                          "folders: 2024-01-02-000000_b [2024-01-02-000000] b => -b (none)"));
}

TEST(Import, SectionsOfOneFile) {
  Folder goose;
  goose.file("1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\na;\n-- +goose Down\n-a;\n")
      .file("2_b.sql", "b;");
  EXPECT_THAT(read(goose), ElementsAre("goose: 1_a [1] a; => -a; (none)",
                                       "note: 2_b.sql:1: no section of goose in this file"));
  Folder dbmate;
  dbmate.file("1_a.sql", "-- migrate:up transaction:false\na;\n-- migrate:down\n-a;\n");
  EXPECT_THAT(read(dbmate), ElementsAre("dbmate: 1_a [1] a; => -a; (none)"));
  Folder tern;
  tern.file("001_a.sql", "a;\n---- create above / drop below ----\n-a;\n").file("002_b.sql", "b;");
  EXPECT_THAT(read(tern), ElementsAre("tern: 001_a [001] a; => -a; (wrapped)",
                                      "tern: 002_b [002] b; => none (wrapped)"));
  Folder play;
  play.file("1.sql", "# --- !Ups\na;\n# --- !Downs\n-a;\n");
  EXPECT_THAT(read(play), ElementsAre("play: 1 [1] a; => -a; (none)"));
}

TEST(Import, ACommentInAnUpFileIsNoSection) {
  Folder folder;
  folder.file("1_a.up.sql", "-- up\na;").file("1_a.down.sql", "-- down\n-a;");
  EXPECT_THAT(read(folder),
              ElementsAre("up-down-files: 1_a [1] -- up/a; => -- down/-a; (implicit)"));
}

TEST(Import, FlywayUndoAndRepeatable) {
  Folder folder;
  folder.file("V1_10__b.sql", "b")
      .file("V1_2__a.sql", "a")
      .file("U1_2__undo_a.sql", "-a")
      .file("R__view.sql", "v");
  EXPECT_THAT(read(folder), ElementsAre("flyway: V1_2__a [1_2] a => -a (wrapped)",
                                        "flyway: V1_10__b [1_10] b => none (wrapped)",
                                        "flyway: R__view [] v => none (wrapped)"));
}

TEST(Import, RollbackPrefixAndWordSuffix) {
  Folder prefix;
  prefix.file("001_a.sql", "a").file("rollback_001_a.sql", "-a").file("notes.sql", "x");
  EXPECT_THAT(read(prefix), ElementsAre("rollback-prefix: 001_a [001] a => -a (implicit)"));
  Folder word;
  word.file("1_a_up.sql", "a").file("1_a_down.sql", "-a");
  EXPECT_THAT(read(word), ElementsAre("up-down-suffix: 1_a [1] a => -a (implicit)"));
  Folder twins;
  twins.file("up/1_a.sql", "a").file("down/1_a.sql", "-a");
  EXPECT_THAT(read(twins), ElementsAre("twin-folders: 1_a [1] a => -a (implicit)"));
}

TEST(Import, ATitleThatEndsInUpIsNoDirection) {
  Folder folder;
  folder.file("1_clean_up.sql", "a").file("2_b.sql", "b");
  EXPECT_THAT(read(folder), ElementsAre("plain: 1_clean_up [1] a => none (implicit)",
                                        "plain: 2_b [2] b => none (implicit)"));
}

TEST(Import, PopTakesThePostgresDialectAndJoinsStamps) {
  Folder folder;
  folder.file("20240101000000000000_a.up.sql", "a").file("20240101000000000000_a.down.sql", "-a");
  folder.file("20240101000000000001_a.postgres.up.sql", "b")
      .file("20240101000000000001_a.mysql.up.sql", "m");
  folder.file("20240101000000000001_a.down.sql", "-b")
      .file("20240202000000000000_c.autocommit.up.sql", "c");
  EXPECT_THAT(
      read(folder),
      ElementsAre(
          "up-down-files: 20240101000000000000_a [20240101000000] a/;/b => -b/;/-a (implicit)",
          "up-down-files: 20240202000000000000_c.autocommit [20240202000000] c => none (none)"));
}

TEST(Import, SqitchFollowsItsPlanAndItsReworks) {
  Folder folder;
  folder.file("sqitch.plan",
              "%project=x\n\nt/a 2024-01-01T00:00:00Z A <a@x> # n\n@v1 2024\nt/a [t/a@v1] "
              "2024\ngone 2024\n");
  folder.file("deploy/t/a@v1.sql", "a1").file("revert/t/a@v1.sql", "-a1");
  folder.file("deploy/t/a.sql", "a2").file("revert/t/a.sql", "-a2");
  EXPECT_THAT(read(folder),
              ElementsAre("sqitch: t.a@v1 [] a1 => -a1 (none)", "sqitch: t.a [] a2 => -a2 (none)",
                          "sqitch: gone [] none => none (none)",
                          "note: sqitch.plan:6: no deploy script for 'gone'"));
}

TEST(Import, LiquibaseChangesets) {
  Folder folder;
  folder.file(
      "x.sql",
      "--liquibase formatted sql\n\n--changeset ann:1\na;\n--rollback -a1;\n--rollback -a2;\n"
      "--changeset bob:2 runInTransaction:false\nb;\n/* liquibase rollback\n-b;\n*/\n--changeset "
      "bob:3\nc;\n"
      "--rollback empty\n--changeset bob:4\nd;\n");
  EXPECT_THAT(read(folder), ElementsAre("liquibase: x::1::ann [] a; =>  -a1;/ -a2; (wrapped)",
                                        "liquibase: x::2::bob [] b; => -b; (none)",
                                        "liquibase: x::3::bob [] c; =>  (wrapped)",
                                        "liquibase: x::4::bob [] d; => none (wrapped)"));
}

TEST(Import, SpansPointIntoTheFile) {
  Folder folder;
  folder.file("1_a.sql", "-- +migrate Up\nSELECT 1;\n\n-- +migrate Down\n  SELECT 2;\n");
  const auto import = import_migrations({folder.path().string()});
  ASSERT_TRUE(import);
  const model::SqlText& down = *import->sets.front().migrations.front().down;
  const std::size_t at = down.text.find("SELECT");
  const model::Place place = import->sources->place(down.span_of(at, at + 8));
  EXPECT_EQ(place.line, 5u);
  EXPECT_EQ(place.column, 3u);
  EXPECT_EQ(place.end_column, 11u);
}

TEST(Import, PsqlCommandsAreBlanksOrStatementsThatNobodyFollows) {
  Folder folder;
  folder.file("1_a.up.sql",
              "\\set ON_ERROR_STOP on\na;\n  \\copy t from 'x'\nSELECT '\n\\i no', $f$\n\\i no$f$; "
              "-- \\i\n");
  folder.file("1_a.down.sql", "-a");
  EXPECT_THAT(
      read(folder),
      ElementsAre("up-down-files: 1_a [1]                      /a;/  ;DO LANGUAGE psql '\\copy t "
                  "from ''x''';/SELECT '/\\i no', $f$/\\i no$f$; -- \\i => -a (implicit)",
                  "note: 1_a.up.sql:3: the psql command \\copy is not followed"));
}

TEST(Import, PlacesStayAroundPsqlCommands) {
  Folder folder;
  folder.file("1_a.sql",
              "-- +goose Up\nSELECT 1;\n  \\i b.sql\nSELECT 2;\n\\connect c\nSELECT 3;\n-- +goose "
              "Down\nSELECT 4;\n");
  const auto import = import_migrations({folder.path().string()});
  ASSERT_TRUE(import);
  const model::SqlText& up = *import->sets.front().migrations.front().up;
  const auto place = [&](const std::string& text) {
    const std::size_t at = up.text.find(text);
    const model::Place found = import->sources->place(up.span_of(at, at + text.size()));
    return fmt::format("{}:{}-{}", found.line, found.column, found.end_column);
  };
  EXPECT_EQ(place("SELECT 1"), "2:1-9");
  EXPECT_EQ(place("DO LANGUAGE psql '\\i b"), "3:3-11");
  EXPECT_EQ(place("SELECT 2"), "4:1-9");
  EXPECT_EQ(place("DO LANGUAGE psql '\\connect"), "5:1-11");
  EXPECT_EQ(place("SELECT 3"), "6:1-9");
}

TEST(Import, HostileBytesPassThrough) {
  Folder folder;
  folder.file("1_a.up.sql", std::string("a\0\xff\xfe'unterminated \\", 17))
      .file("1_a.down.sql", "$x$ \\i");
  const auto import = import_migrations({folder.path().string()});
  ASSERT_TRUE(import);
  EXPECT_EQ(import->sets.front().migrations.front().up->text.size(), 17u);
  EXPECT_THAT(import->notes, IsEmpty());
}

TEST(Import, NothingToReadIsAMistake) {
  Folder folder;
  folder.file("README.md", "x");
  EXPECT_THAT(read(folder), ElementsAre("mistake: no migrations found"));
  const auto import = import_migrations({(folder.path() / "gone").string()});
  ASSERT_FALSE(import);
  EXPECT_EQ(import.error().mistakes.front().message, "no such file or folder");
}

}  // namespace
}  // namespace backout::importers
