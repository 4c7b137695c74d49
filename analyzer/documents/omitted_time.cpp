// Something that the clock of a target includes leaves no room for the rollback.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

const Time* smallest_target(const Document& document,
                            std::initializer_list<std::string_view> words) {
  const Time* best = nullptr;
  for (const Time& time : document.times) {
    if (time.use != Time::Use::target || !time.range.high_ms ||
        !has_any(lower(time.subject), words))
      continue;
    if (best == nullptr || *time.range.high_ms < *best->range.high_ms) best = &time;
  }
  return best;
}

void report(const Time& target, model::Span span, std::int64_t ms, std::string_view what,
            std::vector<model::Finding>& found) {
  model::Finding made = finding(
      model::Severity::error, span,
      fmt::format("{} takes {}: nothing is left of the target of {}{}", what, time_text(ms),
                  target.range.strict ? "less than " : "", time_text(*target.range.high_ms)),
      "count it in the target, or shorten it");
  made.related.push_back({target.span, fmt::format("the target of '{}'", target.subject)});
  found.push_back(std::move(made));
}

std::int64_t most(const Time& time) {
  return time.range.high_ms.value_or(time.range.low_ms.value_or(0));
}

/// Whether the first answer is one to what the target is about: rows of lesser severities may wait
/// longer than the most severe one, and the procedure of another scenario has a clock of its own.
bool is_answer_to(const Document& document, const Time& answer, const Time& target) {
  if (answer.from_table) {
    return std::ranges::none_of(document.times, [&](const Time& other) {
      return other.use == Time::Use::response && other.from_table &&
             other.section == answer.section && most(other) < most(answer);
    });
  }
  const Role role = document.role(target.section);
  const std::uint32_t own = document.procedure_of(target.section);
  const bool promised =
      own != importers::kNowhere && role != Role::targets && document.sections[own].level > 1;
  return !promised || document.below(answer.section, own);
}

/// "Build the cluster (1-2 hours)", or what a drill took, in a list: times of steps, whatever the
/// list is called.
bool is_time_of_step(const Document& document, const Time& time) {
  const importers::Line* line = line_at(document, time.span);
  if (line == nullptr || line->kind != importers::Line::Kind::item) return false;
  const Role role = document.role(time.section);
  if (role == Role::triggers || role == Role::communication || role == Role::contacts) return false;
  const std::string chain = lower(document.title_of(time.section));
  const bool measured = has_any(chain, {"recovery time", "took", "takes", "measured", "timing",
                                        "test result", "drill result"}) &&
                        !has_any(chain, {"objective", "target", "rto"});
  return measured ||
         (line->ordered && line->text.ends_with(')') && line->text.rfind('(') != std::string::npos);
}

/// A target, and not one time of a step, a method or a scenario.
void look_at_silence(const Document& document, std::vector<model::Finding>& found) {
  if (!document.is_runbook || !found.empty()) return;
  const Time* target = nullptr;
  for (const Time& time : document.times) {
    if (has_word(lower(time.subject), {"eta"})) return;
    if (time.use == Time::Use::takes || time.use == Time::Use::total ||
        (time.use != Time::Use::loss && is_time_of_step(document, time)))
      return;
    const std::string about = lower(time.subject) + " " + lower(document.title_of(time.section));
    const bool meant = time.use == Time::Use::target && time.range.high_ms && !time.range.rough &&
                       !has_any(lower(time.subject), {"rpo", "recovery point", "data loss"}) &&
                       (document.role(time.section) == Role::targets ||
                        has_any(about, {"rto", "recovery", "rollback", "restor", "استعادة"}));
    const Role role = document.role(time.section);
    if (meant && role != Role::triggers && role != Role::communication && role != Role::contacts &&
        target == nullptr)
      target = &time;
  }
  const bool timed = std::ranges::any_of(
      document.steps, [](const importers::Step& step) { return step.takes.has_value(); });
  const bool steps = document.steps.size() + document.methods.size() > 1;
  if (target == nullptr || timed || !steps) return;
  found.push_back(finding(model::Severity::warning, target->span,
                          fmt::format("of no step the document says how long it takes: whether {} "
                                      "can be kept is anybody's guess",
                                      time_text(*target->range.high_ms)),
                          "the times that the last drill took, beside the steps"));
}

/// Several ways back, and not one time in the whole document.
void look_at_timeless(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (!found.empty() || document.is_aside || is_note(document) || !is_about_way_back(facts)) return;
  const bool timed = std::ranges::any_of(document.times, [](const Time& time) {
    return time.use != Time::Use::loss && time.use != Time::Use::wait &&
           time.use != Time::Use::window && time.use != Time::Use::other;
  });
  const bool stepped = std::ranges::any_of(
      document.steps, [](const importers::Step& step) { return step.takes.has_value(); });
  if (timed || stepped ||
      document_says_word(document, {"rto", "minutes", "mins", "minutos", "minuten", "hours",
                                    "horas", "heures", "stunden"}) ||
      document_says(document, {"分钟", "минут", "min)"}))
    return;
  const std::vector<WayBack> ways = ways_back(facts);
  const auto counts = [](const WayBack& way) {
    return !way.code.empty() || !way.downs.empty() || !way.restores.empty();
  };
  const auto first = std::ranges::find_if(ways, counts);
  constexpr std::ptrdiff_t kFew = 2;  // ways: a single one is no choice
  if (std::ranges::count_if(ways, counts) < kFew) return;
  found.push_back(finding(model::Severity::warning, document.sections[first->section].span,
                          "of no way back the document says how long it takes: whoever decides "
                          "cannot weigh one against another, or against a repair",
                          "beside each way the time that the last drill took, and the longest time "
                          "that may pass until service is back"));
}

}  // namespace

std::vector<model::Finding> check_omitted_time(const DocumentFacts& facts) {
  const Document& document = facts.document;
  std::vector<model::Finding> found;
  const Time* any = smallest_target(document, {"rollback", "rto", "application", "recovery"});
  const Time* detect = smallest_target(document, {"detect"});
  const Time* verify = smallest_target(document, {"verif"});
  for (const Time& time : document.times) {
    if (any != nullptr && time.use == Time::Use::response && most(time) >= *any->range.high_ms &&
        is_answer_to(document, time, *any)) {
      report(*any, time.span, most(time), "the answer of the first person", found);
      break;
    }
  }
  if (detect != nullptr) {
    for (const importers::Trigger& trigger : document.triggers) {
      for (const importers::Threshold& each : trigger.thresholds) {
        if (each.window_ms && !each.first_window && *each.window_ms >= *detect->range.high_ms)
          report(*detect, each.span, *each.window_ms, "waiting for the trigger alone", found);
      }
    }
  }
  for (const importers::Threshold& each : document.thresholds) {
    const bool bounds = each.use == importers::Threshold::Use::verify && each.window_ms &&
                        verify == nullptr && any != nullptr &&
                        *each.window_ms >= *any->range.high_ms;
    if (bounds) report(*any, each.span, *each.window_ms, "the window of this check alone", found);
  }
  look_at_silence(document, found);
  look_at_timeless(facts, found);
  if (verify == nullptr || !has(lower(verify->subject), "exec")) return found;
  for (const Time& time : document.times) {
    const bool checks = document.role(time.section) == Role::verification &&
                        time.use == Time::Use::takes &&
                        time.span == document.sections[time.section].span;
    if (checks && most(time) >= *verify->range.high_ms)
      report(*verify, time.span, most(time), "the verification alone", found);
  }
  return found;
}

}  // namespace backout::analyzer::documents
