#pragma once
// What random statements are made of.

#include <string_view>
#include <vector>

namespace backout::tests {

/// What a placeholder of a template may become. `{x}` is replaced by one of the words of kind x,
/// which may hold placeholders themselves.
struct WordKind {
  std::string_view name;
  std::vector<std::string_view> words;
};

/// Statements about one kind of object.
struct Area {
  std::string_view name;
  std::vector<std::string_view> templates;
};

const std::vector<WordKind>& word_kinds();

/// The areas; the first few are those that every sequence draws from.
const std::vector<Area>& areas();
inline constexpr std::size_t kCommonAreas = 3;

/// What every sequence starts with: on an empty database nearly everything is refused.
const std::vector<std::string_view>& preamble_templates();

}  // namespace backout::tests
