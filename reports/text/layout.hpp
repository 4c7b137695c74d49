#pragma once
// Text in columns: colours, lines that break between words, tables that fit.

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.hpp"

namespace backout::reports {

/// Makes text printable (model/printable.hpp), and wraps it in terminal colours when the style asks
/// for it.
class Paint {
 public:
  explicit Paint(const Style& style) : on_(style.colour), links_(style.colour && style.links) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string red(std::string_view text) const { return wrap("1;31", text); }
  std::string yellow(std::string_view text) const { return wrap("1;33", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string severity(model::Severity severity, std::string_view text) const;
  /// The rule, a link to its page where the style asks for links.
  std::string rule(std::string_view rule) const;
  /// "error[rule]" with that link.
  std::string head(const model::Finding& finding) const;
  std::string verdict(simulator::Verdict verdict, std::string_view text) const;

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool on_;
  bool links_;
};

/// How many columns UTF-8 text takes: one for each code point, none for what a Paint adds.
std::size_t columns_of(std::string_view text);
/// `text` with spaces behind it up to `width` columns.
std::string padded(std::string_view text, std::size_t width);
/// `text` in lines of at most `width` columns, broken between words only; a word that is longer has
/// a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
/// Writes `text` in lines of at most `width` columns, the first behind `head`, the others behind as
/// many spaces as `indent` says.
void write_wrapped(std::string_view head, std::string_view text, std::size_t indent,
                   std::size_t width, std::ostream& out);

/// A cell of a table, and how it is painted.
struct TextCell {
  std::string text;
  std::string (*paint)(const Paint& paint, std::string_view text) = nullptr;
};
using TextRow = std::vector<TextCell>;
/// Writes rows of equally many cells, indented by two, columns as wide as what they hold. Where
/// that is more than `width`, the widest column is made narrower, and its cells take several lines,
/// broken between words.
void write_table(std::vector<TextRow> rows, const Paint& paint, std::size_t width,
                 std::ostream& out);

/// "12 errors, 1 warning, 0 notes".
std::string count_words(std::size_t errors, std::size_t warnings, std::size_t notes);
/// "1 step", "2 steps".
std::string counted(std::size_t count, std::string_view one);

}  // namespace backout::reports
