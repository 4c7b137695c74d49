// What people see first fits a terminal of 80 columns, whatever the plan: lines break between
// words.
#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/repository.hpp"

namespace backout::tests {
namespace {

constexpr std::size_t kColumns = 80;

std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

class Columns : public testing::TestWithParam<std::string> {};
TEST_P(Columns, AreEightyAtMost) {
  const std::string line = fmt::format("cd {} && exec {} {}", kSourceDir, kProgram, GetParam());
  const ProcessResult result = run_process({"sh", "-c", line});
  EXPECT_GT(result.out.size(), 100u) << result.err;
  std::istringstream in(result.out);
  for (std::string each; std::getline(in, each);) {
    const std::size_t begin = each.find_first_not_of(' ');
    const bool one_word = begin == std::string::npos || each.find(' ', begin) == std::string::npos;
    const bool place = each.find("] ") != std::string::npos &&
                       each.find('[') < each.find(' ');  // error[rule] file:1:1 stays whole
    EXPECT_TRUE(columns_of(each) <= kColumns || one_word || place) << each;
  }
}
INSTANTIATE_TEST_SUITE_P(All, Columns,
                         testing::Values("check fixtures/tour-runbook",
                                         "check plans/call-sid/plan.yaml",
                                         "check plans/rose/plan.yaml",
                                         "simulate plans/call-sid/plan.yaml --runs 500",
                                         "simulate plans/rose/plan.yaml --runs 500",
                                         "simulate plans/voxflow/plan.yaml --runs 500",
                                         "migrations fixtures/pages/migrations/db/migrations",
                                         "migrations docs/examples/migrations/db"));

}  // namespace
}  // namespace backout::tests
