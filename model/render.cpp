#include "model/render.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/printable.hpp"

namespace backout::model {
namespace {

constexpr std::size_t kNarrowest = 20;    // bytes of a source line that are shown in any case
constexpr std::string_view kCut = "...";  // stands for what is left out at either end

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

/// Text as wide as `before` on a terminal: its tabs stay, everything else becomes a space.
std::string blank(std::string_view before) {
  std::string text;
  for (const char c : before) {
    if (!continues(c)) text += c == '\t' ? '\t' : ' ';
  }
  return text;
}

/// A part of a line that holds [begin, end), cut at characters.
struct Window {
  std::string_view text;
  std::size_t begin;
  std::size_t end;
  bool cut_left;
  bool cut_right;
};

Window window(std::string_view line, std::size_t begin, std::size_t end, std::size_t widest) {
  begin = std::min(begin, line.size());
  end = std::clamp(end, begin, line.size());
  if (line.size() <= widest) {
    return {line, begin, end, false, false};
  }
  widest -= 2 * kCut.size();
  std::size_t first = begin > widest / 2 ? begin - widest / 2 : 0;
  while (first > 0 && continues(line[first])) --first;
  std::size_t last = std::min(line.size(), first + widest);
  while (last < line.size() && continues(line[last])) ++last;
  return {line.substr(first, last - first), begin - first, std::min(end, last) - first, first > 0,
          last < line.size()};
}

}  // namespace

std::string render_place(const Span& span, const Sources& sources) {
  const Place place = sources.place(span);
  return fmt::format("{}:{}:{}", printable(place.file), place.line, place.column);
}

std::string render_carets(const Span& span, const Sources& sources, std::string_view label,
                          std::size_t columns) {
  const SourceFile& file = sources[span.file];
  if (file.text().empty()) {
    return {};
  }
  const std::size_t number = file.line_of(span.begin);
  const std::string_view line = file.line(number);
  const auto line_start = static_cast<std::size_t>(line.data() - file.text().data());
  std::string gutter(std::max<std::size_t>(5, std::to_string(number).size() + 1), ' ');
  const std::size_t widest = std::max(columns, gutter.size() + 3 + kNarrowest) - gutter.size() - 3;
  const Window shown =
      window(line, span.begin - line_start, std::max(span.begin, span.end) - line_start, widest);
  const std::string_view left = shown.cut_left ? kCut : "";
  const std::string before = printable(shown.text.substr(0, shown.begin), true);
  const std::string marked =
      printable(shown.text.substr(shown.begin, shown.end - shown.begin), true);
  const std::string carets(std::max<std::size_t>(1, width(marked)), '^');
  std::string under = blank(left) + blank(before) + carets;
  if (!label.empty()) {
    under += fmt::format(" {}", label);
  }
  return fmt::format("{0} |\n{1:>{2}} | {3}{4}{5}\n{0} | {6}\n", gutter, number, gutter.size(),
                     left, before + marked + printable(shown.text.substr(shown.end), true),
                     shown.cut_right ? kCut : "", under);
}

std::string render(const Mistake& mistake, const Sources& sources) {
  std::string text = fmt::format("{}: error: {}\n{}", render_place(mistake.span, sources),
                                 printable(mistake.message), render_carets(mistake.span, sources));
  if (!mistake.hint.empty()) {
    text += fmt::format("      hint: {}\n", printable(mistake.hint));
  }
  return text;
}

}  // namespace backout::model
