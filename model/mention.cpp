#include "model/mention.hpp"

#include <algorithm>
#include <string>

namespace backout::model {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Whether `low` holds `word` as a word of its own; one that ends with `*` may go on.
bool holds(std::string_view low, std::string_view word) {
  const bool goes_on = word.ends_with('*');
  if (goes_on) word.remove_suffix(1);
  for (std::size_t at = low.find(word); at != std::string_view::npos; at = low.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_letter(low[at - 1]);
    if (begins && (goes_on || end == low.size() || !is_letter(low[end]))) return true;
  }
  return false;
}

}  // namespace

std::string_view mentioned(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto found =
      std::ranges::find_if(words, [&](std::string_view word) { return holds(low, word); });
  return found == words.end() ? std::string_view() : *found;
}

}  // namespace backout::model
