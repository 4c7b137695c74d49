#include "importers/shell/choices.hpp"

#include <string_view>

#include "model/stack.hpp"

namespace backout::importers {

namespace {

class Reader {
 public:
  explicit Reader(const Located& source) : source_(source) {}

  std::vector<Arm> read(TSNode root) {
    walk(root);
    return std::move(arms_);
  }

 private:
  static std::string_view type_of(TSNode node) { return ts_node_type(node); }

  static std::vector<TSNode> children_of(TSNode node) {
    std::vector<TSNode> all;
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more; more = ts_tree_cursor_goto_next_sibling(&cursor))
      all.push_back(ts_tree_cursor_current_node(&cursor));
    ts_tree_cursor_delete(&cursor);
    return all;
  }

  std::string original(std::size_t begin, std::size_t end) const { return source_.text.substr(begin, end - begin); }

  void add(std::uint32_t choice, bool rest, std::string condition, std::size_t begin, std::size_t end) {
    arms_.push_back({choice, rest, std::move(condition), source_.span(begin, end)});
  }

  void walk(TSNode node) {
    if (model::stack_is_low()) return;
    if (type_of(node) == "if_statement") branches(node, choices_++);
    if (type_of(node) == "case_statement") items(node, choices_++);
    for (const TSNode child : children_of(node)) walk(child);
  }

  /// The arms of an `if`, an `elif` or an `else`.
  void branches(TSNode node, std::uint32_t choice) {
    if (type_of(node) == "else_clause") return add(choice, true, "", ts_node_start_byte(node), ts_node_end_byte(node));
    std::size_t condition = 0, then = 0, end = ts_node_end_byte(node);
    std::vector<TSNode> others;
    for (const TSNode child : children_of(node)) {
      const std::string_view type = type_of(child);
      if (type == "if" || type == "elif") condition = ts_node_end_byte(child);
      if (type == "then") then = ts_node_end_byte(child);
      const bool other = type == "elif_clause" || type == "else_clause";
      if (other && others.empty()) end = ts_node_start_byte(child);
      if (other) others.push_back(child);
    }
    if (then > condition) add(choice, false, original(condition, then - 4), then, end);
    for (const TSNode other : others) branches(other, choice);
  }

  void items(TSNode node, std::uint32_t choice) {
    const TSNode value = ts_node_child_by_field_name(node, "value", 5);
    const std::string asked = ts_node_is_null(value) ? "" : original(ts_node_start_byte(value), ts_node_end_byte(value));
    for (const TSNode child : children_of(node)) {
      if (type_of(child) != "case_item") continue;
      const std::size_t begin = ts_node_start_byte(child), end = ts_node_end_byte(child);
      const std::string text = original(begin, end);
      const std::string pattern = text.substr(0, text.find(')'));
      add(choice, pattern == "*", asked + " is " + pattern, begin + pattern.size(), end);
    }
  }

  const Located& source_;
  std::vector<Arm> arms_;
  std::uint32_t choices_ = 0;
};

}  // namespace

std::vector<Arm> arms_of(TSNode root, const Located& source) { return Reader(source).read(root); }

}  // namespace backout::importers
