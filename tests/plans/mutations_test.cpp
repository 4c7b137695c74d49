// Systematic mutants of the clean plans (mutations.cpp makes them): what is worse for it must be
// reported by a rule that fits. mutations.tsv says which rules fit, which mutants are no worse than
// the plan that they were made from, and which are missed.
#include <fnmatch.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "plans/clean_plans.hpp"
#include "plans/mutations.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

struct Tried {
  std::string plan;
  Mutation mutation;
  std::set<std::string> found;

  std::string name() const {
    return fmt::format("{}: {}: {} ({})", plan, mutation.op, mutation.where, mutation.was);
  }
};

/// Every third mutant, or with BACKOUT_MUTATIONS=all every one of them (half a minute of two
/// processors).
std::vector<Tried> try_them(bool all) {
  std::vector<Tried> tried;
  std::size_t number = 0;
  for (const std::string& plan : clean_plans()) {
    for (Mutation& mutation : mutations_of(read_file(fs::path(kSourceDir) / plan))) {
      if (all || number++ % 3 == 0) tried.push_back({plan, std::move(mutation), {}});
    }
  }
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < tried.size(); i = next++)
      tried[i].found = reporting(tried[i].plan, tried[i].mutation.text, "unpinned-target");
  };
  std::array<std::thread, 2> threads{std::thread(work), std::thread(work)};
  for (std::thread& thread : threads) thread.join();
  return tried;
}

bool fits(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

/// What the table says of a mutant.
struct Wanted {
  std::vector<std::string> rules;  ///< patterns
  std::string otherwise;           ///< "same: ...", "missed: ..."; empty: it must be reported
};

class Table {
 public:
  Table() : rows_(read_table(fs::path(kSourceDir) / "tests/plans/mutations.tsv")) {
    for (const auto& row : rows_) EXPECT_EQ(row.size(), 4U) << "four columns: " << row.front();
    std::erase_if(rows_, [](const auto& row) { return row.size() != 4; });
    used_.resize(rows_.size());
  }

  Wanted of(const Tried& tried) {
    Wanted wanted;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::vector<std::string>& row = rows_[i];
      if (!fits(row[0], tried.mutation.op) || !fits(row[1], tried.plan) ||
          !fits(row[2], tried.mutation.where))
        continue;
      if (row[3].starts_with("rules ")) {
        std::istringstream in(row[3].substr(6));
        for (std::string rule; std::getline(in, rule, '|');) wanted.rules.push_back(rule);
        used_[i] = true;
      } else if (tried.found.empty() && wanted.otherwise.empty()) {
        wanted.otherwise = row[3];
        used_[i] = true;
      }
    }
    return wanted;
  }

  /// Lines that fit no mutant.
  std::vector<std::string> unused() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!used_[i])
        lines.push_back(
            fmt::format("{} {} {}: {}", rows_[i][0], rows_[i][1], rows_[i][2], rows_[i][3]));
    }
    return lines;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> used_;
};

TEST(Mutations, AreReportedWhereTheyDoHarm) {
  const char* text = std::getenv("BACKOUT_MUTATIONS");
  const bool all = text != nullptr && std::string(text) == "all";
  Table table;
  std::size_t reported = 0;
  std::size_t missed = 0;
  std::map<std::string, std::size_t> same;
  for (const Tried& tried : try_them(all)) {
    const Wanted wanted = table.of(tried);
    const bool hit = std::ranges::any_of(tried.found, [&](const std::string& rule) {
      return std::ranges::any_of(wanted.rules,
                                 [&](const std::string& pattern) { return fits(pattern, rule); });
    });
    if (hit) {
      ++reported;
    } else if (!tried.found.empty()) {
      ADD_FAILURE() << "reported by another rule: " << tried.name() << ": "
                    << fmt::format("{}", fmt::join(tried.found, ", "));
    } else if (wanted.otherwise.starts_with("same: ")) {
      ++same[wanted.otherwise];
    } else {
      ++missed;
      EXPECT_TRUE(wanted.otherwise.starts_with("missed: "))
          << "nothing reports it: " << tried.name();
    }
  }
  EXPECT_GE(reported * 100, (reported + missed) * 95) << reported << " of " << reported + missed;
  EXPECT_GE(reported, all ? 1500U : 500U);
  if (!all) return;
  EXPECT_EQ(table.unused(), std::vector<std::string>{});
  std::size_t harmless = 0;
  for (const auto& [why, count] : same) harmless += count;
  std::cout << fmt::format("{} mutants: {} reported, {} missed, {} no worse\n",
                           reported + missed + harmless, reported, missed, harmless);
  for (const auto& [why, count] : same) std::cout << fmt::format("  {:4}  {}\n", count, why);
}

}  // namespace
}  // namespace backout::tests
