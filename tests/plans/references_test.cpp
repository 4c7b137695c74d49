// Whatever service, version or step a plan names where it names one, itself
// too, the plan is judged, or the mistake is said.
#include <gtest/gtest.h>

#include "plans/effects.hpp"

namespace backout::tests {
namespace {

constexpr std::size_t kMostUsesOfARow = 3;

/// Names of all services, their versions and all steps.
std::vector<std::string> names_in(const Sample &sample) {
  std::vector<std::string> names;
  const auto add_keys = [&](const model::Node *map) {
    if (map == nullptr) return;
    for (const model::Node::Entry &each : map->entries) names.push_back(each.key);
  };
  const model::Node *services = sample.tree.find("services");
  add_keys(services);
  for (std::size_t i = 0; services != nullptr && i < services->entries.size(); ++i)
    add_keys(services->entries[i].value.find("versions"));
  for (const char *part : {"deploy", "rollback"}) {
    const model::Node *steps = sample.tree.find(part);
    if (steps != nullptr) steps = steps->find("steps");
    for (std::size_t i = 0; steps != nullptr && i < steps->items.size(); ++i) {
      if (const model::Node *id = steps->items[i].find("id")) names.push_back(id->text);
    }
  }
  return names;
}

bool names_something(model::ValueType type) {
  using enum model::ValueType;
  return type == service || type == services || type == version || type == step || type == string ||
         type == strings;
}

/// The plan with `name` there, alone or as the only one of a list.
model::Node naming(const Sample &sample, const Use &use, const std::string &name) {
  model::Node tree = sample.tree;
  model::Node &there = at(tree, use.place);
  model::Node said = value_of(name);
  if (there.type == model::Node::Type::list) {
    there.items = {said};
  } else {
    there = said;
  }
  return tree;
}

TEST(References, ToAnythingAreJudgedOrAMistake) {
  std::size_t judged = 0;
  std::size_t mistakes = 0;
  for (const auto &[row, uses] : uses_of_rows()) {
    for (std::size_t i = 0; i < std::min(uses.size(), kMostUsesOfARow); ++i) {
      const Use &use = uses[i];
      if (!names_something(use.spec.type)) continue;
      const Sample &sample = samples()[use.sample];
      for (const std::string &name : names_in(sample)) {
        SCOPED_TRACE(row + " in " + sample.file + " is " + name);
        const Verdicts verdicts = verdicts_of(sample, naming(sample, use, name));
        EXPECT_EQ(verdicts.mistake, !verdicts.why.empty());
        EXPECT_EQ(verdicts.mistake, outcome_of(sample, naming(sample, use, name), false).empty());
        ++(verdicts.mistake ? mistakes : judged);
      }
    }
  }
  EXPECT_GT(judged, 300U);
  EXPECT_GT(mistakes, 10U);
}

}  // namespace
}  // namespace backout::tests
