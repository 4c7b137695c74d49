#include "reports/text/layout.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "model/printable.hpp"
#include "reports/common.hpp"
#include "reports/paint.hpp"
#include "reports/rules.hpp"

namespace backout::reports {

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  const std::string shown = model::printable(text);
  return on_ ? fmt::format("\033[{}m{}\033[0m", code, shown) : shown;
}

std::string Paint::severity(model::Severity severity, std::string_view text) const {
  if (severity == model::Severity::error) return red(text);
  return severity == model::Severity::warning ? yellow(text) : bold(text);
}

std::string Paint::rule(std::string_view rule) const {
  const std::string shown = model::printable(rule);
  const std::string uri = links_ ? help_uri(rule) : "";
  return uri.empty() ? shown : fmt::format("\033]8;;{}\033\\{}\033]8;;\033\\", uri, shown);
}

std::string Paint::head(const model::Finding& finding) const {
  const std::string shown = model::printable(finding.rule);
  std::string text =
      severity(finding.severity, fmt::format("{}[{}]", to_string(finding.severity), shown));
  return text.replace(text.rfind(shown), shown.size(), rule(finding.rule));
}

std::string Paint::verdict(simulator::Verdict verdict, std::string_view text) const {
  using simulator::Verdict;
  if (verdict == Verdict::restored || verdict == Verdict::works) return green(text);
  return verdict == Verdict::restored_with_residue || verdict == Verdict::unknown ? yellow(text)
                                                                                  : red(text);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t size = sequence_size(text);
    if (size == 0 && (static_cast<unsigned char>(text.front()) & 0xC0U) != 0x80U) ++columns;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t taken = columns_of(text);
  return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \n\t");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t length = std::min(text.find_first_of(" \n\t"), text.size());
    const std::string word = model::printable(text.substr(0, length));
    text.remove_prefix(length);
    if (lines.empty() || columns_of(lines.back()) + 1 + columns_of(word) > width) {
      lines.push_back(word);
    } else {
      lines.back().append(" ").append(word);
    }
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

void write_wrapped(std::string_view head, std::string_view text, std::size_t indent,
                   std::size_t width, std::ostream& out) {
  const std::size_t first = columns_of(head);
  // The first line is shorter by what its head is longer than the indent: that much stands for it
  // in the text.
  const std::string stand_in(first > indent ? first - indent : 0, '_');
  std::vector<std::string> lines =
      wrapped(stand_in + std::string(text), width > indent ? width - indent : 1);
  lines.front().erase(0, stand_in.size());
  fmt::print(out, "{}{}\n", head, lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i)
    fmt::print(out, "{}{}\n", std::string(indent, ' '), lines[i]);
}

namespace {

std::size_t longest_word(const std::vector<TextRow>& rows, std::size_t column) {
  std::size_t longest = 1;
  for (const TextRow& row : rows) {
    for (const std::string& word : wrapped(row[column].text, 1))
      longest = std::max(longest, columns_of(word));
  }
  return longest;
}

std::vector<std::size_t> widths_of(const std::vector<TextRow>& rows, std::size_t width) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  std::vector<std::size_t> least;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    for (const TextRow& row : rows) widths[i] = std::max(widths[i], columns_of(row[i].text));
    least.push_back(longest_word(rows, i));
  }
  const auto total = [&] {
    std::size_t sum = 0;
    for (const std::size_t each : widths) sum += 2 + each;
    return sum;
  };
  while (total() > width) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > least[i] && (widest == widths.size() || widths[i] > widths[widest]))
        widest = i;
    }
    if (widest == widths.size()) break;  // a word in each column, and they do not fit
    --widths[widest];
  }
  return widths;
}

}  // namespace

void write_table(std::vector<TextRow> rows, const Paint& paint, std::size_t width,
                 std::ostream& out) {
  if (rows.empty()) return;
  for (TextRow& row : rows) {
    for (TextCell& cell : row) cell.text = model::printable(cell.text);
  }
  const std::vector<std::size_t> widths = widths_of(rows, width);
  for (const TextRow& row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t lines = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(wrapped(row[i].text, widths[i]));
      lines = std::max(lines, cells.back().size());
    }
    for (std::size_t line = 0; line < lines; ++line) {
      std::string text;
      std::size_t behind = 0;  // spaces that are written when something stands behind them
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string part = line < cells[i].size() ? cells[i][line] : "";
        behind += 2;
        if (!part.empty()) {
          text += std::string(behind, ' ') +
                  (row[i].paint != nullptr ? row[i].paint(paint, part) : part);
          behind = 0;
        }
        behind += widths[i] > columns_of(part) ? widths[i] - columns_of(part) : 0;
      }
      out << text << '\n';
    }
  }
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string count_words(std::size_t errors, std::size_t warnings, std::size_t notes) {
  return fmt::format("{}, {}, {}", counted(errors, "error"), counted(warnings, "warning"),
                     counted(notes, "note"));
}

}  // namespace backout::reports
