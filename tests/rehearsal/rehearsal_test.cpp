// The verdicts on a real PostgreSQL: they are PostgreSQL's own, the static ones agree with them,
// and nothing is left behind.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/migrations/written_downs.hpp"
#include "importers/migrations/import.hpp"
#include "postgres/read/prechecks.hpp"
#include "rehearsal/private_server.hpp"
#include "rehearsal/rehearse.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using rehearsal::Address;
using rehearsal::Connection;
using rehearsal::PrivateServer;
using rehearsal::ScratchServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Rehearsals : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = PrivateServer::start();
    ASSERT_TRUE(started) << started.error();
    server_ = new PrivateServer(std::move(*started));
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  static Address address() { return *Address::parse(server_->address()); }
  static std::shared_ptr<ScratchServer> scratch() {
    auto opened = ScratchServer::open(address(), {});
    EXPECT_TRUE(opened) << opened.error();
    return *opened;
  }
  /// First column of a query on the server.
  static std::vector<std::string> ask(const std::string& sql) {
    auto connection = Connection::open(address(), "postgres");
    const auto rows = connection->query(sql);
    std::vector<std::string> cells;
    for (const auto& row : *rows) cells.push_back(row[0].value_or("NULL"));
    return cells;
  }
  static std::vector<std::string> databases() {
    return ask("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1");
  }

  static PrivateServer* server_;
};
PrivateServer* Rehearsals::server_ = nullptr;

/// A folder with one pair on a base.
void write_pair(const TemporaryFolder& folder, const std::string& base, const std::string& up,
                const std::string& down) {
  folder.write("1_base.up.sql", base);
  folder.write("1_base.down.sql", "SELECT 1;");
  folder.write("2_change.up.sql", up);
  folder.write("2_change.down.sql", down);
}

rehearsal::Rehearsal rehearse_folder(const std::string& folder,
                                     const std::shared_ptr<ScratchServer>& server) {
  const auto imported = importers::import_migrations({folder});
  EXPECT_TRUE(imported);
  auto done = rehearse(imported->sets.at(0), *imported->sources, {}, server);
  EXPECT_TRUE(done) << done.error();
  return std::move(*done);
}

std::vector<std::string> differences(const rehearsal::Rehearsal& rehearsal) {
  std::vector<std::string> all;
  for (const auto& one : rehearsal.rehearsed.disagreements)
    all.push_back(one.migration + " " + one.question + ": " + one.said + " / " + one.real + " " +
                  one.reason);
  return all;
}

TEST_F(Rehearsals, AgreeWithTheVerdictsOnTheFixtures) {
  const auto imported =
      importers::import_migrations({std::string(kSourceDir) + "/fixtures/migrations"});
  ASSERT_TRUE(imported);
  const auto server = scratch();
  std::size_t answers = 0;
  for (const model::MigrationSet& set : imported->sets) {
    const auto done = rehearse(set, *imported->sources, {}, server);
    ASSERT_TRUE(done) << done.error();
    EXPECT_THAT(differences(*done), IsEmpty()) << set.folder;
    answers += done->rehearsed.answers;
  }
  EXPECT_GT(answers, 500u);
}

/// What is written for an up that drops a column, by PostgreSQL's verdict: filled by the key, whole
/// where a body took more, or kept where there is no key.
TEST_F(Rehearsals, AgreeOnDownsThatWereWritten) {
  const std::string drop = "ALTER TABLE item DROP COLUMN code;";
  const struct {
    const char* base;
    std::string up;
    analyzer::DataAnswer data;
  } kCases[] = {
      {"CREATE TABLE item (id int PRIMARY KEY, code text NOT NULL, x int UNIQUE);", drop,
       analyzer::DataAnswer::kept},
      {"CREATE TABLE item (id int PRIMARY KEY, code text);",
       drop + " DO $$ BEGIN DELETE FROM item WHERE id > 9001; END $$;", analyzer::DataAnswer::kept},
      {"CREATE TABLE item (id int, code text, x int);", drop, analyzer::DataAnswer::lost},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.base);
    const TemporaryFolder given;
    write_pair(given, one.base, one.up, "");
    const auto imported = importers::import_migrations({given.path().string()});
    analyzer::JudgeOptions options;
    options.judged = {false, true};
    const auto written = analyzer::write_downs(imported->sets.at(0), *imported->sources, options);
    ASSERT_EQ(written.size(), 1u);
    const TemporaryFolder folder;
    write_pair(folder, one.base, written[0].up, written[0].down);
    const auto done = rehearse_folder(folder.path().string(), scratch());
    const auto& judged = done.judgement.judgements.at(1);
    EXPECT_EQ(judged.down_runs, analyzer::Runs::yes);
    EXPECT_EQ(judged.data, one.data);
    EXPECT_EQ(judged.new_rows, analyzer::RowsAnswer::accepted);
    EXPECT_THAT(differences(done), IsEmpty());
  }
}

TEST_F(Rehearsals, LeaveNothingBehind) {
  const TemporaryFolder folder;
  write_pair(folder,
             "CREATE ROLE rehearsed_app; CREATE TABLE item (id int PRIMARY KEY, price int NOT "
             "NULL); GRANT SELECT ON item TO rehearsed_app;",
             "ALTER TABLE item ALTER price DROP NOT NULL;",
             "ALTER TABLE item ALTER price SET NOT NULL;");
  const auto before = databases();
  {
    const auto done = rehearse_folder(folder.path().string(), scratch());
    const auto& judged = done.judgement.judgements.at(1);
    EXPECT_EQ(judged.new_rows, analyzer::RowsAnswer::refused);
    EXPECT_EQ(judged.reasons.at(0).message,
              "column \"price\" of relation \"item\" contains null values");
    EXPECT_THAT(differences(done), IsEmpty());
    ASSERT_EQ(done.rehearsed.downs.size(), 2u);
    EXPECT_THAT(done.rehearsed.downs[1].locks, ElementsAre("ACCESS EXCLUSIVE on public.item"));
  }
  EXPECT_EQ(databases(), before);
  EXPECT_THAT(ask("SELECT rolname FROM pg_roles WHERE rolname = 'rehearsed_app'"), IsEmpty());
}

TEST_F(Rehearsals, DropWhatAKilledOneLeft) {
  ask("CREATE DATABASE backout_rehearsal_12345_1");
  ask("COMMENT ON DATABASE backout_rehearsal_12345_1 IS 'scratch database of backout rehearse'");
  ask("CREATE DATABASE backout_rehearsal_12345_2");  // somebody else's: no such comment
  const auto server = scratch();
  EXPECT_THAT(databases(), ElementsAre("backout_rehearsal_12345_2", "postgres"));
  ask("DROP DATABASE backout_rehearsal_12345_2");
}

TEST_F(Rehearsals, KeepTheDatabasesOfOneThatStillRuns) {
  const auto first = scratch();
  const auto database = first->make_empty();
  ASSERT_TRUE(database);
  const auto second = scratch();
  EXPECT_EQ(databases().size(), 2u);
}

TEST_F(Rehearsals, SayThatTheServerWentAway) {
  auto own = PrivateServer::start();
  ASSERT_TRUE(own) << own.error();
  auto server = ScratchServer::open(*Address::parse(own->address()), {});
  ASSERT_TRUE(server);
  { const PrivateServer gone(std::move(*own)); }
  const TemporaryFolder folder;
  write_pair(folder, "CREATE TABLE item (id int);", "ALTER TABLE item ADD price int;",
             "ALTER TABLE item DROP price;");
  const auto imported = importers::import_migrations({folder.path().string()});
  const auto done = rehearse(imported->sets.at(0), *imported->sources, {}, *server);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("no scratch database can be made"));
}

TEST_F(Rehearsals, RefuseAServerElsewhere) {
  for (const char* url : {"postgresql://db.example.com/app", "host=10.0.0.7",
                          "postgresql://localhost,db.example.com/app"}) {
    const auto refused = ScratchServer::open(*Address::parse(url), {});
    ASSERT_FALSE(refused) << url;
    EXPECT_THAT(refused.error(), HasSubstr("is not this machine")) << url;
  }
}

TEST_F(Rehearsals, JudgeThePlansMigrations) {
  const TemporaryFolder folder;
  const std::string truth = (folder.path() / "truth").string();
  const ProcessResult done = run_backout(
      {"rehearse", "--serve", std::string(kSourceDir) + "/docs/examples/migrations/plan.yaml",
       "--write-truth", truth});
  EXPECT_THAT(done.out, HasSubstr(" answers of the static verdict are the same")) << done.err;
  EXPECT_THAT(read_file(truth), HasSubstr("\"up_ok\":true,\"down_ok\":true"));
}

struct Asking {
  const char* base;
  const char* good;  ///< rows with which the down runs
  const char* bad;   ///< more rows, with which it is refused
  const char* down;
};

/// A precheck gives a row exactly when PostgreSQL refuses the statement.
TEST_F(Rehearsals, PrechecksFindWhatRefusesTheDown) {
  const Asking kCases[] = {
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'a');",
       "INSERT INTO t VALUES (2, NULL);", "ALTER TABLE t ALTER c SET NOT NULL;"},
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'a'), (2, 'b');",
       "INSERT INTO t VALUES (3, 'a');", "ALTER TABLE t ADD UNIQUE (c);"},
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, NULL);",
       "INSERT INTO t VALUES (4, 'A');", "CREATE UNIQUE INDEX ON t (lower(c)) WHERE id > 0;"},
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'a');",
       "INSERT INTO t VALUES (NULL, 'b');", "ALTER TABLE t ADD PRIMARY KEY (id);"},
      {"CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int, p int);",
       "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, NULL);",
       "INSERT INTO t VALUES (3, 7);", "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p (id);"},
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'open'), (2, NULL);",
       "INSERT INTO t VALUES (3, 'parked');", "ALTER TABLE t ADD CHECK (c IN ('open', 'shut'));"},
      {"CREATE TABLE t (id int, c text);", "INSERT INTO t VALUES (1, 'abc');",
       "INSERT INTO t VALUES (2, 'abcd');", "ALTER TABLE t ALTER c TYPE varchar(3);"},
      {"CREATE TABLE t (id bigint);", "INSERT INTO t VALUES (2147483647);",
       "INSERT INTO t VALUES (2147483648);", "ALTER TABLE t ALTER id TYPE int;"},
      {"CREATE TABLE t (n numeric);", "INSERT INTO t VALUES (99.994);",
       "INSERT INTO t VALUES (99.995);", "ALTER TABLE t ALTER n TYPE numeric(4,2);"},
      {"CREATE TABLE t (id int);", "", "INSERT INTO t VALUES (1);",
       "ALTER TABLE t ADD c text NOT NULL;"},
      {"CREATE TABLE t (id int, d text);", "INSERT INTO t VALUES (1, 'a');",
       "INSERT INTO t VALUES (2, NULL);",
       "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME d TO c; ALTER TABLE u ALTER c SET NOT "
       "NULL;"},
  };
  for (const Asking& one : kCases) {
    SCOPED_TRACE(one.down);
    const auto server = scratch();
    const auto database = *server->make_empty();
    auto connection = *database->connect();
    ASSERT_TRUE(connection.query(std::string(one.base) + one.good));
    const auto prechecks = postgres::prechecks(postgres::Script::parse(one.down));
    ASSERT_FALSE(prechecks.empty());
    const auto found = [&] {
      std::size_t rows = 0;
      for (const postgres::Precheck& precheck : prechecks) {
        const auto answer = connection.query(precheck.select);
        EXPECT_TRUE(answer) << precheck.select << ": " << answer.error().message;
        rows += answer ? answer->size() : 0;
      }
      return rows;
    };
    const auto refused = [&] {
      const bool failed = !connection.query(std::string("BEGIN;") + one.down);
      static_cast<void>(connection.query("ROLLBACK"));
      return failed;
    };
    EXPECT_EQ(found(), 0u);
    EXPECT_FALSE(refused());
    ASSERT_TRUE(connection.query(one.bad));
    EXPECT_GT(found(), 0u);
    EXPECT_TRUE(refused());
  }
}

TEST(Prechecks, SayWhatTheyCannotAsk) {
  const auto whys = [](const std::string& sql) {
    std::vector<std::string> all;
    for (const postgres::Precheck& one : postgres::prechecks(postgres::Script::parse(sql)))
      all.push_back(one.what + ": " + one.why + one.select);
    return all;
  };
  EXPECT_THAT(whys("UPDATE t SET c = 0; ALTER TABLE t ALTER c SET NOT NULL;"),
              ElementsAre("SET NOT NULL on t.c: the script fills the column before"));
  EXPECT_THAT(whys("ALTER TABLE t ALTER c TYPE mood USING c::mood;"),
              ElementsAre("ALTER COLUMN t.c TYPE mood: which values the cast refuses only a trial "
                          "tells: BEGIN, the statement, ROLLBACK"));
  EXPECT_THAT(whys("DELETE FROM t WHERE c IS NULL; ALTER TABLE t ADD UNIQUE (c);"),
              ElementsAre("UNIQUE (c) on t: the script adds or deletes rows of the table before"));
  EXPECT_THAT(whys("CREATE TABLE t (id int); ALTER TABLE t ADD UNIQUE (id); ALTER TABLE u ADD "
                   "CHECK (x > 0) NOT VALID;"),
              IsEmpty());
}

TEST_F(Rehearsals, NeedAServer) {
  const ProcessResult done = run_backout({"rehearse", "."});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("either --serve or --postgres URL"));
}

}  // namespace
}  // namespace backout::tests
