#pragma once
// Nodes of the tree that the grammar of the shell makes.

#include <cstddef>
#include <string_view>
#include <vector>

#include <tree_sitter/api.h>

namespace backout::importers {

inline std::string_view type_of(TSNode node) { return ts_node_type(node); }
inline std::size_t begin_of(TSNode node) { return ts_node_start_byte(node); }
inline std::size_t end_of(TSNode node) { return ts_node_end_byte(node); }

/// By a cursor: asking for the child of a number costs that number.
inline std::vector<TSNode> children_of(TSNode node) {
  std::vector<TSNode> all;
  TSTreeCursor cursor = ts_tree_cursor_new(node);
  for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
       more = ts_tree_cursor_goto_next_sibling(&cursor)) {
    all.push_back(ts_tree_cursor_current_node(&cursor));
  }
  ts_tree_cursor_delete(&cursor);
  return all;
}

}  // namespace backout::importers
