// No word of the language is without effect: for every field of a service, every field of a version
// and every argument of a verb there is a plan in which another value changes a finding or a
// verdict. effects.tsv names the plan; of what is read by people alone, or changes only what a
// finding says, it gives the reason.
#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "plans/effects.hpp"
#include "support/places.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

const std::string kTable = "tests/plans/effects.tsv";

/// A row of the table: what it is about, and the plan that shows it, or why there is none.
struct Shown {
  std::string row;
  std::string how;  ///< "plan"; "words": only the text of a finding changes; "people": nothing does
  std::string what;  ///< the plan, or the reason
  bool differs = false;
};

std::vector<Shown> shown() {
  std::vector<Shown> all;
  for (const auto& columns : read_table(source_path(kTable))) {
    if (columns.size() == 3)
      all.push_back({columns[0], columns[1], columns[2]});
    else
      ADD_FAILURE() << "three columns: " << columns.front();
  }
  return all;
}

/// The first plan of those in which another value makes a difference.
std::string plan_with_effect(const std::vector<Use>& uses, const std::string& only,
                             bool with_words) {
  constexpr std::size_t kMostTries = 70;
  for (const Use& use : uses) {
    const Sample& sample = samples()[use.sample];
    if (!only.empty() && sample.file != only) continue;
    const std::set<std::string> as_it_is = outcome_of(sample, sample.tree, with_words);
    std::size_t tried = 0;
    for (const model::Node& tree : variants_of(sample, use)) {
      if (++tried > kMostTries) break;
      const std::set<std::string> other = outcome_of(sample, tree, with_words);
      if (!other.empty() && other != as_it_is) return sample.file;
    }
  }
  return {};
}

/// Finds the plans anew: BACKOUT_UPDATE=1.
void write_table() {
  std::map<std::string, Shown> known;
  for (const Shown& each : shown()) known.emplace(each.row, each);
  const std::map<std::string, std::vector<Use>> uses = uses_of_rows();
  std::string comment;
  std::istringstream lines(read_file(source_path(kTable)));
  for (std::string line; std::getline(lines, line) && line.starts_with('#');)
    comment += line + '\n';
  std::ofstream out(source_path(kTable));
  out << comment;
  for (const std::string& row : all_rows()) {
    const auto old = known.find(row);
    const auto found = uses.find(row);
    if (old != known.end() && old->second.how != "plan") {
      out << row << '\t' << old->second.how << '\t' << old->second.what << '\n';
      continue;
    }
    std::string plan;
    if (found != uses.end() && old != known.end())
      plan = plan_with_effect(found->second, old->second.what, false);
    if (found != uses.end() && plan.empty()) plan = plan_with_effect(found->second, "", false);
    if (plan.empty())
      ADD_FAILURE() << row << " has no effect in any plan";
    else
      out << row << "\tplan\t" << plan << '\n';
  }
}

TEST(Effects, EveryRowOfTheLanguageIsInTheTable) {
  if (std::getenv("BACKOUT_UPDATE") != nullptr) write_table();
  std::set<std::string> listed;
  for (const Shown& each : shown()) {
    EXPECT_TRUE(listed.insert(each.row).second) << "twice: " << each.row;
    EXPECT_TRUE(each.how == "plan" || each.how == "words" || each.how == "people") << each.row;
    EXPECT_FALSE(each.what.empty()) << each.row;
  }
  EXPECT_EQ(listed, all_rows());
}

TEST(Effects, AnotherValueMakesADifference) {
  std::vector<Shown> all = shown();
  std::erase_if(all, [](const Shown& each) { return each.how == "people"; });
  const std::map<std::string, std::vector<Use>> uses = uses_of_rows();
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      const bool words = all[i].how == "words";
      const auto found = uses.find(all[i].row);
      if (found == uses.end()) continue;
      all[i].differs = !plan_with_effect(found->second, words ? "" : all[i].what, words).empty();
    }
  };
  std::array<std::thread, 2> threads{std::thread(work), std::thread(work)};
  for (std::thread& thread : threads) thread.join();
  for (const Shown& each : all)
    EXPECT_TRUE(each.differs) << each.row << " has no effect in " << each.what;
}

}  // namespace
}  // namespace backout::tests
