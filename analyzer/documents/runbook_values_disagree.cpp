// The same objective, with two values in two places of the document.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// Whether the section states what holds of all that the document is about, and not of one of its scenarios.
bool states_objectives(const Document& document, std::uint32_t section) {
  if (section == importers::kNowhere || document.sections[section].level == 1) return true;
  for (std::uint32_t each = section; each != importers::kNowhere; each = document.sections[each].parent) {
    if (document.sections[each].kind != importers::Section::Kind::plain) return false;
  }
  if (section_says(document, section, {"scenario", "incident", "classification"})) return false;
  const std::string title = lower(document.sections[section].title);
  if (has_any(title, {"scenario", "tier", "level", "priority", "drill", "test", "actual", "current", "measured", "history", "log"})) return false;
  return document.role(section) == Role::targets || has_word(title, {"rto", "rpo", "sla"}) || has_any(title, {"objective", "overview", "summary", "target"});
}

/// What an objective is about; empty: of everything.
std::set<std::string> part_of(const Time& time) {
  std::set<std::string> words = component_words(time.subject);
  for (const std::string_view word : {"rto", "rpo", "point", "maximum", "max", "data", "loss", "objectives", "downtime", "acceptable", "goal", "the", "all", "for", "targets"}) {
    words.erase(std::string(word));
  }
  return words;
}

bool is_objective(const Document& document, const Time& time) {
  const bool loss = time.use == Time::Use::loss;
  if ((!loss && time.use != Time::Use::target) || !time.range.high_ms || time.range.rough || is_last_bound(time)) return false;
  // "### RTO: 30 minutes" stands above one of several ways.
  if (time.section != importers::kNowhere && document.sections[time.section].span == time.span) return false;
  const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
  const bool named = loss || has_word(about, {"rto"}) || has_any(about, {"recovery time", "objective"});
  return named && states_objectives(document, time.section) && !has_any(lower(time.subject), {"total", "current", "actual", "measured", "achieved", "mttr", "mean time"});
}

const char* name_of(const Time& time) { return time.use == Time::Use::loss ? "loss of data" : "recovery time"; }

}  // namespace

std::vector<model::Finding> check_values_disagree(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (!document.is_runbook) return found;
  std::map<std::pair<Time::Use, std::set<std::string>>, const Time*> first;
  for (const Time& time : document.times) {
    if (!is_objective(document, time)) continue;
    const std::set<std::string> part = part_of(time);
    const auto [at, fresh] = first.try_emplace({time.use, part}, &time);
    const Time& other = *at->second;
    if (fresh || other.section == time.section || other.range.high_ms == time.range.high_ms) continue;
    const std::string of = part.empty() ? "" : fmt::format(" of '{}'", time.subject);
    model::Finding made = finding(model::Severity::error, time.span,
                                  fmt::format("the {}{} is {} here and {} elsewhere in this document: nobody knows which of the two was promised", name_of(time), of,
                                              time_text(*time.range.high_ms), time_text(*other.range.high_ms)),
                                  "one place that states it, and a reference from the other");
    made.related.push_back({other.span, "the other value"});
    add_once(found, std::move(made));
  }
  return found;
}

}  // namespace backout::analyzer::documents
