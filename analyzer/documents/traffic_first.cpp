// Part of order-contradiction: traffic goes over to what is not there yet, or to data that nobody
// has looked at.
#include <algorithm>
#include <map>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Step;

/// A step and all that its line says, in lower case.
struct Said {
  const Step* step;
  std::string text;
};

bool sends_traffic(std::string_view text) {
  if (has_any(text, {"maintenance", "status page", "static", "away", "prepare", "reduce", "ttl",
                     "stop", "old ", "verify", "confirm", "check"}))
    return false;
  return has_any(text, {"update dns",
                        "switch dns",
                        "change dns",
                        "point dns",
                        "dns to point",
                        "flip dns",
                        "dns cutover",
                        "update route 53",
                        "update route53",
                        "switch traffic",
                        "route traffic",
                        "redirect traffic",
                        "shift traffic",
                        "failover traffic",
                        "fail over traffic",
                        "update connection string",
                        "update application connection",
                        "update database connection",
                        "update the connection",
                        "update database_url",
                        "point the application",
                        "point application",
                        "switch the application",
                        "switch application",
                        "repoint the application",
                        "restore application service",
                        "restart application service",
                        "start the application",
                        "start application",
                        "restore traffic",
                        "resume traffic",
                        "enable traffic",
                        "re-enable writes",
                        "resume writes"});
}

/// Something that has to be there before anybody is sent to it.
bool makes(std::string_view text) {
  static constexpr std::string_view kVerbs[] = {"deploy ",   "provision ", "restore ",
                                                "launch ",   "create ",    "build ",
                                                "bring up ", "promote ",   "spin up "};
  return importers::begins_with_any(text, kVerbs);
}

/// The side that a step is about; empty where it says none.
std::string_view side_of(std::string_view text) {
  for (const std::string_view side :
       {"secondary", "standby", "dr region", "dr site", "dr cluster", "backup region",
        "backup data center", "backup site", "new region", "new cluster", "new server",
        "new environment"}) {
    if (has(text, side)) return side;
  }
  return {};
}

bool restores_data(std::string_view text) {
  return text.starts_with("restore ") &&
         has_any(text, {"data", "backup", "snapshot", "dump", "database"});
}

bool looks_at_data(std::string_view text) {
  const bool looks = has_any(text, {"verify", "validate", "check ", "confirm", "compare"});
  return looks && has_any(text, {"data integrity", "integrity", "row count", "restored data",
                                 "record count", "consistency", "verify data", "validate data",
                                 "verify the data", "restored database"});
}

model::Finding early(const Said& sends, const Said& later, std::string message, std::string note,
                     std::string fix) {
  model::Finding made =
      finding(model::Severity::warning, sends.step->span, std::move(message), std::move(fix));
  made.related.push_back({later.step->span, std::move(note)});
  return made;
}

void look_at(const std::vector<Said>& steps, Findings& found) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!sends_traffic(steps[i].text)) continue;
    const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(i);
    const auto made_later = std::find_if(begin + 1, steps.end(), [&](const Said& each) {
      if (!makes(each.text) ||
          has_any(each.text, {"failed", "primary", "original", "affected", "replacement", "if "}))
        return false;
      const std::string_view side = side_of(steps[i].text);
      const bool data = restores_data(each.text) && side_of(each.text).empty();
      return side.empty() ? data : side_of(each.text) == side;
    });
    if (made_later != steps.end()) {
      return add_once(
          found,
          early(steps[i], *made_later,
                "whoever comes is sent to what is not there yet: it is made only in a later step",
                "it is made only here", "build, restore and look first; send the traffic last"));
    }
    const auto restored = std::find_if(steps.begin(), begin,
                                       [](const Said& each) { return restores_data(each.text); });
    if (restored == begin || std::any_of(restored, begin, [](const Said& each) {
          return looks_at_data(each.text) || has_any(each.text, {"verify", "validate"});
        }))
      continue;
    const auto looked = std::find_if(begin + 1, steps.end(),
                                     [](const Said& each) { return looks_at_data(each.text); });
    if (looked == steps.end()) continue;
    return add_once(found,
                    early(steps[i], *looked,
                          "the application goes over to what was restored before anybody has "
                          "looked at it: what users write then makes a second attempt lose data",
                          "it is looked at only here",
                          "look at the restored data first, then send the application there"));
  }
}

}  // namespace

void look_at_early_traffic(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  std::map<std::pair<bool, std::uint32_t>, std::vector<Said>> lists;
  for (const Step& step : document.steps) {
    if (step.from_comment || step.section == importers::kNowhere ||
        !is_procedure(facts, step.section))
      continue;
    const bool heading = document.sections[step.section].span == step.span;
    const importers::Line* line = heading ? nullptr : line_at(document, step.span);
    std::string text = lower(line == nullptr ? step.title : line->text);
    lists[{heading, heading ? document.sections[step.section].parent : step.section}].push_back(
        {&step, std::move(text)});
  }
  for (const auto& [key, steps] : lists) look_at(steps, found);
}

}  // namespace backout::analyzer::documents
