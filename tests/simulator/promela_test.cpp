// SPIN explores the model that write_promela writes: the same states, transitions and verdicts as
// the search of every state. The model is read by another program, so a mistake of the search in
// visiting states does not hide in both.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "explored.hpp"
#include "simulator/promela.hpp"
#include "simulator/testing/draw_plan.hpp"
#include "support/places.hpp"

namespace backout::simulator {
namespace {

namespace fs = std::filesystem;

/// What SPIN says of a model.
struct Spin {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  bool errors = false;
  std::set<std::string> reached;  ///< verdicts
  std::string output;
};

/// The number at the begin of the line that has `what`.
std::uint64_t number_before(const std::string& output, const std::string& what) {
  const std::size_t at = output.find(what);
  if (at == std::string::npos) throw std::runtime_error("no '" + what + "' in: " + output);
  return std::stoull(output.substr(output.rfind('\n', at) + 1));
}

/// Runs SPIN's program over all states. Throws where SPIN is not installed (scripts/packages.txt)
/// or refuses the model.
Spin run_spin(const std::string& model) {
  std::string pattern = (fs::temp_directory_path() / "backout-spin-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "model.pml") << model;
  const std::string command =
      "cd " + folder.string() +
      " && spin -a model.pml 2>&1 && "
      "gcc -O1 -w -DSAFETY -DNOREDUCE -o pan pan.c 2>&1 && ./pan -c0 -m200000 -w20 2>&1";
  Spin spin;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    spin.output.append(buffer, got);
  pclose(pipe);
  fs::remove_all(folder);
  spin.states = number_before(spin.output, " states, stored");
  spin.transitions = number_before(spin.output, " transitions (=");
  spin.errors = spin.output.find("errors: 0\n") == std::string::npos;
  std::istringstream lines(spin.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("reached: ")) spin.reached.insert(line.substr(9));
  }
  return spin;
}

SearchOptions options(std::int64_t faults, std::vector<std::string> kinds = {}) {
  SearchOptions options;
  options.faults = faults;
  options.fault_kinds = std::move(kinds);
  options.max_states = 1'000'000;
  return options;
}

bool is_bad(Verdict verdict) { return is_worse(verdict, Verdict::restored_with_residue); }

/// Begins are states of the model, too: SPIN goes through their list, and takes each or goes on to
/// the next. It counts the way to the first as a transition.
void expect_same(const std::string& model, const PromelaFacts& facts) {
  const Spin spin = run_spin(model);
  EXPECT_EQ(spin.states, facts.states + facts.begins) << spin.output;
  EXPECT_EQ(spin.transitions, facts.transitions + 2 * facts.begins);
  std::set<std::string> verdicts;
  bool bad = false;
  for (const Verdict verdict : facts.verdicts) {
    verdicts.insert(to_string(verdict));
    bad = bad || is_bad(verdict);
  }
  EXPECT_EQ(spin.reached, verdicts);
  EXPECT_EQ(spin.errors, bad);
}

void compare_random(std::uint64_t first, std::size_t count) {
  std::size_t bad = 0;
  std::size_t compared = 0;
  for (std::uint64_t seed = first; compared < count; ++seed) {
    SeededChooser chooser(seed);
    const auto faults = static_cast<std::int64_t>(chooser.choose(3));
    const bool all = chooser.choose(2) == 0;
    const std::string text = to_yaml(draw_plan(chooser));
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    const Loaded loaded(text);
    std::ostringstream model;
    SearchOptions limited =
        options(faults, all ? std::vector<std::string>{"all"} : std::vector<std::string>{});
    limited.max_states = 50'000;
    const PromelaFacts facts = write_promela(loaded.context, loaded.start, limited, model);
    if (!facts.impossible.empty()) continue;  // a jump back that lets a history grow without end
    ++compared;
    expect_same(model.str(), facts);
    bad += is_bad(facts.worst) ? 1U : 0U;
    // A run in circles is bad without a state that is: the search finds it, a check of states does
    // not.
    if (text.find("goto:") == std::string::npos) {
      EXPECT_EQ(is_bad(facts.worst), std::ranges::any_of(facts.verdicts, is_bad));
    }
  }
  EXPECT_GT(bad, count / 5);
  EXPECT_LT(bad, compared);
}

TEST(Promela, OfRandomPlansHasTheStatesOfTheSearch) { compare_random(1, 12); }
TEST(Promela, OfMoreRandomPlansHasTheStatesOfTheSearch) { compare_random(1001, 12); }

class PromelaOf : public testing::TestWithParam<const char*> {};

TEST_P(PromelaOf, HasTheStatesOfTheSearch) {
  const auto plan =
      model::load_plan(std::string(kSourceDir) + "/plans/" + GetParam(), services::catalog());
  ASSERT_TRUE(plan);
  const services::Context context(*plan);
  std::vector<model::Mistake> mistakes;
  const services::World start = services::initial_world(context, mistakes);
  ASSERT_TRUE(mistakes.empty());
  for (const std::vector<std::string>& kinds : {std::vector<std::string>{}, {"all"}}) {
    std::ostringstream model;
    const PromelaFacts facts = write_promela(context, start, options(1, kinds), model);
    ASSERT_EQ(facts.impossible, "");
    expect_same(model.str(), facts);
  }
}

INSTANTIATE_TEST_SUITE_P(Systems, PromelaOf,
                         testing::Values("call-sid/plan.yaml", "call-sid/mended.yaml",
                                         "rose/plan.yaml", "rose/mended.yaml", "voxanne/plan.yaml",
                                         "voxanne/mended.yaml", "voxflow/plan.yaml",
                                         "voxflow/mended.yaml"));

TEST(Promela, RefusesAPlanBeyondTheLimit) {
  SeededChooser chooser(1);
  const Loaded loaded(to_yaml(draw_plan(chooser)));
  std::ostringstream model;
  SearchOptions few = options(1);
  few.max_states = 3;
  EXPECT_EQ(write_promela(loaded.context, loaded.start, few, model).impossible,
            "the limit of states was reached");
  EXPECT_EQ(model.str(), "");
}

}  // namespace
}  // namespace backout::simulator
