#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace backout::postgres {

/// A map from 64-bit keys whose copies share everything: copying is O(1). A change copies the path
/// of the trie that others share, and happens in place where nobody else looks. Copies may be used
/// by several threads at once, one map may not. Neighbouring keys stay together, since objects that
/// are made together change together; beyond that keys are spread by a bijective mix, so that
/// sequential ids fill the trie evenly. Iteration follows the mix: the order is the same in every
/// run and on every machine, but has no meaning.
template <class Value>
class PersistentMap {
 public:
  /// The value of `key`, or null. Good until the map changes or goes.
  const Value* find(std::uint64_t key) const {
    const Node* node = root_.get();
    for (std::uint64_t mixed = mix(key); node != nullptr; mixed >>= kBits) {
      if (node->is_leaf) return find_in(*node, key);
      node = inner(*node).children[mixed & kMask].get();
    }
    return nullptr;
  }

  /// The value that was there before, empty when there was none.
  Value set(std::uint64_t key, Value value) {
    const std::uint64_t mixed = mix(key);
    Pointer* place = &root_;
    unsigned shift = 0;
    for (; place->get() != nullptr && !place->get()->is_leaf; shift += kBits) {
      place = &own<Inner>(*place).children[(mixed >> shift) & kMask];
    }
    Leaf& target = own<Leaf>(*place);
    for (Item& item : target.items) {
      if (item.first == key) return std::exchange(item.second, std::move(value));
    }
    target.items.emplace_back(key, std::move(value));
    if (target.items.size() > kMostItems && shift < kDeepest) *place = split(target, shift);
    return Value();
  }

  /// The value that was there, empty when there was none.
  Value erase(std::uint64_t key) {
    if (find(key) == nullptr) return Value();
    Pointer* place = &root_;
    for (std::uint64_t mixed = mix(key); !place->get()->is_leaf; mixed >>= kBits) {
      place = &own<Inner>(*place).children[mixed & kMask];
    }
    Leaf& target = own<Leaf>(*place);
    const auto item = std::ranges::find(target.items, key, &Item::first);
    Value old = std::move(item->second);
    target.items.erase(item);
    if (target.items.empty()) *place = Pointer();
    return old;
  }

  /// Calls `visit(key, value)` with everything.
  template <class Visit>
  void for_each(const Visit& visit) const {
    visit_all(root_.get(), visit);
  }

  /// Calls `visit(key, before, after)` with every key whose value may differ between the two maps;
  /// null where it is missing. Costs no more than the parts that the maps do not share.
  template <class Visit>
  static void compare(const PersistentMap& before, const PersistentMap& after, const Visit& visit) {
    compare_nodes(before.root_.get(), after.root_.get(), visit);
  }

  bool shares_all_with(const PersistentMap& other) const {
    return root_.get() == other.root_.get();
  }

 private:
  static constexpr unsigned kBits = 4;
  static constexpr std::uint64_t kMask = (1U << kBits) - 1;
  static constexpr std::size_t kMostItems = 8;
  static constexpr std::size_t kNeighbours = 8;
  static_assert(kNeighbours <= kMostItems);
  static constexpr unsigned kDeepest = 60;

  using Item = std::pair<std::uint64_t, Value>;

  struct Node {
    explicit Node(bool leaf) : is_leaf(leaf) {}
    Node(const Node& other) : is_leaf(other.is_leaf) {}
    Node& operator=(const Node&) = delete;

    std::atomic<std::uint32_t> owners{0};
    const bool is_leaf;
  };

  /// One owner of a node. The last one frees it.
  class Pointer {
   public:
    Pointer() = default;
    explicit Pointer(Node* node) : node_(node) { join(); }
    Pointer(const Pointer& other) : node_(other.node_) { join(); }
    Pointer(Pointer&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Pointer& operator=(Pointer other) noexcept {
      std::swap(node_, other.node_);
      return *this;
    }
    ~Pointer() {
      if (node_ == nullptr || node_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      if (node_->is_leaf)
        delete static_cast<Leaf*>(node_);
      else
        delete static_cast<Inner*>(node_);
    }

    Node* get() const { return node_; }
    bool is_only_owner() const { return node_->owners.load(std::memory_order_acquire) == 1; }

   private:
    void join() {
      if (node_ != nullptr) node_->owners.fetch_add(1, std::memory_order_relaxed);
    }

    Node* node_ = nullptr;
  };

  struct Leaf : Node {
    Leaf() : Node(true) {}
    // Copies are made to be added to.
    Leaf(const Leaf& other) : Node(other) {
      items.reserve(other.items.size() + 1);
      items = other.items;
    }
    std::vector<Item> items;
  };

  struct Inner : Node {
    Inner() : Node(false) {}
    std::array<Pointer, kMask + 1> children;
  };

  static const Leaf& leaf(const Node& node) { return static_cast<const Leaf&>(node); }
  static const Inner& inner(const Node& node) { return static_cast<const Inner&>(node); }

  static std::uint64_t mix(std::uint64_t key) {
    key /= kNeighbours;
    key = (key ^ (key >> 31)) * 0x7fb5d329728ea185ULL;
    key = (key ^ (key >> 27)) * 0x81dadef4bc2dd44dULL;
    return key ^ (key >> 33);
  }

  static const Value* find_in(const Node& node, std::uint64_t key) {
    for (const Item& item : leaf(node).items) {
      if (item.first == key) return &item.second;
    }
    return nullptr;
  }

  /// The node at `place`, which is of type T or missing, to be changed: a copy where others own it,
  /// too.
  template <class T>
  static T& own(Pointer& place) {
    if (place.get() == nullptr)
      place = Pointer(new T());
    else if (!place.is_only_owner())
      place = Pointer(new T(*static_cast<const T*>(place.get())));
    return static_cast<T&>(*place.get());
  }

  static Pointer split(Leaf& full, unsigned shift) {
    auto* parent = new Inner();
    Pointer place(parent);
    for (Item& item : full.items) {
      Pointer& child = parent->children[(mix(item.first) >> shift) & kMask];
      own<Leaf>(child).items.push_back(std::move(item));
    }
    return place;
  }

  template <class Visit>
  static void visit_all(const Node* node, const Visit& visit) {
    if (node == nullptr) return;
    if (node->is_leaf) {
      for (const auto& [key, value] : leaf(*node).items) visit(key, value);
      return;
    }
    for (const Pointer& child : inner(*node).children) visit_all(child.get(), visit);
  }

  template <class Visit>
  static void compare_nodes(const Node* before, const Node* after, const Visit& visit) {
    if (before == after) return;
    if (before != nullptr && after != nullptr && !before->is_leaf && !after->is_leaf) {
      for (std::size_t at = 0; at <= kMask; ++at) {
        compare_nodes(inner(*before).children[at].get(), inner(*after).children[at].get(), visit);
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
    visit_all(before,
              [&](std::uint64_t key, const Value& value) { visit(key, &value, in(after, key)); });
    visit_all(after, [&](std::uint64_t key, const Value& value) {
      if (in(before, key) == nullptr) visit(key, nullptr, &value);
    });
  }

  Pointer root_;
};

}  // namespace backout::postgres
