// The smaller subcommands: explain, graph, schema, and what backout says of itself.
#include <algorithm>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/service.hpp"
#include "support/lines.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kPlan = R"(backout: 1
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, undo: back}
rollback:
  steps:
    - {id: back, do: deploy, target: api, version: v1}
)";

TEST(Explain, prints_the_page_of_a_rule_and_refuses_unknown_ones) {
  const ProcessResult page = run_backout({"explain", "unpinned-target"});
  EXPECT_EQ(page.status, 0);
  EXPECT_THAT(page.out, HasLines("# unpinned-target"));
  const ProcessResult none = run_backout({"explain", "unpined-target"});
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(none.err, HasLines("backout: no rule is named 'unpined-target' (did you mean "
                                 "'unpinned-target'?); `backout rules` lists all"));
}

TEST(Kinds, lists_all_of_them) {
  const ProcessResult all = run_backout({"kinds"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, StartsWith("postgres         A PostgreSQL database.\nsqlite "));
  EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'),
            std::ssize(services::catalog().kinds));
}

TEST(Kinds, tells_all_of_one_also_by_another_name) {
  const ProcessResult cron = run_backout({"kinds", "cronjob"});
  EXPECT_EQ(cron.status, 0);
  EXPECT_THAT(
      cron.out,
      StartsWith(
          "cron (also cronjob, timer): A job that runs by the clock, of a version of its own.\n"
          "It has `versions` and `start`.\n\nFields\n  schedule             text. When it "
          "runs.\n"));
  EXPECT_THAT(cron.out, HasSubstr("\n  suspend: It runs no more; a run under way goes on, unless "
                                  "it waits for its end.\n    drain "));
  EXPECT_THAT(cron.out, HasSubstr("    version              version, required. The version.\n"));
  EXPECT_THAT(cron.out, HasSubstr("\nFacts, for `require`, checks and `residue`\n  version         "
                                  "     the version that works\n"));
}

TEST(Kinds, names_the_nearest_of_an_unknown_one) {
  const ProcessResult none = run_backout({"kinds", "qeue"});
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(
      none.err,
      StartsWith(
          "backout: no kind is named 'qeue' (did you mean 'queue'?); `backout kinds` lists all\n"));
}

TEST(Plans, may_have_hyphens_in_their_names) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", R"(backout: 1
services:
  the-api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: new-code, do: deploy, target: the-api, version: v2, undo: way-back}
rollback:
  paths: {all-of-it: [way-back]}
  steps:
    - {id: way-back, do: deploy, target: the-api, version: v1}
)");
  const ProcessResult matrix = run_backout({"explore", plan});
  EXPECT_EQ(matrix.status, 0) << matrix.err;
  EXPECT_THAT(matrix.out, HasLines("  before the deploy .. after 'new-code'  RESTORED"));
}

TEST(Export, prints_a_model_for_spin) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", kPlan);
  const ProcessResult model = run_backout({"export", "--promela", plan});
  EXPECT_EQ(model.status, 0) << model.err;
  EXPECT_THAT(model.out, HasLines("active proctype rollback() {"));
  EXPECT_THAT(model.out, HasSubstr(":: d_step {"));
  EXPECT_THAT(model.out, ::testing::Not(HasSubstr("\\u003a")))
      << "an option of the model must not look like a command to a runner";
  const ProcessResult few = run_backout({"export", "--promela", "--max-states", "1", plan});
  EXPECT_EQ(few.status, 4);
  EXPECT_EQ(few.out, "");
  EXPECT_EQ(few.err, "backout: no model: the limit of states was reached\n");
  EXPECT_EQ(run_backout({"export", plan}).err.substr(0, 42),
            "backout: say what to export: --promela\nTry");
}

TEST(Graph, draws_the_steps_in_dot) {
  const TemporaryFolder folder;
  const ProcessResult graph = run_backout({"graph", folder.write("plan.yaml", kPlan)});
  EXPECT_EQ(graph.status, 0) << graph.err;
  EXPECT_THAT(graph.out, StartsWith("digraph"));
  EXPECT_THAT(graph.out, HasSubstr("release"));
  EXPECT_THAT(graph.out, HasSubstr("back"));
}

TEST(Schema, is_json_and_knows_every_kind) {
  const ProcessResult schema = run_backout({"schema"});
  EXPECT_EQ(schema.status, 0);
  ASSERT_TRUE(nlohmann::json::accept(schema.out));
  for (const char* kind : {"\"postgres\"", "\"vercel\"", "\"load_balancer\"", "\"manual\""}) {
    EXPECT_THAT(schema.out, HasSubstr(kind));
  }
}

TEST(Backout, says_its_version_and_how_it_is_used) {
  const ProcessResult version = run_backout({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("backout "));
  const ProcessResult help = run_backout({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"check", "explore", "migrations", "schema"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
}

}  // namespace
}  // namespace backout::tests
