// What `import`, `ask` and `check` say of what they do not take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/lines.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRunbook =
    "# Rollback\n## Rolling back\n### Step 1: web\n```bash\nkubectl rollout undo deployment/web "
    "--to-revision=3\n```\n";

TEST(Import, MergesInPlaceAndNeverIntoTheOutput) {
  const TemporaryFolder folder;
  const std::string document = folder.write("ROLLBACK.md", kRunbook);
  const std::string plan = (folder.path() / "plan.yaml").string();
  ASSERT_EQ(run_backout({"import", "--output", plan, document}).status, 0);
  folder.write("ROLLBACK.md",
               std::string(kRunbook) + "### Step 2: queue\n```bash\n./queue.sh\n```\n");
  const std::string before = read_file(plan);
  const ProcessResult result = run_backout(
      {"import", "--merge", plan, "--output", (folder.path() / "new.yaml").string(), document});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              HasLines("backout: --merge rewrites PLAN in place: it goes without --output"));
  EXPECT_EQ(read_file(plan), before);
}

TEST(Import, MergesNoDocumentIntoThePlanOfAnother) {
  const TemporaryFolder folder;
  const std::string document = folder.write("ROLLBACK.md", kRunbook);
  const std::string other =
      folder.write("RESTORE.md", "# Rollback\n## Rolling back\n```bash\n./restore.sh\n```\n");
  const std::string plan = (folder.path() / "plan.yaml").string();
  ASSERT_EQ(run_backout({"import", "--output", plan, document}).status, 0);
  const std::string before = read_file(plan);
  const ProcessResult result = run_backout({"import", "--merge", plan, other});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("is the plan of ROLLBACK.md, not of RESTORE.md"));
  EXPECT_EQ(read_file(plan), before);
}

TEST(Import, SaysWhatOfALongDocumentWasNotRead) {
  const TemporaryFolder folder;
  const std::string document = folder.write("ROLLBACK.md", kRunbook);
  const std::string plan = (folder.path() / "plan.yaml").string();
  ASSERT_EQ(run_backout({"import", "--output", plan, document}).status, 0);
  std::string text = kRunbook;
  for (int line = 0; line < 4'000; ++line) text += "A line of words.\n";
  folder.write("ROLLBACK.md", text + "### Step 2: queue\n```bash\n./queue.sh\n```\n");
  const std::string unread = "only the first 4000 of 4010 lines were read";
  for (const std::vector<std::string>& command : {std::vector<std::string>{"import", document},
                                                  {"ask", document},
                                                  {"import", "--merge", plan, document}}) {
    const std::string before = read_file(plan);
    const ProcessResult result = run_backout(command);
    EXPECT_EQ(result.status, 4) << command.front();
    EXPECT_THAT(result.err, HasSubstr(unread)) << command.front();
    EXPECT_EQ(read_file(plan), before);
  }
}

TEST(Ask, RefusesAnswersThatAreNotOneValueAndNamesThemAll) {
  const TemporaryFolder folder;
  const std::string document = folder.write("ROLLBACK.md", kRunbook);
  const std::string book = folder.write("backout.answers.yaml",
                                        "ROLLBACK.md:\n  rollback.paths.web.total: {low: 2m}\n  "
                                        "rollback.steps.web.effects: [a, b]\nRESTORE.md: 5m\n");
  for (const char* command : {"ask", "import", "check"}) {
    const ProcessResult result = run_backout({command, document});
    EXPECT_EQ(result.status, 3) << command;
    EXPECT_THAT(result.err, HasSubstr("the answer to 'rollback.paths.web.total' is one value"))
        << command;
    EXPECT_THAT(result.err, HasSubstr(book + ":3:3")) << command;
    EXPECT_THAT(result.err, HasSubstr("the answers about 'RESTORE.md' are listed by question"))
        << command;
  }
}

TEST(Check, SaysThatOfManyFilesRunbooksAreReadByRulesAlone) {
  const TemporaryFolder folder;
  folder.write(".git/HEAD", "");
  for (int i = 0; i < 201; ++i) folder.write("ROLLBACK-" + std::to_string(i) + ".md", kRunbook);
  const ProcessResult result = run_backout({"check", folder.path().string()});
  EXPECT_EQ(result.err,
            "backout: 201 files are many: runbooks are read by rules alone; check one by itself to "
            "have its ways back searched\n");
  EXPECT_EQ(run_backout({"check", folder.path().string()}).out, result.out);
}

}  // namespace
}  // namespace backout::tests
