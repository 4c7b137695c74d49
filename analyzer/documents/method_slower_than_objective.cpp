// Times that the document states against the targets that it states.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"
#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/timelines.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Method;
using importers::Time;
using importers::TimeRange;

/// What a target or section is about, by the words that tell them apart.
std::set<std::string> topics(std::string_view text) {
  std::set<std::string> all;
  const std::string low = lower(text);
  for (const std::string_view word : {"application", "database", "full", "frontend", "backend",
                                      "config", "infrastructure", "feature flag"}) {
    if (has(low, word)) all.emplace(word);
  }
  return all;
}

bool applies(const Document& document, const Time& target, std::uint32_t section) {
  const std::set<std::string> wanted = topics(target.subject);
  if (wanted.empty() || wanted.contains("full")) return false;
  for (; section != importers::kNowhere; section = document.sections[section].parent) {
    for (const std::string& topic : topics(document.sections[section].title)) {
      // What is about the application is about both of its halves.
      if (wanted.contains(topic) ||
          (wanted.contains("application") && (topic == "frontend" || topic == "backend")))
        return true;
    }
  }
  return false;
}

model::Finding slower(const Time& target, const Method& method) {
  const std::int64_t most = *target.range.high_ms;
  const std::int64_t high = method.takes->high_ms.value_or(method.takes->low_ms.value_or(0));
  const bool never = method.takes->low_ms && (*method.takes->low_ms >= most);
  const bool over = high > most;
  model::Finding made = finding(
      never || over ? model::Severity::error : model::Severity::warning, method.takes_span,
      over ? fmt::format("'{}' takes up to {}, the target is {}{}", method.title, time_text(high),
                         target.range.strict ? "below " : "", time_text(most))
           : fmt::format("'{}' may take all of the {} below which the target wants it to be",
                         method.title, time_text(most)),
      "a faster method, or a target that can be kept");
  made.related.push_back({target.span, "the target"});
  return made;
}

void look_at_methods(const Document& document, std::vector<model::Finding>& found) {
  for (const Method& method : document.methods) {
    if (!method.takes) continue;
    for (const Time& target : document.times) {
      if (target.use != Time::Use::target || !target.range.high_ms ||
          !applies(document, target, method.section))
        continue;
      const std::int64_t high = method.takes->high_ms.value_or(method.takes->low_ms.value_or(0));
      const bool boundary = high == *target.range.high_ms && target.range.strict;
      if (high > *target.range.high_ms || boundary) found.push_back(slower(target, method));
      break;
    }
  }
}

/// The slowest method of each part, one after the other, against the target of the whole.
void look_at_chain(const Document& document, std::vector<model::Finding>& found) {
  const Time* whole = nullptr;
  for (const Time& time : document.times) {
    if (time.use == Time::Use::target && topics(time.subject).contains("full") &&
        time.range.high_ms)
      whole = &time;
  }
  if (whole == nullptr) return;
  std::map<std::uint32_t, std::int64_t> slowest;
  for (const Method& method : document.methods) {
    if (!method.takes || section_says(document, method.section, {"feature flag", "flag"})) continue;
    std::int64_t& each = slowest[method.parent];
    each = std::max(each, method.takes->high_ms.value_or(method.takes->low_ms.value_or(0)));
  }
  std::int64_t sum = 0;
  for (const auto& [parent, high] : slowest) sum += high;
  if (slowest.size() < 2 || sum <= *whole->range.high_ms) return;
  found.push_back(finding(
      model::Severity::error, whole->span,
      fmt::format(
          "the slowest methods of the {} parts take {} one after the other, the target is {}",
          slowest.size(), time_text(sum), time_text(*whole->range.high_ms)),
      "say which methods the target is about, or which parts go at once"));
}

/// "Immediate rollback (< 5 minutes)" among the triggers, and a stated total that is longer at its
/// best.
void look_at_total(const Document& document, std::vector<model::Finding>& found) {
  for (const Time& total : document.times) {
    if (total.use != Time::Use::total || !total.range.low_ms) continue;
    for (const Time& target : document.times) {
      const bool immediate = target.use == Time::Use::target && target.range.high_ms &&
                             document.role(target.section) == importers::Role::triggers;
      if (!immediate || *total.range.low_ms <= *target.range.high_ms) continue;
      model::Finding made =
          finding(model::Severity::error, target.span,
                  fmt::format("'{}' cannot be kept: the procedure takes {} in all", target.subject,
                              time_text(*total.range.low_ms)),
                  "a shorter procedure for this case, or a target that can be kept");
      made.related.push_back({total.span, "the stated total"});
      found.push_back(std::move(made));
      return;
    }
  }
}

/// The most that a stated total allows, above the one objective of the document.
void look_at_most_of_total(const Document& document, std::vector<model::Finding>& found) {
  const Time* only = nullptr;
  for (const Time& time : document.times) {
    if (time.use != Time::Use::target || !time.range.high_ms ||
        !has_any(lower(time.subject), {"rto", "recovery", "restore time"}))
      continue;
    if (only != nullptr && *only->range.high_ms != *time.range.high_ms) return;
    only = &time;
  }
  if (only == nullptr) return;
  for (const Time& total : document.times) {
    if (total.use != Time::Use::total || !total.range.low_ms || !total.range.high_ms ||
        *total.range.low_ms > *only->range.high_ms || *total.range.high_ms <= *only->range.high_ms)
      continue;
    model::Finding made =
        finding(model::Severity::warning, total.span,
                fmt::format("this may take up to {} in all, and the target is {}",
                            time_text(*total.range.high_ms), time_text(*only->range.high_ms)),
                "a faster way, or a target that can be kept");
    made.related.push_back({only->span, "the target"});
    return add_once(found, std::move(made));
  }
}

/// "Rollback and restore of the database, within 15 minutes", and the method that restores it takes
/// longer.
void look_at_restores_of_decisions(const Document& document, std::vector<model::Finding>& found) {
  const auto is_restore = [](std::string_view text) {
    return has_any(lower(text), {"database", "db restore", "restore"}) ||
           has_word(lower(text), {"db"});
  };
  std::int64_t fastest = -1;
  for (const Method& method : document.methods) {
    if (!is_restore(method.title) || !method.takes || !method.takes->low_ms) continue;
    if (fastest < 0 || *method.takes->low_ms < fastest) fastest = *method.takes->low_ms;
  }
  if (fastest <= 0) return;
  for (const importers::DecisionRow& row : document.decisions) {
    if (!is_restore(row.action) || !has(lower(row.action), "restor") || !row.time ||
        !row.time->high_ms)
      continue;
    const bool fits =
        row.time->strict ? fastest < *row.time->high_ms : fastest <= *row.time->high_ms;
    if (fits) continue;
    add_once(found,
             finding(model::Severity::error, row.span,
                     fmt::format("'{}' has {}{}, and the restore of this document takes {} at "
                                 "least",
                                 row.subject, row.time->strict ? "less than " : "",
                                 time_text(*row.time->high_ms), time_text(fastest)),
                     "a faster restore, or a time that can be kept"));
  }
}

/// A decision that asks for a rollback within a time that no method of the document keeps.
void look_at_decisions(const Document& document, std::vector<model::Finding>& found) {
  std::int64_t fastest = -1;
  std::size_t timed = 0;
  for (const Method& method : document.methods) {
    if (!method.takes) continue;
    ++timed;
    const std::int64_t low = method.takes->low_ms.value_or(0);
    if (fastest < 0 || low < fastest) fastest = low;
  }
  if (timed < 2 || timed != document.methods.size() || fastest <= 0) return;
  for (const importers::DecisionRow& row : document.decisions) {
    const bool back = std::ranges::any_of(
        row.answers, [](const auto& each) { return each.second == importers::Answer::yes; });
    if (!back || !row.time || !row.time->high_ms || *row.time->high_ms >= fastest) continue;
    add_once(
        found,
        finding(
            model::Severity::error, row.span,
            fmt::format(
                "no method of this document is that fast: '{}' has {}, the fastest method takes {}",
                row.subject, time_text(*row.time->high_ms), time_text(fastest)),
            "a faster method, or a time that can be kept"));
    return;
  }
}

bool is_recovery_target(const Document& document, const Time& time) {
  constexpr std::int64_t kSecond = 1000;
  if (time.range.high_ms.value_or(0) < kSecond)
    return false;  // of answers: nothing is rolled back in less
  const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
  return time.use == Time::Use::target && document.role(time.section) != Role::triggers &&
         document.role(time.section) != Role::communication &&
         (document.role(time.section) == Role::targets ||
          has_any(about,
                  {"rto", "recovery", "rollback", "restore", "target", "objective", "metric"}));
}

struct Target {
  const Time* time;
  std::set<std::string> words;
};

/// The target that a title is about, and with how many words; none where two of them fit as well.
std::pair<const Time*, std::size_t> target_of_title(std::string_view title,
                                                    const std::vector<Target>& targets) {
  const std::set<std::string> about = component_words(title);
  const Time* meant = nullptr;
  std::size_t shared = 0;
  for (const Target& target : targets) {
    const auto same = static_cast<std::size_t>(std::ranges::count_if(
        target.words, [&](const std::string& word) { return about.contains(word); }));
    // "Ingress freeze" is not what "Freeze and snapshot" is about: more than half of its words have
    // to be there.
    if (same * 2 <= target.words.size()) continue;
    if (same == shared) meant = nullptr;
    if (same <= shared) continue;
    shared = same;
    meant = target.time;
  }
  return {meant, shared};
}

/// The same of a section: "Point-in-time recovery" of "Procedure 1: the database" is about the
/// database.
std::pair<const Time*, std::size_t> target_of_section(const Document& document,
                                                      std::uint32_t section,
                                                      const std::vector<Target>& targets) {
  for (; section != importers::kNowhere && document.sections[section].level > 1;
       section = document.sections[section].parent) {
    const auto found = target_of_title(document.sections[section].title, targets);
    if (found.second > 0) return found;
  }
  return {nullptr, 0};
}

/// "Expected recovery time: 2-4 hours" of a section, against the targets: that of its component, or
/// the longest of all.
void look_at_estimates(const Document& document, std::vector<model::Finding>& found) {
  std::vector<Target> targets;
  const Time* longest = nullptr;
  for (const Time& target : document.times) {
    if (!is_recovery_target(document, target) || is_last_bound(target)) continue;
    targets.push_back({&target, component_words(target.subject)});
    if (longest == nullptr || *target.range.high_ms > *longest->range.high_ms) longest = &target;
  }
  if (longest == nullptr) return;
  for (const Time& time : document.times) {
    const bool own =
        time.section != importers::kNowhere && !time.from_table && time.use == Time::Use::takes;
    const Role role = document.role(time.section);
    const bool heading =
        own && role == Role::schedule &&
        document.sections[time.section].span == time.span;  // "### Estimated time: 45-90 minutes"
    if (!own || (role != Role::rollback && role != Role::other && !heading)) continue;
    if (is_afterwards(document.title_of(time.section))) continue;
    if (std::ranges::any_of(document.methods, [&](const Method& each) {
          return document.below(time.section, each.section);
        }))
      continue;
    const auto [meant_here, shared] = target_of_section(document, time.section, targets);
    const Time* meant = meant_here;
    if (meant == nullptr && shared > 0) continue;
    // The one target of the document is about each of its procedures.
    if (meant == nullptr && targets.size() == 1 && targets[0].words.size() < 2 &&
        is_of_everything(document, *longest))
      meant = longest;
    const Time& against = meant == nullptr ? *longest : *meant;
    const std::int64_t high = time.range.high_ms.value_or(time.range.low_ms.value_or(0));
    const std::int64_t low = time.range.low_ms.value_or(high);
    const bool over =
        meant == nullptr ? low > *against.range.high_ms : high > *against.range.high_ms;
    if (!over) continue;
    model::Finding made = finding(
        model::Severity::error, time.span,
        meant == nullptr
            ? fmt::format("this takes {} at least, and the longest target of the document is {}",
                          time_text(low), time_text(*against.range.high_ms))
            : fmt::format("this takes up to {}, the target of '{}' is {}", time_text(high),
                          against.subject, time_text(*against.range.high_ms)),
        "a faster way, or a target that can be kept");
    made.related.push_back({against.span, "the target"});
    found.push_back(std::move(made));
  }
}

}  // namespace

std::vector<model::Finding> check_method_slower_than_objective(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_methods(facts.document, found);
  look_at_chain(facts.document, found);
  look_at_total(facts.document, found);
  look_at_decisions(facts.document, found);
  look_at_restores_of_decisions(facts.document, found);
  look_at_most_of_total(facts.document, found);
  look_at_estimates(facts.document, found);
  look_at_sum_of_steps(facts, found);
  look_at_ends_of_timelines(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
