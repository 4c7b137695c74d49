#include "postgres/read/quiet.hpp"

#include <algorithm>
#include <cctype>

namespace backout::postgres {
namespace {

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// First byte after the dollar quote that opens at `at`; `at` + 1 when none does.
std::size_t skip_dollar_quote(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_name_byte(text[end])) {
    ++end;
  }
  const bool is_quote = end < text.size() && text[end] == '$' &&
                        std::isdigit(static_cast<unsigned char>(text[at + 1])) == 0 &&
                        (at == 0 || !is_name_byte(text[at - 1]));
  if (!is_quote) {
    return at + 1;
  }
  const std::string_view tag = text.substr(at, end + 1 - at);
  const std::size_t close = text.find(tag, end + 1);
  return close == std::string_view::npos ? text.size() : close + tag.size();
}

/// First byte after the string or quoted name that opens at `at`.
std::size_t skip_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool escapes = quote == '\'' && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E') &&
                       (at < 2 || !is_name_byte(text[at - 2]));
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote && text.substr(i + 1, 1) == text.substr(i, 1)) {
      ++i;  // a quote in the text, which goes on with the same escapes
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

/// First byte after the nested comment that opens at `at`; npos when nothing closes it.
std::size_t skip_nested_comment(std::string_view text, std::size_t at) {
  int depth = 0;
  do {
    const std::string_view pair = text.substr(at, 2);
    depth += pair == "/*" ? 1 : (pair == "*/" ? -1 : 0);
    at += pair == "/*" || pair == "*/" ? 2 : 1;
  } while (depth > 0 && at < text.size());
  return depth > 0 ? std::string_view::npos : at;
}

/// First byte behind the comment that begins at `at`; `at` when none does, npos when nothing closes
/// it.
std::size_t skip_comment(std::string_view text, std::size_t at) {
  if (text.compare(at, 2, "--") == 0) return std::min(text.find_first_of("\r\n", at), text.size());
  return text.compare(at, 2, "/*") == 0 ? skip_nested_comment(text, at) : at;
}

}  // namespace

std::size_t skip_quiet(std::string_view text, std::size_t at) {
  if (text[at] == '\'' || text[at] == '"') return skip_quoted(text, at);
  return text[at] == '$' ? skip_dollar_quote(text, at)
                         : std::min(skip_comment(text, at), text.size());
}

std::size_t skip_blanks_and_comments(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const bool blank = text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r');
    const std::size_t behind = blank ? at + 1 : skip_comment(text, at);
    if (behind == at || behind == std::string_view::npos) break;
    at = behind;
  }
  return at;
}

}  // namespace backout::postgres
