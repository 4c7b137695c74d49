// Commands that stand in a sentence: which of them are there to be run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "importers/document/document.hpp"

namespace backout::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> commands_of(const std::string& text) {
  const importers::Document document = importers::read_document(text, 0, "ROLLBACK.md");
  std::vector<std::string> found;
  for (const importers::Block& block : document.blocks) {
    EXPECT_EQ(text.substr(block.span.begin, block.span.end - block.span.begin), block.content.text);
    found.push_back(block.content.text);
  }
  return found;
}

std::vector<std::string> in_rollback(const std::string& items) {
  return commands_of("# Shop\n\n## Rollback\n\n" + items);
}

TEST(Inline, AreThoseThatAnItemOrders) {
  EXPECT_THAT(
      in_rollback("1. `kubectl rollout undo deployment/api`\n2. Restart the workers: `systemctl "
                  "restart worker`.\n3. Restore with `pg_restore -d app a.dump`\n"),
      ElementsAre("kubectl rollout undo deployment/api", "systemctl restart worker",
                  "pg_restore -d app a.dump"));
  EXPECT_THAT(
      in_rollback("- **Database**: `psql -f down.sql`\n- [ ] Check `curl "
                  "https://shop.example/health`\n- Put up the sign (`./scripts/sign.sh on`).\n"),
      ElementsAre("psql -f down.sql", "curl https://shop.example/health", "./scripts/sign.sh on"));
  EXPECT_THAT(in_rollback("1. Scale down with `kubectl scale deployment/w --replicas=0`, then run "
                          "`kubectl rollout undo deployment/api`.\n"),
              ElementsAre("kubectl scale deployment/w --replicas=0",
                          "kubectl rollout undo deployment/api"));
}

TEST(Inline, AreNoneThatAreToldRuledOutOrAnExample) {
  EXPECT_THAT(
      in_rollback(
          "- `kubectl rollout undo` may take a while.\n- Never run `kubectl delete pvc data`.\n- "
          "Do not use `git push --force`.\n"
          "- Where Helm is used, e.g. `helm rollback api 3`.\n- The file `down.sql` undoes it.\n"),
      IsEmpty());
  EXPECT_THAT(in_rollback("> 1. Run `kubectl rollout undo deployment/api`\n"), IsEmpty());
}

TEST(Inline, ItemsForPeopleInABlockOfShellAreLines) {
  const std::string text =
      "# Shop\n\n## Rollback\n\n```bash\n# In the console\n1. Open the dashboard\n12. Click "
      "\"Rollback\"\nrailway status\n- Sign in (as a customer)\n- x\n```\n";
  const importers::Document document = importers::read_document(text, 0, "ROLLBACK.md");
  std::vector<std::string> lines;
  for (const importers::Line& line : document.lines) {
    EXPECT_EQ(line.kind, importers::Line::Kind::item);
    lines.push_back(std::to_string(line.number.value_or(0)) + " " + line.text);
  }
  EXPECT_THAT(lines, ElementsAre("1 Open the dashboard", "12 Click \"Rollback\"",
                                 "0 Sign in (as a customer)"));
  ASSERT_EQ(document.blocks.size(), 1u);
  ASSERT_EQ(document.blocks[0].script.commands.size(), 2u);
  EXPECT_EQ(document.blocks[0].script.commands[0].low_line(), "railway status");
}

TEST(Inline, OfParagraphsAreThoseThatItSaysToRun) {
  EXPECT_THAT(in_rollback("To go back, run `fly deploy --image shop:v41`. That is what `fly deploy "
                          "--image shop:v42` did.\n"),
              ElementsAre("fly deploy --image shop:v41"));
  EXPECT_THAT(in_rollback("The old one is what `kubectl rollout undo deployment/api` finds.\n"),
              IsEmpty());
}

TEST(Inline, InOtherSectionsNeedANumberAndADocumentAboutRollingBack) {
  const std::string steps =
      "## Steps\n\n1. Back: `kubectl rollout undo deployment/api`\n\n- Restart: `systemctl restart "
      "worker`\n";
  EXPECT_THAT(commands_of("# Rollback of the shop\n\n" + steps),
              ElementsAre("kubectl rollout undo deployment/api"));
  EXPECT_THAT(commands_of("# Notes of the shop\n\n" + steps), IsEmpty());
  EXPECT_THAT(commands_of("# Notes of the shop\n\n## Prevention\n\n1. Back: `kubectl rollout undo "
                          "deployment/api`\n"),
              IsEmpty());
}

TEST(Inline, HaveWhatTheItemExpectsOfThem) {
  const importers::Document document = importers::read_document(
      "# Rollback\n\n## Verification\n\n1. Check `curl https://shop.example/health` returns "
      "200\n2. Check `curl https://shop.example/version`\n",
      0, "ROLLBACK.md");
  ASSERT_EQ(document.checks.size(), 2u);
  EXPECT_EQ(document.checks[0].expectation, "returns 200");
  EXPECT_EQ(document.checks[1].expectation, "");
}

TEST(Inline, BelongToTheItemThatTheyStandIn) {
  const importers::Document document = importers::read_document(
      "# Rollback\n\n## Rollback\n\n1. Fetch: `git fetch a`\n2. Restart the api: `systemctl "
      "restart api`\n3. Stop: `systemctl stop web`\n"
      "4. Restart the api: `systemctl restart api`\n5. Undo it:\n\n   ```sh\n   psql -f a.sql\n   "
      "```\n\n6. Undo it:\n\n   ```sh\n   psql -f b.sql\n   ```\n",
      0, "ROLLBACK.md");
  std::vector<std::vector<std::uint32_t>> blocks;
  for (const importers::Step& step : document.steps) blocks.push_back(step.blocks);
  using Blocks = std::vector<std::uint32_t>;
  EXPECT_THAT(blocks,
              ElementsAre(Blocks{0}, Blocks{1}, Blocks{2}, Blocks{3}, Blocks{4}, Blocks{5}));
}

TEST(Inline, BelongToTheBoxThatIsTicked) {
  const importers::Document document = importers::read_document(
      "# Rollback\n\n## Rollback\n\n1. [ ] Fetch: `git fetch a`\n   - Look: `git log --oneline`\n",
      0, "ROLLBACK.md");
  ASSERT_EQ(document.lines.size(), 2u);
  ASSERT_EQ(document.blocks.size(), 2u);
  EXPECT_TRUE(importers::holds(document.lines[0], document.blocks[0]));
  EXPECT_FALSE(importers::holds(document.lines[0], document.blocks[1]));
  EXPECT_TRUE(importers::holds(document.lines[1], document.blocks[1]));
}

TEST(Inline, OfADocumentAreSoManyAndNoMore) {
  std::string items;
  for (int i = 0; i < 70; ++i) {
    items += "1. ";
    for (int each = 0; each < 64; ++each) items += "Run `git push o`. ";
    items += "\n";
  }
  EXPECT_EQ(in_rollback(items).size(), 4000u);
}

TEST(Inline, OfAnItemAsLongAsABookAreNone) {
  std::string item = "1. ";
  for (int i = 0; i < 20'000; ++i) item += "Run `git push o`. ";
  EXPECT_THAT(in_rollback(item + "\n"), IsEmpty());
}

}  // namespace
}  // namespace backout::tests
