// Options that do not exist, and values that cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

ProcessResult in(const TemporaryFolder& folder, std::vector<std::string> words) {
  return run_backout(std::move(words), "", folder.path().string());
}

/// A word that is none gets the nearest one, as commands do; numbers that cannot be are no runs.
TEST(Options, ThatDoNotExistAreToldWithTheNearest) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  for (const auto& [words, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"check", "--sevrity", "x", "plan.yaml"},
            "backout: unrecognised option '--sevrity' (did you mean '--severity'?)\n"},
           {{"simulate", "--sed", "plan.yaml"},
            "backout: unrecognised option '--sed' (did you mean '--seed'?)\n"},
           {{"kinds", "--nothing-like-it"},
            "backout: unrecognised option '--nothing-like-it'\n"}}) {
    const ProcessResult result = in(folder, words);
    EXPECT_EQ(result.status, 2) << words[1];
    EXPECT_THAT(result.err, ::testing::StartsWith(message));
  }
}

TEST(Options, OutOfRangeAreAWrongCommandLineEverywhere) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  std::vector<std::vector<std::string>> all = {{"simulate", "--runs", "0"},
                                               {"export", "--promela", "--max-states", "0"},
                                               {"export", "--promela", "--fault", "bogus"},
                                               {"export", "--promela", "--faults", "-1"}};
  for (const char* command : {"check", "explore", "report", "simulate", "export"}) {
    for (const auto& [option, values] :
         std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"--faults", {"-1", "16", "x", "99999999999999999999"}},
             {"--time-budget", {"-1", "x", "1.5", ""}},
             {"--max-memory", {"0", "-1", "x", "5", "99999999999999999999G"}},
             {"--fault", {"bogus", ""}}}) {
      for (const std::string& value : values) {
        all.push_back({command, option, value});
        if (std::string(command) == "export")
          all.back().insert(all.back().begin() + 1, "--promela");
      }
    }
  }
  for (std::vector<std::string> words : all) {
    words.emplace_back("plan.yaml");
    const ProcessResult result = in(folder, words);
    EXPECT_EQ(result.status, 2) << ::testing::PrintToString(words) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace backout::tests
