// Threads make no difference: the same matrix, byte for byte, whatever their number.
#include <sstream>

#include <gtest/gtest.h>

#include "explored.hpp"
#include "reports/report.hpp"
#include "simulator/search.hpp"
#include "simulator/testing/draw_plan.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::simulator {
namespace {

/// The matrix with its counts, findings and counterexamples, as both reports write it.
std::string told(const model::Plan& plan, const services::Context& context,
                 const services::World& start, const SearchOptions& options) {
  const Matrix matrix = explore(context, start, options);
  reports::PlanReport report{&plan, findings_of(context, matrix), matrix, reports::time_table(plan),
                             std::nullopt};
  std::ostringstream out;
  for (const char* format : {"json", "text"})
    reports::find_format(format)->write({report}, {}, out);
  return out.str();
}

std::string told(const Loaded& loaded, SearchOptions options, std::size_t threads) {
  options.threads = threads;
  return told(loaded.plan, loaded.context, loaded.start, options);
}

TEST(Threads, TellTheSameOfRandomPlans) {
  std::size_t parallel = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SeededChooser chooser(seed);
    SearchOptions options;
    options.faults = static_cast<std::int64_t>(chooser.choose(3));
    options.reduction = chooser.choose(3) > 0;
    if (chooser.choose(2) == 0) options.fault_kinds = {"all"};
    options.max_states = chooser.choose(8) == 0 ? 500 : 20'000;
    const std::string text = to_yaml(draw_plan(chooser));
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    const Loaded loaded(text);
    const std::string one = told(loaded, options, 1);
    ASSERT_EQ(one, told(loaded, options, 2));
    ASSERT_EQ(one, told(loaded, options, 3));
    const bool jumps =
        text.find("goto:") != std::string::npos || text.find("rollback:other") != std::string::npos;
    parallel += jumps ? 0U : 1U;
  }
  EXPECT_GT(parallel, 100U);
}

class ThreadsOn : public testing::TestWithParam<const char*> {};

TEST_P(ThreadsOn, TellTheSame) {
  const std::string plan = std::string(kSourceDir) + "/plans/" + GetParam();
  for (const char* format : {"json", "text"}) {
    const auto check = [&](const char* threads) {
      return tests::run_backout({"check", "--runs", "0", "--unknown", "ignore", "--threads",
                                 threads, "--format", format, "--today", "2026-01-01", plan});
    };
    const tests::ProcessResult one = check("1");
    EXPECT_LT(one.status, 2) << one.err;
    EXPECT_EQ(one.out, check("2").out);
    EXPECT_EQ(one.out, check("3").out);
  }
}

INSTANTIATE_TEST_SUITE_P(Systems, ThreadsOn,
                         testing::Values("call-sid/plan.yaml", "call-sid/mended.yaml",
                                         "rose/plan.yaml", "rose/mended.yaml", "voxanne/plan.yaml",
                                         "voxanne/mended.yaml", "voxflow/plan.yaml",
                                         "voxflow/mended.yaml", "voxflow/kubernetes.yaml"));

}  // namespace
}  // namespace backout::simulator
