// What is written and not registered would be compiled, and never asked.
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/sources.hpp"

namespace backout::tests {
namespace {

/// A register, and what a definition looks like that belongs into it: the one group is its name
/// there. `own_file`: each has a file of its name, and others look alike.
struct Register {
  std::string file;
  std::string folder;
  std::string definition;
  bool own_file = false;
};

void PrintTo(const Register& each, std::ostream* out) { *out << each.file; }

/// Names that the text defines and the register does not hold.
std::vector<std::string> forgotten(const Register& each, const std::string& text,
                                   const std::string& entries) {
  const std::regex definition("(?:^|\n)" + each.definition);
  std::vector<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), definition), end; it != end; ++it) {
    const std::string name = (*it)[1];
    if (!std::regex_search(entries, std::regex("[(, ]" + name + "[,)}]"))) names.push_back(name);
  }
  return names;
}

class Registers : public testing::TestWithParam<Register> {};

TEST_P(Registers, HoldAllThatIsWritten) {
  const std::string entries = read_file(source_path(GetParam().file));
  std::size_t looked_at = 0;
  for (const std::string& source : sources_of({GetParam().folder})) {
    if (!source.ends_with(".cpp")) continue;
    const std::string text = read_file(source_path(source));
    std::smatch found;
    if (!std::regex_search(text, found, std::regex("(?:^|\n)" + GetParam().definition))) continue;
    if (GetParam().own_file &&
        source != fmt::format("{}/{}.cpp", GetParam().folder, found[1].str()))
      continue;
    ++looked_at;
    EXPECT_THAT(forgotten(GetParam(), text, entries), testing::IsEmpty())
        << source << ": add a line to " << GetParam().file;
  }
  EXPECT_GT(looked_at, 3U) << "what a definition looks like has changed";
}

INSTANTIATE_TEST_SUITE_P(
    All, Registers,
    testing::Values(
        Register{"analyzer/rules/rules.inc", "analyzer/rules",
                 R"(std::vector<model::Finding> check_(\w+)\(const Facts&)"},
        Register{"analyzer/documents/rules.inc", "analyzer/documents",
                 R"(std::vector<model::Finding> check_(\w+)\(const DocumentFacts&)"},
        Register{"services/kinds.inc", "services", R"(const Kind& kind_(\w+)\(\))"},
        Register{"reports/formats.inc", "reports",
                 R"(void write_(\w+)\(const std::vector<PlanReport>&)", true},
        Register{"reports/migrations/formats.inc", "reports",
                 R"(void write_migrations_(\w+)\(const MigrationsReport&)"},
        Register{"cli/commands.inc", "cli", R"(int run_(\w+)\(const Invocation&)", true},
        Register{"postgres/execute/handlers.inc", "postgres",
                 R"(Checked<void> (\w+)\(Execution& execution,\s+const PgQuery__Node& node\))"}),
    [](const auto& each) {
      return std::regex_replace(each.param.file, std::regex("[^A-Za-z0-9]"), "_");
    });

TEST(RegistersAre, MissedByName) {
  const Register rules{"r.inc", "r", R"(int check_(\w+)\()"};
  const std::string text = "int check_a(int);\nint check_ab() {\n  int check_c();";
  EXPECT_THAT(forgotten(rules, text, "X(\"a\", a)\nX(\"a-b\", ab, 1)"), testing::IsEmpty());
  EXPECT_THAT(forgotten(rules, text, "X(\"a\", abc)\nX(ab)"), testing::ElementsAre("a"));
}

}  // namespace
}  // namespace backout::tests
