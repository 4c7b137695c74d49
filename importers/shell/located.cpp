#include "importers/shell/located.hpp"

#include <algorithm>

namespace backout::importers {

Located Located::at(std::string text, std::uint32_t file, std::uint32_t begin) {
  Located located{std::move(text), file, {begin}};
  for (std::size_t i = 0; i < located.text.size(); ++i) {
    if (located.text[i] == '\n')
      located.begins.push_back(begin + static_cast<std::uint32_t>(i) + 1);
  }
  return located;
}

bool stands_whole(const Located& text) {
  if (!text.places.empty()) return false;
  // A line of the file is never shorter than that of the text, so that no line is longer when all
  // together are not.
  std::string_view lines = text.text;
  std::size_t count = text.begins.size();
  if (lines.ends_with('\n') && count > 1) {
    lines.remove_suffix(1);
    --count;
  }
  const std::size_t last = lines.rfind('\n') == std::string_view::npos ? 0 : lines.rfind('\n') + 1;
  return count > 0 && text.begins[count - 1] - text.begins[0] == last;
}

model::Span Located::span(std::size_t begin, std::size_t end) const {
  if (stands_whole(*this) && std::max(begin, end) < text.size()) {
    return {file, begins[0] + static_cast<std::uint32_t>(begin),
            begins[0] + static_cast<std::uint32_t>(end)};
  }
  return PlacesOf(*this).span(begin, end);
}

PlacesOf::PlacesOf(const Located& text) : text_(text) {
  if (!text.places.empty()) return;
  for (std::size_t i = 0; i < text.text.size(); ++i) {
    if (text.text[i] == '\n') line_ends_.push_back(i);
  }
}

std::uint32_t PlacesOf::at(std::size_t byte) const {
  if (!text_.places.empty()) return text_.places[std::min(byte, text_.places.size() - 1)];
  const auto line =
      static_cast<std::size_t>(std::ranges::lower_bound(line_ends_, byte) - line_ends_.begin());
  const std::size_t start = line == 0 ? 0 : line_ends_[line - 1] + 1;
  if (line >= text_.begins.size()) return text_.begins.empty() ? 0U : text_.begins.back();
  return std::min(text_.begins[line] + static_cast<std::uint32_t>(byte - start), text_.limit);
}

std::size_t PlacesOf::offset_of(std::uint32_t place) const {
  if (!text_.places.empty()) {
    const auto found = std::ranges::lower_bound(text_.places, place);
    return found == text_.places.end() ? std::string::npos
                                       : static_cast<std::size_t>(found - text_.places.begin());
  }
  const auto behind = std::ranges::upper_bound(text_.begins, place);
  const auto line = static_cast<std::size_t>(behind - text_.begins.begin());
  if (line == 0 || line - 1 > line_ends_.size()) return std::string::npos;
  const std::size_t begin = line == 1 ? 0 : line_ends_[line - 2] + 1;
  return begin + (place - text_.begins[line - 1]);
}

}  // namespace backout::importers
