#pragma once
// Changes of a plan's text that do what a finding's fix says. Empty where that is not certain from
// the text alone: a key that stands there already, an indentation that cannot be told.

#include <string>
#include <string_view>
#include <vector>

#include "model/finding.hpp"
#include "model/plan.hpp"

namespace backout::analyzer {

using Edits = std::vector<model::Edit>;

/// `text` with the edits, which overlap nowhere; line ends are the text's own.
std::string apply(std::string text, Edits edits);

/// Where the line of the byte begins.
std::uint32_t line_start(std::string_view text, std::size_t byte);

/// A value of a plan as text: in YAML, and in JSON.
struct Written {
  std::string yaml;
  std::string json;
};
Written written(bool value);
/// `{key: text}`.
Written written(const std::vector<std::pair<std::string, std::string>>& entries);

/// A key more for a step.
Edits add_key(const model::Plan& plan, const model::Step& step, const std::string& key,
              const Written& value);

/// A key more for the map that begins at `map`, written between braces.
Edits add_to_map(const model::Plan& plan, const model::Span& map, const std::string& key,
                 const std::string& value);

/// An argument of a step as `value`: written anew, or added.
Edits set_flag(const model::Plan& plan, const model::Step& step, const std::string& name,
               bool value);

/// `word`, where it stands once in the text at `span`, as `other`.
Edits replace_word(const model::Plan& plan, const model::Span& span, const std::string& word,
                   const std::string& other);

/// The path's list with the step at position `from` in front of the one at the earlier position
/// `to`.
Edits move_in_path(const model::Plan& plan, const model::RollbackPath& path, std::size_t from,
                   std::size_t to);

/// The lines of a suppression that has them for itself; with those of `ignore:` when it is the only
/// one.
Edits without_suppression(const model::Plan& plan, const model::Suppression& suppression);

}  // namespace backout::analyzer
