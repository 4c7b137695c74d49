#include "analyzer/rules/looks.hpp"

#include <cstdlib>

#include "analyzer/rules/balancers.hpp"

namespace backout::analyzer {

namespace {

bool is_changed(const Facts& facts, const Replayed& replayed) {
  return !differences(facts.context, replayed.before, replayed.after, {}).empty();
}

/// Whether a canary gets more users: a step of a rollout or of an alias that does not lead back to
/// the version before the deploy.
bool raises_canary(const Facts& facts, const Replayed& replayed) {
  const model::Service& service = facts.plan->services[facts.plan->steps[replayed.step].target];
  if (service.kind != "rollout" && service.kind != "serverless") return false;
  const services::Record& before = replayed.before.record(facts.plan->steps[replayed.step].target);
  const services::Record& after = replayed.after.record(facts.plan->steps[replayed.step].target);
  if (!before.has("rolling") || before.get("rolling") == service.start) return false;
  return after.get("version") == before.get("rolling") ||
         std::atoi(after.get("weight").c_str()) > std::atoi(before.get("weight").c_str());
}

/// Whether an analysis of the rollout itself looked at what the step did: it gave a canary its
/// first share or a greater one. A full promotion skips the analyses (Argo Rollouts, "kubectl argo
/// rollouts promote").
bool is_analysed(const Facts& facts, const Replayed& replayed) {
  const model::Step& step = facts.plan->steps[replayed.step];
  if (step.target == model::kNone || facts.plan->services[step.target].kind != "rollout" ||
      step.args.flag("full"))
    return false;
  const model::Service& service = facts.plan->services[step.target];
  if (service.fields.strings("analysis").empty()) return false;
  const std::string& begun = replayed.after.record(step.target).get("rolling");
  const bool begins = !replayed.before.record(step.target).has("rolling") && !begun.empty() &&
                      begun != service.start;
  return begins || raises_canary(facts, replayed);
}

}  // namespace

bool is_look(const Facts& facts, model::StepIndex step) {
  const model::Step& each = facts.plan->steps[step];
  const services::Traits& traits = facts.traits[step];
  if (!traits.read_only || !traits.hides_failure.empty()) return false;
  const auto says = [&](const char* arg) { return each.args.has(arg); };
  return says("expect") || says("version") || says("fail_on_error") || says("thresholds") ||
         each.verb == "probe" || each.verb == "exec_probe" || each.verb == "integrity_check" ||
         can_stop(each.verify);
}

bool is_weighty(const Facts& facts, const Replayed& replayed) {
  const services::Traits& traits = facts.traits[replayed.step];
  const bool toggles = !traits.acquires.empty() || !traits.releases.empty();
  if (traits.read_only || !traits.takes_backup.empty() || !traits.irrevocable.empty()) return false;
  if (replayed.outcome.result == services::Outcome::Result::opaque) return true;
  return traits.changes_version || !traits.restores_backup.empty() ||
         (!toggles && is_changed(facts, replayed));
}

bool is_switch_of_traffic(const Facts& facts, const Replayed& replayed) {
  const model::Step& each = facts.plan->steps[replayed.step];
  if (each.target == model::kNone) return false;
  if (each.verb == "resume_intake" || raises_canary(facts, replayed)) return true;
  for (const Side& side : sides_of(*facts.plan, each.target)) {
    const auto weight = [&](const services::World& world) {
      return weight_of(world, each.target, side);
    };
    if (weight(replayed.after) > weight(replayed.before)) return true;
  }
  return facts.plan->services[each.target].kind == "maintenance" &&
         !facts.traits[replayed.step].releases.empty();
}

void Unseen::look() {
  weighty_.clear();
  last_change_ = model::kNone;
}

void Unseen::begin(const Replayed& replayed) {
  const model::Step& each = facts_.plan->steps[replayed.step];
  if (each.gate || can_stop(each.precheck) || is_look(facts_, replayed.step)) look();
}

void Unseen::end(const Replayed& replayed) {
  if (is_refused(replayed)) return;
  const model::Step& each = facts_.plan->steps[replayed.step];
  if (can_stop(each.verify) || is_analysed(facts_, replayed)) return look();
  if (is_changed(facts_, replayed)) last_change_ = replayed.step;
  if (is_weighty(facts_, replayed)) weighty_.push_back(replayed.step);
}

}  // namespace backout::analyzer
