// A stated total that is not the sum of its parts.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/timelines.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// "### Restore (~5 minutes)", and below it "RTO: 30+ min".
void look_at_headings(const Document& document, std::vector<model::Finding>& found) {
  for (const Time& own : document.times) {
    const bool heading = own.section != importers::kNowhere &&
                         own.span == document.sections[own.section].span && own.range.high_ms &&
                         !own.from_table;
    if (!heading) continue;
    model::Span before;  // the line of the last time: its first one is what it is about
    for (const Time& stated : document.times) {
      const bool first = stated.span != before;
      before = stated.span;
      if (!first || stated.section != own.section || stated.span == own.span ||
          least_ms(stated) <= *own.range.high_ms + *own.range.high_ms / 2)
        continue;
      const importers::Line* line = line_at(document, stated.span);
      if (line == nullptr || stated.use == Time::Use::loss) continue;
      const std::string text = lower(line->text);
      if (!text.starts_with("rto") && !text.starts_with("recovery time") &&
          !text.starts_with("total time") && !text.starts_with("actual time"))
        continue;
      model::Finding made =
          finding(model::Severity::warning, stated.span,
                  fmt::format("the heading says {}, and this says {}: whoever decides by the one "
                              "is surprised by the other",
                              time_text(*own.range.high_ms), time_text(least_ms(stated))),
                  "one time, as the last drill measured it");
      made.related.push_back({own.span, "the heading"});
      add_once(found, std::move(made));
      break;
    }
  }
}

/// "### Step 4: Restore (5 minutes)", and below it "Wait until it is done (5-10 minutes)".
void look_at_waits(const Document& document, std::vector<model::Finding>& found) {
  for (const Time& own : document.times) {
    const bool heading = own.section != importers::kNowhere && own.use == Time::Use::takes &&
                         own.span == document.sections[own.section].span && own.range.high_ms &&
                         !own.from_table;
    if (!heading) continue;
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
      const importers::Line& line = document.lines[i];
      const std::string& low = document.low().lines[i];
      const bool waits = low.starts_with("wait ") ||
                         has_any(low, {"can take", "may take", "usually takes", "typically takes"});
      if (line.section != own.section || !waits) continue;
      const std::vector<importers::FoundTime> times = importers::find_times(low);
      const auto longer = std::ranges::find_if(times, [&](const importers::FoundTime& each) {
        return each.range.high_ms.value_or(0) > *own.range.high_ms + *own.range.high_ms / 2;
      });
      if (longer == times.end()) continue;
      model::Finding made =
          finding(model::Severity::warning, line.span,
                  fmt::format("this alone may take {}, and the heading says {} for all of the step",
                              time_text(*longer->range.high_ms), time_text(*own.range.high_ms)),
                  "one time, as the last drill measured it");
      made.related.push_back({own.span, "the heading"});
      add_once(found, std::move(made));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_total_disagrees(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_headings(facts.document, found);
  look_at_waits(facts.document, found);
  look_at_timelines(facts, found);
  for (const Time& total : facts.document.times) {
    if (total.use != Time::Use::total || !total.range.high_ms) continue;
    // "Total of the drill" and "Total of the real thing": which parts each one holds is not told.
    const auto totals = std::ranges::count_if(facts.document.times, [&](const Time& other) {
      return other.use == Time::Use::total && other.section == total.section &&
             other.from_table == total.from_table;
    });
    if (total.from_table && totals > 1) continue;
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::size_t parts = 0;
    for (const Time& time : facts.document.times) {
      if (time.use != Time::Use::takes || time.section != total.section ||
          time.from_table != total.from_table)
        continue;
      high += time.range.high_ms.value_or(time.range.low_ms.value_or(0));
      low += time.range.low_ms.value_or(0);
      ++parts;
    }
    const std::int64_t stated_low = total.range.low_ms.value_or(0);
    // A quarter is rounding; a total that no sum of the parts reaches is a mistake.
    const bool disagrees = low > *total.range.high_ms + *total.range.high_ms / 10 ||
                           high + high / 4 < stated_low ||
                           high > *total.range.high_ms + *total.range.high_ms / 4;
    if (parts < 2 || !disagrees) continue;
    found.push_back(
        finding(model::Severity::warning, total.span,
                fmt::format("the {} parts add up to {} to {}, the total says {}", parts,
                            time_text(low), time_text(high),
                            stated_low > 0 && stated_low != *total.range.high_ms
                                ? time_text(stated_low) + " to " + time_text(*total.range.high_ms)
                                : time_text(*total.range.high_ms)),
                "mend the sum, or say which parts go at once"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
