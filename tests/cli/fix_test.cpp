// check --fix and --diff: what is certain is mended in the file, looked at again, and nothing else
// is touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "analyzer/edits.hpp"
#include "reports/text/diff.hpp"
#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/stopped_workers.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// The plan of stopped workers with a residue.
std::string plan_of(const std::string& go, const std::string& residue) {
  return stopped_workers(go, "residue:\n  - {path: " + residue + ", reason: it is told so}\n");
}

ProcessResult check(const std::string& option, const std::string& file) {
  return run_backout({"check", "--no-search", "--fail-on", "never", option, file});
}

/// The file after --fix, where it stood as `text` before.
std::string fixed(const std::string& name, const std::string& text) {
  const TemporaryFolder folder;
  const std::string file = folder.write(name, text);
  const ProcessResult result = check("--fix", file);
  EXPECT_EQ(result.status, 0) << result.err;
  return read_file(file);
}

TEST(Fix, MendsAPlanAndSaysWhat) {
  const TemporaryFolder folder;
  const std::string file = folder.write("plan.yaml", plan_of(kGo, "mailer.runing"));
  const ProcessResult result = check("--fix", file);
  EXPECT_EQ(read_file(file), plan_of(kMendedGo, "mailer.running"));
  EXPECT_THAT(result.err,
              HasSubstr("mended " + file + ": acquire-without-release, unused-residue"));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr("acquire-without-release")));
}

TEST(Fix, ShowsTheDifferenceAndChangesNothing) {
  const TemporaryFolder folder;
  const std::string text = plan_of(kGo, "mailer.running");
  const std::string file = folder.write("plan.yaml", text);
  const ProcessResult result = run_process(
      {kProgram, "check", "--no-search", "--diff", "plan.yaml"}, "", folder.path().string());
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_EQ(read_file(file), text);
  EXPECT_EQ(result.out, R"(--- plan.yaml
+++ plan.yaml
@@ -11,6 +11,6 @@
   steps:
     - {id: halt, do: stop, target: mailer, drain: true}
     - {id: back, do: deploy, target: api, version: v1, on_failure: abort, verify: {version: v1}}
-    - )" + kGo + "\n+    - " +
                            kMendedGo + R"(
 residue:
   - {path: mailer.running, reason: it is told so}
)");
  // What git makes of it is what --fix writes.
  folder.write("diff", result.out);
  EXPECT_EQ(run_process({"git", "apply", "-p0", "diff"}, "", folder.path().string()).status, 0);
  EXPECT_EQ(read_file(file), plan_of(kMendedGo, "mailer.running"));
  const ProcessResult again = check("--diff", file);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out + again.err, "");
}

std::string ordered(const std::string& path, const std::string& needs) {
  return R"y(backout: 1
name: oldest-first
services:
  db: {kind: postgres, tables: {calls: {rows: 3, columns: {id: bigint primary key}}}}
deploy:
  steps:
    - {id: add, do: sql, target: db, text: "ALTER TABLE calls ADD COLUMN sid text", undo: drop}
    - {id: index, do: sql, target: db, text: "CREATE INDEX calls_sid ON calls (sid)", undo: unindex}
rollback:
  paths:
    full: )y" +
         path + R"y(
  steps:
    - {id: drop, do: sql, target: db, text: "ALTER TABLE calls DROP COLUMN sid"}
    - {id: unindex, do: sql, target: db, text: "DROP INDEX IF EXISTS calls_sid")y" +
         needs + "}\n";
}

TEST(Fix, TakesBackInTheReverseOrder) {
  EXPECT_EQ(fixed("plan.yaml", ordered("[drop, unindex]", "")), ordered("[unindex, drop]", ""));
  EXPECT_EQ(fixed("plan.yaml", ordered("\n      - drop\n      - unindex", "")),
            ordered("\n      - unindex\n      - drop", ""));
}

TEST(Fix, LeavesWhatWouldBringAnotherFinding) {
  const std::string text = ordered("[drop, unindex]", ", needs: [drop]");
  EXPECT_EQ(fixed("plan.yaml", text), text);
}

/// A rollback to v1, of which the plan says what it is built as.
std::string moving(const std::string& artefact, const std::string& word) {
  return R"(backout: 1
name: moving
services:
  api: {kind: app, versions: {v1: {artefact: ")" +
         artefact + R"("}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: new, do: deploy, target: api, version: v2, verify: {version: v2}, undo: back}
rollback:
  paths: {full: [back]}
  steps:
    - {id: back, do: deploy, target: api, version: v1, )" +
         word + R"(, verify: {version: v1}}
)";
}

TEST(Fix, NamesTheArtefactWhereOneMoves) {
  const std::string digest = "shop/api@sha256:4f1c2aa0d1";
  EXPECT_EQ(fixed("plan.yaml", moving(digest, "image: shop/api:stable")),
            moving(digest, "image: " + digest));
  EXPECT_EQ(fixed("plan.yaml", moving("v1.4.2", "ref: \"git:main\"")),
            moving("v1.4.2", "ref: \"v1.4.2\""));
  for (const auto& [artefact, word] : std::vector<std::pair<std::string, std::string>>{
           {"shop/api:latest", "image: shop/api:stable"},
           {"unknown", "image: shop/api:stable"},
           {digest, "image: shop/api:1.4.2"}}) {
    EXPECT_EQ(fixed("plan.yaml", moving(artefact, word)), moving(artefact, word));
  }
}

std::string asked(const std::string& verify) {
  return R"(backout: 1
name: health-only
services:
  api: {kind: app, versions: {"1": {}, v2: {}}, start: "1"}
deploy:
  steps:
    - {id: new, do: deploy, target: api, version: v2, undo: back}
rollback:
  paths: {full: [back]}
  steps:
    - {id: back, do: deploy, target: api, version: "1")" +
         verify + "}\n";
}

TEST(Fix, AsksForTheVersion) {
  EXPECT_EQ(fixed("plan.yaml", asked(", verify: {http: api/health, expect: 200}")),
            asked(", verify: {http: api/health, expect: 200, version: \"1\"}"));
  EXPECT_EQ(fixed("plan.yaml", asked("")), asked(", verify: {version: \"1\"}"));
  EXPECT_EQ(fixed("plan.yaml", asked(", verify: none")), asked(", verify: none"));
}

std::string hidden(const std::string& rest) {
  return R"y(backout: 1
name: exit-zero
services:
  db: {kind: postgres, tables: {calls: {rows: 3, columns: {id: bigint primary key}}}}
  api: {kind: app, versions: {v1: {operations: none}, v2: {operations: none}}, start: v1}
deploy:
  steps:
    - {id: code, do: deploy, target: api, version: v2, verify: {version: v2}, undo: back}
    - {id: add, do: sql, target: db, text: "ALTER TABLE calls ADD COLUMN sid text", undo: drop}
rollback:
  steps:
    - {id: drop, do: sql, target: db, text: "ALTER TABLE calls DROP COLUMN sid")y" +
         rest + R"y(}
    - {id: back, do: deploy, target: api, version: v1, verify: {version: v1}}
)y";
}

TEST(Fix, MakesFailuresSeen) {
  EXPECT_EQ(fixed("plan.yaml", hidden(", on_error_stop: false")), hidden(", on_error_stop: true"));
  const std::string typed = ", command: \"psql -f drop.sql shop\"";
  EXPECT_EQ(fixed("plan.yaml", hidden(typed)),
            hidden(", command: \"psql -v ON_ERROR_STOP=1 -f drop.sql shop\""));
}

TEST(Fix, MendsARunbook) {
  const std::string before = R"(# Rollback

Stop the app, then put the schema back.

<!-- backout: ignore undo-order -- it was so -->
```bash
psql -f down.sql shop
docker compose exec -T db psql -U shop -f /down2.sql
kubectl rollout undo deployment/api --to-revision=3
curl -s https://shop.example/health
```

```bash
DELETE FROM orders WHERE id > 7;
```
)";
  const std::string after = R"(# Rollback

Stop the app, then put the schema back.

```bash
psql -v ON_ERROR_STOP=1 -f down.sql shop
docker compose exec -T db psql -v ON_ERROR_STOP=1 -U shop -f /down2.sql
kubectl rollout undo deployment/api --to-revision=3
curl -f -s https://shop.example/health
```

```sql
DELETE FROM orders WHERE id > 7;
```
)";
  EXPECT_EQ(fixed("ROLLBACK.md", before), after);
}

/// The option would be right, and what is reported would stay.
TEST(Fix, OffersNoEditThatLeavesItsFinding) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "rollback.sh", "#!/bin/bash\nset -euo pipefail\nmongorestore /backups/last || true\n");
  const auto log = nlohmann::json::parse(run_backout({"check", "--format", "sarif", file}).out);
  bool thrown_away = false;
  for (const auto& result : log["runs"][0]["results"]) {
    if (std::string(result["message"]["text"]).find("is thrown away") == std::string::npos)
      continue;
    thrown_away = true;
    EXPECT_FALSE(result.contains("fixes"));
  }
  EXPECT_TRUE(thrown_away);
}

TEST(Fix, MendsAScript) {
  const std::string body =
      "pg_dump shop | gzip > before.sql.gz\n# backout: ignore undo-order -- it was so\n./down.sh\n";
  const std::string mended = "pg_dump shop | gzip > before.sql.gz\n./down.sh\n";
  EXPECT_EQ(fixed("rollback.sh", "#!/bin/bash\n# Takes the release back.\n" + body),
            "#!/bin/bash\n# Takes the release back.\nset -o pipefail\n" + mended);
  // A shell that has no such option keeps its pipe.
  EXPECT_EQ(fixed("rollback.sh", "#!/bin/sh\n" + body), "#!/bin/sh\n" + mended);
}

TEST(Fix, ReadsNumbersAsDecimals) {
  const std::string head = "#!/bin/bash\nset -euo pipefail\nFIRST=008\n";
  EXPECT_EQ(fixed("rollback.sh", head + "if [[ $FIRST -lt \"$LAST\" ]]; then ./down.sh; fi\n"),
            head + "if [[ 10#$FIRST -lt \"10#$LAST\" ]]; then ./down.sh; fi\n");
}

TEST(Fix, GoesByWhatIsSelected) {
  const TemporaryFolder folder;
  const std::string text = plan_of(kGo, "mailer.running");
  const std::string file = folder.write("plan.yaml", text);
  run_backout({"check", "--no-search", "--fix", "--ignore", "acquire-without-release", file});
  EXPECT_EQ(read_file(file), text);
}

TEST(Fix, KeepsLineEndsAndPermissions) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("rollback.sh", "#!/bin/bash\r\npg_dump shop | gzip > before.sql.gz\r\n");
  fs::permissions(file, fs::perms(0750));
  check("--fix", file);
  EXPECT_EQ(
      read_file(file),
      "#!/bin/bash\r\npg_dump shop | gzip > before.sql.gz\r\n");  // such a line is no shell's name
  const std::string runbook =
      folder.write("ROLLBACK.md", "# Rollback\r\n\r\n```bash\r\npsql -f down.sql\r\n```\r\n");
  fs::permissions(runbook, fs::perms(0640));
  check("--fix", runbook);
  EXPECT_EQ(read_file(runbook),
            "# Rollback\r\n\r\n```bash\r\npsql -v ON_ERROR_STOP=1 -f down.sql\r\n```\r\n");
  EXPECT_EQ(fs::status(runbook).permissions(), fs::perms(0640));
  EXPECT_EQ(analyzer::apply("a\r\nb\r\n", {{{0, 3, 3}, "x\ny\n"}}), "a\r\nx\r\ny\r\nb\r\n");
}

TEST(Fix, ShowsLineEndsAsTheyAre) {
  const TemporaryFolder folder;
  const std::string text = "# Rollback\r\n\r\n```bash\r\npsql -f down.sql\r\n```\r\n";
  const std::string file = folder.write("ROLLBACK.md", text);
  folder.write(
      "diff",
      run_process({kProgram, "check", "--diff", "ROLLBACK.md"}, "", folder.path().string()).out);
  EXPECT_EQ(run_process({"git", "apply", "-p0", "diff"}, "", folder.path().string()).status, 0);
  EXPECT_EQ(read_file(file),
            "# Rollback\r\n\r\n```bash\r\npsql -v ON_ERROR_STOP=1 -f down.sql\r\n```\r\n");
  folder.write("ROLLBACK.md", "# Rollback\n\n```bash\npsql -f down\x1b[2J.sql\n```\n");
  EXPECT_THAT(check("--diff", file).out, ::testing::Not(HasSubstr("\x1b")));
}

TEST(Fix, WritesThroughALinkAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string file = folder.write("real/plan.yaml", plan_of(kGo, "mailer.running"));
  fs::create_symlink(file, folder.path() / "plan.yaml");
  check("--fix", (folder.path() / "plan.yaml").string());
  EXPECT_TRUE(fs::is_symlink(folder.path() / "plan.yaml"));
  EXPECT_EQ(read_file(file), plan_of(kMendedGo, "mailer.running"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path() / "real"), {}), 1);
}

TEST(Fix, RefusesWhatItCannotDo) {
  const TemporaryFolder folder;
  const std::string file = folder.write("plan.yaml", plan_of(kGo, "mailer.running"));
  EXPECT_EQ(run_backout({"check", "--fix", "--diff", file}).status, 2);
  const ProcessResult piped = run_backout({"check", "--fix", "-"}, plan_of(kGo, "mailer.running"));
  EXPECT_EQ(piped.status, 2);
  EXPECT_THAT(piped.err, HasLines("backout: --fix and --diff mend files: standard input is none"));
  const std::string broken = folder.write("broken.yaml", "backout: 1\nname: [\n");
  EXPECT_EQ(check("--fix", broken).status, 3);
  EXPECT_EQ(read_file(broken), "backout: 1\nname: [\n");
}

TEST(Diff, IsEmptyForEqualTextsAndMarksAMissingLineEnd) {
  EXPECT_EQ(reports::unified_diff("a\n", "a\n", "x"), "");
  EXPECT_EQ(reports::unified_diff("a\nb", "a\nc", "x"),
            "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No "
            "newline at end of file\n");
  EXPECT_EQ(reports::unified_diff("", "a\n", "x"), "--- x\n+++ x\n@@ -0,0 +1 @@\n+a\n");
}

TEST(Diff, HasAHunkForEachPartThatIsFarFromOthers) {
  std::string before;
  for (int line = 1; line <= 30; ++line) before += std::to_string(line) + "\n";
  std::string after = before;
  after.replace(after.find("\n3\n") + 1, 1, "three");
  after.replace(after.find("\n20\n") + 1, 3, "");
  EXPECT_EQ(reports::unified_diff(before, after, "x"),
            "--- x\n+++ x\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@ -17,7 +17,6 @@\n "
            "17\n 18\n 19\n-20\n 21\n 22\n 23\n");
}

/// The rules of the table in docs/fixes.md.
std::set<std::string> told_rules() {
  std::istringstream in(read_file(fs::path(kSourceDir) / "docs/fixes.md"));
  std::set<std::string> rules;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| `")) rules.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return rules;
}

/// The rules of which some finding in the fixtures has edits.
std::set<std::string> offered_rules() {
  std::vector<std::string> words = {"check", "--no-search", "--fail-on",
                                    "never", "--format",    "sarif"};
  for (const char* room : {"fixtures/rules", "fixtures/documents"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(kSourceDir) / room)) {
      if (entry.is_regular_file() && entry.path().filename().string().starts_with("bad_"))
        words.push_back(entry.path().string());
    }
  }
  std::set<std::string> rules = {
      "unused-suppression"};  // has no fixtures of its own: MendsARunbook, formats/Edits
  const auto log = nlohmann::json::parse(run_backout(words).out);
  for (const auto& result : log["runs"][0]["results"]) {
    if (result.contains("fixes")) rules.insert(result["ruleId"]);
  }
  return rules;
}

TEST(Fix, ThePageNamesTheRulesThatOfferEdits) { EXPECT_EQ(told_rules(), offered_rules()); }

}  // namespace
}  // namespace backout::tests
