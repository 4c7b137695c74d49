#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "reports/common.hpp"
#include "reports/text/sections.hpp"
#include "reports/told.hpp"

namespace backout::reports {

using simulator::Cell;
using simulator::Matrix;
using simulator::Verdict;

namespace {

/// Rows of the matrix with runs of equal rows folded into one.
struct FoldedRow {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::vector<FoldedRow> fold_rows(const Matrix& matrix, std::size_t paths) {
  const auto same = [&](std::size_t a, std::size_t b) {
    for (std::size_t path = 0; path < paths; ++path) {
      if (cell_word(matrix.cells[a * paths + path]) != cell_word(matrix.cells[b * paths + path]))
        return false;
    }
    return true;
  };
  std::vector<FoldedRow> rows;
  for (std::size_t i = 0; i < matrix.interruptions.size(); ++i) {
    if (!rows.empty() && same(rows.back().last, i)) {
      rows.back().last = i;
    } else {
      rows.push_back({i, i});
    }
  }
  return rows;
}

std::string label_of(const Matrix& matrix, const FoldedRow& row) {
  const std::string& first = matrix.interruptions[row.first].label;
  if (row.first == row.last) return first;
  return fmt::format("{} .. {}", first, matrix.interruptions[row.last].label);
}

/// Labels of rows take no more than this beside the verdicts, on several lines where they have to.
constexpr std::size_t kLabel = 30;

/// Where each group of paths begins that fits into the width beside the labels; and the end.
std::vector<std::size_t> groups_of(const Matrix& matrix, const std::vector<FoldedRow>& rows,
                                   std::size_t width) {
  const std::size_t paths = matrix.paths.size();
  std::size_t label = 11;
  for (const FoldedRow& row : rows) label = std::max(label, columns_of(label_of(matrix, row)));
  label = std::min(label, kLabel);
  std::vector<std::size_t> begins;
  std::size_t used = 0;
  for (std::size_t path = 0; path < paths; ++path) {
    std::size_t column = columns_of(matrix.paths[path]);
    for (const FoldedRow& row : rows)
      column = std::max(column, cell_word(matrix.cells[row.first * paths + path]).size());
    if (begins.empty() || used + 2 + column > width) {
      begins.push_back(path);
      used = 2 + label;
    }
    used += 2 + column;
  }
  begins.push_back(paths);
  return begins;
}

template <Verdict kVerdict>
std::string painted(const Paint& paint, std::string_view text) {
  return paint.verdict(kVerdict, text);
}

TextCell cell_of(const Cell& cell) {
  if (!cell.applicable) return {cell_word(cell)};
  const bool good = cell.verdict == Verdict::restored || cell.verdict == Verdict::works;
  const bool doubtful =
      cell.verdict == Verdict::restored_with_residue || cell.verdict == Verdict::unknown;
  return {cell_word(cell), good       ? painted<Verdict::restored>
                           : doubtful ? painted<Verdict::unknown>
                                      : painted<Verdict::stuck>};
}

}  // namespace

void write_matrix(const Matrix& matrix, const Page& page) {
  const std::size_t paths = matrix.paths.size();
  const std::vector<FoldedRow> rows = fold_rows(matrix, paths);
  const std::vector<std::size_t> begins = groups_of(matrix, rows, page.style.width);
  fmt::print(page.out, "{}\n\n", page.paint.bold("Rollback matrix"));
  for (std::size_t group = 0; group + 1 < begins.size(); ++group) {
    std::vector<TextRow> table{{{"interrupted"}}};
    for (std::size_t path = begins[group]; path < begins[group + 1]; ++path)
      table[0].push_back({matrix.paths[path]});
    for (const FoldedRow& row : rows) {
      table.push_back({{label_of(matrix, row)}});
      for (std::size_t path = begins[group]; path < begins[group + 1]; ++path) {
        table.back().push_back(cell_of(matrix.cells[row.first * paths + path]));
      }
    }
    write_table(table, page.paint, page.style.width, page.out);
    page.out << '\n';
  }
  const std::string note = star_note(matrix);
  if (note.empty()) return;
  write_wrapped("  * ", note, 4, page.style.width, page.out);
  page.out << '\n';
}

}  // namespace backout::reports
