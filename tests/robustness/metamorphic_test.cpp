// Ways of writing a plan that mean the same: with the keys of every map in another order, and as
// JSON with its words in quotes. The findings, their words, the reasons of the matrix stay the
// same. Where two things are equal, which of them is told goes by a canonical order, never by where
// they stand in the file.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "robustness/guarded.hpp"
#include "robustness/plans.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "simulator/testing/draw_plan.hpp"
#include "support/places.hpp"
#include "support/plan_tree.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

std::string told(const model::Finding& finding) {
  std::multiset<std::string> related;
  for (const model::RelatedPlace& place : finding.related) related.insert(place.message);
  return fmt::format("{} {} {}: {} | {} | {} | {} | {}", static_cast<int>(finding.severity),
                     finding.rule, finding.step, finding.message, fmt::join(related, "; "),
                     fmt::join(finding.also, "; "), fmt::join(finding.paths, ","),
                     std::regex_replace(finding.fix, std::regex("line [0-9]+"), "line"));
}

/// Everything that `check` says of the text but for where it stands, a line each, sorted.
std::multiset<std::string> said_of(const std::string& text, const std::string& folder) {
  std::multiset<std::string> said;
  const auto plan = model::load_plan_text("plan.yaml", text, folder, services::catalog(),
                                          importers::read_migrations);
  std::vector<model::Mistake> mistakes;
  if (!plan) mistakes = plan.error().mistakes;
  if (plan) {
    const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
    simulator::SearchOptions options;
    options.max_states = 20'000;
    if (mistakes.empty()) {
      const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
      // A search that a limit ended has seen the states that come first, and those depend on the
      // order.
      const bool bounded = !matrix.completeness.bound.empty();
      const std::vector<model::Finding> searched =
          bounded ? std::vector<model::Finding>() : simulator::findings_of(facts.context, matrix);
      for (const model::Finding& finding : analyzer::report(facts, searched, true, "2026-01-01"))
        said.insert(told(finding));
      if (bounded) return said;
      for (const simulator::Cell& cell : matrix.cells) {
        said.insert(fmt::format("cell {} {}: {} {} {}", matrix.paths[cell.path],
                                matrix.interruptions[cell.interruption].label, cell.applicable,
                                static_cast<int>(cell.verdict), cell.reason));
      }
      if (matrix.point_of_no_return) said.insert("no return: " + matrix.point_of_no_return->reason);
    }
  }
  for (const model::Mistake& mistake : mistakes) said.insert("mistake: " + mistake.message);
  return said;
}

/// What one says and the other does not; empty: they say the same.
std::string difference(const std::multiset<std::string>& one,
                       const std::multiset<std::string>& other) {
  // What both say as often is left out; `contains` would pass over what one says twice.
  std::vector<std::string> lost;
  std::vector<std::string> gained;
  std::ranges::set_difference(one, other, std::back_inserter(lost));
  std::ranges::set_difference(other, one, std::back_inserter(gained));
  std::string text;
  for (const std::string& line : lost) text += "\n  - " + line;
  for (const std::string& line : gained) text += "\n  + " + line;
  return text;
}

/// The node as JSON, as a YAML library would convert it.
std::string to_json(const model::Node& node) {
  using Type = model::Node::Type;
  const auto text = [](const std::string& of) { return nlohmann::json(of).dump(); };
  std::string all;
  switch (node.type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return *node.as_boolean() ? "true" : "false";
    case Type::integer:
      return node.as_integer() ? std::to_string(*node.as_integer()) : text(node.text);
    case Type::real:
      return node.as_number() ? nlohmann::json(*node.as_number()).dump() : text(node.text);
    case Type::string:
      return text(node.text);
    case Type::list:
      for (const model::Node& item : node.items) all += (all.empty() ? "" : ", ") + to_json(item);
      return "[" + all + "]";
    case Type::map:
      for (const model::Node::Entry& entry : node.entries)
        all += (all.empty() ? "" : ", ") + text(entry.key) + ": " + to_json(entry.value);
      return "{" + all + "}";
  }
  return "";
}

/// What the first other way of writing the plan says differently; empty: none does.
std::string try_ways(const std::string& text, const std::string& folder) {
  const model::Node tree = read_tree(text);
  const std::multiset<std::string> said = said_of(text, folder);
  for (const std::uint64_t seed : {1U, 7U}) {
    model::Node other = tree;
    reorder(other, seed);
    const std::string wrong = difference(said, said_of(write_tree(other), folder));
    if (!wrong.empty()) return fmt::format("keys in order {}: {}", seed, wrong);
  }
  const std::string wrong = difference(said, said_of(to_json(tree), folder));
  return wrong.empty() ? "" : "as JSON: " + wrong;
}

TEST(Metamorphic, OrderOfKeysAndJsonChangeNoFindingOfAPlan) {
  std::vector<fs::path> files = plans();
  for (const auto& entry : fs::directory_iterator(fs::path(kSourceDir) / "tests/plans/clean"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::size_t tried = 0;
  for (const fs::path& file : files) {
    const std::string text = read_file(file);
    model::Sources sources;
    sources.add("plan", text);
    const model::Document document = model::parse_yaml(sources, 0);
    if (!document.root || !document.mistakes.empty()) continue;
    const std::string wrong =
        run_guarded([&] { return try_ways(text, file.parent_path().string()); }, 120);
    ++tried;
    if (!wrong.empty()) ADD_FAILURE() << file.string() << ": " << wrong;
  }
  EXPECT_GT(tried, 100U);
}

TEST(Metamorphic, OrderOfKeysAndJsonChangeNoFindingOfDrawnPlans) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    simulator::SeededChooser chooser(seed);
    const std::string text = simulator::to_yaml(simulator::draw_plan(chooser));
    const std::string wrong = try_ways(text, "");
    if (!wrong.empty()) ADD_FAILURE() << "drawn plan " << seed << ": " << wrong;
  }
}

}  // namespace
}  // namespace backout::tests
