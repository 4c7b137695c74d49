// `unknown` is a value everywhere, and never taken for one: where other values
// of a field or an argument make a cell of the matrix bad, `unknown` in its
// place makes that cell UNKNOWN or bad, or is a mistake with a place. Tried of
// every row of the language's description, in the plan in which effects.tsv
// says that it matters.
#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "plans/effects.hpp"
#include "support/places.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

/// Rows in which a cell stays good, and why that is right.
const std::map<std::string, std::string> &excused() {
  static const std::map<std::string, std::string> kAll = {
      {"every provider", "caches of a provider that nobody names are not declared"},
      {"load_balancer drain.for",
       "how long it takes is then unknown, and `unestimated-step` says so"},
      {"monitor watch.for", "how long it takes is then unknown, and `unestimated-step` says so"},
      {"serverless config_with_version",
       "only where no step of the function ran: the others are UNKNOWN"},
      {"webhook to",
       "other apps of which the plan says nothing are silent, "
       "whoever is called"},
  };
  return kAll;
}

/// Links lead to services that nothing else of the plan leads to: these are tried in every plan,
/// but for those of which another plan holds a good cell still.
bool names_services(const model::FieldSpec &spec) {
  return spec.type == model::ValueType::service || spec.type == model::ValueType::services;
}
const std::set<std::string> &of_open_links() {
  static const std::set<std::string> kAll = {"maintenance fronts"};
  return kAll;
}

/// Why a cell is good that another value makes bad; empty: none is.
std::string why_false_green(const Use &use) {
  constexpr std::size_t kMostTries = 30;
  const Sample &sample = samples()[use.sample];
  model::Node unsaid = sample.tree;
  at(unsaid, use.place) = value_of("unknown");
  const Verdicts of_unknown = verdicts_of(sample, unsaid);
  if (of_unknown.mistake) return of_unknown.why.empty() ? "a mistake without words" : "";
  std::vector<model::Node> trees = variants_of(sample, use);
  trees.insert(trees.begin(), sample.tree);
  trees.resize(std::min(trees.size(), kMostTries));
  for (const model::Node &tree : trees) {
    for (const auto &[cell, verdict] : verdicts_of(sample, tree).cells) {
      const auto found = of_unknown.cells.find(cell);
      if (found == of_unknown.cells.end() || simulator::is_good(verdict) ||
          !simulator::is_good(found->second))
        continue;
      return cell + " is " + simulator::to_string(found->second) + ", and " +
             simulator::to_string(verdict) + " with " + write_tree(tree);
    }
  }
  return {};
}

std::string false_green(const Use &use) {
  try {
    return why_false_green(use);
  } catch (const std::exception &internal_error) {
    return internal_error.what();
  }
}

/// A plan in which nobody says which version of one service runs before the deploy; as it is, and
/// as it would be.
struct Unstarted {
  std::size_t sample = 0;
  model::Node unsaid;
  std::string service;
};

std::vector<Unstarted> unstarted() {
  std::vector<Unstarted> all;
  for (std::size_t i = 0; i < samples().size(); ++i) {
    const model::Node *services = samples()[i].tree.find("services");
    for (std::size_t each = 0; services != nullptr && each < services->entries.size(); ++each) {
      if (services->entries[each].value.find("start") == nullptr) continue;
      Unstarted made{i, samples()[i].tree, services->entries[each].key};
      for (model::Node::Entry &part : made.unsaid.entries) {
        if (part.key != "services") continue;
        for (model::Node::Entry &field : part.value.entries[each].value.entries) {
          if (field.key == "start") field.value = value_of("unknown");
        }
      }
      all.push_back(std::move(made));
    }
  }
  return all;
}

TEST(UnknownFields, TheStartIsNeverTakenForAVersion) {
  std::size_t judged = 0;
  for (const Unstarted &each : unstarted()) {
    const Sample &sample = samples()[each.sample];
    const Verdicts said = verdicts_of(sample, sample.tree);
    const Verdicts unsaid = verdicts_of(sample, each.unsaid);
    if (said.mistake || unsaid.mistake) continue;
    ++judged;
    for (const auto &[cell, verdict] : said.cells) {
      const auto found = unsaid.cells.find(cell);
      if (found == unsaid.cells.end() || simulator::is_good(verdict)) continue;
      EXPECT_FALSE(simulator::is_good(found->second))
          << sample.file << ": " << cell << " is " << simulator::to_string(found->second)
          << " where the start of '" << each.service << "' is unknown, and was "
          << simulator::to_string(verdict);
    }
  }
  EXPECT_GT(judged, 300U);
}

TEST(UnknownFields, AreNeverTakenForAValue) {
  std::vector<std::pair<std::string, Use>> all;
  const std::map<std::string, std::vector<Use>> uses = uses_of_rows();
  for (const auto &row : read_table(source_path("tests/plans/effects.tsv"))) {
    const auto found = uses.find(row[0]);
    if (row[1] != "plan" || found == uses.end() || excused().contains(row[0])) continue;
    for (const Use &use : found->second) {
      const bool everywhere = names_services(use.spec) && !of_open_links().contains(row[0]);
      if (everywhere || samples()[use.sample].file == row[2]) all.emplace_back(row[0], use);
    }
  }
  ASSERT_GT(all.size(), 400U);
  std::vector<std::string> why(all.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) why[i] = false_green(all[i].second);
  };
  std::array<std::thread, 2> threads{std::thread(work), std::thread(work)};
  for (std::thread &thread : threads) thread.join();
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(why[i], "") << all[i].first << " in " << samples()[all[i].second.sample].file;
}

}  // namespace
}  // namespace backout::tests
