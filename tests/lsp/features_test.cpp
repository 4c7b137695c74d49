// What editors ask of a document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lsp/client.hpp"
#include "lsp/plans.hpp"
#include "support/stopped_workers.hpp"

namespace backout::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

/// A server with one document open.
class Features : public testing::Test {
 protected:
  void open(const std::string& text, const std::string& name = "plan.yaml",
            const Json& capabilities = modern_client()) {
    if (uri_.empty()) client_.initialize(capabilities);
    text_ = text;
    uri_ = "file://" + (folder_.path() / std::to_string(++opened_) / name).string();
    client_.open(uri_, text, name.ends_with(".md") ? "markdown" : "yaml");
  }
  Json at(const std::string& method, const std::string& word, std::size_t on,
          Json more = Json::object()) {
    more["textDocument"] = {{"uri", uri_}};
    more["position"] = position_of(text_, word, on);
    return client_.result("textDocument/" + method, more);
  }
  std::string hover(const std::string& word, std::size_t on) {
    const Json found = at("hover", word, on);
    return found.is_null() ? "" : found["contents"]["value"].get<std::string>();
  }
  /// What is offered where `|` stands in the text.
  Json completions(std::string text, const std::string& name = "plan.yaml") {
    const std::size_t cursor = text.find('|');
    text.erase(cursor, 1);
    open(text, name);
    const Json position = position_of(text.substr(0, cursor) + "\x01", "\x01");
    return client_.result("textDocument/completion",
                          {{"textDocument", {{"uri", uri_}}}, {"position", position}})["items"];
  }
  std::vector<std::string> offered(const std::string& text, const std::string& name = "plan.yaml") {
    std::vector<std::string> labels;
    for (const Json& item : completions(text, name)) labels.push_back(item["label"]);
    return labels;
  }
  /// The text once the item is accepted; empty when it is not offered.
  std::string accepted(const std::string& text, const std::string& label,
                       const std::string& name = "plan.yaml") {
    for (const Json& item : completions(text, name)) {
      if (item["label"] == label)
        return applied(
            text_,
            {{"edit",
              {{"documentChanges", Json::array({{{"edits", Json::array({item["textEdit"]})}}})}}}});
    }
    return "";
  }
  /// The actions at the line of a word.
  Json actions(const std::string& word) {
    const Json position = position_of(text_, word);
    return client_.result("textDocument/codeAction",
                          {{"textDocument", {{"uri", uri_}}},
                           {"range", {{"start", position}, {"end", position}}},
                           {"context", {{"diagnostics", Json::array()}}}});
  }

  TemporaryFolder folder_;
  LspClient client_{folder_.path()};
  std::string uri_;
  std::string text_;
  int opened_ = 0;
};

TEST_F(Features, HoverTellsOfKindsVerbsAndKeys) {
  open(kPlan);
  EXPECT_THAT(hover("systemd", 2), StartsWith("```text\nsystemd: "));
  EXPECT_THAT(hover("do: migrate", 5), StartsWith("```text\nmigrate: "));
  EXPECT_THAT(hover("add_column", 1), HasSubstr("table.column"));
  EXPECT_THAT(hover("undo: drop", 1), HasSubstr("How it is taken back"));
  EXPECT_EQ(hover("name: small", 8), "");
}

TEST_F(Features, HoverExplainsTheFindingsOfTheLine) {
  open(kPlan);
  EXPECT_THAT(hover("id: ship", 5), HasSubstr("# version-not-verified"));
}

TEST_F(Features, HoverTellsWhatACommandDoes) {
  open(kRunbook, "ROLLBACK.md");
  const std::string said = hover("psql", 2);
  EXPECT_THAT(said, HasSubstr("```text\npsql\n"));
  EXPECT_THAT(said, HasSubstr("ON_ERROR_STOP"));
  EXPECT_THAT(said, HasSubstr("# hidden-failure"));
}

TEST_F(Features, PlainClientsGetPlainHovers) {
  open(kPlan, "plan.yaml", Json::object());
  const Json found = at("hover", "systemd", 2);
  EXPECT_EQ(found["contents"]["kind"], "plaintext");
  EXPECT_THAT(found["contents"]["value"].get<std::string>(), StartsWith("systemd: "));
}

TEST_F(Features, CompletionOffersWhatTheTablesHave) {
  EXPECT_THAT(offered("backout: 1\n|"),
              AllOf(IsSupersetOf({"services", "deploy", "rollback"}), Not(Contains("backout"))));
  EXPECT_THAT(offered("backout: 1\nservices:\n  db: {kind: |}\n"),
              IsSupersetOf({"postgres", "systemd", "flags"}));
  EXPECT_THAT(offered("backout: 1\nservices:\n  db: {kind: |\n"), Contains("postgres"));
  EXPECT_THAT(offered("backout: 1\nservices:\n  db:\n    kind: postgres\n    |\n"),
              AllOf(IsSupersetOf({"tables", "uses"}), Not(Contains("kind"))));
  const std::string services =
      "backout: 1\nservices:\n  db: {kind: postgres}\n  api: {kind: app, versions: {v1: {}, v2: "
      "{}}, start: v1}\n";
  EXPECT_THAT(offered(services + "deploy:\n  steps:\n    - id: a\n      target: db\n      do: |\n"),
              AllOf(Contains("migrate"), Not(Contains("stop_intake"))));
  EXPECT_THAT(
      offered(services +
              "deploy:\n  steps:\n    - id: a\n      target: db\n      do: migrate\n      |\n"),
      AllOf(Contains("add_column"), Contains("undo"), Not(Contains("do"))));
  const std::string steps_of = services + "deploy:\n  steps:\n    - ";
  for (const char* step : {"{id: a, do: |, target: db}", "{id: a, do: |migrate, target: db}",
                           "{id: a, do: mig|rate, target: db}", "{do: migrate|, target: db}"}) {
    EXPECT_THAT(offered(steps_of + step + "\n"),
                AllOf(Contains("migrate"), Not(Contains("confirm")), Not(Contains("stop_intake"))))
        << step;
  }
  // What the step is about is not written yet.
  EXPECT_THAT(
      offered(steps_of + "{id: a, do: |}\n"),
      AllOf(IsSupersetOf({"migrate", "stop_intake", "confirm"}), Not(Contains("set_image"))));
  EXPECT_THAT(offered(services + "deploy:\n  steps:\n    - {id: a, do: deploy, target: |}\n"),
              ElementsAre("db", "api"));
  EXPECT_THAT(
      offered(services + "deploy:\n  steps:\n    - {id: a, do: deploy, target: api, version: |\n"),
      ElementsAre("v1", "v2"));
  const std::string steps =
      services +
      "deploy:\n  steps:\n    - {id: a, do: deploy, target: api, version: v2, undo: "
      "b}\nrollback:\n  steps:\n    - {id: b, do: deploy, target: api, version: v1}\n";
  EXPECT_THAT(offered(steps + "  paths:\n    full: {steps: [|]}\n"), ElementsAre("a", "b"));
  EXPECT_THAT(offered(steps + "    - {id: c, do: deploy, target: api, version: v1, always: |}\n"),
              ElementsAre("true", "false"));
  EXPECT_THAT(offered(steps + "    - {id: c, do: deploy, target: api, version: v1, by: |}\n"),
              ElementsAre("human", "ci", "auto"));
  EXPECT_THAT(offered(steps + "ignore:\n  - {rule: |}\n"),
              IsSupersetOf({"version-not-verified", "matrix-stuck"}));
  EXPECT_THAT(offered(steps + "limits: {fault_kinds: [|]}\n"), Contains("timeout_applied"));
}

TEST_F(Features, CompletionOffersRulesBehindIgnore) {
  EXPECT_THAT(offered("# Rollback\n\n<!-- backout: ignore |\n", "ROLLBACK.md"),
              AllOf(Contains("hidden-failure"), Not(Contains("rto-missed"))));
  EXPECT_THAT(offered("# Rollback\n\nwords |\n", "ROLLBACK.md"), testing::IsEmpty());
}

TEST_F(Features, DefinitionAndReferencesLinkStepsUndosServices) {
  open(kPlan);
  const Json drop = position_of(kPlan, "id: drop", 4);
  EXPECT_EQ(at("definition", "undo: drop", 7)["range"]["start"], drop);
  EXPECT_EQ(at("definition", "[back, drop]", 8)["range"]["start"], drop);
  EXPECT_EQ(at("definition", "target: db", 9)["range"]["start"], position_of(kPlan, "  db:", 2));
  EXPECT_EQ(at("definition", "api/health", 1)["range"]["start"], position_of(kPlan, "  api:", 2));
  EXPECT_EQ(at("definition", "version: new", 10)["range"]["start"],
            position_of(kPlan, "      new:", 6));
  EXPECT_TRUE(at("definition", "name: small", 8).is_null());
  const Json all = at("references", "id: drop", 5, {{"context", {{"includeDeclaration", true}}}});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["range"]["start"], position_of(kPlan, "undo: drop", 6));
  EXPECT_EQ(all[1]["range"]["start"], position_of(kPlan, "[back, drop]", 7));
  EXPECT_EQ(all[2]["range"]["start"], drop);
  EXPECT_EQ(at("references", "id: drop", 5).size(), 2u);
}

TEST_F(Features, SymbolsAreTheOutline) {
  open(kPlan);
  const Json symbols =
      client_.result("textDocument/documentSymbol", {{"textDocument", {{"uri", uri_}}}});
  std::string outline;
  for (const Json& part : symbols) {
    outline += part["name"].get<std::string>() + ":";
    for (const Json& child : part.value("children", Json::array()))
      outline += " " + child["name"].get<std::string>() + "(" + child.value("detail", "") + ")";
    outline += "\n";
  }
  EXPECT_EQ(outline,
            "services: db(postgres) api(systemd)\n"
            "deploy: add(migrate db) ship(deploy api)\n"
            "rollback paths: full()\n"
            "rollback steps: back(deploy api) drop(migrate db)\n");
  open(kRunbook, "ROLLBACK.md");
  const Json sections =
      client_.result("textDocument/documentSymbol", {{"textDocument", {{"uri", uri_}}}});
  ASSERT_EQ(sections.size(), 1u);
  EXPECT_EQ(sections[0]["name"], "Rollback");
  EXPECT_EQ(sections[0]["children"][0]["name"], "Steps");
  EXPECT_EQ(sections[0]["children"][0]["children"][0]["name"], "psql $DATABASE_URL -f down.sql");
}

TEST_F(Features, TheMatrixStandsAbovePaths) {
  open(kPlan);
  const Json lenses = client_.result("textDocument/codeLens", {{"textDocument", {{"uri", uri_}}}});
  ASSERT_EQ(lenses.size(), 2u);
  EXPECT_EQ(lenses[0]["command"]["title"],
            "It can be rolled back from every place where the deploy may stop, even when one more "
            "thing fails.");
  EXPECT_EQ(lenses[1]["command"]["title"], "RESTORED from 3 of 3 places");
  EXPECT_EQ(lenses[1]["range"]["start"], position_of(kPlan, "full:"));
  // The diagnostics of the search that the lens needed are not lost.
  EXPECT_EQ(client_.diagnostics(uri_, 1)["diagnostics"].size(), 1u);
}

TEST_F(Features, AnExactFixIsAnAction) {
  const std::string plan = stopped_workers();
  open(plan);
  const Json found = actions("id: halt");
  const auto is_fix = [](const Json& each) {
    return each.value("isPreferred", false) &&
           each["diagnostics"][0]["code"] == "acquire-without-release";
  };
  const auto fix = std::find_if(found.begin(), found.end(), is_fix);
  ASSERT_NE(fix, found.end()) << found.dump(1);
  open(applied(plan, *fix));
  for (const std::string& each : short_list(client_.diagnostics(uri_)["diagnostics"]))
    EXPECT_THAT(each, Not(StartsWith("acquire-without-release")));
}

/// Nobody could hide it: it is made when suppressions have been applied. To take it out is the
/// mend.
TEST_F(Features, ASuppressionThatHidesNothingIsTakenOutAndNotAccepted) {
  open(std::string(kPlan) + "ignore:\n  - {rule: undo-order, reason: it was so}\n");
  const Json found = actions("rule: undo-order");
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_TRUE(found[0].value("isPreferred", false));
  EXPECT_EQ(applied(text_, found[0]), kPlan);
}

TEST_F(Features, ACompletionTakesThePlaceOfTheWord) {
  const std::string plan =
      "backout: 1\nservices:\n  db: {kind: postgres}\nignore:\n  - {rule: undo-order, reason: it "
      "was so}\n";
  EXPECT_EQ(accepted(replaced(plan, "{kind:", "{ki|:"), "kind"), plan);  // the colon stands there
  EXPECT_EQ(accepted(replaced(plan, "{kind: postgres}", "{ki|}"), "kind"),
            replaced(plan, "{kind: postgres}", "{kind: }"));
  EXPECT_EQ(accepted(replaced(plan, "undo-order", "undo-or|"), "undo-order"), plan);
  EXPECT_EQ(accepted(replaced(plan, "undo-order", "un|do-ordr"), "undo-order"), plan);
  EXPECT_EQ(accepted(replaced(plan, "{kind:", "{|kind:"), "kind"), plan);
  EXPECT_EQ(accepted("# Rollback\n\n<!-- backout: ignore hidden-f| -->\n", "hidden-failure",
                     "ROLLBACK.md"),
            "# Rollback\n\n<!-- backout: ignore hidden-failure --  -->\n");
}

TEST_F(Features, AFindingOfAPlanIsAcceptedWithAReason) {
  open(kPlan);
  const Json found = actions("id: ship");
  ASSERT_FALSE(found.empty());
  const Json& accept = found.back();
  EXPECT_EQ(accept["title"], "Accept 'version-not-verified' of step 'ship', with a reason");
  EXPECT_EQ(accept["edit"]["documentChanges"][0]["textDocument"],
            (Json{{"uri", uri_}, {"version", 1}}));
  const std::string once = applied(kPlan, accept);
  EXPECT_THAT(once, HasSubstr("\nignore:\n  - {rule: version-not-verified, step: ship, reason: "
                              "\"accepted: say why\"}\n"));
  open(once);
  EXPECT_THAT(client_.diagnostics(uri_)["diagnostics"], testing::IsEmpty());
}

TEST_F(Features, AFindingOfARunbookIsAcceptedWithAReason) {
  std::string text = kRunbook;
  open(text, "ROLLBACK.md");
  for (int left = 20; left > 0; --left) {
    const Json said = client_.diagnostics(uri_)["diagnostics"];
    if (said.empty()) break;
    const Json range = said[0]["range"];
    const Json found =
        client_.result("textDocument/codeAction", {{"textDocument", {{"uri", uri_}}},
                                                   {"range", range},
                                                   {"context", {{"only", {"quickfix"}}}}});
    const auto accept = std::find_if(found.begin(), found.end(), [](const Json& each) {
      return each["title"].get<std::string>().starts_with("Accept");
    });
    ASSERT_NE(accept, found.end()) << said.dump(1);
    text = applied(text, *accept);
    open(text, "ROLLBACK.md");
  }
  EXPECT_THAT(text, HasSubstr("   # backout: ignore hidden-failure -- accepted: say why\n   psql"));
  EXPECT_THAT(run_backout({"check", folder_.write("ROLLBACK.md", text)}).out,
              HasSubstr("0 errors, 0 warnings"));
}

TEST_F(Features, FixesLeadToASilentFile) {
  std::string text = kPlan;
  open(text);
  for (int left = 5; left > 0 && !client_.diagnostics(uri_)["diagnostics"].empty(); --left) {
    const Json found = actions("id: ship");
    ASSERT_FALSE(found.empty());
    ASSERT_TRUE(found[0].value("isPreferred", false)) << found.dump(1);
    text = applied(text, found[0]);
    open(text);
  }
  const ProcessResult checked = run_backout({"check", folder_.write("plan.yaml", text)});
  EXPECT_THAT(checked.out, HasSubstr("0 errors, 0 warnings, 0 notes"));
}

TEST_F(Features, OtherActionsAreNotOffered) {
  open(kPlan);
  const Json position = position_of(kPlan, "id: ship");
  const Json found = client_.result("textDocument/codeAction",
                                    {{"textDocument", {{"uri", uri_}}},
                                     {"range", {{"start", position}, {"end", position}}},
                                     {"context", {{"only", {"refactor"}}}}});
  EXPECT_EQ(found, Json::array());
}

}  // namespace
}  // namespace backout::tests
