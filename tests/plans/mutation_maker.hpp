#pragma once
// Makes the mutants: the operators on steps and checks are in mutations_of_steps.cpp, those on
// paths, rules, services and the rest in mutations.cpp.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plans/mutations.hpp"
#include "support/plan_tree.hpp"

namespace backout::tests {

using model::Node;

/// The text under the key of a map; empty when it has none.
inline std::string text_at(const Node& map, const std::string& key) {
  const Node* found = map.find(key);
  return found == nullptr ? "" : found->text;
}

/// Goes through a plan and spoils one thing after the other.
class Generator {
 public:
  explicit Generator(const std::string& plan) : root_(read_tree(plan)) {}

  std::vector<Mutation> all() {
    steps(*place({"deploy", "steps"}), true);
    if (const auto rollback = place({"rollback", "steps"})) steps(*rollback, false);
    paths();
    rules();
    services();
    the_rest();
    return std::move(mutations_);
  }

 private:
  using Edit = std::function<void(Node& root)>;

  std::optional<Place> place(const std::vector<std::string>& keys) const {
    std::optional<Place> found = Place{};
    for (const std::string& key : keys) {
      if (found) found = child(root_, *found, key);
    }
    return found;
  }

  std::optional<Place> place_of_service(const std::string& name) const {
    return place({"services", name});
  }

  const Node& node(const Place& place) const { return at(const_cast<Node&>(root_), place); }

  void add(const std::string& op, const std::string& where, const std::string& was,
           const Edit& edit) {
    Node copy = root_;
    edit(copy);
    std::string text = write_tree(copy);
    if (text != write_tree(root_)) mutations_.push_back({op, where, was, std::move(text)});
  }

  /// Takes the entry or item at the place out.
  void drop(const std::string& op, const std::string& where, Place place) {
    const std::string was = write_tree(node(place));
    const std::size_t index = place.back();
    place.pop_back();
    add(op, where, was, [&](Node& root) {
      Node& parent = at(root, place);
      if (parent.type == Node::Type::map)
        parent.entries.erase(parent.entries.begin() + static_cast<std::ptrdiff_t>(index));
      else
        parent.items.erase(parent.items.begin() + static_cast<std::ptrdiff_t>(index));
    });
  }

  void replace(const std::string& op, const std::string& where, const Place& place,
               const std::string& yaml) {
    add(op, where, write_tree(node(place)), [&](Node& root) { at(root, place) = value_of(yaml); });
  }

  void put(const std::string& op, const std::string& where, const Place& map,
           const std::string& key, const std::string& yaml) {
    add(op, where, "", [&](Node& root) {
      Node& into = at(root, map);
      std::erase_if(into.entries, [&](const Node::Entry& entry) { return entry.key == key; });
      into.entries.push_back({key, {}, value_of(yaml)});
    });
  }

  void swap(const std::string& op, const std::string& where, const Place& list, std::size_t first) {
    add(op, where, "", [&](Node& root) {
      std::swap(at(root, list).items[first], at(root, list).items[first + 1]);
    });
  }

  void steps(const Place& list, bool deploys);
  void step(const Place& place, bool deploys);
  void values_of_step(const Place& place, const std::string& id, bool deploys);
  void sql_of_step(const Place& place, const std::string& id, const std::string& side);
  void checks(const Place& place, const std::string& where);
  void check(const Place& place, const std::string& where);
  void drop_rollback_step(const std::string& id, const Place& place);
  void drop_deploy_step(const std::string& id, const Place& place);
  void paths();
  void rules();
  void condition(const Place& place, const std::string& where);
  void services();
  void the_rest();
  void duration(const std::string& what, const std::string& where, const Place& place, bool longer,
                bool shorter);

  /// Takes the word out of every list under the key (`steps` of paths, `from`, `undoes`), wherever
  /// it is.
  static void forget(Node& node, const std::string& word) {
    for (Node& item : node.items) forget(item, word);
    for (Node::Entry& entry : node.entries) {
      std::erase_if(entry.value.items,
                    [&](const Node& item) { return item.text == word && item.is_scalar(); });
      forget(entry.value, word);
    }
  }

  Node root_;
  std::vector<Mutation> mutations_;
};

}  // namespace backout::tests
