#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <ostream>
#include <tuple>

#include "model/render.hpp"
#include "reports/common.hpp"
#include "reports/paint.hpp"
#include "reports/text/sections.hpp"

namespace backout::reports {

using model::Finding;

namespace {

/// Lines of a cause behind its head.
constexpr std::size_t kLines = 4;

/// What is said of another place where the same is wrong.
constexpr std::string_view kHereToo = "here, too";

/// The first lines of `lines`, with a mark at the end where some are left out.
std::vector<std::string> some(std::vector<std::string> lines, std::size_t most, std::size_t width) {
  if (lines.size() <= most) return lines;
  lines.resize(most);
  std::string& last = lines.back();
  while (columns_of(last) + 4 > width) {
    const std::size_t space = last.rfind(' ');
    if (space == std::string::npos) break;
    last.resize(space);
  }
  last += " ...";
  return lines;
}

/// What follows from a cause, in one line: "matrix-deploy-stops, matrix-stuck on 3 paths".
std::string consequences_of(const Cause& cause) {
  std::map<std::string, std::size_t> paths;
  for (const Finding* each : cause.consequences) paths[each->rule] += each->paths.size();
  std::vector<std::string> parts;
  for (const auto& [rule, count] : paths) {
    parts.push_back(count == 0 ? rule : fmt::format("{} on {}", rule, counted(count, "path")));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The lines of a cause: where it is told first, where another finding says the same, and where
/// each of them says "here, too".
std::vector<std::uint32_t> lines_of(const model::Sources& sources, const Cause& cause) {
  std::vector<std::uint32_t> lines;
  const auto add = [&](const model::Span& span) {
    const std::uint32_t line = sources.place(span).line;
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
  };
  const auto add_all = [&](const Finding& finding) {
    add(finding.span);
    for (const model::RelatedPlace& each : finding.related) {
      if (each.message == kHereToo && each.span.file == finding.span.file) add(each.span);
    }
  };
  add_all(*cause.finding);
  for (const Finding* each : cause.elsewhere) add_all(*each);
  std::sort(lines.begin() + 1, lines.end());
  return lines;
}

/// ", and lines 12 15 19".
std::string elsewhere_of(const model::Sources& sources, const Cause& cause) {
  const std::vector<std::uint32_t> lines = lines_of(sources, cause);
  if (lines.size() == 1) return "";
  constexpr std::size_t kMostLines = 9;
  const std::size_t more = lines.size() - 1 - std::min(lines.size() - 1, kMostLines);
  const auto shown = std::span(lines).subspan(1, lines.size() - 1 - more);
  return fmt::format(", and line{} {}{}", lines.size() == 2 ? "" : "s", fmt::join(shown, " "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

/// A cause in at most five lines: rule and place, what is wrong, what follows from it, what to
/// write.
void write_cause(const model::Sources& sources, const Cause& cause, const Page& page) {
  const auto& [style, paint, out, message_width] = page;
  const Finding& finding = *cause.finding;
  say(out, "{} {}{}\n", Painted{paint.head(finding)}, model::render_place(finding.span, sources),
      elsewhere_of(sources, cause));
  const std::size_t width = style.width - 2;
  const std::string so = cause.consequences.empty() ? "" : "so: " + consequences_of(cause);
  const std::size_t left = kLines - (so.empty() ? 0 : 1);
  std::vector<std::string> message = wrapped(finding.message, width);
  std::vector<std::string> fix;
  if (!finding.fix.empty()) fix = wrapped("fix: " + finding.fix, width);
  if (message.size() + fix.size() > left && !fix.empty()) {
    fix = some(std::move(fix), left > message.size() ? left - message.size() : 1, width);
  }
  for (const std::string& line : some(std::move(message), left - fix.size(), width))
    say(out, "  {}\n", line);
  if (!so.empty()) say(out, "  {}\n", some(wrapped(so, width), 1, width).front());
  for (const std::string& line : fix) say(out, "  {}\n", line);
}

/// A finding with its line in the file, whole.
void write_finding(const model::Sources& sources, const Finding& finding, const Page& page) {
  const auto& [style, paint, out, message_width] = page;
  write_wrapped(paint.head(finding) + ": ", finding.message, 2, page.message_width, out);
  say(out, "  --> {}\n{}", model::render_place(finding.span, sources),
      Painted{model::render_carets(finding.span, sources, {},
                                   std::min(page.message_width, model::kWidestExcerpt))});
  const auto add = [&](const std::string& text) {
    write_wrapped("  = ", text, 4, page.message_width, page.out);
  };
  for (const std::string& message : finding.also) add("also: " + message);
  for (const model::RelatedPlace& related : finding.related) {
    add(fmt::format("{}: {}", model::render_place(related.span, sources), related.message));
  }
  if (!finding.fix.empty()) add("fix: " + finding.fix);
  out << '\n';
}

std::string linked(const Paint& paint, std::string_view rule) { return paint.rule(rule); }

/// The causes that are not told, by severity and rule, with their places.
void write_rest(std::span<const CauseOf> rest, bool one_file, const Page& page) {
  std::map<std::pair<int, std::string>, std::vector<std::uint32_t>> by_rule;
  for (const CauseOf& each : rest) {
    const Finding& finding = *each.cause.finding;
    std::vector<std::uint32_t>& lines =
        by_rule[{-static_cast<int>(finding.severity), finding.rule}];
    std::ranges::copy(lines_of(*each.sources, each.cause), std::back_inserter(lines));
  }
  write_wrapped("",
                fmt::format("{} more by rule{} (`--verbose` tells all of them):", rest.size(),
                            one_file ? ", with their lines" : ""),
                0, page.style.width, page.out);
  std::vector<TextRow> table;
  for (auto& [key, lines] : by_rule) {
    std::ranges::sort(lines);
    const std::string shown =
        one_file ? fmt::format("{}", fmt::join(lines, " ")) : std::to_string(lines.size());
    table.push_back(
        {{to_string(static_cast<model::Severity>(-key.first))}, {key.second, linked}, {shown}});
  }
  write_table(table, page.paint, page.style.width, page.out);
  page.out << '\n';
}

}  // namespace

std::vector<CauseOf> all_causes(std::span<const LocatedFindings> all) {
  std::vector<CauseOf> causes;
  for (const LocatedFindings& located : all) {
    std::map<std::tuple<std::string, std::uint32_t, std::string>, std::size_t> told;
    for (Cause& cause : causes_of(located.findings)) {
      const Finding& finding = *cause.finding;
      const std::tuple key(finding.rule, finding.span.file, finding.message);
      const auto [at, is_new] = told.emplace(key, causes.size());
      if (is_new || !cause.consequences.empty()) {
        causes.push_back({located.sources, std::move(cause)});
      } else {
        causes[at->second].cause.elsewhere.push_back(&finding);
      }
    }
  }
  std::ranges::stable_sort(
      causes, [](const CauseOf& a, const CauseOf& b) { return is_worse(a.cause, b.cause); });
  return causes;
}

void write_causes(std::span<const CauseOf> causes, std::size_t most, const Page& page) {
  if (causes.empty()) return;
  say(page.out, "{}\n\n",
      Painted{page.paint.bold(page.style.verbose ? "Findings, what to fix first before the rest"
                                                 : "Fix first")});
  // A few more are told rather than counted.
  const std::size_t told =
      page.style.verbose || causes.size() <= most + most / 4 ? causes.size() : most;
  for (const CauseOf& each : causes.first(told)) {
    if (page.style.verbose) {
      write_finding(*each.sources, *each.cause.finding, page);
      for (const Finding* one : each.cause.elsewhere) write_finding(*each.sources, *one, page);
      for (const Finding* one : each.cause.consequences) write_finding(*each.sources, *one, page);
    } else {
      write_cause(*each.sources, each.cause, page);
    }
  }
  if (!page.style.verbose) page.out << '\n';
  const bool one_file = std::ranges::all_of(
      causes, [&](const CauseOf& each) { return each.sources == causes.front().sources; });
  if (told < causes.size()) write_rest(causes.subspan(told), one_file, page);
}

void write_statistics(std::span<const LocatedFindings> all, const Page& page) {
  std::map<std::pair<int, std::string>, std::size_t> counts;
  for (const LocatedFindings& located : all) {
    for (const model::Finding& finding : located.findings) {
      ++counts[{static_cast<int>(finding.severity), finding.rule}];
    }
  }
  std::vector<std::pair<std::size_t, std::pair<int, std::string>>> rows;
  for (const auto& [key, count] : counts) rows.emplace_back(count, key);
  std::ranges::stable_sort(rows, std::greater{}, [](const auto& row) { return row.first; });
  std::vector<TextRow> table;
  for (const auto& [count, key] : rows) {
    table.push_back({{std::to_string(count)},
                     {to_string(static_cast<model::Severity>(key.first))},
                     {key.second, linked}});
  }
  write_table(table, page.paint, page.style.width, page.out);
}

}  // namespace backout::reports
