#pragma once
// Letters, digits and blanks as files of commands and migrations have them, in every locale.

#include <string_view>

namespace backout::importers {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What a name of the shell or of a placeholder is made of.
inline bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Without the blanks around it.
inline std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

}  // namespace backout::importers
