#pragma once

#include <initializer_list>
#include <string_view>

namespace backout::model {

/// The first of `words` that `text` holds as words of their own, its ASCII letters in either case;
/// empty when it holds none. The words are in lower case; one that ends with `*` may go on with
/// more letters.
std::string_view mentioned(std::string_view text, std::initializer_list<std::string_view> words);

/// Whether it holds one of them.
inline bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return !mentioned(text, words).empty();
}

}  // namespace backout::model
