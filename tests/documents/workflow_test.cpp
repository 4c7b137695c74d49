// Workflows of GitHub and pipelines of GitLab, read as their runners run them; findings at their
// own lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

/// "12:14 hidden-failure" of each finding.
std::vector<std::string> found(const std::string& text,
                               const std::string& file = ".github/workflows/rollback.yml") {
  const TemporaryFolder folder;
  folder.write(file, text);
  const ProcessResult result = run_backout(
      {"check", "--fail-on", "never", "--format", "json", (folder.path() / file).string()});
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> all;
  const nlohmann::json report = nlohmann::json::parse(result.out);
  for (const nlohmann::json& finding : report.at("findings")) {
    all.push_back(std::to_string(int(finding.at("line"))) + ":" +
                  std::to_string(int(finding.at("column"))) + " " +
                  std::string(finding.at("rule")));
  }
  return all;
}

std::string job(const std::string& steps, const std::string& name = "rollback") {
  return "name: Production\non: workflow_dispatch\njobs:\n  " + name +
         ":\n    runs-on: ubuntu-latest\n    steps:\n" + steps;
}

TEST(Workflow, HasItsFindingsAtTheLinesOfItsBlocks) {
  const std::string literal =
      job("      - run: |\n          echo start\n\n          pg_restore -d shop backup.sql\n");
  EXPECT_THAT(found(literal), Contains("10:11 runbook-restore-source"));
  EXPECT_THAT(found(job("      - run: pg_restore -d shop backup.sql\n")),
              Contains("7:14 runbook-restore-source"));
  EXPECT_THAT(found(job("      - run: \"pg_restore -d shop backup.sql\"\n")),
              Contains("7:15 runbook-restore-source"));
  const std::string folded =
      job("      - run: >  # one command\n          pg_restore\n          --clean\n          -d "
          "shop backup.sql\n");
  EXPECT_THAT(found(folded), Contains("8:11 runbook-restore-source"));
}

TEST(Workflow, RunsAsTheRunnerRunsIt) {
  const std::string piped =
      "          pg_dump shop | gzip > backup.sql.gz\n          kubectl rollout undo "
      "deployment/web --to-revision=3\n";
  EXPECT_THAT(found(job("      - run: |\n" + piped)), Contains("8:11 hidden-failure")) << "bash -e";
  EXPECT_THAT(found(job("      - shell: bash\n        run: |\n" + piped)),
              Not(Contains(HasSubstr("hidden-failure"))))
      << "bash -eo pipefail";
  EXPECT_THAT(found("defaults: {run: {shell: bash}}\n" + job("      - run: |\n" + piped)),
              Not(Contains(HasSubstr("hidden-failure"))));
  EXPECT_THAT(
      found(
          "rollback:\n  stage: production\n  script:\n    - pg_dump shop | gzip > backup.sql.gz\n",
          ".gitlab-ci.yml"),
      Not(Contains(HasSubstr("hidden-failure"))));
  const std::string ignored =
      job("      - continue-on-error: true\n        run: kubectl rollout undo deployment/web "
          "--to-revision=3\n");
  EXPECT_THAT(found(ignored), Contains("8:14 hidden-failure"));
}

TEST(Workflow, ReadsExpressionsAsPartsOfWords) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write(".github/workflows/rollback.yml",
                   job("      - run: kubectl apply -f ${{ inputs.file }} --prune || true\n"));
  EXPECT_THAT(run_backout({"check", file}).out,
              HasSubstr("what 'kubectl apply -f ${{ inputs.file }} --prune' says is thrown away"));
}

TEST(Workflow, ReadsWhatRunsOnAServer) {
  const std::string remote =
      "      - uses: appleboy/ssh-action@v1\n        with:\n          script: |\n            cd "
      "/srv/shop\n            rm -rf dist\n";
  EXPECT_THAT(found(job(remote)), Contains("10:13 failure-ignored"))
      << "it goes on behind a failure";
  EXPECT_THAT(found(job("      - run: |\n          cd /srv/shop\n          rm -rf dist\n")),
              Not(Contains(HasSubstr("failure-ignored"))));
}

TEST(Workflow, KnowsTheVariablesThatItIsGiven) {
  const std::string use = "        run: rm -rf \"/srv/${TAG}\"\n";
  EXPECT_THAT(found(job("      - name: clean\n" + use)),
              Contains(HasSubstr("runbook-undefined-variable")));
  EXPECT_THAT(found(job("      - env: {TAG: v1}\n" + use)),
              Not(Contains(HasSubstr("runbook-undefined-variable"))));
  EXPECT_THAT(found("env: {TAG: v1}\n" + job("      - name: clean\n" + use)),
              Not(Contains(HasSubstr("runbook-undefined-variable"))));
  EXPECT_THAT(
      found(job("      - run: echo \"TAG=v1\" >> \"$GITHUB_ENV\"\n      - name: clean\n" + use)),
      Not(Contains(HasSubstr("runbook-undefined-variable"))));
  EXPECT_THAT(found(job("      - run: rm -rf \"/srv/${{ inputs.tag }}\"\n")),
              Not(Contains(HasSubstr("runbook-undefined-variable"))));
}

TEST(Workflow, SaysOfDeploysLessThanOfWaysBack) {
  const std::string step = "      - run: kubectl set image deployment/web web=shop:latest\n";
  EXPECT_THAT(found(job(step)), IsSupersetOf({"7:14 delayed-effect", "7:47 unpinned-target"}));
  EXPECT_THAT(found(job(step, "deploy"), ".github/workflows/deploy.yml"), IsEmpty());
  const std::string named = job(step +
                                    "      - name: Roll back on failure\n        if: failure()\n   "
                                    "     run: kubectl rollout undo deployment/web\n",
                                "deploy");
  EXPECT_THAT(found(named, ".github/workflows/deploy.yml"), Contains("10:14 unpinned-target"));
}

/// Whether a step is told with the rule in a job that rolls back, and in one that deploys.
std::pair<bool, bool> told(const std::string& rule, const std::string& step) {
  const auto holds = [&](const std::vector<std::string>& all) {
    return std::ranges::any_of(all,
                               [&](const std::string& each) { return each.ends_with(" " + rule); });
  };
  return {holds(found(job(step))),
          holds(found(job(step, "deploy"), ".github/workflows/deploy.yml"))};
}

TEST(Workflow, MayMoveItsOwnBranchesAndDeployWhatGetsNoTrafficYet) {
  const std::pair<bool, bool> back_alone = {true, false};
  EXPECT_EQ(
      told("destructive-without-backup", "      - run: git push --force origin HEAD:production\n"),
      back_alone);
  EXPECT_EQ(told("misdirected-command",
                 "      - run: gcloud run deploy web --image web:1.2.3 --no-traffic\n"),
            back_alone);
  EXPECT_EQ(told("misdirected-command", "      - run: railway rollback\n"), std::pair(true, true))
      << "there is no such command";
}

TEST(Workflow, WritesOnARunnerThatGoesAway) {
  const std::string script = "cat > /etc/shop/app.conf <<EOF\n            a\n            EOF\n";
  const std::pair<bool, bool> never = {false, false};
  EXPECT_EQ(told("destructive-without-backup", "      - run: |\n            " + script), never);
  EXPECT_EQ(
      told(
          "destructive-without-backup",
          "      - uses: appleboy/ssh-action@v1\n        with:\n          script: |\n            " +
              script),
      std::pair(true, true));
}

TEST(Workflow, LooksAtTheVersionThatItBroughtBack) {
  const auto tells = [](const std::string& steps) {
    const TemporaryFolder folder;
    const std::string file = folder.write(".github/workflows/rollback.yml", job(steps));
    return run_backout({"check", "--fail-on", "never", "--format", "json", file}).out;
  };
  const std::string back = "      - run: docker compose up -d --wait app\n";
  const std::string health = "      - run: curl -fsS https://shop.example/health\n";
  const std::string version =
      "      - run: curl -fsS https://shop.example/version | grep -Fx \"$TAG\"\n";
  const std::string any = "nothing in this workflow asks which version answers";
  const std::string none = "the run is green as soon as the command was accepted";
  const std::string bare = "      - run: docker compose up -d app\n";
  EXPECT_THAT(tells(bare + health), HasSubstr(any));
  EXPECT_THAT(tells(bare + version), Not(HasSubstr(any)));
  EXPECT_THAT(tells(bare), HasSubstr(none));
  EXPECT_THAT(tells(bare + health), Not(HasSubstr(none)));
  EXPECT_THAT(tells(back), Not(HasSubstr(none)))
      << "--wait looks at the health that the image tells of";
}

TEST(Workflow, HasNobodyAtATerminal) {
  const std::pair<bool, bool> never = {false, false};
  const std::string step =
      "      - name: Automated rollback\n        run: |\n          # automated\n          npx "
      "wrangler rollback shop\n          git rebase -i HEAD~3\n";
  EXPECT_EQ(told("waits-for-person", step), never);
  EXPECT_EQ(told("waits-for-person",
                 "      - run: |\n          read -p 'Sure? ' answer\n          kubectl rollout "
                 "undo deployment/web\n"),
            std::pair(true, true));
}

TEST(Workflow, MayFailInWhatPreparesAndPassesNothingOn) {
  const std::pair<bool, bool> never = {false, false};
  for (const char* line : {"mkdir -p ~/.ssh || true", "chmod +x deploy.sh || true",
                           "docker image prune -f || true", "npm audit || true"}) {
    EXPECT_EQ(told("hidden-failure", std::string("      - run: ") + line + "\n"), never) << line;
  }
  EXPECT_EQ(told("hidden-failure", "      - run: kubectl apply -f k8s || true\n"),
            std::pair(true, true));
  EXPECT_EQ(told("failure-ignored", "      - run: kustomize build . | kubectl apply -f -\n"),
            never);
}

/// A rollback whose action is started by hand.
std::string by_hand(const std::string& value, const std::string& rest) {
  return "name: Rollback\non:\n  workflow_dispatch:\n    inputs:\n      image_tag: {default: " +
         value + "}\n" + rest;
}

TEST(Workflow, GoesBackToWhatIsNamed) {
  const std::string jobs = "jobs:\n  rollback:\n    steps:\n      - run: ./back.sh \"$TAG\"\n";
  EXPECT_THAT(found(by_hand("latest", jobs)), Contains("5:28 unpinned-target"));
  EXPECT_THAT(found(by_hand("main", jobs)), Contains("5:28 unpinned-target"));
  EXPECT_THAT(found(by_hand("v41", jobs)), Not(Contains(HasSubstr("unpinned-target"))));
  EXPECT_THAT(found(by_hand("\"\"", jobs)), Not(Contains(HasSubstr("unpinned-target"))));
  const std::string deploy =
      "on:\n  workflow_dispatch:\n    inputs:\n      image_tag: {default: latest}\njobs:\n  "
      "deploy:\n    steps:\n      - run: ./ship.sh\n";
  EXPECT_THAT(found(deploy, ".github/workflows/deploy.yml"),
              Not(Contains(HasSubstr("unpinned-target"))))
      << "a deploy takes what is newest";
}

TEST(Workflow, GoesBackToTheBranchWhereTheVersionMayBeLeftOut) {
  const auto with = [](const std::string& input, const std::string& ref) {
    return "on:\n  workflow_dispatch:\n    inputs:\n      version: {" + input +
           "}\njobs:\n  rollback:\n    runs-on: ubuntu-latest\n    steps:\n" +
           "      - uses: actions/checkout@v4\n        with: {ref: \"" + ref +
           "\"}\n      - run: make deploy\n";
  };
  EXPECT_THAT(found(with("required: false", "${{ inputs.version }}")),
              Contains("4:7 unpinned-target"));
  EXPECT_THAT(found(with("type: string", "${{ github.event.inputs.version }}")),
              Contains("4:7 unpinned-target"));
  EXPECT_THAT(found(with("required: true", "${{ inputs.version }}")),
              Not(Contains("4:7 unpinned-target")));
  EXPECT_THAT(found(with("required: false", "${{ inputs.version || needs.last.outputs.good }}")),
              Not(Contains("4:7 unpinned-target")));
  EXPECT_THAT(found(with("required: false", "${{ inputs.versions }}")),
              Not(Contains("4:7 unpinned-target")));
  EXPECT_THAT(found(with("type: choice, options: [v41, v40]", "${{ inputs.version }}")),
              Not(Contains("4:7 unpinned-target")))
      << "the first is chosen";
}

TEST(Workflow, ReadsOutputsThatSomethingPutsOut) {
  const std::string rest =
      "jobs:\n  build:\n    outputs: {tag: \"${{ steps.pick.outputs.tag }}\"}\n    steps:\n      - "
      "id: pick\n        run: ./pick.sh >> \"$GITHUB_OUTPUT\"\n"
      "  called: {uses: acme/shop/.github/workflows/x.yml@v1}\n"
      "  rollback:\n    needs: [build, called]\n    steps:\n      - run: ./back.sh ";
  EXPECT_THAT(
      found(by_hand("v41",
                    rest + "${{ needs.build.outputs.tag }} ${{ needs.called.outputs.any }}\n")),
      Not(Contains(HasSubstr("runbook-undefined-variable"))));
  EXPECT_THAT(found(by_hand("v41", rest + "${{ needs.build.outputs.url }}\n")),
              Contains("16:28 runbook-undefined-variable"));
  EXPECT_THAT(found(by_hand("v41", rest + "${{ steps.pick.outputs.tag }}\n")),
              Contains("16:28 runbook-undefined-variable"))
      << "a step of another job";
  EXPECT_THAT(
      found(by_hand(
          "v41",
          rest +
              "v41  # ${{ needs.build.outputs.tag }}\n      # ${{ needs.build.outputs.url }}\n")),
      Not(Contains(HasSubstr("runbook-undefined-variable"))));
}

TEST(Workflow, LooksAtHowActionsEnd) {
  const auto with = [](const std::string& step) {
    return found(by_hand("v41", "jobs:\n  rollback:\n    steps:\n      - run: ./back.sh\n" + step));
  };
  EXPECT_THAT(
      with("      - uses: ./.github/actions/smoke-tests\n        continue-on-error: true\n"),
      Contains("10:15 hidden-failure"));
  EXPECT_THAT(with("      - uses: ./.github/actions/smoke-tests\n"),
              Not(Contains(HasSubstr("hidden-failure"))));
  EXPECT_THAT(with("      - uses: actions/upload-artifact@v4\n        continue-on-error: true\n"),
              Not(Contains(HasSubstr("hidden-failure"))));
  EXPECT_THAT(with("      - id: smoke\n        uses: ./.github/actions/smoke-tests\n        "
                   "continue-on-error: true\n      - if: steps.smoke.outcome == 'failure'\n        "
                   "run: exit 1\n"),
              Not(Contains(HasSubstr("hidden-failure"))));
}

TEST(Workflow, ChecksInStepsThatAreCalledSo) {
  const auto step = [](const std::string& name, const std::string& run) {
    return found(
        job("      - run: ./back.sh\n      - name: " + name + "\n        run: " + run + "\n"));
  };
  EXPECT_THAT(step("Post-rollback validation", "echo all is well"),
              Contains("9:14 check-cannot-fail"));
  EXPECT_THAT(step("Post-rollback validation", "./check.sh"),
              Not(Contains(HasSubstr("check-cannot-fail"))));
  EXPECT_THAT(step("Report of the smoke tests", "echo all is well"),
              Not(Contains(HasSubstr("check-cannot-fail"))));
}

TEST(Workflow, LooksAtWhatItBroughtBack) {
  const std::string checkout = "      - uses: actions/checkout@v4\n";
  const auto told = [&](const std::string& rest) {
    return found(job(checkout + "      - run: helm rollback shop 41 --namespace shop\n" + rest));
  };
  const auto unseen = Contains("8:14 check-cannot-fail");
  EXPECT_THAT(told(""), unseen) << "a checkout is no check";
  EXPECT_THAT(told("      - run: ./notify.sh shipping latest\n"), unseen) << "nor is latest a test";
  EXPECT_THAT(told("      - run: ./check-shop.sh\n"), Not(unseen));
  EXPECT_THAT(told("      - run: npm run e2e-tests\n"), Not(unseen));
  EXPECT_THAT(told("      - uses: acme/ping@v1\n"), Not(unseen));
  EXPECT_THAT(found(job(checkout + "      - run: helm rollback shop 41\n", "deploy"),
                    ".github/workflows/deploy.yml"),
              Not(Contains(HasSubstr("check-cannot-fail"))));
}

TEST(Workflow, IsKeptFromRunningTwiceAtOnce) {
  const std::string steps = "      - name: Deploy\n        run: helm rollback shop 41 --wait\n";
  const auto at_once = Contains("4:3 writers-not-stopped");
  EXPECT_THAT(found(job(steps)), at_once);
  EXPECT_THAT(found(job(steps) + "concurrency: production\n"), Not(at_once));
  EXPECT_THAT(
      found(job("      - run: helm rollback shop 41 --wait\n    concurrency: production\n")),
      Not(at_once));
  EXPECT_THAT(found(job(steps, "restore-drill")), Not(at_once)) << "a drill disturbs nobody";
  EXPECT_THAT(found(job("      - run: helm history shop\n")), Not(at_once)) << "it only looks";
  for (const char* on : {"[push, workflow_dispatch]", "{workflow_dispatch: {}, push: {}}",
                         "[repository_dispatch]", "{repository_dispatch: {types: [back]}}"}) {
    std::string text = job(steps);
    text.replace(text.find("workflow_dispatch"), 17, on);
    EXPECT_THAT(found(text), at_once) << on;
  }
  const std::string called =
      "name: Production\non: workflow_call\njobs:\n  rollback:\n    runs-on: ubuntu-latest\n    "
      "steps:\n" +
      steps;
  EXPECT_THAT(found(called), Not(Contains(HasSubstr("writers-not-stopped"))))
      << "whoever calls it keeps its runs apart";
}

TEST(Workflow, ReadsWhatOtherMachinesRunAtItsPlace) {
  const std::string quoted =
      "          ssh shop.example \"cd /srv && sudo sh -c \\\"pg_dump shop | gzip > "
      "shop.sql.gz\\\"\"\n";
  EXPECT_THAT(found(job("      - run: |\n" + quoted)), Contains("8:53 hidden-failure"))
      << "quotes within quotes";
  const std::string document =
      "          ssh shop.example bash -s <<EOF\n          pg_dump shop | gzip > "
      "\\$HOME/shop.sql.gz\n          EOF\n";
  EXPECT_THAT(found(job("      - run: |\n" + document)), Contains("9:11 hidden-failure"));
  const std::string strict =
      "          ssh shop.example 'set -o pipefail; pg_dump shop | gzip > shop.sql.gz'\n";
  EXPECT_THAT(found(job("      - run: |\n" + strict)), Not(Contains(HasSubstr("hidden-failure"))));
}

TEST(Workflow, IsNotCopiedNorFilledIn) {
  const std::string open = "      - run: curl -fsS https://your-domain.com/health\n";
  const std::string sql =
      "      - run: |\n          DROP TABLE orders_new;\n          UPDATE settings SET mode = "
      "'old' WHERE id = 1;\n";
  const auto of_text = Contains(AnyOf("4:11 runbook-placeholder", "4:1 runbook-fence-language"));
  EXPECT_THAT(found(job(open)), Not(of_text));
  EXPECT_THAT(found(job(sql)), Not(of_text));
  EXPECT_THAT(found("# Rollback\n\n```bash\ncurl -fsS https://your-domain.com/health\n```\n",
                    "ROLLBACK.md"),
              of_text)
      << "of a runbook they are";
  EXPECT_THAT(found("# Rollback\n\n```bash\nDROP TABLE orders_new;\nUPDATE settings SET mode = "
                    "'old' WHERE id = 1;\n```\n",
                    "ROLLBACK.md"),
              of_text);
}

TEST(Workflow, SaysWhatIsNotRead) {
  EXPECT_THAT(found(job("      - shell: pwsh\n        run: Stop-Service shop\n")),
              ElementsAre("8:14 runbook-not-read"));
  EXPECT_THAT(
      found("name: CI\njobs: {test: {steps: [{run: make test}]}}\n", ".github/workflows/ci.yml"),
      ElementsAre("1:1 runbook-not-read"));
}

TEST(Workflow, SaysWhereItIsNoYaml) {
  const TemporaryFolder folder;
  folder.write(".github/workflows/rollback.yml",
               job("      - run: kubectl rollout undo deployment/shop\n      - run: [a\n  b: c\n"));
  folder.write(".github/workflows/lint.yml", "name: Lint\njobs: [\n");
  const ProcessResult result = run_backout({"check", folder.path().string()});
  EXPECT_EQ(result.status, 4) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("rollback.yml:10:1\n  the workflow cannot be read (syntax error: "));
  EXPECT_THAT(result.out, Not(HasSubstr("lint.yml"))) << "it is about something else";
}

TEST(Workflow, SaysThatItsJobsRunNothingThatIsRead) {
  const auto told = [](const std::string& text) {
    const TemporaryFolder folder;
    folder.write(".github/workflows/deploy.yml", text);
    return run_backout({"check", "--fail-on", "never",
                        (folder.path() / ".github/workflows/deploy.yml").string()})
        .out;
  };
  const std::string none =
      "none of the jobs that deploy or roll back runs a command that is read here";
  const std::string python =
      told(job("      - shell: python\n        run: print('deploy')\n", "deploy"));
  EXPECT_THAT(python, HasSubstr(none));
  EXPECT_THAT(python, Not(HasSubstr("no job of this workflow")));
  EXPECT_THAT(told(job("      - uses: acme/deploy@v1\n", "deploy")), HasSubstr(none));
  EXPECT_THAT(told(job("      - run: make deploy\n", "deploy")), Not(HasSubstr(none)));
}

TEST(Workflow, HidesWhatIsSuppressed) {
  const std::string text =
      job("      - run: |\n          # backout: ignore unpinned-target -- the one before is the "
          "one that was tested\n          kubectl rollout undo deployment/web\n");
  EXPECT_THAT(found(text), Not(Contains(HasSubstr("unpinned-target"))));
  EXPECT_THAT(found(text), Not(Contains(HasSubstr("unused-suppression"))));
}

TEST(Workflow, IsFoundInAFolderWhenItDeploysOrRollsBack) {
  const TemporaryFolder folder;
  folder.write(".github/workflows/rollback.yml",
               job("      - run: kubectl rollout undo deployment/web\n"));
  folder.write(".github/workflows/ci.yml", "name: CI\njobs: {test: {steps: [{run: make test}]}}\n");
  const std::string out = run_backout({"check", folder.path().string()}).out;
  EXPECT_THAT(out, HasSubstr("rollback.yml: 0 errors"));
  EXPECT_THAT(out, Not(HasSubstr("ci.yml")));
}

}  // namespace
}  // namespace backout::tests
