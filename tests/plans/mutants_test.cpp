// One line of a clean plan is spoiled, and check must say so: mutants.tsv lists the plans, what is
// spoiled, and the rules of which one must report it. The clean plans themselves have no error and
// no warning.
#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "plans/clean_plans.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

TEST(CleanPlans, HaveNeitherErrorNorWarning) {
  const std::vector<std::string> names = clean_plans();
  ASSERT_GE(names.size(), 20U);
  for (const std::string& name : names)
    EXPECT_EQ(reporting(name, read_file(fs::path(kSourceDir) / name)), std::set<std::string>{})
        << name;
}

struct Mutant {
  std::string what;
  std::string plan;
  std::string text;
  std::set<std::string>
      expected;  ///< one of these rules; empty: it survives, and the table says why
  std::set<std::string> found;
};

std::set<std::string> split(const std::string& text) {
  std::set<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, '|');) words.insert(word);
  return words;
}

/// The text of a column: \\n is a new line.
std::string unescaped(std::string text) {
  for (std::size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at))
    text.replace(at, 2, "\n");
  return text;
}

// Columns: plan, text, what stands there instead, rules (a|b) or "survives: why", what was done.
std::vector<Mutant> mutants() {
  std::vector<Mutant> all;
  for (const auto& row : read_table(fs::path(kSourceDir) / "tests/plans/mutants.tsv")) {
    if (row.size() != 5) {
      ADD_FAILURE() << "five columns: " << (row.empty() ? "" : row[0]);
      continue;
    }
    std::string text = read_file(fs::path(kSourceDir) / row[0]);
    const std::string old = unescaped(row[1]);
    const std::size_t at = text.find(old);
    const std::string what = row[0] + ": " + row[4] + ": " + row[1];
    if (at == std::string::npos || text.find(old, at + 1) != std::string::npos)
      ADD_FAILURE() << "stands not exactly once: " << what;
    if (at == std::string::npos) continue;
    text.replace(at, old.size(), unescaped(row[2]));
    const bool survives = row[3].starts_with("survives: ");
    all.push_back(
        {what, row[0], std::move(text), survives ? std::set<std::string>{} : split(row[3]), {}});
  }
  return all;
}

TEST(Mutants, AreReportedByTheRightRule) {
  std::vector<Mutant> all = mutants();
  ASSERT_GE(all.size(), 150U);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++)
      all[i].found = reporting(all[i].plan, all[i].text);
  };
  std::array<std::thread, 2> threads{std::thread(work), std::thread(work)};
  for (std::thread& thread : threads) thread.join();
  std::size_t reported = 0;
  for (const Mutant& mutant : all) {
    std::string found;
    for (const std::string& rule : mutant.found) found += (found.empty() ? "" : ", ") + rule;
    const bool hit = std::ranges::any_of(
        mutant.expected, [&](const std::string& rule) { return mutant.found.contains(rule); });
    reported += hit ? 1 : 0;
    if (mutant.expected.empty()) {
      EXPECT_TRUE(mutant.found.empty())
          << "no longer survives: " << mutant.what << " (" << found << ")";
    } else {
      EXPECT_TRUE(hit) << mutant.what << " (" << (found.empty() ? "nothing" : found) << ")";
    }
  }
  EXPECT_GE(reported * 100, all.size() * 95) << reported << " of " << all.size();
}

}  // namespace
}  // namespace backout::tests
