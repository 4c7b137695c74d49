// The example projects of docs/examples, built against an installed backout as a user would.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// An installed backout, and projects built against it.
struct Installed {
  TemporaryFolder folder;
  std::string prefix = (folder.path() / "prefix").string();

  Installed() {
    const std::string build = fs::path(kProgram).parent_path().string();
    const ProcessResult installed = run_process({"cmake", "--install", build, "--prefix", prefix});
    EXPECT_EQ(installed.status, 0) << installed.err;
  }
  /// Builds `project`; the folder of its programs, empty when it does not build.
  std::string build(const std::string& project) const {
    const std::string made = (folder.path() / "build").string();
    const ProcessResult configured = run_process(
        {"cmake", "-S", project, "-B", made, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix});
    EXPECT_EQ(configured.status, 0) << configured.out << configured.err;
    const ProcessResult built = run_process({"cmake", "--build", made});
    EXPECT_EQ(built.status, 0) << built.out << built.err;
    return built.status == 0 ? made : "";
  }
};

std::string example(const std::string& name) {
  return std::string(kSourceDir) + "/docs/examples/" + name;
}

TEST(PropertyTestsExample, BuildsAgainstAnInstalledBackoutAndHolds) {
  const Installed installed;
  const std::string made = installed.build(example("property-tests"));
  ASSERT_NE(made, "");
  const ProcessResult ran = run_process({"ctest", "--test-dir", made, "--output-on-failure"});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("100% tests passed, 0 tests failed out of 2"));
  const ProcessResult said = run_process({made + "/orders_rollback_test"});
  EXPECT_THAT(said.out,
              HasSubstr("late at attempt 1 of 'r_charge', before 'r_release' cannot be\n"
                        "      possible there: killed, fail, fail_applied, lying_ok, down"));
  EXPECT_THAT(said.out, testing::ContainsRegex("scenarios\n  stop     add_paid +[0-9.]+ %\n"));
  const std::string store = (installed.folder.path() / "failing.yaml").string();
  const std::vector<std::string> breaking = {"env", "BREAK=1", "EXAMPLES=" + store,
                                             "RC_PARAMS=max_success=2000",
                                             made + "/orders_rollback_test"};
  const ProcessResult broken = run_process(breaking);
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, HasSubstr("fault: "));
  // The second time it is known: nothing is drawn to find it.
  const ProcessResult again = run_process(breaking);
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(
      again.err,
      HasSubstr("after a rollback prices are in euros again: still falsified by an example of " +
                store));
  EXPECT_THAT(again.out, HasSubstr("0 scenarios\n"));
  // A plan of any size comes down to one service and a change of it that nobody takes back.
  const ProcessResult plan = run_process({"env", "BREAK=1", made + "/generated_plans_test"});
  EXPECT_EQ(plan.status, 1);
  EXPECT_THAT(plan.err,
              testing::ContainsRegex(
                  "services:\n  [^\n]*\nlimits: .traffic: 0.\n"
                  "deploy:\n  steps:\n    - [^\n]*\nrollback:\n  steps:\n    - [^\n]*\n\n"));
}

TEST(GoogleTestExample, BuildsAgainstAnInstalledBackoutAndHolds) {
  const Installed installed;
  const std::string made = installed.build(example("googletest"));
  ASSERT_NE(made, "");
  const ProcessResult ran = run_process({made + "/orders_test"});
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("[  PASSED  ] 23 tests."));
  EXPECT_THAT(ran.out, HasSubstr("predicate 'v1 charges euros' does not hold"));
}

TEST(Headers, EachUmbrellaCompilesByItselfAndTakesNoOtherName) {
  const Installed installed;
  const std::string include = installed.prefix + "/include";
  std::set<std::string> top;
  for (const auto& entry : fs::directory_iterator(include))
    top.insert(entry.path().filename().string());
  EXPECT_THAT(top, testing::ElementsAre("backout"));
  const std::string libpq = run_process({"pkg-config", "--variable=includedir", "libpq"}).out;
  std::set<std::string> umbrellas;
  for (const auto& entry : fs::directory_iterator(include + "/backout")) {
    if (entry.is_directory()) continue;
    umbrellas.insert(entry.path().stem().string());
    const std::string text =
        "#include <backout/" + entry.path().filename().string() + ">\nint main() { return 0; }\n";
    const std::string file = installed.folder.write("one.cpp", text);
    const ProcessResult compiled =
        run_process({"c++", "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only", "-I", include, "-I",
                     libpq.substr(0, libpq.find('\n')), file});
    EXPECT_EQ(compiled.status, 0) << text << compiled.err;
  }
  EXPECT_THAT(umbrellas, testing::ElementsAre("analyzer", "catalogue", "googletest", "importers",
                                              "model", "postgres", "rapidcheck", "rehearsal",
                                              "reports", "services", "simulator"));
}

}  // namespace
}  // namespace backout::tests
