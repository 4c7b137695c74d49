// A document that is about something else is judged where it speaks of rolling back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kText =
    "# Concepts of the shop\n\n## Loading data\n```bash\npsql -d shop -f load.sql\n```\n\n"
    "## Rollback\n```bash\nkubectl rollout undo deployment/web\n```\n### Verify\n```bash\ncurl "
    "http://shop/health\n```\n";

std::string checked(const std::string& name) {
  const TemporaryFolder folder;
  folder.write(name, kText);
  return run_backout({"check", "--fail-on", "never", (folder.path() / name).string()}).out;
}

TEST(Aside, IsJudgedWhereItSpeaksOfRollingBack) {
  const std::string out = checked("CONCEPTS.md");
  EXPECT_THAT(out, Not(HasSubstr("CONCEPTS.md:5:1")));
  EXPECT_THAT(out, HasSubstr("unpinned-target] "));
  EXPECT_THAT(out, HasSubstr("CONCEPTS.md:14:1"));
}

TEST(Aside, IsNoDocumentThatIsCalledByWhatItIsFor) {
  EXPECT_THAT(checked("ROLLBACK.md"), HasSubstr("ROLLBACK.md:5:1"));
  EXPECT_THAT(checked("incident-response.md"), HasSubstr("incident-response.md:5:1"));
}

}  // namespace
}  // namespace backout::tests
