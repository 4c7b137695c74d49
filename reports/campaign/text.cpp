#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include "model/duration.hpp"
#include "reports/campaign/campaign_report.hpp"
#include "reports/common.hpp"
#include "reports/paint.hpp"
#include "reports/text/layout.hpp"

namespace backout::reports {
namespace {

using simulator::CampaignOutcome;
using simulator::Histogram;
using simulator::PathHead;
using simulator::PathTally;
using simulator::Share;
using simulator::Verdict;

std::string time(std::int64_t ms) { return model::format_rough_ms(ms); }

std::string percent(double share) { return fmt::format("{:.1f}%", share * 100); }

/// Where the text goes, and how wide it may be.
struct Target {
  std::ostream& out;
  const Style& style;

  /// A line behind `head`, which is spaces, broken between words; what does not fit stands two
  /// columns farther in.
  void line(std::string_view head, const std::string& text) const {
    write_wrapped(head, model::printable(text), head.size() + 2, style.width, out);
  }
};

void print_times(const CampaignOutcome& outcome, const Target& to) {
  say(to.out, "Time from trigger to verified, runs without a fault\n");
  std::vector<TextRow> rows = {{{"path"}, {"runs"}, {"P50"}, {"P90"}, {"P95"}, {"P99"}, {"max"}}};
  for (std::size_t i = 0; i < outcome.head.paths.size(); ++i) {
    const Histogram& total = outcome.tally.paths[i].plain[simulator::kTotal];
    TextRow row = {{outcome.head.paths[i].name}, {fmt::format("{}", total.count())}};
    for (const std::uint32_t permille : {500U, 900U, 950U, 990U})
      row.push_back({time(total.percentile_ms(permille))});
    row.push_back({time(total.max_ms())});
    rows.push_back(std::move(row));
  }
  write_table(std::move(rows), Paint(to.style), to.style.width, to.out);
  for (const PathHead& head : outcome.head.paths) {
    if (head.unestimated.empty()) continue;
    to.line("  ", fmt::format("{}: {} of {} steps have no estimate and count as 0: {}", head.name,
                              head.unestimated.size(), head.tasks.size(),
                              fmt::join(head.unestimated, ", ")));
  }
  if (!outcome.head.detect_known || !outcome.head.respond_known) {
    to.line("  ", fmt::format("The plan does not say how long it takes to {}: that counts as 0.",
                              outcome.head.detect_known    ? "decide"
                              : outcome.head.respond_known ? "notice"
                                                           : "notice and to decide"));
  }
  to.out << '\n';
}

/// The objectives and how often they are met: without a fault, with the interval of 95 %, and with
/// one.
void print_shares(const CampaignOutcome& outcome, const Target& to) {
  std::vector<TextRow> rows = {
      {{"path"}, {"phase"}, {"limit"}, {"in time"}, {"95 % sure"}, {"with a fault"}}};
  for (std::size_t i = 0; i < outcome.head.paths.size(); ++i) {
    const PathHead& head = outcome.head.paths[i];
    const PathTally& path = outcome.tally.paths[i];
    for (std::size_t k = 0; k < head.objectives.size(); ++k) {
      const Share share =
          simulator::share_of(path.in_time[k], path.plain[simulator::kTotal].count());
      const Share faulty = simulator::share_of(path.in_time_with_faults[k], path.with_faults);
      rows.push_back({{head.name},
                      {head.objectives[k].phase},
                      {head.objectives[k].limit},
                      {percent(share.value)},
                      {fmt::format("{}-{}", percent(share.low), percent(share.high))},
                      {percent(faulty.value)}});
    }
  }
  if (rows.size() == 1) {
    say(to.out, "No path has an objective of time.\n\n");
    return;
  }
  say(to.out, "In time\n");
  write_table(std::move(rows), Paint(to.style), to.style.width, to.out);
  to.out << '\n';
}

void print_drivers(const CampaignOutcome& outcome, const Target& to) {
  say(to.out, "Steps on the critical path (share of runs)\n");
  for (std::size_t i = 0; i < outcome.head.paths.size(); ++i) {
    const PathTally& path = outcome.tally.paths[i];
    const std::uint64_t runs = path.plain[simulator::kTotal].count();
    if (runs == 0 || path.plain[simulator::kTotal].max_ms() == 0) continue;
    std::vector<std::pair<std::uint64_t, std::string>> steps;
    for (std::size_t task = 0; task < path.critical.size(); ++task) {
      if (path.critical[task].count() > 0)
        steps.emplace_back(path.critical[task].count(), outcome.head.paths[i].tasks[task]);
    }
    if (steps.empty()) continue;
    std::ranges::stable_sort(steps, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> shown;
    for (const auto& [count, step] : steps) {
      if (shown.size() == 5) break;
      shown.push_back(fmt::format("{} {}", step,
                                  percent(static_cast<double>(count) / static_cast<double>(runs))));
    }
    to.line("  ", fmt::format("{}: {}{}", outcome.head.paths[i].name, fmt::join(shown, ", "),
                              steps.size() > 5 ? ", ..." : ""));
  }
  to.out << '\n';
}

void print_verdicts(const CampaignOutcome& outcome, const Target& to) {
  say(to.out, "Verdicts, faults included\n");
  for (std::size_t i = 0; i < outcome.head.paths.size(); ++i) {
    const PathTally& path = outcome.tally.paths[i];
    std::vector<std::string> parts;
    for (std::size_t k = 0; k < simulator::kVerdicts; ++k) {
      if (path.verdicts[k] > 0)
        parts.push_back(
            fmt::format("{} {}", simulator::to_string(static_cast<Verdict>(k)), path.verdicts[k]));
    }
    if (parts.empty()) parts.emplace_back("no run took this path");
    to.line("  ", fmt::format("{}: {}", outcome.head.paths[i].name, fmt::join(parts, ", ")));
    if (path.losing == 0) continue;
    const Share share = simulator::share_of(path.losing, path.runs);
    to.line("    ",
            fmt::format(
                "loses accepted writes in {} of the runs; the oldest is {} old at P95, {} at most",
                percent(share.value), time(path.lost_age.percentile_ms(950)),
                time(path.lost_age.max_ms())));
    if (path.lost_at_rate.count() == 0) continue;
    to.line("    ", fmt::format("at the rates of 'workload' that is {} writes at P95, {} at most",
                                path.lost_at_rate.percentile_ms(950), path.lost_at_rate.max_ms()));
  }
  to.out << '\n';
}

void print_failures(const CampaignOutcome& outcome, const Target& to) {
  std::vector<std::pair<simulator::Tally::FailureKey, simulator::FailureTally>> failures(
      outcome.tally.failures.begin(), outcome.tally.failures.end());
  if (failures.empty()) return;
  std::ranges::stable_sort(
      failures, [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  constexpr std::size_t kShown = 12;
  say(to.out, "Failures, most frequent first\n");
  for (std::size_t i = 0; i < failures.size() && i < kShown; ++i) {
    const auto& [path, verdict, reason] = failures[i].first;
    write_wrapped(fmt::format("  {:>7}  ", failures[i].second.count),
                  model::printable(fmt::format(
                      "{}  {}: {}; first in run {}", outcome.head.paths[path].name,
                      simulator::to_string(verdict), reason, failures[i].second.first_run)),
                  11, to.style.width, to.out);
  }
  if (failures.size() > kShown)
    say(to.out, "  and {} more kinds, all in --format json\n", failures.size() - kShown);
  to.line("  ", fmt::format("One run step by step: backout simulate {} --seed {} --run N",
                            outcome.head.plan, outcome.head.seed));
  to.out << '\n';
}

void print_decisions(const CampaignOutcome& outcome, const Target& to) {
  const simulator::DecisionTally& decisions = outcome.tally.decisions;
  if (decisions.asked == 0) return;
  const auto share = [&](std::uint64_t count) {
    return percent(static_cast<double>(count) / static_cast<double>(decisions.asked));
  };
  std::string text = fmt::format(
      "Decision table, asked in {} situations: {} rolled back, {} no rule, {} rules contradict "
      "each other",
      decisions.asked, share(decisions.rolled_back), share(decisions.no_rule),
      share(decisions.conflict));
  if (decisions.unknown > 0)
    text += fmt::format(", {} depend on an unknown threshold", share(decisions.unknown));
  if (decisions.not_offered > 0)
    text +=
        fmt::format(", {} chose a path that is not offered there", share(decisions.not_offered));
  to.line("", text);
  to.out << '\n';
}

}  // namespace

void print_campaign_text(const CampaignOutcome& outcome, const Style& style, std::ostream& out) {
  const Target to{out, style};
  say(out, "{}: {} runs, seed {}", outcome.head.plan, outcome.tally.runs, outcome.head.seed);
  if (!outcome.complete()) say(out, ", PARTIAL: {} were asked for", outcome.head.runs);
  out << "\n\n";
  print_times(outcome, to);
  print_shares(outcome, to);
  print_drivers(outcome, to);
  print_verdicts(outcome, to);
  print_failures(outcome, to);
  print_decisions(outcome, to);
  std::vector<std::string> faults;
  for (const auto& [kind, times] : outcome.tally.faults)
    faults.push_back(fmt::format("{} {}", kind, times));
  to.line("", fmt::format("Sampled, {} fault{} at once at most; fired: {}",
                          outcome.head.faults_at_once, outcome.head.faults_at_once == 1 ? "" : "s",
                          faults.empty() ? "none" : fmt::format("{}", fmt::join(faults, ", "))));
}

void print_played_text(const std::vector<simulator::TraceLine>& lines,
                       const simulator::Played& played, const Style&, std::ostream& out) {
  for (const simulator::TraceLine& line : lines) {
    const std::string who = line.step.empty() ? "" : fmt::format(" {}", line.step);
    say(out, "  {:<12}{}{}{}\n", to_string(line.actor), who,
        line.text.empty() ? ""
        : who.empty()     ? " "
                          : ": ",
        line.text);
    for (const std::string& change : line.changes) say(out, "               {}\n", change);
  }
  say(out, "{}{}{}\n", simulator::to_string(played.verdict), played.reason.empty() ? "" : ": ",
      played.reason);
  for (const std::string& rest : played.residue) say(out, "  stays behind: {}\n", rest);
}

}  // namespace backout::reports
