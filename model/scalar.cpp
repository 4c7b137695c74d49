#include "model/scalar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace backout::model {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_of(std::string_view text, bool (*accept)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), accept);
}

/// Takes the digits off the front; how many there were.
std::size_t take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

void take_sign(std::string_view& text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
}

bool is_real(std::string_view text) {
  take_sign(text);
  const std::size_t whole = take_digits(text);
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole + fraction == 0) {
    return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    take_sign(text);
    if (take_digits(text) == 0) return false;
  }
  return text.empty();
}

bool is_integer(std::string_view text) {
  if (text.starts_with("0x")) {
    return all_of(text.substr(2),
                  [](char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); });
  }
  if (text.starts_with("0o")) {
    return all_of(text.substr(2), [](char c) { return c >= '0' && c <= '7'; });
  }
  take_sign(text);
  return all_of(text, is_digit);
}

template <std::size_t Size>
bool one_of(std::string_view text, const std::array<std::string_view, Size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 6> kBooleans = {"true",  "True",  "TRUE",
                                                       "false", "False", "FALSE"};

}  // namespace

Node::Type plain_scalar_type(std::string_view text) {
  if (one_of(text, kNulls)) return Node::Type::null;
  const char first = text.front();
  if (is_digit(first) || first == '-' || first == '+' || first == '.') {
    if (is_integer(text)) return Node::Type::integer;
    if (is_real(text)) return Node::Type::real;
    return Node::Type::string;
  }
  return one_of(text, kBooleans) ? Node::Type::boolean : Node::Type::string;
}

std::size_t first_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char lead = byte(at);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || at + length > text.size()) return at;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return at;
    }
    const bool overlong =
        (lead == 0xE0 && byte(at + 1) < 0xA0) || (lead == 0xF0 && byte(at + 1) < 0x90);
    const bool outside =
        (lead == 0xED && byte(at + 1) > 0x9F) || (lead == 0xF4 && byte(at + 1) > 0x8F);
    if (overlong || outside) return at;
    at += length;
  }
  return at;
}

}  // namespace backout::model
