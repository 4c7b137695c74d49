#include "reports/text/diff.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace backout::reports {

namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// One line of a diff: ' ' in both, '-' before only, '+' after only.
struct Line {
  char mark = ' ';
  std::string_view text;
};

/// More lines than that between the first and the last difference are told as replaced.
constexpr std::size_t kMostCompared = 4'000;

/// The lines of both that differ, by their longest common subsequence; removed lines come before
/// added ones.
std::vector<Line> compare(const Lines& before, const Lines& after) {
  const std::size_t rows = before.size();
  const std::size_t columns = after.size();
  std::vector<Line> lines;
  if (rows > kMostCompared || columns > kMostCompared) {
    for (const std::string_view line : before) lines.push_back({'-', line});
    for (const std::string_view line : after) lines.push_back({'+', line});
    return lines;
  }
  // common[i][j]: how many lines before[i..] and after[j..] have in common.
  std::vector<std::vector<std::uint16_t>> common(rows + 1, std::vector<std::uint16_t>(columns + 1));
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      common[i][j] = before[i] == after[j] ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1)
                                           : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && before[i] == after[j]) {
      lines.push_back({' ', before[i++]});
      ++j;
    } else if (j == columns || (i < rows && common[i + 1][j] >= common[i][j + 1])) {
      lines.push_back({'-', before[i++]});
    } else {
      lines.push_back({'+', after[j++]});
    }
  }
  return lines;
}

/// All lines of both texts, marked.
std::vector<Line> marked(const Lines& before, const Lines& after) {
  const auto [first, other] =
      std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  const auto same = static_cast<std::size_t>(first - before.begin());
  std::size_t behind = 0;
  while (behind < std::min(before.size(), after.size()) - same &&
         before[before.size() - 1 - behind] == after[after.size() - 1 - behind])
    ++behind;
  std::vector<Line> lines;
  for (std::size_t i = 0; i < same; ++i) lines.push_back({' ', before[i]});
  const auto middle = compare({first, before.end() - static_cast<std::ptrdiff_t>(behind)},
                              {other, after.end() - static_cast<std::ptrdiff_t>(behind)});
  lines.insert(lines.end(), middle.begin(), middle.end());
  for (std::size_t i = before.size() - behind; i < before.size(); ++i)
    lines.push_back({' ', before[i]});
  return lines;
}

/// "3" or "3,2": where lines begin, and how many. Of none it is the line in front of them.
std::string range(std::size_t line, std::size_t count) {
  return count == 1 ? fmt::format("{}", line)
                    : fmt::format("{},{}", count == 0 ? line - 1 : line, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, const std::string& name) {
  if (before == after) return "";
  constexpr std::size_t kAround = 3;
  const Lines old_lines = lines_of(before);
  const Lines new_lines = lines_of(after);
  const std::vector<Line> lines = marked(old_lines, new_lines);
  std::string text = fmt::format("--- {}\n+++ {}\n", name, name);
  std::size_t old_line = 1;  // of lines[at]
  std::size_t new_line = 1;
  for (std::size_t at = 0; at < lines.size();) {
    // A hunk goes on while the next change is within reach of the last one.
    std::size_t change = at;
    while (change < lines.size() && lines[change].mark == ' ') ++change;
    if (change == lines.size()) break;
    std::size_t end = change;
    for (std::size_t i = change; i < lines.size() && i <= end + 2 * kAround; ++i)
      end = lines[i].mark == ' ' ? end : i;
    const std::size_t begin = std::max(at, change < kAround ? 0 : change - kAround);
    end = std::min(end + kAround + 1, lines.size());
    old_line += begin - at;
    new_line += begin - at;
    std::string hunk;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      old_count += lines[i].mark != '+' ? 1 : 0;
      new_count += lines[i].mark != '-' ? 1 : 0;
      hunk += lines[i].mark;
      hunk += lines[i].text;
      if (!lines[i].text.ends_with('\n')) hunk += "\n\\ No newline at end of file\n";
    }
    text += fmt::format("@@ -{} +{} @@\n{}", range(old_line, old_count), range(new_line, new_count),
                        hunk);
    old_line += old_count;
    new_line += new_count;
    at = end;
  }
  return text;
}

}  // namespace backout::reports
