#include "analyzer/edits.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include <fmt/format.h>

namespace backout::analyzer {

namespace {

using model::Edit;
using model::Span;

std::string_view text_at(const model::Plan& plan, const Span& span) {
  return std::string_view((*plan.sources)[span.file].text())
      .substr(span.begin, span.end - span.begin);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// The word as a value of YAML: in quotes unless it is plain beyond doubt.
std::string yaml_word(const std::string& word) {
  const bool plain = !word.empty() && std::isalpha(static_cast<unsigned char>(word[0])) != 0 &&
                     std::ranges::all_of(word, [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-' || c == '/';
                     });
  static constexpr std::string_view kOther[] = {"true", "false", "null", "unknown", "none",
                                                "yes",  "no",    "on",   "off"};
  return plain && std::ranges::find(kOther, word) == std::end(kOther) ? word
                                                                      : fmt::format("\"{}\"", word);
}

/// Whether the text could say `key` already; a key may stand there once.
bool may_have(std::string_view text, std::string_view key) {
  return text.find(key) != std::string_view::npos;
}

/// A key more at the end of a map between braces.
Edits before_brace(const Span& map, std::string_view whole, const std::string& key,
                   const Written& value) {
  const std::string_view inner = trimmed(whole.substr(1, whole.size() - 2));
  if (!whole.ends_with('}') || inner.empty() || inner.ends_with(',')) return {};
  const bool json = inner.starts_with('"') && inner.find("\":") != std::string_view::npos;
  const Span end{map.file, map.end - 1, map.end - 1};
  return {{end, json ? fmt::format(", \"{}\": {}", key, value.json)
                     : fmt::format(", {}: {}", key, value.yaml)}};
}

}  // namespace

std::string apply(std::string text, Edits edits) {
  const bool returns = text.find("\r\n") != std::string::npos;
  std::ranges::stable_sort(edits, std::greater<>(),
                           [](const Edit& edit) { return edit.span.begin; });
  for (const Edit& edit : edits) {
    std::string with = edit.text;
    for (std::size_t at = with.find('\n'); returns && at != std::string::npos;
         at = with.find('\n', at + 2))
      with.insert(at, 1, '\r');
    text.replace(edit.span.begin, edit.span.end - edit.span.begin, with);
  }
  return text;
}

std::uint32_t line_start(std::string_view text, std::size_t byte) {
  const std::size_t before = byte == 0 ? std::string_view::npos : text.rfind('\n', byte - 1);
  return before == std::string_view::npos ? 0 : static_cast<std::uint32_t>(before + 1);
}

Written written(bool value) { return {value ? "true" : "false", value ? "true" : "false"}; }

Written written(const std::vector<std::pair<std::string, std::string>>& entries) {
  Written all;
  for (const auto& [key, value] : entries) {
    all.yaml += fmt::format("{}{}: {}", all.yaml.empty() ? "{" : ", ", key, yaml_word(value));
    all.json += fmt::format("{}\"{}\": \"{}\"", all.json.empty() ? "{" : ", ", key, value);
  }
  return {all.yaml + "}", all.json + "}"};
}

Edits add_key(const model::Plan& plan, const model::Step& step, const std::string& key,
              const Written& value) {
  const std::string_view whole = text_at(plan, step.span);
  if (may_have(whole, key)) return {};
  if (whole.starts_with('{')) return before_brace(step.span, whole, key, value);
  // In a block the first key is the one whose indentation is certain.
  const std::string_view file = (*plan.sources)[step.span.file].text();
  const std::string indent(step.span.begin - line_start(file, step.span.begin), ' ');
  return {{{step.span.file, step.span.begin, step.span.begin},
           fmt::format("{}: {}\n{}", key, value.yaml, indent)}};
}

Edits add_to_map(const model::Plan& plan, const Span& map, const std::string& key,
                 const std::string& value) {
  const std::string_view whole = text_at(plan, map);
  if (!whole.starts_with('{') || may_have(whole, key)) return {};
  return before_brace(map, whole, key, {yaml_word(value), fmt::format("\"{}\"", value)});
}

Edits set_flag(const model::Plan& plan, const model::Step& step, const std::string& name,
               bool value) {
  const model::Node* given = step.args.find(name);
  if (given == nullptr) return add_key(plan, step, name, written(value));
  return given->as_boolean() ? Edits{{given->span, written(value).yaml}} : Edits{};
}

Edits replace_word(const model::Plan& plan, const Span& span, const std::string& word,
                   const std::string& other) {
  const std::string_view text = text_at(plan, span);
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos || text.find(word, at + 1) != std::string_view::npos) return {};
  const auto begin = static_cast<std::uint32_t>(span.begin + at);
  return {{{span.file, begin, begin + static_cast<std::uint32_t>(word.size())}, other}};
}

Edits move_in_path(const model::Plan& plan, const model::RollbackPath& path, std::size_t from,
                   std::size_t to) {
  if (path.places.size() != path.steps.size() || from >= path.steps.size() || to >= from) return {};
  Edits edits;
  for (std::size_t at = to; at <= from; ++at) {
    const std::string_view there = text_at(plan, path.places[at]);
    const std::string_view moved = text_at(plan, path.places[at == to ? from : at - 1]);
    if (there.find('\n') != std::string_view::npos) return {};
    edits.push_back({path.places[at], std::string(moved)});
  }
  return edits;
}

Edits without_suppression(const model::Plan& plan, const model::Suppression& suppression) {
  const Span& span = suppression.span;
  const std::string_view file = (*plan.sources)[span.file].text();
  std::uint32_t begin = line_start(file, span.begin);
  const std::size_t line_end = std::min(file.find('\n', span.end), file.size() - 1) + 1;
  const std::string_view before = file.substr(begin, span.begin - begin);
  const std::string_view after = trimmed(file.substr(span.end, line_end - span.end));
  if (trimmed(before) != "-" || !(after.empty() || after.starts_with('#'))) return {};
  if (plan.ignore.size() == 1) {
    const std::uint32_t above = begin == 0 ? 0 : line_start(file, begin - 1);
    if (trimmed(file.substr(above, begin - above)) != "ignore:") return {};
    begin = above;
  }
  return {{{span.file, begin, static_cast<std::uint32_t>(line_end)}, ""}};
}

}  // namespace backout::analyzer
