// Every scalar of the worked plans and of the rules' fixtures, replaced by what people and machines
// write by mistake: each result is a plan, or mistakes that each have a place in it; never a crash.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "robustness/guarded.hpp"
#include "robustness/plans.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "support/plan_tree.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& replacements() {
  static const std::vector<std::string> kAll = {"''",
                                                "unknown",
                                                "-1",
                                                "0",
                                                "99999999999999999999",
                                                "9223372036854775807",
                                                "\"a\\nb\"",
                                                "[]",
                                                "{}",
                                                "[1, a]",
                                                "{a: 1}",
                                                "null",
                                                "true",
                                                "1e999",
                                                "\"\\x1b[31m\\u202e\"",
                                                ".",
                                                "missing",
                                                "'*'"};
  return kAll;
}

std::string complaint(const model::Sources& sources, const std::vector<model::Mistake>& mistakes) {
  for (const model::Mistake& mistake : mistakes) {
    if (mistake.message.empty()) return "a mistake without a message";
    if (mistake.span.file >= sources.size() || mistake.span.begin > mistake.span.end ||
        mistake.span.end > sources[mistake.span.file].text().size()) {
      return "a mistake without a place: " + mistake.message;
    }
  }
  return "";
}

/// Reads the plan and does everything with it that `check` does, with a small search.
std::string try_plan(const std::string& text, const std::string& folder) {
  const auto plan = model::load_plan_text("plan.yaml", text, folder, services::catalog(),
                                          importers::read_migrations);
  if (!plan) {
    return plan.error().mistakes.empty() ? "no plan and no mistake"
                                         : complaint(*plan.error().sources, plan.error().mistakes);
  }
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  if (!mistakes.empty()) return complaint(*plan->sources, mistakes);
  simulator::SearchOptions options;
  options.max_states = 100;
  const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
  analyzer::report(facts, simulator::findings_of(facts.context, matrix), true, "2026-01-01");
  return "";
}

/// Every `stride`-th mutation is tried; BACKOUT_MUTATIONS=1 tries all (over half an hour).
std::size_t stride() {
  const char* text = std::getenv("BACKOUT_MUTATIONS");
  return text == nullptr ? 397 : std::max(1UL, std::strtoul(text, nullptr, 10));
}

TEST(PlanMutations, EachIsAPlanOrAMistakeWithItsPlace) {
  std::size_t counter = 0;
  std::size_t tried = 0;
  std::size_t bad = 0;
  for (const fs::path& file : plans()) {
    const std::string text = read_file(file);
    for (const model::Span& scalar : scalars_of(text)) {
      for (const std::string& replacement : replacements()) {
        if (counter++ % stride() != 0) continue;
        const std::string mutated =
            text.substr(0, scalar.begin) + replacement + text.substr(scalar.end);
        const std::string wrong =
            run_guarded([&] { return try_plan(mutated, file.parent_path().string()); });
        ++tried;
        if (wrong.empty()) continue;
        ++bad;
        const auto line = 1 + std::count(text.begin(), text.begin() + scalar.begin, '\n');
        ADD_FAILURE() << file.string() << ":" << line << ": '"
                      << text.substr(scalar.begin, std::min(40U, scalar.end - scalar.begin))
                      << "' as " << replacement << ": " << wrong;
      }
    }
  }
  EXPECT_GT(tried, 100U);
  RecordProperty("tried", static_cast<int>(tried));
  RecordProperty("bad", static_cast<int>(bad));
}

}  // namespace
}  // namespace backout::tests
