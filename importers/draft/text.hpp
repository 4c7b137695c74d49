#pragma once
// Pieces of a plan's text: scalars, ids, durations.

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
};

/// `name` as an id, whether it is taken or not; `fallback` when nothing of it can stand in an id.
std::string slug(std::string_view name, std::string_view fallback);

/// The range in the plan's words: `2-3m`, `<5m`, `~5m`; `unknown` where it has no upper end.
std::string duration(const TimeRange& range);
/// One time: `90s`, `5m`.
std::string duration(std::int64_t ms);

/// Whether two texts share a word that tells: longer than three letters, and none that every rollback has.
bool shares_word(std::string_view a, std::string_view b);

}  // namespace backout::importers
