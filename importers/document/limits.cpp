#include "importers/document/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::importers {

std::size_t readable(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t line = 0; line < kMostLines; ++line) {
    const std::size_t next = text.find('\n', end);
    if (next == std::string_view::npos) {
      if (text.size() <= kMostText) return text.size();
      break;
    }
    if (next >= kMostText) break;
    end = next + 1;
  }
  if (end > 0) return end;
  end = kMostText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;  // not within a character
  return end;
}

std::string part_read(std::string_view text) {
  const std::size_t end = readable(text);
  if (end == text.size()) return {};
  const auto read = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const auto all = std::count(text.begin(), text.end(), '\n') + (text.ends_with('\n') ? 0 : 1);
  return fmt::format("only the first {} of {} lines were read", read, all);
}

}  // namespace backout::importers
