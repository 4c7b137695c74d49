// How a session begins and ends, and what hostile clients get: an error code of the protocol, never
// a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lsp/client.hpp"
#include "lsp/plans.hpp"

namespace backout::tests {
namespace {

int code_of(const Json& message) {
  return message.is_object() && message.contains("error") ? message["error"]["code"].get<int>() : 0;
}

TEST(Life, SaysWhatItCan) {
  const TemporaryFolder folder;
  LspClient client(folder.path());
  Json result = client.initialize()["result"];
  EXPECT_EQ(result["serverInfo"]["name"], "backout");
  EXPECT_EQ(result["capabilities"], Json::parse(R"({
    "codeActionProvider": {"codeActionKinds": ["quickfix"]},
    "codeLensProvider": {"resolveProvider": false},
    "completionProvider": {"triggerCharacters": [" ", ":", "{", "[", ","]},
    "definitionProvider": true,
    "documentSymbolProvider": true,
    "hoverProvider": true,
    "positionEncoding": "utf-16",
    "referencesProvider": true,
    "textDocumentSync": {"change": 2, "openClose": true, "save": {"includeText": false}}})"));
  EXPECT_EQ(client.end(), 0);
}

TEST(Life, AgreesOnTheFirstEncodingThatBothKnow) {
  const TemporaryFolder folder;
  const auto agreed = [&](const char* offered) {
    LspClient client(folder.path());
    const Json capabilities = {{"general", {{"positionEncodings", Json::parse(offered)}}}};
    return client.initialize(capabilities)["result"]["capabilities"]["positionEncoding"]
        .get<std::string>();
  };
  EXPECT_EQ(agreed(R"(["utf-8", "utf-16"])"), "utf-8");
  EXPECT_EQ(agreed(R"(["utf-16", "utf-8"])"), "utf-16");
  EXPECT_EQ(agreed(R"(["utf-7", "utf-32"])"), "utf-32");
  EXPECT_EQ(agreed(R"(["utf-7"])"), "utf-16");
  EXPECT_EQ(agreed(R"(7)"), "utf-16");
}

TEST(Life, EndsAsTheProtocolHasIt) {
  const TemporaryFolder folder;
  LspClient early(folder.path());
  EXPECT_EQ(code_of(early.request("textDocument/hover")), -32002);
  EXPECT_EQ(code_of(early.request("shutdown")), -32002);
  early.notify("exit");
  EXPECT_EQ(early.wait(), 1);

  LspClient twice(folder.path());
  twice.initialize();
  EXPECT_EQ(code_of(twice.initialize()), -32600);
  EXPECT_TRUE(twice.result("shutdown").is_null());
  EXPECT_EQ(code_of(twice.request("textDocument/hover")), -32600);
  twice.notify("exit");
  EXPECT_EQ(twice.wait(), 0);

  LspClient gone(folder.path());
  gone.initialize();
  EXPECT_EQ(gone.wait(), 1);
}

TEST(Life, BrokenMessagesAreAnsweredAndPassedOver) {
  const TemporaryFolder folder;
  LspClient client(folder.path());
  client.initialize();
  const std::vector<std::pair<std::string, int>> broken = {
      {"Hello: 1\r\n\r\n", -32700},
      {"Content-Length: many\r\n\r\n", -32700},
      {"Content-Length: -5\r\n\r\n", -32700},
      {"Content-Length: 99999999999999999999999\r\n\r\n", -32700},
      {"Content-Length: 3\r\n\r\n{\"a", -32700},
      {"Content-Length: 2\r\n\r\n[]", -32600},
      {"Content-Length: 4\r\n\r\nnull", -32600},
      {"Content-Length: 17\r\n\r\n{\"jsonrpc\":\"2.0\"}", -32600},
      {"Content-Length: 26\r\n\r\n{\"jsonrpc\":\"1.0\",\"id\":\"x\"}", -32600},
      {"Content-Length: 38\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"\"}", -32600},
      {"Content-Length: 36\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":[]}", -32600},
      {"Content-Length: 3\r\n\r\n\"\xff\"", -32700},
  };
  for (const auto& [bytes, code] : broken) {
    client.raw(bytes);
    EXPECT_EQ(code_of(client.read()), code) << bytes;
  }
  EXPECT_EQ(code_of(client.request("no/such/method")), -32601);
  client.notify("no/such/notification");
  client.notify("$/cancelRequest", {{"id", 4711}});
  client.send({{"jsonrpc", "2.0"}, {"id", 9}, {"result", nullptr}});
  EXPECT_EQ(client.end(), 0);
}

TEST(Life, DeepJsonIsNoReasonToDie) {
  const TemporaryFolder folder;
  LspClient client(folder.path());
  client.initialize();
  const std::string deep = R"({"jsonrpc":"2.0","id":50,"method":"textDocument/hover","params":)" +
                           std::string(200000, '[') + std::string(200000, ']') + "}";
  client.raw("Content-Length: " + std::to_string(deep.size()) + "\r\n\r\n" + deep);
  EXPECT_EQ(code_of(client.answer(50)), -32602);
  EXPECT_EQ(client.end(), 0);
}

TEST(Life, AHeaderThatPromisesMoreThanComesEndsWithTheStream) {
  const TemporaryFolder folder;
  for (const char* length : {"200000000", "99999999999999999"}) {
    LspClient client(folder.path());
    client.initialize();
    client.raw("Content-Length: " + std::string(length) + "\r\n\r\n{}");
    EXPECT_EQ(client.wait(), 1) << length;
  }
}

TEST(Life, WrongParametersAreSaid) {
  const TemporaryFolder folder;
  const std::string uri = "file://" + folder.write("plan.yaml", kPlan);
  LspClient client(folder.path());
  client.initialize();
  client.open(uri, kPlan);
  const Json document = {{"uri", uri}};
  const Json at = {{"line", 0}, {"character", 0}};
  for (const char* method : {"textDocument/hover", "textDocument/completion",
                             "textDocument/definition", "textDocument/references"}) {
    EXPECT_EQ(code_of(client.request(method)), -32602) << method;
    EXPECT_EQ(code_of(client.request(method, {{"textDocument", document}})), -32602) << method;
    EXPECT_EQ(code_of(client.request(method, {{"textDocument", document},
                                              {"position", {{"line", -1}, {"character", 0}}}})),
              -32602)
        << method;
    EXPECT_EQ(code_of(client.request(method, {{"textDocument", document},
                                              {"position", {{"line", 1e30}, {"character", 0}}}})),
              -32602)
        << method;
    EXPECT_EQ(code_of(client.request(
                  method, {{"textDocument", {{"uri", "file:///not/open"}}}, {"position", at}})),
              -32602)
        << method;
    // Beyond the text is the end of it.
    const Json far =
        client.request(method, {{"textDocument", document},
                                {"position", {{"line", 2147483647}, {"character", 2147483647}}}});
    EXPECT_TRUE(far.contains("result")) << far.dump();
  }
  EXPECT_EQ(code_of(client.request("textDocument/codeAction", {{"textDocument", document}})),
            -32602);
  EXPECT_EQ(client.end(), 0);
}

TEST(Life, ACancelledRequestIsAnswered) {
  const TemporaryFolder folder;
  LspClient client(folder.path());
  client.initialize();
  // While a runbook is read, the request waits; then it is cancelled.
  std::string text = "# Rollback\n\n## Steps\n\n";
  for (int i = 0; i < 150; ++i)
    text += "- run `kubectl rollout undo deployment/app" + std::to_string(i) + "`\n";
  const std::string uri = "file://" + (folder.path() / "ROLLBACK.md").string();
  const Json position = {{"textDocument", {{"uri", uri}}},
                         {"position", {{"line", 5}, {"character", 8}}}};
  int id = 0;
  client.together([&] {
    client.open(uri, text, "markdown");
    for (int i = 0; i < 20; ++i) client.ask("textDocument/hover", position);
    id = client.ask("textDocument/hover", position);
    client.notify("$/cancelRequest", {{"id", id}});
  });
  const Json message = client.answer(id);
  EXPECT_EQ(code_of(message), -32800) << message.dump();
  EXPECT_EQ(client.end(), 0);
}

TEST(Life, TenMegabytesAreTakenIn) {
  const TemporaryFolder folder;
  std::string runbook = "# Rollback\n\n";
  while (runbook.size() < 10'000'000)
    runbook += "Some words that lead nowhere, on a line of their own.\n\n";
  std::string plan = std::string(kPlan) + "notes:\n";
  while (plan.size() < 10'000'000)
    plan += "  - {about: drill, text: nothing that matters is said in this line of the plan}\n";
  LspClient client(folder.path());
  client.initialize();
  const std::string first = "file://" + (folder.path() / "ROLLBACK.md").string();
  const std::string second = "file://" + (folder.path() / "plan.yaml").string();
  client.open(first, runbook, "markdown");
  client.open(second, plan);
  client.change(
      second, 2,
      {{{"range",
         {{"start", {{"line", 1}, {"character", 0}}}, {"end", {{"line", 1}, {"character", 4}}}}},
        {"text", "nome"}}});
  const Json diagnostics = client.diagnostics(second, 1);
  EXPECT_EQ(diagnostics["version"], 2);
  EXPECT_THAT(short_list(diagnostics["diagnostics"]), testing::ElementsAre("mistake 1:0-1:4"));
  EXPECT_EQ(client.end(), 0);
}

/// An editor shows messages, titles and names as they are: a mark that turns the direction of text
/// would make them read otherwise. What an editor writes or looks up stays as it is.
TEST(Life, WhatIsShownHasNothingInItThatHides) {
  const TemporaryFolder folder;
  LspClient client(folder.path());
  client.initialize();
  const std::string uri = "file://" + (folder.path() / "plan.yaml").string();
  client.open(uri, replaced(kPlan, "id: ship", R"(id: "s\u202ehip")"));
  const Json said = client.diagnostics(uri, 1);
  ASSERT_EQ(said["diagnostics"].size(), 1u);
  EXPECT_EQ(said["diagnostics"][0]["message"],
            "'s\\u202ehip' is no name for a step\nfix: names are lower-case letters, digits, _ and "
            "-, beginning with a letter");
  const std::string symbols =
      client.result("textDocument/documentSymbol", {{"textDocument", {{"uri", uri}}}}).dump();
  EXPECT_EQ(symbols.find("\u202e"), std::string::npos);
  EXPECT_NE(symbols.find(R"(s\\u202ehip)"), std::string::npos) << symbols;
  const Json refused = client.request("a\u202eb");
  EXPECT_EQ(refused["error"]["message"], "no method is called 'a\\u202eb'");
  EXPECT_EQ(client.end(), 0);
}

}  // namespace
}  // namespace backout::tests
