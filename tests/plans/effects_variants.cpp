// Other values that a field or an argument may have.
#include <algorithm>

#include "plans/effects.hpp"

namespace backout::tests {

using model::FieldSpec;
using model::Node;
using model::ValueType;

namespace {

void collect_words(const Node& node, std::vector<std::string>& words) {
  const auto add = [&](const std::string& word) {
    if (!word.empty() && word.size() < 60 && std::ranges::find(words, word) == words.end())
      words.push_back(word);
  };
  if (node.is_scalar()) add(node.text);
  for (const Node& item : node.items) collect_words(item, words);
  for (const Node::Entry& entry : node.entries) {
    add(entry.key);
    collect_words(entry.value, words);
  }
}

/// Words that the plan uses about its services: names of services, of versions and of what they
/// hold.
std::vector<std::string> words_of(const Node& root) {
  std::vector<std::string> words;
  if (const Node* services = root.find("services")) collect_words(*services, words);
  for (const char* part : {"deploy", "rollback"}) {
    const Node* list = root.find(part);
    const Node* steps = list == nullptr ? nullptr : list->find("steps");
    if (steps != nullptr) collect_words(*steps, words);
  }
  return words;
}

std::vector<std::string> values_of(const FieldSpec& spec) {
  switch (spec.type) {
    case ValueType::boolean:
      return {"true", "false"};
    case ValueType::integer:
    case ValueType::number:
      return {"0", "1", "2", "3", "10", "50", "100", "300"};
    case ValueType::choice: {
      std::vector<std::string> words = spec.choices;
      std::erase(words, "unknown");
      return words;
    }
    case ValueType::duration:
      return {"0s", "1s", "5m", "1h", "90d"};
    default:
      return {};
  }
}

Node word(const std::string& text) {
  Node node;
  node.type = Node::Type::string;
  node.text = text;
  return node;
}

/// Other values in the place of this one.
void others(const Node& value, const FieldSpec& spec, const std::vector<std::string>& words,
            std::vector<Node>& all) {
  for (const std::string& each : values_of(spec)) {
    if (each != value.text) all.push_back(value_of(each));
  }
  if (!values_of(spec).empty()) return;
  if (value.is_scalar()) {
    for (const char* each : {"0", "1", "100", "true", "false", "1s", "90d", "[]", "{}", "other",
                             "a.db", "HEAD", "\"app:latest\"", "\"app@sha256:0a\""})
      all.push_back(value_of(each));
    for (const std::string& each : words) {
      if (each != value.text) all.push_back(word(each));
    }
    return;
  }
  for (std::size_t i = 0; i < value.items.size() + value.entries.size(); ++i) {
    Node less = value;
    const auto offset = static_cast<std::ptrdiff_t>(i);
    if (value.type == Node::Type::list)
      less.items.erase(less.items.begin() + offset);
    else
      less.entries.erase(less.entries.begin() + offset);
    all.push_back(std::move(less));
    std::vector<Node> inside;
    const bool is_list = value.type == Node::Type::list;
    others(is_list ? value.items[i] : value.entries[i].value, spec, words, inside);
    for (Node& each : inside) {
      Node changed = value;
      (is_list ? changed.items[i] : changed.entries[i].value) = std::move(each);
      all.push_back(std::move(changed));
    }
  }
  if (value.items.size() > 1) {
    Node reversed = value;
    std::ranges::reverse(reversed.items);
    all.push_back(std::move(reversed));
  }
}

}  // namespace

std::vector<Node> variants_of(const Sample& sample, const Use& use) {
  std::vector<Node> trees;
  if (!use.spec.required) {
    Node less = sample.tree;
    Place map = use.place;
    map.pop_back();
    std::vector<Node::Entry>& entries = at(less, map).entries;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(use.place.back()));
    trees.push_back(std::move(less));
  }
  std::vector<Node> values;
  others(at(sample.tree, use.place), use.spec, words_of(sample.tree), values);
  for (Node& value : values) {
    Node changed = sample.tree;
    at(changed, use.place) = std::move(value);
    trees.push_back(std::move(changed));
  }
  return trees;
}

}  // namespace backout::tests
