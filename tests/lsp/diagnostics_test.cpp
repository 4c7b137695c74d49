// What `check` finds, while somebody types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lsp/client.hpp"
#include "lsp/plans.hpp"

namespace backout::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder, a server in it, and the address of a file that need not be there.
struct Desk {
  TemporaryFolder folder;
  LspClient client{folder.path()};
  std::string uri(const std::string& name) const {
    return "file://" + (folder.path() / name).string();
  }
};

TEST(Diagnostics, OfAPlanAreThoseOfCheck) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan, "yaml", 7);
  const Json said = desk.client.diagnostics(uri);
  EXPECT_EQ(said["version"], 7);
  ASSERT_EQ(said["diagnostics"].size(), 1u);
  const Json& one = said["diagnostics"][0];
  EXPECT_EQ(one["code"], "version-not-verified");
  EXPECT_EQ(one["severity"], 2);
  EXPECT_EQ(one["source"], "backout");
  EXPECT_THAT(one["codeDescription"]["href"].get<std::string>(), HasSubstr("version-not-verified"));
  EXPECT_EQ(one["message"],
            "after 'ship' nothing asks which version of 'api' answers: a healthy answer of the old "
            "version passes\n"
            "fix: add a check with `version:` to `verify`");
  EXPECT_EQ(
      one["range"],
      Json::parse(
          R"({"start": {"line": 19, "character": 11}, "end": {"line": 19, "character": 15}})"));
  EXPECT_EQ(desk.client.end(), 0);
}

TEST(Diagnostics, PlainClientsGetNoMoreThanTheyAskFor) {
  Desk desk;
  desk.client.initialize(Json::object());
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan);
  const Json said = desk.client.diagnostics(uri);
  EXPECT_FALSE(said.contains("version"));
  ASSERT_EQ(said["diagnostics"].size(), 1u);
  EXPECT_FALSE(said["diagnostics"][0].contains("codeDescription"));
  EXPECT_FALSE(said["diagnostics"][0].contains("relatedInformation"));
}

TEST(Diagnostics, MistakesOfLoadingAreAllThere) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(
      uri, replaced(replaced(kPlan, "kind: systemd", "kind: sistemd"), "undo: drop", "undo: dorp"));
  const Json said = desk.client.diagnostics(uri, 1);
  ASSERT_EQ(said["diagnostics"].size(), 2u);
  EXPECT_THAT(said["diagnostics"][0]["message"].get<std::string>(),
              HasSubstr("did you mean 'systemd'?"));
  EXPECT_EQ(said["diagnostics"][0]["severity"], 1);
  EXPECT_THAT(short_list(said["diagnostics"]),
              ElementsAre("mistake 5:10-5:17", "mistake 18:12-18:16"));
}

TEST(Diagnostics, TheSearchAddsWhatRulesCannotTell) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, replaced(kPlan, "[back, drop]", "[back]"));
  const auto has_matrix = [](const Json& said) {
    return said.dump().find("\"matrix-") != std::string::npos;
  };
  EXPECT_FALSE(has_matrix(desk.client.diagnostics(uri, 1)));
  EXPECT_TRUE(has_matrix(desk.client.diagnostics(uri, 1)));
}

TEST(Diagnostics, FollowEveryChange) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan);
  desk.client.diagnostics(uri);
  // A character beyond the first 65,536 counts two units of UTF-16; the columns behind it move.
  desk.client.change(
      uri, 2,
      {{{"range",
         {{"start", {{"line", 1}, {"character", 6}}}, {"end", {{"line", 1}, {"character", 11}}}}},
        {"text", "😀 é"}},
       {{"range",
         {{"start", {{"line", 1}, {"character", 10}}}, {"end", {{"line", 1}, {"character", 10}}}}},
        {"text", "\nnome: 1"}}});
  const Json said = desk.client.diagnostics(uri, 1);
  EXPECT_EQ(said["version"], 2);
  EXPECT_THAT(short_list(said["diagnostics"]), ElementsAre("mistake 2:0-2:4"));
  // Mended by a change in full.
  desk.client.change(uri, 3,
                     {{{"text", replaced(kPlan, "expect: 200}", "version: new, of: api}")}}});
  EXPECT_EQ(desk.client.diagnostics(uri, 1)["version"], 3);
  desk.client.change(uri, 4, {{{"text", kPlan}}});
  EXPECT_THAT(short_list(desk.client.diagnostics(uri)["diagnostics"]),
              ElementsAre("version-not-verified 19:11-19:15"));
}

TEST(Diagnostics, ColumnsAreInTheUnitsThatWereAgreed) {
  const auto place = [](const char* encoding) {
    Desk desk;
    Json capabilities = modern_client();
    capabilities["general"]["positionEncodings"] = Json::array({encoding});
    desk.client.initialize(capabilities);
    const std::string uri = desk.uri("plan.yaml");
    desk.client.open(uri, replaced(kPlan, "- {id: ship,", "- {note: \"😀é\", id: ship,"));
    return short_list(desk.client.diagnostics(uri)["diagnostics"]).at(0);
  };
  EXPECT_EQ(place("utf-16"), "version-not-verified 19:24-19:28");
  EXPECT_EQ(place("utf-8"), "version-not-verified 19:27-19:31");
  EXPECT_EQ(place("utf-32"), "version-not-verified 19:23-19:27");
}

TEST(Diagnostics, OfARunbookStandAtItsOwnLines) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("ROLLBACK.md");
  desk.client.open(uri, kRunbook, "markdown");
  EXPECT_THAT(short_list(desk.client.diagnostics(uri)["diagnostics"]),
              testing::IsSupersetOf({"hidden-failure 7:3-7:35", "unpinned-target 13:3-13:20"}));
  desk.client.change(uri, 2, {{{"text", "# Notes\n\nNothing of that sort.\n"}}});
  EXPECT_THAT(desk.client.diagnostics(uri, 1)["diagnostics"], IsEmpty());
}

TEST(Diagnostics, OtherFilesAreLeftAlone) {
  Desk desk;
  desk.client.initialize();
  for (const char* name : {"values.yaml", "data.json", "main.c", "plan.yaml"}) {
    desk.client.open(desk.uri(name), "key: [value");
    EXPECT_THAT(desk.client.diagnostics(desk.uri(name), 1)["diagnostics"], IsEmpty()) << name;
  }
  for (const char* uri : {"git:/plan.yaml", "untitled:Untitled-1", "file://elsewhere/plan.yaml",
                          "file:///a%00b/plan.yaml", "", "plan.yaml"}) {
    desk.client.open(uri, "backout: 1\n", "plaintext");
    if (std::string(uri).empty()) continue;
    EXPECT_THAT(desk.client.diagnostics(uri, 1)["diagnostics"], IsEmpty()) << uri;
  }
  EXPECT_EQ(desk.client.end(), 0);
}

TEST(Diagnostics, AFileThatHasNoNameYetHasItsLanguage) {
  Desk desk;
  desk.client.initialize();
  desk.client.open("untitled:Untitled-1", "backout: 1\nnome: x\n", "yaml");
  EXPECT_THAT(short_list(desk.client.diagnostics("untitled:Untitled-1", 1)["diagnostics"]),
              ElementsAre("mistake 1:0-1:4"));
}

TEST(Diagnostics, GoWithTheDocument) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan);
  desk.client.diagnostics(uri);
  desk.client.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
  EXPECT_THAT(desk.client.diagnostics(uri, 1)["diagnostics"], IsEmpty());
  EXPECT_EQ(desk.client.end(), 0);
}

TEST(Diagnostics, ConfigurationHolds) {
  Desk desk;
  desk.folder.write("backout.toml", "ignore = [\"version-not-verified\"]\nexclude = [\"old\"]\n");
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan);
  EXPECT_THAT(desk.client.diagnostics(uri)["diagnostics"], IsEmpty());
  const std::string old = desk.uri("old/plan.yaml");
  desk.client.open(old, "backout: 1\nnome: x\n");
  EXPECT_THAT(desk.client.diagnostics(old, 1)["diagnostics"], IsEmpty());
  // It is read anew when something was saved, and its own mistakes stand in it.
  desk.folder.write("backout.toml", "ignore = [\"version-not-verified\"]\n\nignored = 1\n");
  desk.client.notify("textDocument/didSave", {{"textDocument", {{"uri", uri}}}});
  EXPECT_THAT(short_list(desk.client.diagnostics(desk.uri("backout.toml"), 1)["diagnostics"]),
              ElementsAre(HasSubstr("mistake 2:")));
}

TEST(Diagnostics, MistakesOfAnExtendedConfigurationStandInItsFile) {
  Desk desk;
  desk.folder.write("base.toml", "\nignored = 1\n");
  desk.folder.write("backout.toml", "extend = \"base.toml\"\n");
  desk.client.initialize();
  desk.client.open(desk.uri("plan.yaml"), kPlan);
  EXPECT_THAT(short_list(desk.client.diagnostics(desk.uri("base.toml"), 1)["diagnostics"]),
              ElementsAre(HasSubstr("mistake 1:0")));
  desk.folder.write("base.toml", "ignore = [\"version-not-verified\"]\n");
  desk.client.notify("textDocument/didSave", {{"textDocument", {{"uri", desk.uri("plan.yaml")}}}});
  EXPECT_THAT(desk.client.diagnostics(desk.uri("base.toml"), 1)["diagnostics"], IsEmpty());
  EXPECT_THAT(desk.client.diagnostics(desk.uri("plan.yaml"), 1)["diagnostics"], IsEmpty());
}

TEST(Diagnostics, PostgresVersionHolds) {
  Desk desk;
  desk.client.initialize();
  const std::string plan =
      "backout: 1\nservices: {db: {kind: postgres, tables: {b: {columns: {id: int}}}}}\n"
      "deploy: {steps: [{id: up, do: sql, target: db, text: CREATE UNIQUE INDEX u ON b (id) NULLS "
      "NOT DISTINCT}]}\n"
      "rollback: {steps: [{id: down, do: sql, target: db, text: DROP INDEX u}], paths: {full: "
      "[down]}}\n";
  const auto refused = [&](const std::string& name) {
    const std::string uri = desk.uri(name);
    desk.client.open(uri, plan);
    return short_list(desk.client.diagnostics(uri)["diagnostics"]);
  };
  EXPECT_THAT(refused("any/plan.yaml"), testing::Not(testing::Contains(HasSubstr("step-refused"))));
  desk.folder.write("old/backout.toml", "postgres-version = 14\n");
  EXPECT_THAT(refused("old/plan.yaml"), testing::Contains(HasSubstr("step-refused")));
  EXPECT_THAT(refused("any/other.yaml"),
              testing::Not(testing::Contains(HasSubstr("step-refused"))));  // each file its own
}

TEST(Diagnostics, FilesThatAPlanNamesHaveTheirOwn) {
  Desk desk;
  desk.client.initialize();
  desk.folder.write("migrations/1_a.up.sql",
                    "CREATE TABLE a (id int primary key);\nDROP TABLE b;\n");
  desk.folder.write("migrations/1_a.down.sql", "DROP TABLE a;\n");
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri,
                   "backout: 1\nservices: {db: {kind: postgres, tables: {b: {columns: {id: int}}}, "
                   "migrations: migrations}}\n"
                   "deploy: {steps: [{id: up, migrations: db}]}\nrollback: {steps: [{id: down, "
                   "migrations: db}], paths: {full: [down]}}\n");
  const std::vector<std::string> found =
      short_list(desk.client.diagnostics(desk.uri("migrations/1_a.up.sql"), 1)["diagnostics"]);
  EXPECT_THAT(found, testing::Contains(HasSubstr(" 1:0-")));
}

TEST(Diagnostics, NothingIsWritten) {
  Desk desk;
  desk.client.initialize();
  const std::string uri = desk.uri("plan.yaml");
  desk.client.open(uri, kPlan);
  desk.client.diagnostics(uri);
  EXPECT_EQ(desk.client.end(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(desk.folder.path()));
}

}  // namespace
}  // namespace backout::tests
