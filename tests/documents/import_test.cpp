// `backout import`: a runbook as a plan that loads, each value with its line.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

constexpr const char* kRunbook = R"(# Rolling back the shop

Error rate > 5% for 5 minutes: roll back.

## Rollback

### Method 1: Kubernetes (2-3 minutes)
```bash
kubectl rollout undo deployment/shop-web --to-revision=41 -n prod
kubectl rollout status deployment/shop-web -n prod --timeout=120s
./scripts/announce.sh
```

### Method 2: Git (5-10 minutes)
```bash
git revert --no-edit <bad-commit>
git push origin main
```
)";

std::string imported(const std::string& runbook) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", runbook);
  const ProcessResult result = run_backout({"import", (folder.path() / "ROLLBACK.md").string()});
  EXPECT_EQ(result.status, 0) << result.err;
  const ProcessResult check = run_backout({"check", "--runs", "10", "-"}, result.out);
  EXPECT_THAT(check.status, ::testing::AnyOf(0, 1, 4)) << check.err << result.out;
  return result.out;
}

TEST(Import, MakesAPathOfEachMethodAndAnActionOfEachCommand) {
  const std::string plan = imported(kRunbook);
  EXPECT_THAT(plan, ::testing::HasSubstr("\n    kubernetes:"));
  EXPECT_THAT(plan, HasLines("      total: 2-3m"));
  EXPECT_THAT(plan, HasLines("      total: 5-10m"));
  EXPECT_THAT(plan,
              ::testing::HasSubstr("do: rollout_undo, target: shop_web, to_revision: \"41\""));
  EXPECT_THAT(plan, HasLines("        - {id: kubernetes_2_scripts_announce_sh, do: run, command: "
                             "\"./scripts/announce.sh\", source: \"ROLLBACK.md:11\"}"));
  EXPECT_THAT(plan,
              HasLines("        - {id: git_2_revert, do: revert, target: repository, command: "
                       "\"git revert --no-edit <bad-commit>\", source: \"ROLLBACK.md:16\"}"));
  EXPECT_EQ(plan, imported(kRunbook)) << "the same text, the same plan";
}

TEST(Import, TakesNumberedHeadingsForStepsOfOneWayAndOptionsOfOneThroughTheOthers) {
  const std::string steps = imported(
      "# Rollback\n\n## 1. Stop the workers\n```bash\nsystemctl stop worker\n```\n## 2. Roll back "
      "(1 min)\n```bash\nkubectl rollout undo "
      "deployment/web\n```\n## 3. Start the workers\n```bash\nsystemctl start worker\n```\n");
  EXPECT_THAT(steps,
              ::testing::HasSubstr("steps: [stop_the_workers, roll_back, start_the_workers]"));
  const std::string options = imported(
      "# Rollback\n\n## Steps\n\n### 1. Pause\n```bash\nsystemctl stop worker\n```\n### 2. Roll "
      "back\n#### Option A: quick\n```bash\nkubectl rollout undo "
      "deployment/web\n```\n#### Option B: exact\n```bash\nhelm rollback web 4\n```\n### 3. Go "
      "on\n```bash\nsystemctl start worker\n```\n");
  EXPECT_THAT(options, HasLines("      steps: [pause, quick_2, go_on]"));
  EXPECT_THAT(options, HasLines("      steps: [pause, exact_2, go_on]"));
  const std::string ways = imported(
      "# Rollback\n\n## Parts\n\n### 1. Frontend rollback\n```bash\nvercel rollback "
      "dpl_1\n```\n### 2. Database rollback\n```bash\npg_restore -d shop a.dump\n```\n");
  EXPECT_THAT(ways, HasLines("    frontend_rollback_2:  # Frontend rollback"));
  EXPECT_THAT(ways, HasLines("    database_rollback_2:  # Database rollback"));
}

TEST(Import, TakesTheLossThatIsAllowedAndTheWindowOfTheDeployOnly) {
  const std::string plan = imported(
      "# Rollback\n\n## Targets\n- **RPO**: 15 minutes\n- Support hours: 09:00-17:00\n- Deployment "
      "window: 22:00-23:30\n\n## Rollback\n```bash\nmake back\n```\n");
  EXPECT_THAT(plan, HasLines("  rpo: 15m  # ROLLBACK.md:4"));
  EXPECT_THAT(plan, HasLines("  window: {from: \"22:00\", to: \"23:30\"}  # ROLLBACK.md:6"));
  EXPECT_THAT(
      imported("# Rollback\n\nSupport: 09:00-17:00\n\n## Rollback\n```bash\nmake back\n```\n"),
      ::testing::Not(::testing::HasSubstr("window:")));
}

TEST(Import, MarksWhatItCuts) {
  const std::string plan = imported("# Rollback\n\n## Step 1: change\n```bash\n./change.sh " +
                                    std::string(2500, 'x') + "\n```\n");
  EXPECT_THAT(plan, ::testing::HasSubstr("xxx ...\""));
}

TEST(Check, ReadsCapitalLettersOfEveryAlphabet) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("plan.md", "# ОТКАТ\n\n## АВАРИЙНЫЙ ОТКАТ\n\n1. ОСТАНОВИТЕ приложение\n");
  EXPECT_THAT(run_backout({"check", "--fail-on", "never", file}).out,
              ::testing::HasSubstr("no-command"));
}

TEST(Import, LoadsWhateverTheTextHolds) {
  for (const char* text :
       {"", "nothing", "# A\n```bash\n$(((\n```\n", "# Rollback\n1. \"x\": {y}\n2. #\n",
        "# Rollback\n## Step 1\n```sql\nDROP TABLE a; \x01\n```\n"}) {
    imported(text);
  }
}

TEST(Import, TakesWhatSqlWithCommentsOfTheShellSays) {
  const std::string plan = imported(
      "# Rollback\n## Step 1: rows\n```bash\n# Count\nSELECT COUNT(*) FROM a;\nDELETE FROM a WHERE "
      "b IS NULL;\n```\n");
  EXPECT_THAT(
      plan, HasLines("    - {id: rows, do: sql, target: db, text: \"-- # Count\\nSELECT COUNT(*) "
                     "FROM a;\\nDELETE FROM a WHERE b IS NULL;\\n\", source: \"ROLLBACK.md:3\"}"));
}

TEST(Ask, AsksForTheTimeOfAMethodOnceAndForCommandsThatNobodyKnows) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", "# Rollback\n## Method 1: Helm\n```bash\n./a.sh\n./b.sh\n```\n");
  const std::string file = (folder.path() / "ROLLBACK.md").string();
  EXPECT_EQ(
      run_backout({"ask", file}).out,
      "1. How long does 'Helm' take?\n   decides: whether path 'helm' is in time\n   answer:  "
      "rollback.paths.helm.total\n"
      "2. How soon after the decision must everything work again?\n   decides: whether any way "
      "back is fast enough\n"
      "   answer:  objectives.rto\n"
      "3. What does `./a.sh` change?\n   decides: every path that goes through 'helm_2_a_sh'\n"
      "   answer:  rollback.steps.helm_2_a_sh.effects\n"
      "4. What does `./b.sh` change?\n   decides: every path that goes through 'helm_2_b_sh'\n"
      "   answer:  rollback.steps.helm_2_b_sh.effects\n");
  EXPECT_THAT(run_backout({"ask", "--most", "1", file}).out,
              ::testing::EndsWith("3 more: backout ask --most 0 " + file + "\n"));
}

TEST(Ask, ReadsAnswersAtATerminalThatImportAndCheckGoBy) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("ROLLBACK.md",
                   "# Rollback\n## Method 1: Helm (2-3 minutes)\n```bash\n./a.sh\n```\n## Method "
                   "2: By git\n```bash\n./b.sh\n```\n");
  // A pseudo-terminal. One answer is no time and is asked for again; one is left open.
  const ProcessResult talk =
      run_process({"env", "BACKOUT=" + std::string(kProgram), "DOCUMENT=" + file, "sh", "-c",
                   "printf 'soon\\n7m\\n-\\nnone\\nrestarts the queue\\n' | script -qec 'exec "
                   "\"$BACKOUT\" ask \"$DOCUMENT\"' /dev/null"});
  EXPECT_THAT(talk.out, ::testing::HasSubstr("likely:  2-3m"));
  EXPECT_THAT(talk.out, ::testing::HasSubstr("'soon' is no duration"));
  EXPECT_THAT(talk.out, ::testing::HasSubstr("Kept 3 answers in "));
  EXPECT_THAT(read_file(folder.path() / "backout.answers.yaml"),
              ::testing::HasSubstr("\"ROLLBACK.md\":\n  rollback.paths.by_git.total: \"7m\"\n"));
  const std::string plan = run_backout({"import", file}).out;
  EXPECT_THAT(plan, HasLines("      total: 7m"));
  EXPECT_THAT(plan, HasLines("    - {id: helm_2, do: run, effects: none, command: \"./a.sh\", "
                             "source: \"ROLLBACK.md:4\"}"));
  EXPECT_THAT(plan, HasLines("    - {id: by_git_2, do: run, contains: \"restarts the queue\", "
                             "command: \"./b.sh\", source: \"ROLLBACK.md:8\"}"));
  EXPECT_EQ(run_backout({"ask", file}).out,
            "1. How soon after the decision must everything work again?\n   decides: whether any "
            "way back is fast enough\n"
            "   answer:  objectives.rto\n");
  folder.write("backout.answers.yaml", "a: [");
  EXPECT_EQ(run_backout({"check", file}).status, 3);
  EXPECT_EQ(run_backout({"import", file}).status, 3);
}

TEST(Import, OfAFolderPutsRunbookManifestsAndMigrationsIntoOnePlan) {
  const TemporaryFolder folder;
  const auto git = [&](const std::string& arguments) {
    const ProcessResult result = run_process({"sh", "-c", arguments}, "", folder.path().string());
    EXPECT_EQ(result.status, 0) << result.err;
  };
  const auto manifest = [&](const std::string& tag) {
    folder.write(
        "k8s/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec: {template: {spec: {containers: [{name: web, image: \"registry.example/web:" +
            tag + "\"}]}}}\n");
  };
  folder.write("docs/ROLLBACK.md",
               "# Rollback\n## Rolling back\n```bash\nkubectl rollout undo deployment/web "
               "--to-revision=3\npsql -v ON_ERROR_STOP=1 -f down.sql\n```\n");
  folder.write("docs/other-runbook.md", "# Restore the cache\n## Restore\n1. Ask the team\n");
  folder.write("db/migrations/001_a.up.sql", "CREATE TABLE a (id int);\n");
  folder.write("db/migrations/001_a.down.sql", "DROP TABLE a;\n");
  manifest("1.4");
  git("git init -q . && git -c user.name=t -c user.email=t@example.org add -A && git -c "
      "user.name=t -c user.email=t@example.org commit -qm a");
  folder.write("db/migrations/002_b.up.sql", "ALTER TABLE a ADD COLUMN b int;\n");
  folder.write("db/migrations/002_b.down.sql", "ALTER TABLE a DROP COLUMN b;\n");
  manifest("1.5");
  const std::string output = (folder.path() / "plan.yaml").string();
  const ProcessResult made =
      run_backout({"import", "--since", "HEAD", "--output", output, folder.path().string()});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, ::testing::HasSubstr("docs/ROLLBACK.md\n"));
  EXPECT_THAT(made.err, ::testing::HasSubstr("not taken: "));
  const std::string plan = read_file(output);
  EXPECT_THAT(plan,
              ::testing::HasSubstr("migrations: \"db/migrations\"\n    migrated_to: \"001_a\"\n"));
  EXPECT_THAT(plan, ::testing::HasSubstr("current: {artefact: \"registry.example/web:1.4\"}\n      "
                                         "next: {artefact: \"registry.example/web:1.5\"}"));
  EXPECT_THAT(plan, HasLines("    - {id: migrate, migrations: db}"));
  EXPECT_THAT(plan, HasLines("        - {id: rolling_back_rollout_undo, do: rollout_undo, target: "
                             "web, to_revision: \"3\", command: \"kubectl rollout undo "
                             "deployment/web --to-revision=3\", source: \"docs/ROLLBACK.md:4\"}"));
  EXPECT_THAT(run_backout({"check", "--runs", "10", output}).status, ::testing::AnyOf(0, 1, 4));
  EXPECT_EQ(run_backout({"import", "--since", "nothing", folder.path().string()}).status, 3);
}

std::string with(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(Import, MergesWhatTheTextSaysTodayAndKeepsWhatPeopleAdded) {
  const TemporaryFolder folder;
  const std::string before =
      "# Rollback\n## Rolling back\n### Step 1: web\n```bash\nkubectl rollout undo deployment/web "
      "--to-revision=3\nsleep 20\n```\n"
      "### Step 2: queue\n```bash\n./queue.sh\n```\n";
  const std::string document = folder.write("ROLLBACK.md", before);
  const std::string plan = (folder.path() / "plan.yaml").string();
  EXPECT_EQ(run_backout({"import", "--output", plan, document}).status, 0);
  std::string theirs = read_file(plan);
  theirs = with(theirs, "  rpo: unknown", "  rpo: 5m  # agreed");
  theirs = with(theirs, "rollback:\n", "# the ways back\nrollback:\n");
  theirs = with(theirs, "    - {id: queue,",
                "    - {id: call, do: task, text: call the boss}\n    - {id: queue,");
  theirs = with(theirs, "steps: [web, queue]", "steps: [web, call, queue]");
  folder.write("plan.yaml", theirs);
  EXPECT_EQ(run_backout({"import", "--merge", plan, document}).status, 0);
  EXPECT_EQ(read_file(plan), theirs) << "nothing is new";
  // One time differs, one step goes, one comes.
  folder.write("ROLLBACK.md", with(with(before, "sleep 20", "sleep 45"),
                                   "### Step 2: queue\n```bash\n./queue.sh\n```\n",
                                   "### Step 2: cache\n```bash\n./cache.sh\n```\n"));
  const ProcessResult merged = run_backout({"import", "--merge", plan, document});
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_THAT(merged.err, ::testing::HasSubstr(".for: 20s -> 45s\n"));
  EXPECT_THAT(merged.err, ::testing::HasSubstr("rollback.steps: 'id queue' taken out\n"));
  EXPECT_THAT(merged.err, ::testing::HasSubstr("rollback.steps: 'id cache' added\n"));
  const std::string now = read_file(plan);
  for (const char* kept :
       {"rpo: 5m  # agreed", "# the ways back\nrollback:\n",
        "- {id: call, do: task, text: call the boss}\n", "for: 45s", "./cache.sh"}) {
    EXPECT_THAT(now, ::testing::HasSubstr(kept));
  }
  EXPECT_THAT(now, ::testing::ContainsRegex("steps: \\[web, [a-z, ]*call"));
  EXPECT_THAT(now, ::testing::Not(::testing::HasSubstr("queue")));
  EXPECT_THAT(run_backout({"check", "--runs", "10", plan}).status, ::testing::AnyOf(0, 1, 4));
  folder.write("plan.yaml", "backout: 1\nnmae: x\n");
  EXPECT_EQ(run_backout({"import", "--merge", plan, document}).status, 3);
  EXPECT_EQ(read_file(plan), "backout: 1\nnmae: x\n");
}

TEST(Check, ReadsAViewThatAnExtensionBrings) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md",
               "# Rollback\n## Step 1: look\n```sql\nCREATE EXTENSION pg_stat_statements;\nSELECT "
               "query, calls FROM pg_stat_statements LIMIT 3;\n```\n");
  const ProcessResult result = run_backout({"check", (folder.path() / "ROLLBACK.md").string()});
  EXPECT_THAT(result.out, ::testing::HasSubstr("0 errors, 0 warnings"));
}

TEST(Check, HoldsRulesOfPlansAgainstWhatARunbookDescribes) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", kRunbook);
  const std::string found =
      run_backout({"check", "--format", "github", (folder.path() / "ROLLBACK.md").string()}).out;
  const std::string at = "file=" + (folder.path() / "ROLLBACK.md").string() + ",line=9,";
  EXPECT_THAT(found, ::testing::HasSubstr(at));
  EXPECT_THAT(found, ::testing::HasSubstr("title=backout undo-leaves-rest::"));
  EXPECT_THAT(found, ::testing::HasSubstr(
                         "this does not bring everything back: the pod template goes back"));
  EXPECT_THAT(found, ::testing::HasSubstr("version-not-verified"));
}

std::string reported(const std::string& runbook) {
  const TemporaryFolder folder;
  const ProcessResult result =
      run_backout({"check", "--format", "jsonl", folder.write("ROLLBACK.md", runbook)});
  EXPECT_THAT(result.status, ::testing::AnyOf(0, 1)) << result.err;
  return result.out;
}

TEST(Check, PlaysTheWaysBackOfARunbook) {
  const std::string found = reported(
      "# Rollback\n## Step 1: free space\n```bash\ntar -czf /b/conf.tgz /app/conf\nrm -rf "
      "/app/conf/*\n```\n");
  EXPECT_THAT(found, ::testing::HasSubstr("\"unverified-step\""));
  EXPECT_THAT(found, ::testing::HasSubstr("\"line\":4,"));
}

TEST(Check, HearsAScriptAskForTheVersionWhereItComparesTheImage) {
  const auto of = [](const std::string& look) {
    const TemporaryFolder folder;
    const std::string text =
        "#!/bin/bash\nset -euo pipefail\n"
        "kubectl rollout undo deployment/shop --to-revision=4\n"
        "kubectl rollout status deployment/shop --timeout=120s\n" +
        look + "\n";
    return run_backout({"check", "--format", "jsonl", folder.write("rollback.sh", text)}).out;
  };
  const std::string image = "kubectl get deployment shop -o jsonpath={.spec.containers[0].image}";
  const auto asked = ::testing::Not(::testing::HasSubstr("\"version-not-verified\""));
  EXPECT_THAT(of("image=$(" + image + ")\n[ \"$image\" = shop:1.4.2 ]"), asked);
  EXPECT_THAT(of(image + " | grep -qx shop:1.4.2"), asked);
  EXPECT_THAT(of(image), ::testing::Not(asked));
  EXPECT_THAT(of("kubectl get pods"), ::testing::Not(asked));
}

TEST(Check, TakesWhatAScriptRunsAtItsEndForAStart) {
  const auto of = [](const std::string& handler) {
    const TemporaryFolder folder;
    const std::string text = "#!/bin/bash\nset -e\nback() {\n  systemctl start shop\n}\ntrap " +
                             handler + "\nsystemctl stop shop\n./put-back\n";
    return run_backout({"check", "--format", "jsonl", folder.write("rollback.sh", text)}).out;
  };
  const auto down = ::testing::HasSubstr("\"matrix-down\"");
  EXPECT_THAT(of("'systemctl start shop' EXIT"), ::testing::Not(down));
  EXPECT_THAT(of("back EXIT"), ::testing::Not(down));
  EXPECT_THAT(of("'systemctl start other' EXIT"), down);
  EXPECT_THAT(of("'systemctl start shop' INT"), down);
}

TEST(Check, SaysThatItPlaysNoRunbookOfVeryManySteps) {
  std::string text = "# Rollback\n\n## Rollback\n\n";
  for (int i = 1; i <= 3950; ++i)
    text += fmt::format("{}. `kubectl rollout undo deployment/a{} --to-revision=4`\n", i, i);
  const TemporaryFolder folder;
  const ProcessResult result =
      run_backout({"check", "--fail-on", "never", folder.write("ROLLBACK.md", text)});
  EXPECT_EQ(result.status, 4);
  EXPECT_THAT(result.out, ::testing::HasSubstr("warning[runbook-not-read] "));
  EXPECT_THAT(
      result.out,
      HasLines("  7900 steps on 3950 services are more than are played: the ways back are read,"));
}

TEST(Check, LeavesWhatARehearsalStopsAndWhatNobodyWantsBack) {
  const std::string down =
      "1. Start the stack:\n   ```bash\n   docker compose up -d store\n   ```\n2. Copy:\n   "
      "```bash\n   bash backup-now.sh\n   ```\n"
      "3. %s:\n   ```bash\n   docker compose down -v\n   ```\n";
  const auto of = [&](const std::string& title, const std::string& last) {
    std::string text = "# Restore\n## " + title + "\n" + down;
    return reported(text.replace(text.find("%s"), 2, last));
  };
  EXPECT_THAT(of("Restore the store", "Stop it"), ::testing::HasSubstr("\"matrix-down\""));
  EXPECT_THAT(of("Restore the store", "Tear down"),
              ::testing::Not(::testing::HasSubstr("matrix-down")));
  EXPECT_THAT(of("Restore on the standby", "Stop it"),
              ::testing::Not(::testing::HasSubstr("matrix-down")));
  const std::string unpack =
      "# Rollback\n## Step 1: look\n```bash\ntar -czf /b/conf.tgz /app/conf\n";
  EXPECT_THAT(reported(unpack + "rm -rf /var/lib/php/sessions/*\n```\n"),
              ::testing::Not(::testing::HasSubstr("unverified-step")));
  EXPECT_THAT(reported(unpack + "rm -rf /app/tmp/*\n```\n"),
              ::testing::Not(::testing::HasSubstr("unverified-step")));
}

TEST(Check, SaysTheRestBesideACommandThatNobodyKnowsAndAServiceThatCannotBeTyped) {
  const std::string found = reported(
      "# Rollback\n## Step 1: switch\n```bash\naws elbv2 modify-listener --listener-arn $A "
      "--default-actions Type=forward,TargetGroupArn=$B\n"
      "./own-thing --now\n```\n## Step 2: pods\n```bash\nkubectl rollout undo deployment/web "
      "--to-revision=4\n```\n"
      "Speed: p95 > 5 s (twice the baseline)\n## When to roll back\n- Latency +600 ms above "
      "baseline\n- Down for 30 to 5 minutes\n");
  EXPECT_THAT(found, ::testing::HasSubstr("\"version-not-verified\""));
}

TEST(Check, SaysNothingOfFilesAndTablesThatMayBeThere) {
  const std::string found = reported(
      "# Rollback\n## Step 1: back\n```bash\npg_restore --exit-on-error -d shop "
      "/backups/shop.dump\n```\n"
      "```sql\nUPDATE orders SET total = price;\n```\n```bash\npsql -v ON_ERROR_STOP=1 -d shop -c "
      "'\\d orders'\n```\n");
  for (const char* rule :
       {"step-refused", "matrix-stuck", "matrix-unknown", "unestimated-step", "missing-undo"}) {
    EXPECT_THAT(found, ::testing::Not(::testing::HasSubstr(rule)));
  }
}

TEST(Import, KeepsACommandWhoseTypedActionDoesNotLoad) {
  const std::string plan = imported(
      "# Rollback\n## Step 1: pods\n```bash\nkubectl scale deployment/web "
      "--replicas=99999999999999999999\n```\n");
  EXPECT_THAT(
      plan,
      ::testing::HasSubstr(
          "do: run, command: \"kubectl scale deployment/web --replicas=99999999999999999999\""));
}

TEST(Check, TakesALookAtTheVersionBehindAStepForItsCheck) {
  const TemporaryFolder folder;
  folder.write(
      "ROLLBACK.md",
      "# Rollback\n## Step 1\n```bash\nkubectl rollout undo deployment/web --to-revision=4\n"
      "curl -fsS https://shop.example/version | grep -F v41\n```\n");
  const std::string found =
      run_backout({"check", "--format", "github", (folder.path() / "ROLLBACK.md").string()}).out;
  EXPECT_THAT(found, ::testing::HasSubstr("undo-leaves-rest"));
  EXPECT_THAT(found, ::testing::Not(::testing::HasSubstr("version-not-verified")));
}

TEST(Import, NeverOverwrites) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", kRunbook);
  folder.write("plan.yaml", "mine");
  const std::string plan = (folder.path() / "plan.yaml").string();
  EXPECT_EQ(
      run_backout({"import", "--output", plan, (folder.path() / "ROLLBACK.md").string()}).status,
      2);
  EXPECT_EQ(read_file(plan), "mine");
  EXPECT_EQ(run_backout({"import", (folder.path() / "none.md").string()}).status, 2);
}

}  // namespace
}  // namespace backout::tests
