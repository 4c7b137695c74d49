// How PostgreSQL writes arrays and rows and matches LIKE: array_in and array_out (arrayfuncs.c),
// record_out (rowtypes.c), like_match.c.
// Left out: upper and lower case beyond ASCII, other separators than the comma (box has `;`),
// ESCAPE with another character than the backslash.
#include "postgres/read/text.hpp"

#include <algorithm>
#include <cctype>

namespace backout::postgres {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

using Parts = std::vector<std::optional<std::string>>;

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

char take(std::string_view& rest) {
  const char c = rest.front();
  rest.remove_prefix(1);
  return c;
}

/// What stands in quotes from the front of `rest` to behind its closing quote, without what
/// escapes.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string text;
  take(rest);
  while (!rest.empty()) {
    const char c = take(rest);
    if (c == '"') return text;
    if (rest.empty()) return std::nullopt;
    text += c == '\\' ? take(rest) : c;
  }
  return std::nullopt;
}

/// An array within an array, as it is written, from its opening brace to its closing one.
std::optional<std::string> take_nested(std::string_view& rest) {
  const std::string_view begin = rest;
  int depth = 0;
  while (!rest.empty()) {
    if (rest.front() == '"') {
      if (!take_quoted(rest)) return std::nullopt;
      continue;
    }
    const char c = take(rest);
    if (c == '\\' && !rest.empty()) take(rest);
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) return std::string(begin.substr(0, begin.size() - rest.size()));
  }
  return std::nullopt;
}

/// A word of an array without quotes: NULL, or text whose blanks at its end count only when they
/// are escaped. False: there is none.
bool take_word(std::string_view& rest, std::optional<std::string>& element) {
  std::string text;
  std::size_t kept = 0;  // how much of it stays when blanks go
  bool escaped = false;
  while (!rest.empty() && rest.front() != ',' && rest.front() != '}') {
    const char c = take(rest);
    if (c == '{' || c == '"' || (c == '\\' && rest.empty())) return false;
    escaped = escaped || c == '\\';
    text += c == '\\' ? take(rest) : c;
    if (c == '\\' || !is_blank(c)) kept = text.size();
  }
  text.resize(kept);
  if (text.empty() || rest.empty()) return false;
  element = !escaped && to_lower(text) == "null" ? std::nullopt : std::optional(std::move(text));
  return true;
}

/// One element of an array from the front of `rest` up to its separator; false where array_in
/// refuses. Source: arrayfuncs.c, ArrayCount.
bool take_element(std::string_view& rest, std::optional<std::string>& element) {
  if (rest.empty()) return false;
  if (rest.front() != '{' && rest.front() != '"') return take_word(rest, element);
  element = rest.front() == '{' ? take_nested(rest) : take_quoted(rest);
  skip_blanks(rest);
  return element && !rest.empty() && (rest.front() == ',' || rest.front() == '}');
}

std::string in_quotes(std::string_view text, char escape_of_quote) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += escape_of_quote;
    if (c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

/// The bytes of `text` that the first unit of `pattern` (a character, `_`, `\\` with what it
/// escapes) takes; 0 when it does not fit. `unit` becomes the number of bytes of the pattern that
/// it is. Both must hold something.
std::size_t fitting(std::string_view text, std::string_view pattern, bool fold, std::size_t& unit) {
  unit = 1;
  if (pattern.front() == '_') {
    std::size_t width = 1;
    while (width < text.size() && continues(text[width])) ++width;
    return width;
  }
  if (pattern.front() == '\\' && pattern.size() > 1) unit = 2;
  const char wanted = pattern[unit - 1];
  return (fold ? lower(wanted) == lower(text.front()) : wanted == text.front()) ? 1 : 0;
}

/// Only the last `%` is tried anew, so that the cost is the product of the lengths at most.
bool matches(std::string_view text, std::string_view pattern, bool fold) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t behind_any = kNone;  // the pattern's place behind its last `%` so far
  std::size_t taken = 0;           // where the text goes on behind what that took
  while (true) {
    if (in < pattern.size() && pattern[in] == '%') {
      behind_any = ++in;
      taken = at;
      continue;
    }
    if (in == pattern.size() && at == text.size()) return true;
    if (at == text.size()) return false;
    std::size_t unit = 0;
    const std::size_t width =
        in < pattern.size() ? fitting(text.substr(at), pattern.substr(in), fold, unit) : 0;
    if (width > 0) {
      at += width;
      in += unit;
    } else if (behind_any == kNone) {
      return false;
    } else {
      at = ++taken;
      in = behind_any;
    }
  }
}

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool in_word(char c) { return starts_word(c) || (c >= '0' && c <= '9') || c == '$'; }

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = upper(c);
  return result;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && (count > 0 || continues(text[at]))) {
    if (!continues(text[at])) --count;
    ++at;
  }
  return text.substr(0, at);
}

bool like(std::string_view text, std::string_view pattern, bool ignore_case) {
  return matches(text, pattern, ignore_case);
}

std::optional<Parts> split_array(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  Parts parts;
  if (trim(text.substr(1, text.size() - 2)).empty()) return parts;
  const bool arrays = holds_arrays(text);
  text.remove_prefix(1);
  while (true) {
    skip_blanks(text);
    std::optional<std::string> element;
    if (text.starts_with('{') != arrays || !take_element(text, element)) return std::nullopt;
    parts.push_back(std::move(element));
    if (take(text) == '}') return text.empty() ? std::optional(parts) : std::nullopt;
  }
}

std::string_view without_bounds(std::string_view array) {
  array = trim(array);
  const std::size_t equals = array.starts_with('[') ? array.find('=') : std::string_view::npos;
  return equals == std::string_view::npos ? array : array.substr(equals + 1);
}

bool holds_arrays(std::string_view array) {
  array = trim(array);
  if (!array.empty()) array.remove_prefix(1);
  skip_blanks(array);
  return array.starts_with('{');
}

std::optional<Parts> flat_elements(std::string_view array, int depth) {
  constexpr int kMostDimensions = 6;  // MAXDIM of c.h
  if (depth == 1) array = without_bounds(array);
  auto elements = split_array(array);
  if (!elements || !holds_arrays(array)) return elements;
  if (depth >= kMostDimensions) return std::nullopt;
  Parts all;
  for (const auto& element : *elements) {
    auto inner = element ? flat_elements(*element, depth + 1) : std::nullopt;
    if (!inner) return std::nullopt;
    std::move(inner->begin(), inner->end(), std::back_inserter(all));
  }
  return all;
}

std::string join_array(const Parts& elements, bool arrays) {
  std::string result = "{";
  for (const auto& element : elements) {
    if (result.size() > 1) result += ',';
    if (!element) {
      result += "NULL";
      continue;
    }
    const bool plain =
        !element->empty() && to_lower(*element) != "null" &&
        std::none_of(element->begin(), element->end(), [](char c) {
          return is_blank(c) || c == ',' || c == '"' || c == '\\' || c == '{' || c == '}';
        });
    result += plain || arrays ? *element : in_quotes(*element, '\\');
  }
  return result + '}';
}

std::string join_record(const Parts& fields) {
  std::string result = "(";
  bool first = true;
  for (const auto& field : fields) {
    if (!first) result += ',';
    first = false;
    if (!field) continue;
    const bool plain = !field->empty() && std::none_of(field->begin(), field->end(), [](char c) {
      return is_blank(c) || c == ',' || c == '"' || c == '\\' || c == '(' || c == ')';
    });
    result += plain ? *field : in_quotes(*field, '"');
  }
  return result + ')';
}

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      const std::size_t end = std::min(text.find('"', at + 1), text.size());
      words.emplace(text.substr(at + 1, end - at - 1));
      at = end + 1;
    } else if (starts_word(text[at])) {
      std::string word;
      while (at < text.size() && in_word(text[at])) {
        const char c = text[at++];
        word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
      words.insert(std::move(word));
    } else {
      ++at;
    }
  }
  return words;
}

}  // namespace backout::postgres
