// The same objective, with two values in two places of the document.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// Whether the section states what holds of all that the document is about, and not of one of its
/// scenarios.
bool states_objectives(const Document& document, std::uint32_t section) {
  if (section == importers::kNowhere || document.sections[section].level == 1) return true;
  for (std::uint32_t each = section; each != importers::kNowhere;
       each = document.sections[each].parent) {
    if (document.sections[each].kind != importers::Section::Kind::plain) return false;
  }
  if (section_says(document, section, {"scenario", "incident", "classification"})) return false;
  const std::string title = lower(document.sections[section].title);
  if (has_any(title, {"scenario", "tier", "level", "priority", "drill", "test", "actual", "current",
                      "measured", "history", "log"}))
    return false;
  return document.role(section) == Role::targets || has_word(title, {"rto", "rpo", "sla"}) ||
         has_any(title, {"objective", "overview", "summary", "target"});
}

/// What an objective is about; empty: of everything.
std::set<std::string> part_of(const Time& time) {
  std::set<std::string> words = component_words(time.subject);
  for (const std::string_view word :
       {"rto", "rpo", "point", "maximum", "max", "data", "loss", "objectives", "downtime",
        "acceptable", "goal", "the", "all", "for", "targets"}) {
    words.erase(std::string(word));
  }
  // "Service rollback" is a part, too, though each of its words is common.
  const std::string subject = lower(time.subject);
  const bool whole =
      has_word(subject, {"rto", "rpo", "target", "goal"}) ||
      has_any(subject, {"recovery time", "recovery point", "objective", "data loss"});
  if (words.empty() && !whole) words.insert(subject);
  return words;
}

bool is_objective(const Document& document, const Time& time) {
  const bool loss = time.use == Time::Use::loss;
  if ((!loss && time.use != Time::Use::target) || !time.range.high_ms || time.range.rough ||
      is_last_bound(time))
    return false;
  // "### RTO: 30 minutes" stands above one of several ways.
  if (time.section != importers::kNowhere && document.sections[time.section].span == time.span)
    return false;
  const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
  const bool named =
      loss || has_word(about, {"rto"}) || has_any(about, {"recovery time", "objective"});
  return named && states_objectives(document, time.section) &&
         !has_any(lower(time.subject),
                  {"total", "current", "actual", "measured", "achieved", "mttr", "mean time"});
}

const char* name_of(const Time& time) {
  return time.use == Time::Use::loss ? "loss of data" : "recovery time";
}

/// Whether the section is one of the disasters that the document is prepared for.
bool is_scenario(const Document& document, std::uint32_t section) {
  for (std::uint32_t each = section; each != importers::kNowhere;
       each = document.sections[each].parent) {
    const bool step = document.sections[each].kind == importers::Section::Kind::step;
    if (step && has_any(lower(document.title_of(document.sections[each].parent)),
                        {"scenario", "disaster", "failure"}))
      return true;
    if (has_any(lower(document.sections[each].title), {"scenario"}) &&
        document.sections[each].level > 1)
      return true;
  }
  return false;
}

/// "30 minutes for a service, 4 hours for everything" are two.
bool is_one_value(const DocumentFacts& facts, const Time& time) {
  if (!time.from_table) return true;
  const std::string_view text = facts.sources[time.span.file].text();
  return importers::find_times(text.substr(std::min<std::size_t>(time.span.begin, text.size()),
                                           time.span.end - time.span.begin))
             .size() < 2;
}

/// "RTO: 4 hours" of all, and a scenario whose own target is eight.
void look_at_scenarios(const Document& document, const Time& whole,
                       std::vector<model::Finding>& found) {
  for (const Time& time : document.times) {
    const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
    const bool target = time.use == Time::Use::target && time.range.high_ms && !time.range.rough &&
                        !is_last_bound(time) && time.section != whole.section;
    if (!target || !is_scenario(document, time.section) ||
        *time.range.high_ms <= *whole.range.high_ms)
      continue;
    if (!has_word(about, {"rto"}) && !has_any(about, {"recovery time objective"})) continue;
    if (has_any(about, {"non-critical", "low", "total loss", "worst"})) continue;
    model::Finding made = finding(
        model::Severity::error, time.span,
        fmt::format("this scenario has {} to come back, and everything together has {}: one of the "
                    "two is not meant",
                    time_text(*time.range.high_ms), time_text(*whole.range.high_ms)),
        "the objective of all as long as that of its worst scenario, or a faster way for this one");
    made.related.push_back({whole.span, "the objective of all"});
    add_once(found, std::move(made));
  }
}

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
    if (fresh || other.section == time.section || other.range.high_ms == time.range.high_ms)
      continue;
    const std::string of = part.empty() ? "" : fmt::format(" of '{}'", time.subject);
    model::Finding made =
        finding(model::Severity::error, time.span,
                fmt::format("the {}{} is {} here and {} elsewhere in this document: nobody knows "
                            "which of the two was promised",
                            name_of(time), of, time_text(*time.range.high_ms),
                            time_text(*other.range.high_ms)),
                "one place that states it, and a reference from the other");
    made.related.push_back({other.span, "the other value"});
    add_once(found, std::move(made));
  }
  if (const auto whole = first.find({Time::Use::target, {}});
      whole != first.end() && is_one_value(facts, *whole->second))
    look_at_scenarios(document, *whole->second, found);
  return found;
}

}  // namespace backout::analyzer::documents
