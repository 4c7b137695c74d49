#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/objective.hpp"
#include "services/dns.hpp"

namespace backout::analyzer {

namespace {

/// The resources whose release makes a change on `service` take effect: its own, and those of its
/// readers.
std::vector<std::string> refreshes(const Facts& facts, model::ServiceIndex service) {
  const model::Plan& plan = *facts.plan;
  std::vector<std::string> all{"stale " + plan.services[service].name};
  const std::vector<std::string> readers = plan.services[service].fields.strings("read_by");
  for (model::ServiceIndex app = 0; app < plan.services.size(); ++app) {
    if (contains(readers, plan.services[app].name) ||
        contains(facts.context.configurations(app), service))
      all.push_back("stale configuration of " + plan.services[app].name);
  }
  return all;
}

/// Whether the run waits behind the step until what it changes is seen: the step itself, its
/// checks, or a later watch or wait.
bool waits_for_it(const Facts& facts, const Run& run, std::size_t at, std::int64_t delayed_ms) {
  const model::Plan& plan = *facts.plan;
  const auto length = [](const std::string& text) {
    const auto duration = model::parse_duration(text);
    return duration && !duration->unknown ? duration->low_ms : 0;
  };
  const auto waits = [&](const model::Step& step) {
    std::int64_t all = step.settle && !step.settle->unknown ? step.settle->low_ms : 0;
    if (step.verb == "watch" || step.verb == "wait") all += length(step.args.text("for"));
    std::int64_t longest = 0;
    for (const model::Check& check : step.verify)
      longest =
          std::max(longest, length(check.args.text("for")) + length(check.args.text("after")));
    return all + longest;
  };
  return delayed_ms > 0 && std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(at),
                                       run.steps->end(), [&](const Replayed& later) {
                                         return waits(plan.steps[later.step]) >= delayed_ms;
                                       });
}

/// Whether the objective says by when the steps of a path must be over.
bool limits_the_end(const model::Objective& objective) {
  return !objective.limit.unknown && (objective.phase == "total" || objective.phase == "execute");
}

/// The answers of a zone that a step changes, and that some who asked before go by behind it.
std::optional<services::KeptAnswer> kept_behind(const Facts& facts, const Replayed& replayed) {
  const model::Step& step = facts.plan->steps[replayed.step];
  std::optional<services::KeptAnswer> longest;
  for (services::KeptAnswer& answer :
       services::kept_answers(facts.context, replayed.after, step.target)) {
    if (answer.record != step.args.text("record")) continue;
    if (longest &&
        (!longest->longest_ms || (answer.longest_ms && *answer.longest_ms <= *longest->longest_ms)))
      continue;
    longest = std::move(answer);
  }
  return longest;
}

/// Some keep the old answer for longer than the path may take: its end is not the end.
void check_kept(const Facts& facts, const Run& run, std::size_t at,
                std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const Replayed& replayed = (*run.steps)[at];
  const model::Step& step = plan.steps[replayed.step];
  if (run.path == model::kNone || is_refused(replayed) || step.verb == "wait_ttl") return;
  const std::optional<services::KeptAnswer> kept = kept_behind(facts, replayed);
  if (!kept || is_declared(plan, step)) return;
  const auto waits = [&](const Replayed& later) {
    const model::Step& each = plan.steps[later.step];
    return each.target == step.target && each.verb == "wait_ttl" &&
           each.args.text("record") == kept->record;
  };
  if (std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(at), run.steps->end(), waits))
    return;
  const std::int64_t kept_ms = kept->longest_ms.value_or(0);
  if (kept->longest_ms && waits_for_it(facts, run, at, kept_ms)) return;
  const std::string who = kept->value.empty() ? "those who were told that there is no such record"
                                              : "those who asked before";
  const auto report = [&](model::Severity severity, const std::string& against) {
    const std::string how_long =
        kept->longest_ms ? "only after " + model::format_ms(kept_ms)
                         : "after a time that the plan does not say (`ttl`, `negative_ttl`)";
    findings.push_back(
        about_step(plan, replayed.step, severity,
                   fmt::format("'{}' reaches {} {}, and {}", step.id, who, how_long, against)));
    findings.back().fix =
        "shorten how long answers are kept (`ttl`) well before the deploy, or keep both answers "
        "working meanwhile";
  };
  bool limited = false;
  for (const model::Objective& objective : model::objectives_of(plan, plan.paths[run.path])) {
    if (!limits_the_end(objective)) continue;
    limited = true;
    if (kept->longest_ms && kept_ms < objective.limit.high_ms) continue;
    report(kept->longest_ms ? model::Severity::error : model::Severity::warning,
           fmt::format("the objective ({}) of {} is {}", objective.phase, run.name,
                       model::to_string(objective.limit)));
    return;
  }
  if (!limited && (!kept->longest_ms || kept_ms > services::kSoonMs))
    report(model::Severity::warning, run.name + " ends before that");
}

/// For how long the answers or entries that a wait is about are kept; nullopt where it is no such
/// wait, or nobody knows.
std::optional<std::int64_t> kept_at_wait(const Facts& facts, const Replayed& replayed) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[replayed.step];
  if (step.target == model::kNone) return std::nullopt;
  if (step.verb == "wait_expiry" || step.verb == "wait_kept_back") {
    const char* field = step.verb == "wait_expiry" ? "ttl" : "kept_back";
    const auto ttl = model::parse_duration(plan.services[step.target].fields.text(field));
    return ttl && !ttl->unknown ? std::optional(ttl->low_ms) : std::nullopt;
  }
  if (step.verb != "wait_ttl") return std::nullopt;
  std::optional<std::int64_t> longest;
  for (const services::KeptAnswer& answer :
       services::kept_answers(facts.context, replayed.before, step.target)) {
    if (answer.record == step.args.text("record") && answer.longest_ms)
      longest = std::max(longest.value_or(0), *answer.longest_ms);
  }
  return longest;
}

/// A wait until nobody goes by the old that says of itself that it is shorter than the old is kept,
/// and nothing waits before it.
void check_short_wait(const Facts& facts, const Run& run, std::size_t at,
                      std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const Replayed& replayed = (*run.steps)[at];
  const model::Step& step = plan.steps[replayed.step];
  if (!step.takes || step.takes->unknown) return;
  const std::optional<std::int64_t> kept = kept_at_wait(facts, replayed);
  if (!kept || step.takes->high_ms >= *kept) return;
  std::size_t changed = at;  // the last step before it that works on the same service
  for (std::size_t i = 0; i < at; ++i) {
    if (plan.steps[(*run.steps)[i].step].target == step.target) changed = i;
  }
  if (waits_for_it(facts, run, changed, *kept)) return;
  findings.push_back(
      about_step(plan, replayed.step, model::Severity::error,
                 fmt::format("'{}' takes {}, and what it waits for is kept for {}: it ends before "
                             "that, or takes longer",
                             step.id, model::to_string(*step.takes), model::format_ms(*kept))));
  findings.back().fix = fmt::format(
      "`takes: {}`, and an objective that holds with it; or a shorter `ttl` well before the deploy",
      model::format_ms(*kept));
}

/// A delay that nobody minds where no objective says what is quick.
constexpr std::int64_t kBriefMs = 60 * 1000;

/// Whether nothing hangs on the delay: it ends soon by itself, no later step of the run changes
/// anything before that, and the objectives of the path hold with it; without one it is brief.
bool is_over_in_time(const Facts& facts, const Run& run, std::size_t at, std::int64_t delayed_ms) {
  const model::Plan& plan = *facts.plan;
  if (delayed_ms <= 0 || delayed_ms > services::kSoonMs) return false;
  const bool acts_later = std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                      run.steps->end(), [&](const Replayed& later) {
                                        return !later.outcome.changes.empty() &&
                                               plan.steps[later.step].target !=
                                                   plan.steps[(*run.steps)[at].step].target;
                                      });
  if (acts_later) return false;
  if (run.path == model::kNone) return delayed_ms <= kBriefMs;
  const model::Schedule time = schedule_path(plan, plan.paths[run.path]);
  bool limited = false;
  for (const model::Objective& objective : model::objectives_of(plan, plan.paths[run.path])) {
    if (!limits_the_end(objective)) continue;
    if (time.high_ms + delayed_ms >= objective.limit.high_ms) return false;
    limited = true;
  }
  return limited || delayed_ms <= kBriefMs;
}

}  // namespace

std::vector<model::Finding> check_delayed_effect(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const model::StepIndex step = (*run.steps)[i].step;
      const services::Traits& traits = facts.traits[step];
      check_kept(facts, run, i, findings);
      check_short_wait(facts, run, i, findings);
      if (traits.delayed_effect.empty() || plan.steps[step].target == model::kNone) continue;
      const std::vector<std::string> wanted = refreshes(facts, plan.steps[step].target);
      const bool refreshed = std::any_of(
          run.steps->begin() + static_cast<std::ptrdiff_t>(i), run.steps->end(),
          [&](const Replayed& later) {
            return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
              return contains(facts.traits[later.step].releases, each);
            });
          });
      if (refreshed || waits_for_it(facts, run, i, traits.delayed_ms) ||
          is_over_in_time(facts, run, i, traits.delayed_ms))
        continue;
      findings.push_back(about_step(
          plan, step, run.path == model::kNone ? model::Severity::warning : model::Severity::error,
          fmt::format("what '{}' changes is not seen {}, and no later step of {} sees to that",
                      plan.steps[step].id, traits.delayed_effect, run.name)));
      const bool in_hands = plan.services[plan.steps[step].target].kind == "client";
      findings.back().fix =
          in_hands ? "let the server answer what people have until then, or wait for them"
                   : "clear the cache or restart the readers after it, and check what they see";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
