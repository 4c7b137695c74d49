// simulate, replay and merge from end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kPlans = std::string(kSourceDir) + "/plans";

ProcessResult backout(const std::vector<std::string>& arguments) { return run_backout(arguments); }

TEST(SimulateCommand, FindsTheFailuresOfARealPlanAndWritesScenariosThatReplay) {
  const TemporaryFolder folder;
  const std::string plan = kPlans + "/call-sid/plan.yaml";
  const ProcessResult result =
      backout({"simulate", plan, "--runs", "20000", "--counterexamples", folder.path().string()});
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_THAT(on_one_line(result.out),
              HasSubstr("column \"conversation_id\" of relation \"calls\" contains null values"));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    ++files;
    const ProcessResult replayed = backout({"replay", entry.path().string()});
    EXPECT_EQ(replayed.status, 0) << entry.path() << replayed.out << replayed.err;
    EXPECT_THAT(replayed.out, HasSubstr("as expected"));
  }
  EXPECT_GE(files, 5u);
}

TEST(SimulateCommand, MendedPlansNeverFail) {
  for (const char* name : {"call-sid", "voxflow", "voxanne", "rose"}) {
    const ProcessResult result =
        backout({"simulate", kPlans + "/" + name + "/mended.yaml", "--runs", "20000"});
    EXPECT_EQ(result.status, 0) << name << '\n' << result.out << result.err;
  }
}

TEST(SimulateCommand, ShardsMergeToTheBytesOfTheWhole) {
  const TemporaryFolder folder;
  const std::string plan = kPlans + "/rose/plan.yaml";
  const std::vector<std::string> common = {"simulate", plan, "--runs",   "9999",
                                           "--seed",   "7",  "--format", "json"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), common.begin(), common.end());
    return backout(more);
  };
  const ProcessResult whole = with({"--threads", "1"});
  EXPECT_EQ(with({"--threads", "2"}).out, whole.out);
  std::vector<std::string> merge = {"merge"};
  for (const char* shard : {"3/4", "1/4", "2/4", "4/4"}) {
    merge.push_back(folder.write(std::string(1, shard[0]) + ".json", with({"--shard", shard}).out));
  }
  const ProcessResult merged = backout(merge);
  EXPECT_EQ(merged.out, whole.out);
  EXPECT_EQ(merged.status, whole.status);
  merge.pop_back();
  EXPECT_THAT(backout(merge).out, HasLines(" \"complete\": false,"));
}

TEST(SimulateCommand, GoesOnFromACheckpointAfterAKill) {
  const TemporaryFolder folder;
  const std::string kept = (folder.path() / "kept.json").string();
  const std::vector<std::string> common = {
      "simulate", kPlans + "/rose/plan.yaml", "--runs", "400000", "--seed", "7", "--format",
      "json"};
  const ProcessResult whole = backout(common);
  const auto checkpointed = [&](std::vector<std::string> more) {
    more.insert(more.begin(), common.begin(), common.end());
    more.insert(more.end(), {"--checkpoint", kept});
    return backout(more);
  };
  // Stopped in time, which leaves the checkpoint as a kill does.
  for (int i = 0; i < 200 && !std::filesystem::exists(kept); ++i)
    checkpointed({"--time-budget", "20ms"});
  ASSERT_TRUE(std::filesystem::exists(kept));
  const std::string before = read_file(kept);
  EXPECT_THAT(before, HasLines(" \"complete\": false,"));
  // Another seed, another plan, another version.
  EXPECT_THAT(
      backout({"simulate", common[1], "--runs", "400000", "--seed", "8", "--checkpoint", kept}).err,
      HasSubstr("it is of another campaign: their seeds differ: 8 and 7"));
  EXPECT_THAT(backout({"simulate", kPlans + "/call-sid/plan.yaml", "--runs", "400000", "--seed",
                       "7", "--checkpoint", kept})
                  .err,
              HasSubstr("it is of another campaign: they are of different plans or options"));
  EXPECT_THAT(checkpointed({"--shard", "2/2"}).err,
              HasSubstr("it is of other runs of this campaign (--shard)"));
  EXPECT_EQ(read_file(kept), before);
  std::string words;
  for (const std::string& word : common) words += " " + shell_quote(word);
  // Killed behind a save of its own: what is kept is whole, and further on.
  const std::string copy = folder.write("before.json", before);
  const ProcessResult killed = run_process(
      {"sh", "-c",
       shell_quote(kProgram) + words + " --threads 2 --checkpoint " + shell_quote(kept) +
           " & it=$!; n=0; while cmp -s " + shell_quote(kept) + " " + shell_quote(copy) +
           " && [ $n -lt 3000 ]; do sleep 0.01; n=$((n+1)); done; kill -9 $it; wait $it"});
  ASSERT_EQ(killed.status, 137) << "it ended before it was killed";
  ASSERT_TRUE(std::filesystem::exists(kept));
  EXPECT_NE(read_file(kept), before);
  const ProcessResult last = checkpointed({"--threads", "1"});
  EXPECT_EQ(last.out, whole.out);
  EXPECT_EQ(last.status, whole.status);
  EXPECT_FALSE(std::filesystem::exists(kept));
}

TEST(MergeCommand, RefusesShardsThatDoNotBelongTogetherAndSaysWhich) {
  const TemporaryFolder folder;
  const auto shard = [&](const std::string& name, const std::string& plan, const char* seed,
                         const char* part) {
    return folder.write(name, backout({"simulate", kPlans + plan, "--runs", "1000", "--seed", seed,
                                       "--shard", part, "--format", "json"})
                                  .out);
  };
  const std::string first = shard("1.json", "/rose/plan.yaml", "7", "1/2");
  const std::string seed = shard("seed.json", "/rose/plan.yaml", "8", "2/2");
  const std::string plan = shard("plan.json", "/call-sid/plan.yaml", "7", "2/2");
  const auto refused = [&](const std::string& other) {
    const ProcessResult result = backout({"merge", first, other});
    EXPECT_EQ(result.status, 3) << other;
    EXPECT_EQ(result.out, "") << other;
    return result.err;
  };
  EXPECT_EQ(refused(seed),
            "backout: these results cannot be merged: their seeds differ: 7 and 8\n");
  EXPECT_EQ(refused(plan),
            "backout: these results cannot be merged: they are of different plans or options\n");
  EXPECT_EQ(refused(first),
            "backout: these results cannot be merged: runs 0 to 499 are in two of them\n");
  std::string text = read_file(first);
  const std::size_t at = text.find("\"backout\": \"") + 12;
  const std::string older =
      folder.write("older.json", text.replace(at, text.find('"', at) - at, "0.0.9"));
  EXPECT_THAT(refused(older), HasSubstr("older.json: it is of version 0.0.9, and this is "));
}

TEST(SimulateCommand, ASchedulerSaysWhichShard) {
  const std::string plan = kPlans + "/rose/mended.yaml";
  const auto run = [&](const std::string& environment, const std::string& shard) {
    return run_process({"env", "-u", "PARALLEL_SEQ", "sh", "-c",
                        environment + " exec " + shell_quote(kProgram) +
                            " simulate --runs 1000 --format json --shard " + shard + " " +
                            shell_quote(plan)});
  };
  const std::string third = run("", "3/4").out;
  EXPECT_THAT(third, HasSubstr("[\n   500,\n   750\n  ]"));
  EXPECT_EQ(
      run("SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_COUNT=4", "auto").out,
      third);
  EXPECT_EQ(run("JOB_COMPLETION_INDEX=2 JOB_COMPLETIONS=4", "auto").out, third);
  EXPECT_EQ(run("PARALLEL_SEQ=3 BACKOUT_SHARDS=4", "auto").out, third);
  const ProcessResult none = run("", "auto");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasLines("backout: --shard auto: no scheduler says which shard this is "
                                 "(SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PARALLEL_SEQ)"));
  EXPECT_EQ(run("", "5/4").status, 2);
  EXPECT_EQ(run("", "x").status, 2);
}

TEST(SimulateCommand, TellsOneRun) {
  const ProcessResult result = backout({"simulate", kPlans + "/call-sid/plan.yaml", "--run", "4"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("As a scenario:\nscenario: 1\n"));
}

TEST(SimulateCommand, StopsInTimeAndSaysSo) {
  const ProcessResult result =
      backout({"simulate", kPlans + "/rose/mended.yaml", "--runs", "1000000000", "--time-budget",
               "100ms", "--format", "json"});
  EXPECT_EQ(result.status, 4);
  EXPECT_THAT(result.out, HasLines(" \"complete\": false,"));
}

TEST(SimulateCommand, RefusesWrongCommandLines) {
  const std::string plan = kPlans + "/rose/plan.yaml";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"simulate"},
                                             {"simulate", plan, plan},
                                             {"simulate", plan, "--threads", "0"},
                                             {"simulate", plan, "--fault", "nonsense"},
                                             {"simulate", plan, "--format", "sarif"},
                                             {"simulate", plan, "--time-budget", "5"},
                                             {"merge"},
                                             {"replay"}}) {
    EXPECT_EQ(backout(arguments).status, 2) << testing::PrintToString(arguments);
  }
  EXPECT_EQ(backout({"simulate", "no-such-file.yaml"}).status, 3);
  EXPECT_EQ(backout({"merge", plan}).status, 3);
}

TEST(ScenarioFiles, ThoseOfThePlansComeAsTheyExpect) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kPlans)) {
    if (entry.path().parent_path().filename() != "scenarios") continue;
    ++files;
    const ProcessResult result = backout({"simulate", entry.path().string()});
    EXPECT_EQ(result.status, 0) << entry.path() << '\n' << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("as expected"));
  }
  EXPECT_GE(files, 9u);
}

const char* const kPlan = R"(backout: 1
services: {conf: {kind: config, items: {a: "1"}}}
deploy: {steps: [{id: d1, do: set, target: conf, key: a, value: "2"}]}
rollback: {steps: [{id: r1, do: set, target: conf, key: a, value: "1"}]}
)";

TEST(ScenarioFiles, SayWhatIsWrongWithThemAllAtOnce) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", kPlan);
  const std::string file = folder.write("bad.yaml", R"(scenario: 2
plan: plan.yaml
deplyo: []
rollback:
  - {step: r1, fault: fial}
  - {step: r1, skip: r1}
expect: {verdict: FINE}
)");
  const ProcessResult result = backout({"simulate", file});
  EXPECT_EQ(result.status, 3);
  for (const char* message :
       {"bad.yaml:1:11: error: a scenario begins with its version", "did you mean 'deploy'?",
        "did you mean 'fail'?", "one of 'step', 'traffic', 'skip' or 'event' says what happens",
        "'FINE' is no verdict"}) {
    EXPECT_THAT(result.err, HasSubstr(message));
  }
}

TEST(ScenarioFiles, HaveFaultsOfRetriesAndOfAPersonsAttempt) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", std::string(kPlan).replace(std::string(kPlan).rfind("\"1\"}"), 3,
                                                       "\"1\", retry: 1"));
  const auto play = [&](const std::string& rollback) {
    return backout(
        {"replay",
         folder.write("s.yaml",
                      "scenario: 1\nplan: plan.yaml\ndeploy: [d1]\nrollback:\n" + rollback)});
  };
  const ProcessResult good = play(
      "  - {step: r1, fault: fail, retries: [fail]}\n  - {event: person, fault: fail_applied}\n");
  EXPECT_EQ(good.status, 0) << good.err;
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = good.out.find("reports an error", at)) != std::string::npos; ++at)
    ++errors;
  EXPECT_EQ(errors, 3U) << good.out;
  const ProcessResult many = play("  - {step: r1, fault: fail, retries: [fail, {fault: fail}]}\n");
  EXPECT_EQ(many.status, 3);
  EXPECT_THAT(
      many.err,
      HasSubstr(
          "s.yaml:5:5: error: step 'r1' with fault fail, then fail, then fail cannot happen here"));
  // Nobody tries again what looks as if it had worked.
  EXPECT_THAT(play("  - {step: r1, fault: lying_ok, retries: [fail]}\n").err,
              HasSubstr("cannot happen here"));
  const ProcessResult bad = play(
      "  - {step: r1, retries: [fail]}\n  - {event: late, fault: fail}\n"
      "  - {step: r1, fault: fail, retries: [{fault: fial}, {part: 1}, {fault: half, part: x}]}\n"
      "  - {step: r1, fault: fail, retries: 2}\n");
  EXPECT_EQ(bad.status, 3);
  for (const char* message :
       {"s.yaml:5:25: error: only a step whose first attempt has a fault is tried again",
        "s.yaml:6:26: error: only a step can have a fault, or a person who takes over",
        "s.yaml:7:47: error: 'fial' is no fault kind", "s.yaml:7:54: error: 'fault' is missing",
        "s.yaml:7:85: error: 'part' takes a number from 0",
        "s.yaml:8:38: error: 'retries' takes a list"}) {
    EXPECT_THAT(bad.err, HasSubstr(message));
  }
}

TEST(ScenarioFiles, SayWhatCannotHappenAndWhatCan) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", kPlan);
  const std::string file = folder.write(
      "s.yaml", "scenario: 1\nplan: plan.yaml\ndeploy: [d1]\nrollback:\n  - {step: r2}\n");
  const ProcessResult result = backout({"replay", file});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, HasSubstr("s.yaml:5:5: error: step 'r2' cannot happen here"));
  EXPECT_THAT(result.err, HasLines("      hint: possible there: step 'r1'"));
}

TEST(ScenarioFiles, FailWhenAnotherVerdictComes) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", kPlan);
  const auto play = [&](const std::string& rest) {
    return backout({"simulate",
                    folder.write("s.yaml", "scenario: 1\nplan: plan.yaml\ndeploy: [d1]\n" + rest)});
  };
  EXPECT_EQ(play("expect: {verdict: RESTORED}\n").status, 0);
  EXPECT_EQ(play("").status, 0);
  const ProcessResult wrong = play("expect: {verdict: DATA LOST}\n");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.out, HasLines("NOT as expected: expected DATA LOST"));
  EXPECT_EQ(play("rollback: [{step: r1, fault: lying_ok}]\n").status, 1);
  EXPECT_EQ(play("rollback: [{step: r1, fault: lying_ok}]\nexpect: {verdict: NOT RESTORED, reason: "
                 "not the old one}\n")
                .status,
            0);
}

}  // namespace
}  // namespace backout::tests
