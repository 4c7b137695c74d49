// Counterexamples: how a rollback fails, line by line.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "reports/common.hpp"
#include "reports/paint.hpp"
#include "reports/text/sections.hpp"

namespace backout::reports {

using simulator::Cell;
using simulator::Matrix;
using simulator::TraceLine;
using simulator::Verdict;

namespace {

/// Where what a line of a trace says begins; what it changes stands deeper.
constexpr std::size_t kStory = 21;

void write_line(std::size_t number, std::string_view actor, const std::string& text,
                const Page& page) {
  write_wrapped(fmt::format("    {:>2}. {:<12} ", number, actor), text, kStory, page.message_width,
                page.out);
}

/// Deploy steps that got through belong to the scene: one line says them all.
std::size_t write_scene(const std::vector<TraceLine>& trace, const Page& page) {
  std::vector<std::string> steps;
  std::size_t at = 0;
  while (at < trace.size() && trace[at].actor == TraceLine::Actor::deploy &&
         trace[at].text == "done") {
    steps.push_back(fmt::format("'{}'", trace[at++].step));
  }
  if (!steps.empty()) write_line(1, "deploy", fmt::format("{} done", fmt::join(steps, ", ")), page);
  return at;
}

/// Changes without those of parts of something that came or went as a whole, and at most a handful.
std::vector<std::string> told(const std::vector<std::string>& changes) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> kept;
  std::string whole;
  for (const std::string& change : changes) {
    const std::string path = change.substr(0, change.find(": "));
    if (!whole.empty() && services::overlaps(whole, path) && path.size() > whole.size()) continue;
    const bool came_or_went =
        change.ends_with("-> absent") || change.find(": absent ->") != std::string::npos;
    whole = came_or_went ? path : "";
    kept.push_back(change);
  }
  if (kept.size() <= kMost) return kept;
  const std::size_t more = kept.size() - kMost + 1;
  kept.resize(kMost - 1);
  kept.push_back(fmt::format("and {} more", more));
  return kept;
}

void write_trace(const Cell& cell, const Page& page) {
  const std::size_t begin = write_scene(cell.counterexample, page);
  std::size_t number = begin == 0 ? 1 : 2;
  for (std::size_t i = begin; i < cell.counterexample.size(); ++i) {
    const TraceLine& line = cell.counterexample[i];
    const bool quoted = line.step.starts_with('\'');
    const std::string step = line.step.empty() ? ""
                             : quoted          ? line.step + ' '
                                               : fmt::format("'{}' ", line.step);
    write_line(number++, to_string(line.actor), step + line.text, page);
    for (const std::string& change : told(line.changes)) {
      const std::size_t columns = page.message_width;
      const std::size_t width = columns - std::min(columns - 1, kStory + 2);
      for (const std::string& part : wrapped(change, width))
        say(page.out, "{:{}}{}\n", "", kStory + 2, Painted{page.paint.dim(part)});
    }
  }
}

}  // namespace

void write_counterexamples(const model::Plan& plan, const Matrix& matrix, const Page& page) {
  const auto& [style, paint, out, message_width] = page;
  struct Group {
    const Cell* cell = nullptr;
    std::vector<model::PathIndex> paths;
  };
  std::map<std::pair<Verdict, std::string>, Group> groups;
  for (const Cell& cell : matrix.cells) {
    if (!cell.applicable || cell.counterexample.empty()) continue;
    Group& group = groups[{cell.verdict, cell.reason}];
    if (std::find(group.paths.begin(), group.paths.end(), cell.path) == group.paths.end())
      group.paths.push_back(cell.path);
    if (group.cell == nullptr || cell.counterexample.size() < group.cell->counterexample.size())
      group.cell = &cell;
  }
  for (const auto& [key, group] : groups) {
    const Cell& cell = *group.cell;
    std::vector<std::string> others;
    for (const model::PathIndex path : group.paths) {
      if (path != cell.path) others.push_back(fmt::format("'{}'", matrix.paths[path]));
    }
    write_wrapped(
        fmt::format("  {} ", paint.verdict(cell.verdict, to_string(cell.verdict))),
        fmt::format("by '{}'{}, {}: {}", matrix.paths[cell.path],
                    others.empty() ? "" : fmt::format(" (and {})", fmt::join(others, ", ")),
                    matrix.interruptions[cell.interruption].label, cell.reason),
        4, page.message_width, out);
    write_trace(cell, page);
    if (!cell.working_order.empty()) {
      std::vector<std::string> ids;
      for (const model::StepIndex step : cell.working_order) ids.push_back(plan.steps[step].id);
      write_wrapped("        ",
                    fmt::format("The order is wrong, not the steps; this one works: {}.",
                                fmt::join(ids, ", ")),
                    8, page.message_width, out);
    }
    out << '\n';
  }
}

}  // namespace backout::reports
