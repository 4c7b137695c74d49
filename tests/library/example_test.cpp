// The example project of docs/examples, built against an installed backout as a user would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

TEST(PropertyTestsExample, BuildsAgainstAnInstalledBackoutAndHolds) {
  const TemporaryFolder folder;
  const std::string build = fs::path(BACKOUT_BINARY).parent_path().string();
  const std::string prefix = (folder.path() / "prefix").string();
  const std::string made = (folder.path() / "build").string();
  const std::string example = std::string(BACKOUT_SOURCE_DIR) + "/docs/examples/property-tests";
  const ProcessResult installed = run_process({"cmake", "--install", build, "--prefix", prefix});
  ASSERT_EQ(installed.status, 0) << installed.err;
  const ProcessResult configured =
      run_process({"cmake", "-S", example, "-B", made, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix});
  ASSERT_EQ(configured.status, 0) << configured.out << configured.err;
  const ProcessResult built = run_process({"cmake", "--build", made});
  ASSERT_EQ(built.status, 0) << built.out << built.err;
  const ProcessResult ran = run_process({"ctest", "--test-dir", made, "--output-on-failure"});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, testing::HasSubstr("100% tests passed, 0 tests failed out of 2"));
  const ProcessResult said = run_process({made + "/orders_rollback_test"});
  EXPECT_THAT(said.out, testing::HasSubstr("late at attempt 1 of 'r_charge', before 'r_release' cannot be\n"
                                            "      possible there: killed, fail, fail_applied, lying_ok, down"));
  const ProcessResult broken = run_process({"env", "BREAK=1", "RC_PARAMS=max_success=2000", made + "/orders_rollback_test"});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, testing::HasSubstr("fault: "));
  // A plan of any size comes down to one service and a change of it that nobody takes back.
  const ProcessResult plan = run_process({"env", "BREAK=1", made + "/generated_plans_test"});
  EXPECT_EQ(plan.status, 1);
  EXPECT_THAT(plan.err, testing::ContainsRegex("services:\n  [^\n]*\nlimits: .traffic: 0.\n"
                                               "deploy:\n  steps:\n    - [^\n]*\nrollback:\n  steps:\n    - [^\n]*\n\n"));
}

}  // namespace
}  // namespace backout::tests
