#include "model/key_order.hpp"

#include <algorithm>
#include <string_view>

namespace backout::model {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Numbers come before words; "9" before "10".
bool is_before(std::string_view one, std::string_view other) {
  const bool numbers = is_number(one);
  if (numbers != is_number(other)) return numbers;
  if (!numbers || one.size() == other.size()) return one < other;
  return one.size() < other.size();
}

void order(Node& node, std::string_view key) {
  for (Node& item : node.items) order(item, "");
  for (Node::Entry& entry : node.entries) order(entry.value, entry.key);
  if (key == "columns") return;
  std::stable_sort(node.entries.begin(), node.entries.end(),
                   [](const Node::Entry& one, const Node::Entry& other) {
                     return is_before(one.key, other.key);
                   });
}

/// Whether the path claims to restore everything.
bool claims_all(const Node::Entry& path) {
  const Node* full = path.value.find("full");
  return full == nullptr ? path.key == "full" : full->as_boolean().value_or(false);
}

}  // namespace

void put_in_order(Node& plan) {
  order(plan, "");
  const Node* rollback = plan.find("rollback");
  const Node* paths = rollback == nullptr ? nullptr : rollback->find("paths");
  if (paths == nullptr) return;
  std::vector<Node::Entry>& entries = const_cast<Node*>(paths)->entries;
  const auto rest = std::stable_partition(entries.begin(), entries.end(), claims_all);
  std::stable_partition(entries.begin(), rest,
                        [](const Node::Entry& path) { return path.key == "full"; });
}

}  // namespace backout::model
