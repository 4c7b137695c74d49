#include "model/mention.hpp"

#include <algorithm>
#include <string>

namespace backout::model {

std::string_view mentioned(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found = std::ranges::find_if(words, [&](std::string_view word) { return low.find(word) != std::string::npos; });
  return found == words.end() ? std::string_view() : *found;
}

}  // namespace backout::model
