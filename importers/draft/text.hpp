#pragma once
// Pieces of a plan's text: scalars, ids, durations.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "importers/document/document.hpp"

namespace backout::importers {

/// `text` as a double-quoted scalar.
std::string scalar_text(std::string_view text);

/// Ids of the plan, each given once.
class Ids {
 public:
  /// `name` as an id, with a number behind it when it is taken.
  std::string take(std::string_view name, std::string_view fallback);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> last_;  ///< by name, the last number that was tried
};

/// `name` as an id, whether it is taken or not; `fallback` when nothing of it can stand in an id.
std::string slug(std::string_view name, std::string_view fallback);

/// The range in the plan's words: `2-3m`, `<5m`, `~5m`; `unknown` where it has no upper end.
std::string duration(const TimeRange& range);
/// One time: `90s`, `5m`.
std::string duration(std::int64_t ms);

/// `text` with line ends as spaces: a comment.
std::string one_line(std::string text);

/// The map `{from: "02:00", to: "04:00"}` of a text like "recommended time: 2-4 AM"; empty when it
/// names no window of the day.
std::string clock_window(std::string_view text);

/// How well `subject` fits a title: words that both have, more when the title begins with it; 0
/// when they share none.
std::size_t likeness_of(std::string_view title, std::string_view subject);

/// Whether two texts share a word that tells: longer than three letters, and none that every
/// rollback has.
bool shares_word(std::string_view a, std::string_view b);

}  // namespace backout::importers
