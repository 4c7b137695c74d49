// PostgreSQL keeps stored expressions as trees that name relations by oid and columns by number
// (pg_node_tree), so that they follow renames; ruleutils.c prints them with the names of now. Here
// they are texts with tokens in the places of such names.
// Left out: functions, operators and attributes of composite types, which stand in the texts by
// name and do not follow a rename.
#include "postgres/catalog/mark.hpp"

#include <cassert>
#include <charconv>

#include <fmt/format.h>

namespace backout::postgres {
namespace {

// A token is kOpen relation '.' column kClose. The three bytes never stand for themselves: kEscape
// and a letter do.
constexpr char kOpen = '\x01';
constexpr char kClose = '\x02';
constexpr char kEscape = '\x03';

template <class Number>
const char* read_number(const char* begin, const char* end, Number& number) {
  const auto [after, error] = std::from_chars(begin, end, number);
  assert(error == std::errc() && "a token has two numbers");
  return after;
}

/// Reads the token that starts at `at`, and moves `at` behind it.
Mark read_mark(std::string_view text, std::size_t& at) {
  Mark mark;
  const char* const end = text.data() + text.size();
  const char* next = read_number(text.data() + at + 1, end, mark.relation);
  assert(next != end && *next == '.' && "a token has two parts");
  next = read_number(next + 1, end, mark.column);
  assert(next != end && *next == kClose && "a token is closed");
  at = static_cast<std::size_t>(next + 1 - text.data());
  return mark;
}

}  // namespace

std::string mark(ObjectId relation, ColumnId column) {
  assert(relation != 0 && "a token stands for a relation");
  return fmt::format("{}{}.{}{}", kOpen, relation, column, kClose);
}

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const bool own = c == kOpen || c == kClose || c == kEscape;
    if (own) result += kEscape;
    result += own ? static_cast<char>(c - kOpen + 'a') : c;
  }
  return result;
}

std::string read_marks(std::string_view text, const std::function<std::string(Mark)>& name) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    assert(text[at] != kClose && "a token is opened before it is closed");
    if (text[at] == kOpen) {
      result += name(read_mark(text, at));
    } else if (text[at] == kEscape) {
      assert(at + 1 < text.size() && text[at + 1] >= 'a' && text[at + 1] <= 'c' &&
             "an escape is two bytes");
      result += static_cast<char>(text[at + 1] - 'a' + kOpen);
      at += 2;
    } else {
      result += text[at++];
    }
  }
  return result;
}

std::string move_marks(std::string_view text, const std::function<Mark(Mark)>& other) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != kOpen) {
      result += text[at++];
      continue;
    }
    const Mark moved = other(read_mark(text, at));
    result += mark(moved.relation, moved.column);
  }
  return result;
}

}  // namespace backout::postgres
