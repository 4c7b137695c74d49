#include "importers/shell/choices.hpp"

#include <algorithm>
#include <string_view>

#include "model/stack.hpp"

namespace backout::importers {

namespace {

using SpanOf = std::function<model::Span(std::size_t, std::size_t)>;

class Reader {
 public:
  Reader(std::string_view text, const SpanOf& span) : text_(text), span_(span) {}

  std::vector<Arm> read(TSNode root) {
    walk(root);
    return std::move(arms_);
  }

 private:
  std::string original(std::size_t begin, std::size_t end) const {
    return std::string(text_.substr(begin, end - begin));
  }

  void add(std::uint32_t choice, bool rest, std::string condition, std::size_t begin,
           std::size_t end) {
    arms_.push_back({choice, rest, std::move(condition), span_(begin, end)});
  }

  void walk(TSNode node) {
    if (model::stack_is_low()) return;
    if (type_of(node) == "if_statement") branches(node, choices_++);
    if (type_of(node) == "case_statement") items(node, choices_++);
    for (const TSNode child : children_of(node)) walk(child);
  }

  /// The arms of an `if`, an `elif` or an `else`.
  void branches(TSNode node, std::uint32_t choice) {
    if (type_of(node) == "else_clause") return add(choice, true, "", begin_of(node), end_of(node));
    std::size_t condition = 0, then = 0, end = end_of(node);
    std::vector<TSNode> others;
    for (const TSNode child : children_of(node)) {
      const std::string_view type = type_of(child);
      if (type == "if" || type == "elif") condition = end_of(child);
      if (type == "then") then = end_of(child);
      const bool other = type == "elif_clause" || type == "else_clause";
      if (other && others.empty()) end = begin_of(child);
      if (other) others.push_back(child);
    }
    if (then >= condition + 4) add(choice, false, original(condition, then - 4), then, end);
    for (const TSNode other : others) branches(other, choice);
  }

  void items(TSNode node, std::uint32_t choice) {
    const TSNode value = ts_node_child_by_field_name(node, "value", 5);
    const std::string asked =
        ts_node_is_null(value) ? "" : original(begin_of(value), end_of(value));
    for (const TSNode child : children_of(node)) {
      if (type_of(child) != "case_item") continue;
      const std::size_t begin = begin_of(child), end = end_of(child);
      const std::size_t open = text_[begin] == '(' ? begin + 1 : begin;  // `(*)` is `*)`
      const std::size_t close = std::min(text_.find(')', open), end);
      const std::string pattern = original(open, close);
      add(choice, pattern == "*", asked + " is " + pattern, close, end);
    }
  }

  const std::string_view text_;
  const SpanOf& span_;
  std::vector<Arm> arms_;
  std::uint32_t choices_ = 0;
};

}  // namespace

std::vector<Arm> arms_of(TSNode root, std::string_view text, const SpanOf& span) {
  return Reader(text, span).read(root);
}

}  // namespace backout::importers
