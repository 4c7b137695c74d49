// The example project of docs/examples/own-kind: a kind of service outside the tree, built against
// an installed backout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

TEST(OwnKindExample, BuildsAgainstAnInstalledBackoutAndChecksPlans) {
  const TemporaryFolder folder;
  const std::string build = fs::path(kProgram).parent_path().string();
  const std::string prefix = (folder.path() / "prefix").string();
  const std::string made = (folder.path() / "build").string();
  const std::string example = std::string(kSourceDir) + "/docs/examples/own-kind";
  const ProcessResult installed = run_process({"cmake", "--install", build, "--prefix", prefix});
  ASSERT_EQ(installed.status, 0) << installed.err;
  const ProcessResult configured = run_process(
      {"cmake", "-S", example, "-B", made, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix});
  ASSERT_EQ(configured.status, 0) << configured.out << configured.err;
  const ProcessResult built = run_process({"cmake", "--build", made});
  ASSERT_EQ(built.status, 0) << built.out << built.err;
  const std::string program = made + "/check_warehouse";
  const ProcessResult bad = run_process({program, example + "/bad.yaml"});
  EXPECT_EQ(bad.status, 1) << bad.err;
  EXPECT_THAT(
      bad.out,
      testing::HasSubstr("at layout_back: after 'layout_back' of path 'full', 'pick' of version "
                         "'v1' of 'shop' fails from then on: "
                         "the robots look by 'by_size', and the goods are sorted by 'by_demand'"));
  const ProcessResult mended = run_process({program, example + "/mended.yaml"});
  EXPECT_EQ(mended.status, 0) << mended.out << mended.err;
  EXPECT_EQ(mended.out, "");
  const ProcessResult unknown = run_backout({"check", example + "/bad.yaml"});
  EXPECT_EQ(unknown.status, 3);
  EXPECT_THAT(unknown.err, testing::HasSubstr("unknown kind 'warehouse'"));
}

}  // namespace
}  // namespace backout::tests
