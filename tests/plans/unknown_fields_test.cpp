#include <cstdio>

#include <gtest/gtest.h>

#include "plans/effects.hpp"
#include "support/places.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

TEST(UnknownFields, try_all) {
  const auto uses = uses_of_rows();
  for (const auto& columns : read_table(source_path("tests/plans/effects.tsv"))) {
    if (columns[1] != "plan") continue;
    const auto found = uses.find(columns[0]);
    if (found == uses.end()) continue;
    for (const Use& use : found->second) {
      const Sample& sample = samples()[use.sample];
      if (sample.file != columns[2]) continue;
      std::fprintf(stderr, "TRY %s %s\n", columns[0].c_str(), sample.file.c_str());
      model::Node unsaid = sample.tree;
      at(unsaid, use.place) = value_of("unknown");
      const Verdicts of_unknown = verdicts_of(sample, unsaid);
      if (of_unknown.mistake) {
        std::printf("MISTAKE %s: %s\n", columns[0].c_str(), of_unknown.why.c_str());
        break;
      }
      std::map<std::string, simulator::Verdict> worst = verdicts_of(sample, sample.tree).cells;
      std::map<std::string, std::string> of;
      int tried = 0;
      for (const model::Node& tree : variants_of(sample, use)) {
        if (++tried > 30) break;
        Verdicts v;
        try { v = verdicts_of(sample, tree); } catch (const std::exception& e) { std::printf("CRASH %s %s %s: %s\n", columns[0].c_str(), sample.file.c_str(), write_tree(tree).c_str(), e.what()); continue; }
        for (const auto& [cell, verdict] : v.cells) {
          const auto old = worst.find(cell);
          if (old == worst.end() || !simulator::is_worse(verdict, old->second)) continue;
          old->second = verdict;
          of[cell] = at(tree, Place(use.place.begin(), use.place.end() - 1)).entries.size() > use.place.back() ? write_tree(at(tree, use.place)) : "nothing";
        }
      }
      for (const auto& [cell, verdict] : of_unknown.cells) {
        const auto bad = worst.find(cell);
        if (bad == worst.end() || simulator::is_good(bad->second) || !simulator::is_good(verdict))
          continue;
        std::printf("GREEN %s in %s: %s is %s, and %s with %s\n", columns[0].c_str(),
                    sample.file.c_str(), cell.c_str(), simulator::to_string(verdict),
                    simulator::to_string(bad->second), of[cell].c_str());
        break;
      }
    }
  }
}

}  // namespace
}  // namespace backout::tests
