// The verdicts on a real PostgreSQL: they are PostgreSQL's own, the static ones agree with them, and nothing is left behind.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "importers/migrations/import.hpp"
#include "rehearsal/private_server.hpp"
#include "rehearsal/rehearse.hpp"
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
  static std::vector<std::string> databases() { return ask("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"); }

  static PrivateServer* server_;
};
PrivateServer* Rehearsals::server_ = nullptr;

/// A folder with one pair on a base.
void write_pair(const TemporaryFolder& folder, const std::string& base, const std::string& up, const std::string& down) {
  folder.write("1_base.up.sql", base);
  folder.write("1_base.down.sql", "SELECT 1;");
  folder.write("2_change.up.sql", up);
  folder.write("2_change.down.sql", down);
}

rehearsal::Rehearsal rehearse_folder(const std::string& folder, const std::shared_ptr<ScratchServer>& server) {
  const auto imported = importers::import_migrations({folder});
  EXPECT_TRUE(imported);
  auto done = rehearse(imported->sets.at(0), *imported->sources, {}, server);
  EXPECT_TRUE(done) << done.error();
  return std::move(*done);
}

std::vector<std::string> differences(const rehearsal::Rehearsal& rehearsal) {
  std::vector<std::string> all;
  for (const auto& one : rehearsal.rehearsed.disagreements) all.push_back(one.migration + " " + one.question + ": " + one.said + " / " + one.real + " " + one.reason);
  return all;
}

TEST_F(Rehearsals, AgreeWithTheVerdictsOnTheFixtures) {
  const auto imported = importers::import_migrations({std::string(BACKOUT_SOURCE_DIR) + "/fixtures/migrations"});
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

TEST_F(Rehearsals, LeaveNothingBehind) {
  const TemporaryFolder folder;
  write_pair(folder, "CREATE ROLE rehearsed_app; CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL); GRANT SELECT ON item TO rehearsed_app;",
             "ALTER TABLE item ALTER price DROP NOT NULL;", "ALTER TABLE item ALTER price SET NOT NULL;");
  const auto before = databases();
  {
    const auto done = rehearse_folder(folder.path().string(), scratch());
    const auto& judged = done.judgement.judgements.at(1);
    EXPECT_EQ(judged.new_rows, analyzer::RowsAnswer::refused);
    EXPECT_EQ(judged.reasons.at(0).message, "column \"price\" of relation \"item\" contains null values");
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
  write_pair(folder, "CREATE TABLE item (id int);", "ALTER TABLE item ADD price int;", "ALTER TABLE item DROP price;");
  const auto imported = importers::import_migrations({folder.path().string()});
  const auto done = rehearse(imported->sets.at(0), *imported->sources, {}, *server);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("no scratch database can be made"));
}

TEST_F(Rehearsals, RefuseAServerElsewhere) {
  for (const char* url : {"postgresql://db.example.com/app", "host=10.0.0.7", "postgresql://localhost,db.example.com/app"}) {
    const auto refused = ScratchServer::open(*Address::parse(url), {});
    ASSERT_FALSE(refused) << url;
    EXPECT_THAT(refused.error(), HasSubstr("is not this machine")) << url;
  }
}

TEST_F(Rehearsals, JudgeThePlansMigrations) {
  const TemporaryFolder folder;
  const std::string truth = (folder.path() / "truth").string();
  const ProcessResult done =
      run_backout({"rehearse", "--serve", std::string(BACKOUT_SOURCE_DIR) + "/docs/examples/migrations/plan.yaml", "--write-truth", truth});
  EXPECT_THAT(done.out, HasSubstr(" answers of the static verdict are the same")) << done.err;
  EXPECT_THAT(read_file(truth), HasSubstr("\"up_ok\":true,\"down_ok\":true"));
}

TEST_F(Rehearsals, NeedAServer) {
  const ProcessResult done = run_backout({"rehearse", "."});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("either --serve or --postgres URL"));
}

}  // namespace
}  // namespace backout::tests
