#pragma once
// What words mean, in the languages that runbooks are written in.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "importers/document/document.hpp"

namespace backout::importers {

/// Every letter of Unicode in lower case, one by one; bytes that are no UTF-8 stay.
std::string lower(std::string_view text);
std::string trimmed(std::string_view text);
/// The text with every `part` taken out.
std::string without(std::string text, std::string_view part);
bool contains(std::string_view text, std::string_view part);
bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts);
bool contains_any(std::string_view text, const std::vector<std::string_view>& parts);
/// Whether the text begins with one of `words`.
bool begins_with_any(std::string_view text, std::span<const std::string_view> words);
bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> words);
/// Like contains(), but `word` is not part of a longer word.
bool contains_word(std::string_view text, std::string_view word);

/// Whether a name or title of a job or step, in lower case, speaks of going back, or of deploying.
bool says_way_back(std::string_view lower_text);
bool says_deploy(std::string_view lower_text);
/// Whether a text of any case says one of both.
bool says_change(std::string_view text);

/// The role that a heading gives its section; nullopt when it says nothing.
std::optional<Role> role_of_title(std::string_view lower_title);

/// "Step 3: Restart (30 seconds)" → step, 3, "Restart (30 seconds)".
struct Numbered {
  Section::Kind kind = Section::Kind::plain;
  std::optional<std::int64_t> number;
  std::string title;
};
Numbered read_number(std::string_view title);

/// What the cell of a decision table says.
Answer read_answer(std::string_view cell);

/// The unit of a time at `at` ("min", "hours", "Stunden"), in milliseconds; `at` stands behind it
/// then. 0: there is none.
std::int64_t read_unit(std::string_view text, std::size_t& at);

/// Times in a text, with where they begin and end in it.
struct FoundTime {
  TimeRange range;
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::vector<FoundTime> find_times(std::string_view text);

/// Thresholds in a text: a metric's words, an operator, a number with a unit.
std::vector<Threshold> find_thresholds(std::string_view text);

/// What metric the text names; nullopt for none.
std::optional<Threshold::Metric> read_metric(std::string_view lower_text);

}  // namespace backout::importers
