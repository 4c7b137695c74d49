// Ways of writing a plan that mean the same: as JSON, with words in quotes, where not a letter of the findings differs; and as
// YAML in flow style with the keys of every map in another order (key_order_test.cpp compares every word of that).
#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "importers/migrations/import.hpp"
#include "model/load.hpp"
#include "model/yaml.hpp"
#include "robustness/guarded.hpp"
#include "robustness/plans.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

/// Another order of `count` keys for every seed; 0 leaves them.
std::vector<std::size_t> order_of(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  if (seed == 1) std::reverse(order.begin(), order.end());
  for (std::size_t i = count; seed > 1 && i > 1; --i) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    std::swap(order[i - 1], order[(seed >> 33) % i]);
  }
  return order;
}

/// The node as JSON, as a YAML library would convert it.
std::string to_json(const model::Node& node, std::uint64_t seed) {
  using Type = model::Node::Type;
  const auto text = [](const std::string& of) { return nlohmann::json(of).dump(); };
  switch (node.type) {
    case Type::null: return "null";
    case Type::boolean: return *node.as_boolean() ? "true" : "false";
    case Type::integer:
      if (const auto number = node.as_integer()) return std::to_string(*number);
      return text(node.text);
    case Type::real: return node.as_number() ? nlohmann::json(*node.as_number()).dump() : text(node.text);
    case Type::string: return text(node.text);
    case Type::list: {
      std::string all;
      for (const model::Node& item : node.items) all += (all.empty() ? "" : ", ") + to_json(item, seed);
      return "[" + all + "]";
    }
    case Type::map: {
      std::string all;
      for (const std::size_t at : order_of(node.entries.size(), seed == 0 ? 0 : seed + node.entries.size())) {
        const model::Node::Entry& entry = node.entries[at];
        all += (all.empty() ? "" : ", ") + text(entry.key) + ": " + to_json(entry.value, seed);
      }
      return "{" + all + "}";
    }
  }
  return "";
}

/// The same plan with its maps in another order, in YAML's flow style with plain words as they were.
std::string to_yaml(const model::Node& node, std::uint64_t seed) {
  using Type = model::Node::Type;
  std::string all;
  switch (node.type) {
    case Type::list:
      for (const model::Node& item : node.items) all += (all.empty() ? "" : ", ") + to_yaml(item, seed);
      return "[" + all + "]";
    case Type::map:
      for (const std::size_t at : order_of(node.entries.size(), seed)) {
        const model::Node::Entry& entry = node.entries[at];
        all += (all.empty() ? "" : ", ") + nlohmann::json(entry.key).dump() + ": " + to_yaml(entry.value, seed);
      }
      return "{" + all + "}";
    default: return node.quoted || node.type == Type::string ? nlohmann::json(node.text).dump() : node.text;
  }
}

/// What `check` says of the text, without places, in an order of its own.
std::string verdict_of(const std::string& text, const std::string& folder, bool whole) {
  std::vector<std::string> said;
  const auto plan = model::load_plan_text("plan.yaml", text, folder, services::catalog(), importers::read_migrations);
  std::vector<model::Mistake> mistakes;
  if (!plan) mistakes = plan.error().mistakes;
  if (plan) {
    const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
    if (mistakes.empty()) {
      simulator::SearchOptions options;
      options.max_states = 4000;
      const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
      // A search that a limit ended has seen the states that come first, and those depend on the order.
      const bool decided = matrix.completeness.bound.empty();
      for (const model::Finding& finding : analyzer::report(facts, simulator::findings_of(facts.context, matrix), true, "2026-01-01")) {
        if (!decided && finding.rule.starts_with("matrix-")) continue;
        said.push_back(fmt::format("{} {}", static_cast<int>(finding.severity), finding.rule));
        if (whole) said.back() += fmt::format(" {}: {}", finding.step, finding.message);
      }
      for (const simulator::Cell& cell : matrix.cells) {
        if (!decided) break;
        said.push_back(fmt::format("cell {} {}: {} {}", matrix.paths[cell.path], matrix.interruptions[cell.interruption].label, cell.applicable,
                                   static_cast<int>(cell.verdict)));
      }
    }
  }
  for (const model::Mistake& mistake : mistakes) said.push_back("mistake: " + mistake.message);
  std::sort(said.begin(), said.end());
  return fmt::format("{}", fmt::join(said, "\n"));
}

/// The first line in which they differ.
std::string difference(const std::string& one, const std::string& other) {
  std::istringstream left(one);
  std::istringstream right(other);
  std::string a;
  std::string b;
  while (std::getline(left, a) && std::getline(right, b)) {
    if (a != b) return fmt::format("\n  - {}\n  + {}", a, b);
  }
  return one == other ? "" : "one says more";
}

TEST(Metamorphic, JsonAndTheOrderOfKeysChangeNothing) {
  std::size_t tried = 0;
  for (const fs::path& file : plans()) {
    const std::string text = read_file(file);
    model::Sources sources;
    sources.add("plan", text);
    const model::Document document = model::parse_yaml(sources, 0);
    if (!document.root || !document.mistakes.empty()) continue;
    const std::string wrong = run_guarded([&]() -> std::string {
      const std::string folder = file.parent_path().string();
      const std::string said = verdict_of(text, folder, true);
      const std::string rules = verdict_of(text, folder, false);
      if (const std::string json = difference(said, verdict_of(to_json(*document.root, 0), folder, true)); !json.empty()) return "as JSON: " + json;
      for (const std::uint64_t seed : {1U, 7U}) {
        const std::string other = difference(rules, verdict_of(to_yaml(*document.root, seed), folder, false));
        if (!other.empty()) return fmt::format("keys in order {}: {}", seed, other);
      }
      return "";
    }, 120);
    ++tried;
    if (!wrong.empty()) ADD_FAILURE() << file.string() << ": " << wrong;
  }
  EXPECT_GT(tried, 100U);
}

}  // namespace
}  // namespace backout::tests
