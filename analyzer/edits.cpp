#include "analyzer/edits.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace backout::analyzer {

namespace {

using model::Span;

std::string_view text_at(const model::Plan& plan, const Span& span) {
  return std::string_view((*plan.sources)[span.file].text()).substr(span.begin, span.end - span.begin);
}

/// Where the line of the byte begins.
std::uint32_t line_start(std::string_view text, std::uint32_t byte) {
  const std::size_t before = byte == 0 ? std::string_view::npos : text.rfind('\n', byte - 1);
  return before == std::string_view::npos ? 0 : static_cast<std::uint32_t>(before + 1);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// A key more for a step: last between braces, first in a block, where the indentation is certain.
std::optional<Edit> always_run(const model::Plan& plan, const model::Step& step) {
  const std::string_view whole = text_at(plan, step.span);
  if (whole.find("always") != std::string_view::npos) return std::nullopt;  // a key may stand there once
  if (!whole.starts_with('{')) {
    const std::string_view file = (*plan.sources)[step.span.file].text();
    const std::string indent(step.span.begin - line_start(file, step.span.begin), ' ');
    return Edit{{step.span.file, step.span.begin, step.span.begin}, fmt::format("always: true\n{}", indent)};
  }
  if (trimmed(whole.substr(0, whole.size() - 1)).ends_with(',')) return std::nullopt;
  const bool json = whole.find("\"id\"") != std::string_view::npos;
  return Edit{{step.span.file, step.span.end - 1, step.span.end - 1}, json ? ", \"always\": true" : ", always: true"};
}

std::optional<Edit> release_always(const model::Plan& plan, const model::Finding& finding) {
  if (finding.related.size() != 2) return std::nullopt;  // where it can stop, and the release that is skipped
  const auto release = std::ranges::find(plan.steps, finding.related.back().span, &model::Step::id_span);
  return release == plan.steps.end() ? std::nullopt : always_run(plan, *release);
}

/// The lines of a suppression that has them for itself; with those of `ignore:` when it is the only one.
std::optional<Edit> without_suppression(const model::Plan& plan, const model::Finding& finding) {
  const auto found = std::ranges::find(plan.ignore, finding.span, &model::Suppression::span);
  if (found == plan.ignore.end() || finding.fix != "remove it") return std::nullopt;
  const std::string_view file = (*plan.sources)[finding.span.file].text();
  std::uint32_t begin = line_start(file, finding.span.begin);
  const std::size_t line_end = std::min(file.find('\n', finding.span.end), file.size() - 1) + 1;
  const std::string_view before = file.substr(begin, finding.span.begin - begin);
  const std::string_view after = trimmed(file.substr(finding.span.end, line_end - finding.span.end));
  if (trimmed(before) != "-" || !(after.empty() || after.starts_with('#'))) return std::nullopt;
  if (plan.ignore.size() == 1) {
    const std::uint32_t above = begin == 0 ? 0 : line_start(file, begin - 1);
    if (trimmed(file.substr(above, begin - above)) != "ignore:") return std::nullopt;
    begin = above;
  }
  return Edit{{finding.span.file, begin, static_cast<std::uint32_t>(line_end)}, ""};
}

}  // namespace

std::optional<Edit> exact_edit(const model::Plan& plan, const model::Finding& finding) {
  if (finding.rule == "acquire-without-release") return release_always(plan, finding);
  if (finding.rule == "unused-suppression") return without_suppression(plan, finding);
  return std::nullopt;
}

}  // namespace backout::analyzer
