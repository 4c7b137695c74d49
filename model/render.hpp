#pragma once
// How a place in a source is shown to people: the one printer of caret lines.

#include <string>
#include <string_view>

#include "model/source.hpp"

namespace backout::model {

/// "plan.yaml:12:5": file, 1-based line and column.
std::string render_place(const Span& span, const Sources& sources);

/// The columns of an excerpt where the page is wider, or no page.
inline constexpr std::size_t kWidestExcerpt = 168;

/// The first line of the span with its number and a line of carets below it, `label` behind the
/// carets:
///
///        |
///     12 |   taget: db
///        |   ^^^^^ label
///
/// Tabs stay as wide as they are; a line that would make the rows longer than `columns` is cut
/// around the carets. Empty for an empty file.
std::string render_carets(const Span& span, const Sources& sources, std::string_view label = {},
                          std::size_t columns = kWidestExcerpt);

/// "plan.yaml:12:5: error: unknown key 'taget'", its caret lines, and "  hint: did you mean
/// 'target'?". Ends with a line break.
std::string render(const Mistake& mistake, const Sources& sources);

}  // namespace backout::model
