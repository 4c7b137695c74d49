// PostgreSQL counts the stack that a statement takes and refuses one that nests too deeply (54001,
// check_stack_depth() and max_stack_depth). The walks of parse trees here have no such guard.
// Left out: the limit of a server. Such a statement is opaque, not refused. Chains are counted from
// the text alone.
#include "postgres/read/nesting.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "postgres/read/quiet.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

/// How deep statements may nest. All who walk trees recurse, on stacks that hold several times as
/// much.
constexpr int kDeepest = 2'000;
/// How long a chain the parser may see; its walk takes less stack than ours.
constexpr std::size_t kLongest = 20'000;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool chains(const std::string& word) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"union", "except", "intersect", "join", "is", "collate", "at"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

std::optional<std::size_t> endless_chain(std::string_view sql) {
  constexpr std::string_view kOperators = "+-*/<>=~!@#%^&|`?:";
  std::vector<std::size_t> chain{0};  // by depth of parentheses
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t after = skip_quiet(sql, at); after != at) {
      at = after;
      continue;
    }
    const std::size_t begin = at++;
    const char c = sql[begin];
    if (c == '(') {
      chain.push_back(0);
    } else if (c == ')') {
      if (chain.size() > 1) chain.pop_back();
    } else if (c == ',' || c == ';') {
      chain.back() = 0;
    } else if (is_word(c)) {
      while (at < sql.size() && is_word(sql[at])) ++at;
      const std::string word = to_lower(std::string(sql.substr(begin, at - begin)));
      // Conditions joined by one of these are one flat list.
      if (word == "and" || word == "or")
        chain.back() = 0;
      else
        chain.back() += chains(word) ? 1 : 0;
    } else if (kOperators.find(c) != std::string_view::npos) {
      while (at < sql.size() && kOperators.find(sql[at]) != std::string_view::npos) ++at;
      ++chain.back();
    }
    if (chain.back() > kLongest) return begin;
  }
  return std::nullopt;
}

std::optional<std::size_t> too_deep(std::string_view json) {
  int depth = 0;
  std::size_t statements = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    switch (json[at]) {
      case '"':
        for (++at; at < json.size() && json[at] != '"'; ++at) at += json[at] == '\\' ? 1 : 0;
        break;
      case '{':
        // The whole is one object, each statement one in it.
        if (++depth == 2) ++statements;
        if (depth > kDeepest) return statements - 1;
        break;
      case '}':
        --depth;
        break;
      default:
        break;
    }
  }
  return std::nullopt;
}

}  // namespace backout::postgres
