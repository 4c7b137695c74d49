// TOML of other people: read, or wrong with its line; never an assertion of the library that reads
// it.
#include <gtest/gtest.h>

#include "importers/toml.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

const std::vector<std::string>& broken() {
  static const std::vector<std::string> kAll = {"[\x1b[2Joduction]\n",
                                                "[=]\n",
                                                "[,]\n",
                                                "[#]\n",
                                                "[[\x7f]]\n",
                                                "[.]\n",
                                                "[a.=]\n",
                                                "[a.]\n",
                                                "=1\n",
                                                "a.=1\n",
                                                "a = {=1}\n",
                                                "a = {,}\n",
                                                "a = [,]\n",
                                                "a = [[[[\n",
                                                "a = 0x\n",
                                                "a = 1e\n",
                                                "a = 1979-99-99\n",
                                                "a = \"\\ud800\"\n",
                                                "a = \"\\x\"\n",
                                                "a = '''\n",
                                                "a = \"\"\"\n",
                                                "\"\" = {\"\" = [{}\n",
                                                "a\n",
                                                "\xff\n",
                                                "a = \xff\n",
                                                "[\xff]\n",
                                                "[\"\"\"a\"\"\"]\n",
                                                "a = 99999999999999999999\n",
                                                "[a]\n[a]\n",
                                                std::string("a = \0\n", 6),
                                                std::string("[\0]\n", 4)};
  return kAll;
}

TEST(Toml, IsReadOrRefused) {
  for (const std::string& text : broken()) {
    const auto table = importers::read_toml(text);
    EXPECT_FALSE(table) << text;
    EXPECT_TRUE(table || !table.error().message.empty()) << text;
  }
  EXPECT_EQ(importers::read_toml("[=]").error().message, "this cannot be read as TOML");
  EXPECT_EQ((*importers::read_toml("[a]\nb = 1\n"))["a"]["b"].value_or(0), 1);
}

TEST(Toml, OfARepositoryOrOfTheConfigurationIsNoBug) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan/plan.yaml", small_plan());
  for (const std::string& text : broken()) {
    folder.write("app/wrangler.toml", text);
    EXPECT_EQ(
        run_process({kProgram, "init", "--output", "-", (folder.path() / "app").string()}).status,
        0)
        << text;
    folder.write("plan/backout.toml", text);
    const ProcessResult check = run_process({kProgram, "check", plan});
    EXPECT_EQ(check.status, 3) << text << check.err;
    EXPECT_NE(check.err.find("backout.toml:"), std::string::npos) << check.err;
  }
}

}  // namespace
}  // namespace backout::tests
