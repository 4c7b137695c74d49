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

/// Deploy steps that got through belong to the scene: one line says them all.
std::size_t write_scene(const std::vector<TraceLine>& trace, std::ostream& out) {
  std::vector<std::string> steps;
  std::size_t at = 0;
  while (at < trace.size() && trace[at].actor == TraceLine::Actor::deploy &&
         trace[at].text == "done") {
    steps.push_back(fmt::format("'{}'", trace[at++].step));
  }
  if (!steps.empty()) say(out, "     1. {:<12} {} done\n", "deploy", fmt::join(steps, ", "));
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

void write_trace(const Cell& cell, const Paint& paint, std::ostream& out) {
  const std::size_t begin = write_scene(cell.counterexample, out);
  std::size_t number = begin == 0 ? 1 : 2;
  for (std::size_t i = begin; i < cell.counterexample.size(); ++i) {
    const TraceLine& line = cell.counterexample[i];
    const bool quoted = line.step.starts_with('\'');
    const std::string step = line.step.empty() ? ""
                             : quoted          ? line.step + ' '
                                               : fmt::format("'{}' ", line.step);
    say(out, "    {:>2}. {:<12} {}{}\n", number++, to_string(line.actor), step, line.text);
    for (const std::string& change : told(line.changes)) {
      say(out, "                       {}\n", Painted{paint.dim(change)});
    }
  }
}

}  // namespace

void write_counterexamples(const model::Plan& plan, const Matrix& matrix, const Page& page) {
  const auto& [style, paint, out] = page;
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
    say(out, "  {} by '{}'{}, {}: {}\n",
               Painted{paint.verdict(cell.verdict, to_string(cell.verdict))}, matrix.paths[cell.path],
               others.empty() ? "" : fmt::format(" (and {})", fmt::join(others, ", ")),
               matrix.interruptions[cell.interruption].label, cell.reason);
    write_trace(cell, paint, out);
    if (!cell.working_order.empty()) {
      std::vector<std::string> ids;
      for (const model::StepIndex step : cell.working_order) ids.push_back(plan.steps[step].id);
      say(out, "        The order is wrong, not the steps; this one works: {}.\n",
                 fmt::join(ids, ", "));
    }
    out << '\n';
  }
}

}  // namespace backout::reports
