// Ctrl-C: what is known by then is reported, as a part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;

/// A plan of so many apps whose search with eight faults takes minutes.
std::string wide_plan(int apps) {
  std::string services;
  std::string steps;
  std::string undos;
  std::string names;
  for (int i = 0; i < apps; ++i) {
    services +=
        fmt::format("  a{}: {{kind: app, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}\n", i);
    steps += fmt::format(
        "    - {{id: s{0}, do: deploy, target: a{0}, version: v2, ref: v2, takes: 1m, undo: "
        "b{0}}}\n",
        i);
    undos += fmt::format(
        "    - {{id: b{0}, do: deploy, target: a{0}, version: v1, ref: v1, takes: 1m, timeout: "
        "2m}}\n",
        i);
    names += fmt::format("{}b{}", i == 0 ? "" : ", ", i);
  }
  return "backout: 1\nname: wide\nservices:\n" + services + "deploy:\n  steps:\n" + steps +
         "rollback:\n  paths: {full: {steps: [" + names + "], full: true}}\n  steps:\n" + undos;
}

/// Runs backout and sends it an interrupt a second after it listens to them.
ProcessResult interrupted(const TemporaryFolder& folder, std::vector<std::string> words) {
  const std::string script = folder.write("interrupt.py", R"(
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
process = subprocess.Popen(sys.argv[1:])
listens = False
while not listens and process.poll() is None:
    time.sleep(0.05)
    with open(f'/proc/{process.pid}/status') as status:
        caught = [line.split()[1] for line in status if line.startswith('SigCgt')]
    listens = bool(caught) and int(caught[0], 16) >> (signal.SIGINT - 1) & 1
time.sleep(1)
process.send_signal(signal.SIGINT)
sys.exit(process.wait())
)");
  words.insert(words.begin(), {"python3", script, kProgram});
  return run_process(words, "", folder.path().string());
}

TEST(Interrupt, GivesWhatIsKnownMarkedAsBounded) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", wide_plan(30));
  for (const auto& [command, mark] : std::vector<std::pair<std::string, std::string>>{
           {"check", "Bounded"}, {"explore", "Bounded"}, {"report", "Bounded: "}}) {
    const ProcessResult result = interrupted(folder, {command, "--no-reduction", "--faults", "8",
                                                      "--max-states", "2000000000", "plan.yaml"});
    EXPECT_EQ(result.status, 4) << command << result.err;
    EXPECT_THAT(result.err,
                HasSubstr("backout: interrupted: what follows is what is known so far\n"))
        << command;
    EXPECT_THAT(result.out, HasSubstr(mark)) << command;
    EXPECT_THAT(result.out, HasSubstr("UNKNOWN")) << command;
  }
}

TEST(Interrupt, GivesThePartOfACampaign) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", wide_plan(3));
  const ProcessResult result =
      interrupted(folder, {"simulate", "--fail-on", "never", "--runs", "4000000000", "plan.yaml"});
  EXPECT_EQ(result.status, 4) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("backout: interrupted: what follows is what is known so far\n"));
  EXPECT_THAT(result.out, HasSubstr(", PARTIAL: 4000000000 were asked for\n"));
}

TEST(Interrupt, LimitsOfTimeAndMemoryDoTheSame) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", wide_plan(30));
  folder.write("small.yaml", wide_plan(3));
  const std::vector<std::string> search = {"--no-reduction", "--faults",   "8",
                                           "--max-states",   "2000000000", "plan.yaml"};
  for (const auto& [option, value, why] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--time-budget", "1s", "the time budget is used up"},
           {"--max-memory", "1M", "the memory is used up"}}) {
    for (const char* command : {"check", "explore", "report"}) {
      std::vector<std::string> words = {command, option, value};
      words.insert(words.end(), search.begin(), search.end());
      const ProcessResult result = run_backout(words, "", folder.path().string());
      EXPECT_EQ(result.status, 4) << command << option;
      EXPECT_THAT(result.err, HasSubstr("backout: " + why)) << command;
    }
    const ProcessResult campaign = run_backout(
        {"simulate", "--fail-on", "never", "--runs", "4000000000", option, value, "small.yaml"}, "",
        folder.path().string());
    EXPECT_EQ(campaign.status, 4) << option << campaign.err;
    EXPECT_THAT(campaign.err, HasSubstr("backout: " + why));
    const ProcessResult model = run_backout({"export", "--promela", option, value, "--faults", "8",
                                             "--max-states", "2000000000", "plan.yaml"},
                                            "", folder.path().string());
    EXPECT_EQ(model.status, 4) << option << model.err;
    EXPECT_EQ(model.err, "backout: no model: " + why + "\n");
  }
}

TEST(Interrupt, MigrationsThatWereNotLookedAtAreUnknown) {
  const TemporaryFolder folder;
  folder.write("db/001_a.up.sql", "CREATE TABLE a (id int);");
  folder.write("db/001_a.down.sql", "DROP TABLE a;");
  for (const auto& [option, value, why] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--time-budget", "0s", "the time budget is used up"},
           {"--max-memory", "1M", "the memory is used up"}}) {
    const ProcessResult result =
        run_backout({"migrations", option, value, "--unknown", "ignore", "--format", "json", "db"},
                    "", folder.path().string());
    EXPECT_EQ(result.status, 4) << result.err;
    EXPECT_EQ(result.err, "backout: " + why + ": what follows from there on is unknown\n");
    EXPECT_THAT(result.out, HasSubstr("not looked at: the run was stopped before"));
    EXPECT_THAT(result.out, HasLines("   \"verdict\": \"unknown\","));
    const ProcessResult wrong =
        run_backout({"migrations", option, "x", "db"}, "", folder.path().string());
    EXPECT_EQ(wrong.status, 2);
  }
  EXPECT_EQ(
      run_backout({"migrations", "--time-budget", "1h", "db"}, "", folder.path().string()).status,
      0);
}

}  // namespace
}  // namespace backout::tests
