#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace backout::postgres {

/// A map from 64-bit keys whose copies share everything: copying is O(1), a change copies one path of the trie.
/// Keys are spread by a bijective mix, so that sequential ids fill the trie evenly. Iteration follows the mix: the order is
/// the same in every run and on every machine, but has no meaning.
template <class Value>
class PersistentMap {
 public:
  /// The value of `key`, or null.
  const Value* find(std::uint64_t key) const {
    const std::uint64_t mixed = mix(key);
    const Node* node = root_.get();
    for (unsigned shift = 0; node != nullptr; shift += kBits) {
      if (node->children == nullptr) {
        for (const auto& [held, value] : node->items) {
          if (held == key) return &value;
        }
        return nullptr;
      }
      node = (*node->children)[(mixed >> shift) & kMask].get();
    }
    return nullptr;
  }

  void set(std::uint64_t key, Value value) { root_ = with(root_, key, mix(key), 0, std::move(value)); }
  void erase(std::uint64_t key) { root_ = without(root_, key, mix(key), 0); }

  template <class Visit>
  void for_each(const Visit& visit) const {
    visit_all(root_.get(), visit);
  }

  /// Calls `visit(key, before, after)` with every key whose value may differ between the two maps; null where it is missing.
  /// Costs no more than the parts that the maps do not share.
  template <class Visit>
  static void compare(const PersistentMap& before, const PersistentMap& after, const Visit& visit) {
    compare_nodes(before.root_.get(), after.root_.get(), visit);
  }

  bool shares_all_with(const PersistentMap& other) const { return root_ == other.root_; }

 private:
  static constexpr unsigned kBits = 4;
  static constexpr std::uint64_t kMask = (1U << kBits) - 1;
  static constexpr std::size_t kMostItems = 8;
  static constexpr unsigned kDeepest = 60;

  struct Node;
  using Pointer = std::shared_ptr<const Node>;
  using Children = std::array<Pointer, kMask + 1>;
  /// Either a leaf with items or an inner node with children.
  struct Node {
    std::vector<std::pair<std::uint64_t, Value>> items;
    std::unique_ptr<Children> children;
  };

  static std::uint64_t mix(std::uint64_t key) {
    key = (key ^ (key >> 31)) * 0x7fb5d329728ea185ULL;
    key = (key ^ (key >> 27)) * 0x81dadef4bc2dd44dULL;
    return key ^ (key >> 33);
  }

  static Pointer with(const Pointer& node, std::uint64_t key, std::uint64_t mixed, unsigned shift, Value value) {
    auto copy = std::make_shared<Node>();
    if (node != nullptr && node->children != nullptr) {
      copy->children = std::make_unique<Children>(*node->children);
      Pointer& child = (*copy->children)[(mixed >> shift) & kMask];
      child = with(child, key, mixed, shift + kBits, std::move(value));
      return copy;
    }
    if (node != nullptr) copy->items = node->items;
    for (auto& [held, old] : copy->items) {
      if (held == key) {
        old = std::move(value);
        return copy;
      }
    }
    copy->items.emplace_back(key, std::move(value));
    if (copy->items.size() > kMostItems && shift < kDeepest) split(*copy, shift);
    return copy;
  }

  static void split(Node& node, unsigned shift) {
    node.children = std::make_unique<Children>();
    std::array<std::shared_ptr<Node>, kMask + 1> leaves;
    for (auto& item : node.items) {
      auto& leaf = leaves[(mix(item.first) >> shift) & kMask];
      if (leaf == nullptr) leaf = std::make_shared<Node>();
      leaf->items.push_back(std::move(item));
    }
    for (std::size_t at = 0; at < leaves.size(); ++at) (*node.children)[at] = std::move(leaves[at]);
    node.items.clear();
  }

  static Pointer without(const Pointer& node, std::uint64_t key, std::uint64_t mixed, unsigned shift) {
    if (node == nullptr) return node;
    auto copy = std::make_shared<Node>();
    if (node->children != nullptr) {
      copy->children = std::make_unique<Children>(*node->children);
      Pointer& child = (*copy->children)[(mixed >> shift) & kMask];
      child = without(child, key, mixed, shift + kBits);
      return copy;
    }
    for (const auto& item : node->items) {
      if (item.first != key) copy->items.push_back(item);
    }
    return copy->items.empty() ? nullptr : Pointer(std::move(copy));
  }

  template <class Visit>
  static void visit_all(const Node* node, const Visit& visit) {
    if (node == nullptr) return;
    for (const auto& [key, value] : node->items) visit(key, value);
    if (node->children == nullptr) return;
    for (const Pointer& child : *node->children) visit_all(child.get(), visit);
  }

  template <class Visit>
  static void compare_nodes(const Node* before, const Node* after, const Visit& visit) {
    if (before == after) return;
    if (before != nullptr && after != nullptr && before->children != nullptr && after->children != nullptr) {
      for (std::size_t at = 0; at <= kMask; ++at) {
        compare_nodes((*before->children)[at].get(), (*after->children)[at].get(), visit);
      }
      return;
    }
    const auto in = [](const Node* node, std::uint64_t key) {
      const Value* found = nullptr;
      visit_all(node, [&](std::uint64_t held, const Value& value) {
        if (held == key) found = &value;
      });
      return found;
    };
    visit_all(before, [&](std::uint64_t key, const Value& value) { visit(key, &value, in(after, key)); });
    visit_all(after, [&](std::uint64_t key, const Value& value) {
      if (in(before, key) == nullptr) visit(key, nullptr, &value);
    });
  }

  Pointer root_;
};

}  // namespace backout::postgres
