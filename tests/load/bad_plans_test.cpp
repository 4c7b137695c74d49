// Plans that do not load: fixtures/load/bad/NAME.yaml with every message, as printed, in
// NAME.expect. BACKOUT_UPDATE=1 writes the expectations anew; read the difference before you commit
// it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "small_catalog.hpp"
#include "support/places.hpp"

namespace backout::model {
namespace {

namespace fs = std::filesystem;

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> fixtures() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(source_path("fixtures/load/bad"))) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".json") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string messages(const std::string& name) {
  fs::current_path(source_path("fixtures/load/bad"));
  const auto plan = load_plan(name, tests::small_catalog(), importers::read_migrations);
  if (plan) return "the plan loads\n";
  std::string text;
  for (const Mistake& mistake : plan.error().mistakes)
    text += render(mistake, *plan.error().sources);
  return text;
}

class BadPlans : public testing::TestWithParam<std::string> {};

TEST_P(BadPlans, GiveEveryMistakeAsPrinted) {
  const std::string found = messages(GetParam());
  const fs::path expectation = GetParam() + ".expect";
  if (std::getenv("BACKOUT_UPDATE") != nullptr)
    std::ofstream(expectation, std::ios::binary) << found;
  EXPECT_EQ(found, read_all(expectation));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, BadPlans, testing::ValuesIn(fixtures()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(UnreadablePlans, AreMistakesWithAName) {
  EXPECT_EQ(messages("nowhere.yaml"), "nowhere.yaml:1:1: error: the file does not exist\n");
  EXPECT_EQ(messages("files"),
            "files:1:1: error: this is a folder\n      hint: name the plan's file\n");
}

TEST(UnreadablePlans, OfMigrationsNeedAReader) {
  fs::current_path(source_path("fixtures/load/good"));
  const auto plan = load_plan("migrations.yaml", tests::small_catalog());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().mistakes.at(0).message, "folder 'migrations' cannot be read here");
}

TEST(UnreadablePlans, FromMemoryNameNoFiles) {
  const auto plan =
      load_plan_text("<stdin>", "backout: 1\nservices: {db: {kind: postgres, schema: a.sql}}\n", "",
                     tests::small_catalog());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().mistakes.at(0).message, "file 'a.sql' cannot be named here");
}

}  // namespace
}  // namespace backout::model
