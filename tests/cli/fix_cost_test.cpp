// What is mended together is looked at together: a whole analysis for each edit would take minutes.
#include <sys/resource.h>

#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

const std::string kVoxanne = std::string(kSourceDir) + "/plans/voxanne/plan.yaml";

/// Seconds of processor time that the programs took which have ended.
double used() {
  rusage all{};
  getrusage(RUSAGE_CHILDREN, &all);
  return static_cast<double>(all.ru_utime.tv_sec) +
         static_cast<double>(all.ru_utime.tv_usec) / 1'000'000;
}

struct Timed {
  ProcessResult result;
  double seconds = 0;
};

Timed timed(const std::vector<std::string>& words) {
  const double before = used();
  Timed made{run_backout(words), 0};
  made.seconds = used() - before;
  return made;
}

/// The steps of the lines that a diff adds.
std::set<std::string> added_steps(const std::string& diff) {
  static const std::regex kStep("\n\\+ *- \\{id: (\\w+)");
  std::set<std::string> steps;
  for (std::sregex_iterator it(diff.begin(), diff.end(), kStep), end; it != end; ++it)
    steps.insert((*it)[1]);
  return steps;
}

/// Most of the edits ask for a version that the step does not always bring, so that paths get stuck
/// there. Those stay out, whatever is tried beside them.
TEST(FixCost, IsThatOfAFewChecksThoughMostEditsDoHarm) {
  const Timed checked = timed({"check", "--runs", "0", kVoxanne});
  const Timed mended = timed({"check", "--diff", kVoxanne});
  EXPECT_EQ(mended.result.status, 1) << mended.result.err;
  EXPECT_EQ(added_steps(mended.result.out),
            (std::set<std::string>{"push", "r_sql", "auto_be_push"}));
  EXPECT_LT(mended.seconds, 6 * checked.seconds);
}

/// The way back leaves the new version there: to ask for that one would call the failure a success.
TEST(Fix, AsksForNoVersionThatTheWayBackIsToLeave) {
  const ProcessResult result =
      run_backout({"check", "--diff",
                   std::string(kSourceDir) + "/fixtures/rules/app-left-behind/"
                                             "bad_step_that_does_not.yaml"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace backout::tests
