#pragma once
// What targets demand: a promise that does not hold ends the program, which the fuzzer takes for a
// crash.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace backout::fuzz {

inline void demand(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

inline std::string_view text_of(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The first of `count` choices is the first byte's, the rest is left in `text`.
inline unsigned choose(std::string_view& text, unsigned count) {
  if (text.empty()) return 0;
  const unsigned chosen = static_cast<unsigned char>(text.front()) % count;
  text.remove_prefix(1);
  return chosen;
}

/// `text` cut at each `separator`, at most `most` parts; the last keeps the rest.
inline std::vector<std::string_view> parts(std::string_view text, char separator,
                                           std::size_t most) {
  std::vector<std::string_view> found;
  while (found.size() + 1 < most) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    found.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  found.push_back(text);
  return found;
}

}  // namespace backout::fuzz
