#pragma once
// The YAML tree of a plan, to be changed and written again.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/node.hpp"
#include "model/yaml.hpp"

namespace backout::tests {

/// The tree of a plan that has no mistakes.
inline model::Node read_tree(const std::string& text) {
  model::Sources sources;
  sources.add("plan", text);
  model::Document document = model::parse_yaml(sources, 0);
  if (!document.root || !document.mistakes.empty()) throw std::runtime_error("no YAML: " + text);
  return *document.root;
}

/// The tree in flow style on one line, quoted and plain words as they were.
inline std::string write_tree(const model::Node& node) {
  using Type = model::Node::Type;
  std::string all;
  switch (node.type) {
    case Type::list:
      for (const model::Node& item : node.items)
        all += (all.empty() ? "" : ", ") + write_tree(item);
      return "[" + all + "]";
    case Type::map:
      for (const model::Node::Entry& entry : node.entries) {
        all += (all.empty() ? "" : ", ") + nlohmann::json(entry.key).dump() + ": " +
               write_tree(entry.value);
      }
      return "{" + all + "}";
    default:
      break;
  }
  // Plain words stay plain where they can: some mean something else than the same word in quotes.
  const bool special =
      node.text.find_first_of("{}[],:#&*!|>'\"%@`?-") != std::string::npos || node.text.empty();
  const bool number = node.type == Type::integer || node.type == Type::real;
  return node.quoted || (special && !number) ? nlohmann::json(node.text).dump() : node.text;
}

/// Where the scalars of a text stand that is YAML, in the order of the text; empty: it is none.
inline std::vector<model::Span> scalars_of(const std::string& text) {
  model::Sources sources;
  sources.add("plan", text);
  const model::Document document = model::parse_yaml(sources, 0);
  std::vector<model::Span> scalars;
  const auto collect = [&](const auto& self, const model::Node& node) -> void {
    if (node.is_scalar() && node.span.end > node.span.begin) scalars.push_back(node.span);
    for (const model::Node& item : node.items) self(self, item);
    for (const model::Node::Entry& entry : node.entries) self(self, entry.value);
  };
  if (document.root) collect(collect, *document.root);
  return scalars;
}

/// Which entry or item, from the root on.
using Place = std::vector<std::size_t>;

/// The node at the place.
inline const model::Node& at(const model::Node& root, const Place& place) {
  const model::Node* node = &root;
  for (const std::size_t index : place)
    node = node->type == model::Node::Type::map ? &node->entries[index].value : &node->items[index];
  return *node;
}
inline model::Node& at(model::Node& root, const Place& place) {
  return const_cast<model::Node&>(at(static_cast<const model::Node&>(root), place));
}

/// The place of `key` in the map at `place`; nothing when it has none.
inline std::optional<Place> child(const model::Node& root, const Place& place,
                                  const std::string& key) {
  const model::Node& map = at(root, place);
  for (std::size_t i = 0; i < map.entries.size(); ++i) {
    if (map.entries[i].key != key) continue;
    Place found = place;
    found.push_back(i);
    return found;
  }
  return std::nullopt;
}

/// A node that is read from YAML text.
inline model::Node value_of(const std::string& yaml) {
  return read_tree("v: " + yaml).entries.front().value;
}

/// The keys of every map in another order, one for each seed; 1: the other way round.
inline void reorder(model::Node& node, std::uint64_t seed) {
  for (model::Node& item : node.items) reorder(item, seed);
  for (model::Node::Entry& entry : node.entries) reorder(entry.value, seed);
  if (seed == 1) return std::reverse(node.entries.begin(), node.entries.end());
  std::uint64_t random = seed + node.entries.size();
  for (std::size_t i = node.entries.size(); i > 1; --i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    std::swap(node.entries[i - 1], node.entries[(random >> 33) % i]);
  }
}

}  // namespace backout::tests
