// The folder that the plugin LSP4IJ imports, and its client: what it says of itself, and what it
// asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "lsp/client.hpp"
#include "lsp/plans.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

const fs::path kFolder = fs::path(kSourceDir) / "editors/jetbrains";

Json read_template() { return Json::parse(read_file(kFolder / "template.json")); }

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

/// The capabilities that the plugin sends, but for what a server of files has nothing to do with.
Json client_of_the_plugin() {
  return Json::parse(R"({
    "general": {"staleRequestSupport": {"cancel": true}, "positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": true, "showMessage": {}, "showDocument": {"support": true}},
    "workspace": {
      "applyEdit": true, "configuration": true, "symbol": {}, "workspaceFolders": true,
      "executeCommand": {"dynamicRegistration": true},
      "workspaceEdit": {"documentChanges": true, "resourceOperations": ["create", "delete", "rename"]},
      "didChangeWatchedFiles": {"dynamicRegistration": true},
      "didChangeConfiguration": {"dynamicRegistration": true},
      "codeLens": {"refreshSupport": true}, "diagnostics": {"refreshSupport": true}},
    "textDocument": {
      "synchronization": {"dynamicRegistration": true, "willSave": true, "didSave": true},
      "publishDiagnostics": {"dataSupport": true, "codeDescriptionSupport": true, "relatedInformation": true,
                             "tagSupport": {"valueSet": [1, 2]}},
      "diagnostic": {"dynamicRegistration": true, "relatedDocumentSupport": true},
      "codeAction": {"dynamicRegistration": true, "dataSupport": true, "resolveSupport": {"properties": ["edit"]},
                     "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}}},
      "codeLens": {"dynamicRegistration": true},
      "completion": {"dynamicRegistration": true, "completionList": {"itemDefaults": ["editRange"]},
                     "completionItem": {"snippetSupport": true, "documentationFormat": ["markdown", "plaintext"],
                                        "resolveSupport": {"properties": ["documentation", "detail"]}}},
      "definition": {"dynamicRegistration": true, "linkSupport": true},
      "references": {"dynamicRegistration": true},
      "documentSymbol": {"dynamicRegistration": true, "hierarchicalDocumentSymbolSupport": true},
      "hover": {"dynamicRegistration": true, "contentFormat": ["markdown", "plaintext"]}}})");
}

TEST(Jetbrains, TheFolderIsOneThatThePluginImports) {
  const std::set<std::string> known = {"template.json",
                                       "README.md",
                                       "settings.json",
                                       "settings.schema.json",
                                       "initializationOptions.json",
                                       "clientSettings.json",
                                       "installer.json"};
  std::set<std::string> files;
  for (const auto& each : fs::directory_iterator(kFolder))
    files.insert(each.path().filename().string());
  EXPECT_THAT(files, testing::IsSubsetOf(known));
  EXPECT_THAT(files, Contains("template.json"));

  const Json read = read_template();
  EXPECT_EQ(read["id"], "backout");
  EXPECT_EQ(read["name"], "backout");
  EXPECT_EQ(read["programArgs"], Json::parse(R"({"default": "backout lsp"})"));
  std::map<std::string, std::vector<std::string>> patterns;
  for (const Json& mapping : read["fileTypeMappings"]) {
    EXPECT_TRUE(mapping["fileType"]["name"].is_string());
    patterns[mapping["languageId"]] =
        mapping["fileType"]["patterns"].get<std::vector<std::string>>();
  }
  const std::map<std::string, std::vector<std::string>> expected = {
      {"yaml", {"*.yaml", "*.yml"}},
      {"json", {"*.json"}},
      {"markdown", {"*.md", "*.markdown"}},
      {"shellscript", {"*.sh", "*.bash"}}};
  EXPECT_EQ(patterns, expected);
}

TEST(Jetbrains, ThePageNamesTheFolderAndWhatItHolds) {
  const std::string page = read_file(fs::path(kSourceDir) / "docs/editors.md");
  const std::string part =
      page.substr(page.find("## JetBrains"), page.find("## Others") - page.find("## JetBrains"));
  const Json read = read_template();
  EXPECT_THAT(part, HasSubstr("(../editors/jetbrains)"));
  EXPECT_THAT(part, HasSubstr("`" + read["programArgs"]["default"].get<std::string>() + "`"));
  for (const Json& mapping : read["fileTypeMappings"]) {
    std::string row = "| " + mapping["fileType"]["name"].get<std::string>() + " | ";
    for (const Json& pattern : mapping["fileType"]["patterns"])
      row += (row.ends_with('`') ? ", `" : "`") + pattern.get<std::string>() + '`';
    EXPECT_THAT(part, HasSubstr(row + " | `" + mapping["languageId"].get<std::string>() + "` |"));
  }
}

/// Started with the words of the template, in the folder of a project, as the plugin does it.
class Plugin : public testing::Test {
 protected:
  Plugin() : client_(folder_.path(), rest_of_command()) {
    const std::string root = "file://" + folder_.path().string();
    initialized_ = client_.request(
        "initialize",
        {{"processId", 1},
         {"clientInfo", {{"name", "IntelliJ IDEA"}, {"version", "2025.1 (build IC-251)"}}},
         {"rootPath", folder_.path().string()},
         {"rootUri", root},
         {"workspaceFolders", Json::array({{{"uri", root}, {"name", "project"}}})},
         {"initializationOptions", Json::object()},
         {"trace", "off"},
         {"capabilities", client_of_the_plugin()}});
    client_.notify("initialized");
    client_.notify("workspace/didChangeConfiguration", {{"settings", Json::object()}});
  }
  ~Plugin() override { EXPECT_EQ(client_.end(), 0); }

  static std::vector<std::string> rest_of_command() {
    std::vector<std::string> words = words_of(read_template()["programArgs"]["default"]);
    words.erase(words.begin(), words.begin() + 2);  // "backout lsp"
    return words;
  }
  Json open(const std::string& name, const std::string& text, const std::string& language,
            int publications) {
    uri_ = "file://" + (folder_.path() / name).string();
    client_.open(uri_, text, language);
    return client_.diagnostics(uri_, publications)["diagnostics"];
  }
  Json about(const std::string& method, Json more = Json::object()) {
    more["textDocument"] = {{"uri", uri_}};
    return client_.result("textDocument/" + method, more);
  }

  TemporaryFolder folder_;
  LspClient client_;
  Json initialized_;
  std::string uri_;
};

TEST_F(Plugin, AgreesWithTheServer) {
  EXPECT_EQ(initialized_["result"]["capabilities"]["positionEncoding"], "utf-16");
  EXPECT_EQ(initialized_["result"]["serverInfo"]["name"], "backout");
}

TEST_F(Plugin, SeesFindingsInEachLanguageOfTheTemplate) {
  for (const Json& mapping : read_template()["fileTypeMappings"]) {
    const std::string language = mapping["languageId"];
    const std::string ending = mapping["fileType"]["patterns"][0].get<std::string>().substr(1);
    std::string text = "#!/bin/bash\n# rollback\npsql -f down.sql\n";
    if (language == "markdown") text = kRunbook;
    if (language == "yaml") text = kPlan;
    if (language == "json") text = "{\"backout\": 1, \"nam\": \"small\"}";
    const bool is_plan = language == "yaml";
    EXPECT_THAT(open("rollback" + ending, text, language, is_plan ? 2 : 1),
                testing::Not(testing::IsEmpty()))
        << language;
  }
}

TEST_F(Plugin, GetsAnAnswerToAllThatItAsks) {
  open("plan.yaml", kPlan, "yaml", 2);
  EXPECT_FALSE(about("codeLens").empty());
  EXPECT_TRUE(about("documentSymbol")[0].contains("children"));
  const Json undo = {{"position", position_of(kPlan, "undo: back", 6)}};
  EXPECT_EQ(about("definition", undo)["uri"], uri_);
  Json references = undo;
  references["context"] = {{"includeDeclaration", true}};
  EXPECT_GE(about("references", references).size(), 2u);
  EXPECT_THAT(about("hover", {{"position", position_of(kPlan, "migrate", 2)}}).dump(),
              HasSubstr("migrate"));
  EXPECT_FALSE(
      about("completion", {{"position", position_of(kPlan, "do: migrate", 4)}})["items"].empty());

  const Json found = open("ROLLBACK.md", kRunbook, "markdown", 1);
  const Json actions = about(
      "codeAction",
      {{"range", found[0]["range"]}, {"context", {{"diagnostics", found}, {"triggerKind", 1}}}});
  ASSERT_FALSE(actions.empty());
  EXPECT_TRUE(actions[0].contains("edit"));
  EXPECT_THAT(applied(kRunbook, actions[0]), HasSubstr("ON_ERROR_STOP=1"));
  // What it asks of servers that can do more is refused by number, and the session goes on.
  EXPECT_EQ(client_.request("textDocument/foldingRange",
                            {{"textDocument", {{"uri", uri_}}}})["error"]["code"],
            -32601);
  EXPECT_TRUE(about("hover", {{"position", position_of(kRunbook, "psql", 1)}}).is_object());
}

}  // namespace
}  // namespace backout::tests
