#pragma once
// What a report is made of, and the formats. One format = one file in reports/ + one line in
// formats.inc.

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.hpp"
#include "model/plan.hpp"
#include "model/schedule.hpp"
#include "simulator/campaign/outcome.hpp"
#include "simulator/matrix.hpp"

namespace backout::reports {

/// One row of the time table: a path against its objective.
struct TimeRow {
  model::PathIndex path = 0;
  model::Schedule schedule;
  std::optional<model::Objective> objective;  ///< the one on its total, if the plan states one

  enum class Standing { in_time, too_slow, may_be_too_slow, no_objective, unknown };
  Standing standing = Standing::no_objective;
};

struct Difference;

/// Everything known about one plan.
struct PlanReport {
  const model::Plan* plan = nullptr;
  std::vector<model::Finding> findings;                ///< sorted, suppressions applied
  std::optional<simulator::Matrix> matrix;             ///< nullopt: the search was not asked for
  std::vector<TimeRow> times;                          ///< by path
  std::optional<simulator::CampaignOutcome> campaign;  ///< nullopt: no runs were asked for
  std::string commit =
      {};  ///< which it is at, for the page: "0123456789ab of 2026-11-29"; empty outside git
  std::shared_ptr<const Difference> change =
      nullptr;  ///< of this plan alone, for the page; null: compared with nothing
};

/// The time table of a plan: each path's critical path, response times added, against the objective
/// that applies.
std::vector<TimeRow> time_table(const model::Plan& plan);
const char* to_string(TimeRow::Standing verdict);

/// Below which 95 % of the timed runs by the row's path end, in ms; nullopt without runs. Steps
/// that have no estimate count as nothing.
std::optional<std::int64_t> p95_ms(const PlanReport& report, const TimeRow& row);

struct Style {
  bool colour = false;
  bool links = false;       ///< with colours: rules are links to their pages
  bool verbose = false;     ///< text: every finding with its line, every counterexample
  bool quiet = false;       ///< text: only what to fix
  bool statistics = false;  ///< text: how many findings of each rule, instead of them
  std::size_t width = 80;   ///< text: columns that lines are wrapped to
  std::string command =
      {};  ///< the command line that makes this report, for reports that say how to make them again
};

/// A format as formats.inc lists it. `write` gets all plans of a run, in order of the command line.
struct Format {
  const char* name;
  const char* summary;
  void (*write)(const std::vector<PlanReport>& reports, const Style& style, std::ostream& out);
};

const std::vector<Format>& all_formats();
const Format* find_format(std::string_view name);

/// The version that reports state; set by the build.
std::string_view tool_version();

}  // namespace backout::reports
