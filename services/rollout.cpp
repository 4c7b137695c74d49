// A progressive rollout: Argo Rollouts, Flagger.
//
// What the real thing does: a new version gets a canary and a share of the traffic, step by step,
// with pauses and analyses. An abort sends all traffic back to the stable version and leaves the
// new one as what is wanted: the rollout is Degraded until the old version is set again, and
// whoever applies the manifest starts it anew. `undo` is a rollout like any other: it goes through
// the steps from the first one, too (argo-rollouts#4612), unless the older version is within the
// rollback window. A failed analysis aborts by itself, and so does Flagger's canary: who promotes
// afterwards is told that it is done, and nothing changes until a retry or another version. With
// dynamicStableScale the stable side has been scaled down by then. Sources: Argo Rollouts,
// "Canary", "Rollback Windows", "Analysis & Progressive Delivery", "kubectl argo rollouts abort";
// Flagger, "How it works". What this fake leaves out: experiments, inconclusive analyses, the
// moment at which a step ends by itself.
//
// Facts: version (stable), rolling and weight (the canary and its share), wanted (when it is
// another version than the stable one); those of an app.
#include "services/rollout.hpp"

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/room.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr FlagArg kRolloutFull{"full", "Skips the steps that are left (default false)."};

/// The shares of the canary, in order; 100 is not among them.
std::vector<std::string> shares(const model::Service& self) { return self.fields.strings("steps"); }

Record without_canary(const Record& now) { return now.without("rolling").without("weight"); }

Outcome finish(const Call& call, const std::string& version) {
  const Record settled = without_canary(call.now).without("wanted");
  const World alone = with_changes(call.world, {{call.action.service, settled.share()}});
  return roll_out(call.context, alone, call.action.service, version, Hooks::none);
}

/// `version` is wanted: it starts at the first share, or serves at once where there are no steps or
/// it serves already.
Outcome begin_rollout(const Call& call, const std::string& version, bool at_once) {
  if (is_unknown_version(call.self, version))
    return Outcome::opaque(
        fmt::format("which version of '{}' is rolled out, the plan does not say", call.self.name));
  if (call.now.get("image." + version) == "gone")
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (version == call.now.get("version") && call.now.get("running") == "true")
    return call.becomes(without_canary(call.now).without("wanted"));
  if (at_once || shares(call.self).empty() || call.now.get("running") != "true")
    return finish(call, version);
  Outcome outcome = Outcome::done();
  replace_one(call.context, call.world, call.action.service, version, outcome, Hooks::none);
  const Record& canary = with_changes(call.world, outcome.changes).record(call.action.service);
  return outcome.set(call.action.service,
                     canary.with("wanted", version).with("weight", shares(call.self).front()));
}

Outcome promote_canary(const Call& call) {
  if (!call.now.has("rolling")) return Outcome::done();
  const std::vector<std::string> steps = shares(call.self);
  const auto at = std::ranges::find(steps, call.now.get("weight"));
  const bool last = call.arg(kRolloutFull) || at == steps.end() || at + 1 == steps.end();
  if (last) return finish(call, call.now.get("rolling"));
  return call.becomes(call.now.with("weight", *(at + 1)));
}

/// What a step back to `version` needs: the whole way at once.
Undo undo_of_rollout(const Call& call) {
  if (call.now.has("rolling"))
    return {Undo::Class::conditional,
            "the rollout was under way",
            {same_service(call.action, "abort", {})}};
  const std::string& version = call.now.get("version");
  if (call.now.get("running") != "true" || is_unknown_version(call.self, version)) return {};
  if (call.now.has("wanted")) return {};
  Undo back = undo_of_what_serves(call);
  if (back.kind == Undo::Class::exact || back.kind == Undo::Class::conditional)
    back.actions = {same_service(call.action, "set_image", {{kDeployedVersion.name(), version}}),
                    same_service(call.action, "promote", {{kRolloutFull.name(), "true"}})};
  return back;
}

Outcome change_image(const Call& call) {
  const std::vector<std::string> served = split_list(call.now.get("history"));
  const bool older = std::ranges::find(served, call.arg(kDeployedVersion)) != served.end();
  return begin_rollout(call, call.arg(kDeployedVersion),
                       older && call.self.fields.flag("rollback_window"));
}

/// What a sync does: the hook of the version, and then its rollout.
Outcome deploy_rollout(const Call& call) {
  const Outcome hook =
      run_hook(call.context, call.world, call.action.service, call.arg(kDeployedVersion));
  if (hook.result == Outcome::Result::refused || call.arg(kPart) == kHookPart) return hook;
  const World world = with_changes(call.world, hook.changes);
  return behind_hook(hook, change_image({call.context, world, call.action,
                                         world.record(call.action.service), call.self, call.verb}));
}

std::vector<VerbRow> verbs_of_rollout() {
  const std::vector<model::FieldSpec> which = {kDeployedVersion, kDeployedImage};
  return {
      {{"deploy", which, "The same as set_image, behind the hook of the version."},
       deploy_rollout,
       undo_of_rollout,
       deploy_traits,
       in_turn,
       {},
       harmed_deploy},
      {{"set_image", which, "Begins to roll a version out, at the first share."},
       change_image,
       undo_of_rollout,
       deploy_traits,
       pods_in_turn,
       {},
       harmed_deploy},
      {{"promote", {kRolloutFull}, "Goes to the next share, or to the end."},
       promote_canary,
       [](const Call& call) {
         return call.now.has("rolling") ? Undo{Undo::Class::conditional,
                                               "the steps before are not gone through again",
                                               {same_service(call.action, "abort", {})}}
                                        : nothing_to_undo();
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.changes_version = true;
         if (kRolloutFull.in(action.args))
           starts(context, action, traits);
         else
           traits.not_repeatable = "a second run goes one step further";
       },
       {},
       {},
       [](const Call& call, Harm harm) { return harmed_app(call, harm, call.now.get("rolling")); }},
      {{"abort", {}, "Sends all traffic back to the stable version; the new one stays wanted."},
       [](const Call& call) { return call.becomes(without_canary(call.now)); },
       [](const Call& call) { return call.now.has("rolling") ? Undo{} : nothing_to_undo(); },
       [](const Context&, const Action&, Traits& traits) {
         traits.changes_version = true;
         traits.leaves = {
             "the new version stays what is wanted: a retry, or whoever applies the manifest, "
             "starts it again"};
       }},
      {{"undo",
        {kBackTo.saying("Version, or previous (default).")},
        "kubectl argo rollouts undo: rolls an older version out, by the steps."},
       [](const Call& call) {
         return begin_rollout(call, target_version(call.self, call.now, call.action),
                              call.self.fields.flag("rollback_window"));
       },
       undo_of_rollout,
       [](const Context& context, const Action& action, Traits& traits) {
         target_traits(context, action, WayBack{}, traits);
         starts(context, action, traits);
       }}};
}

}  // namespace

std::optional<Record> aborted_by_analysis(const Context& context, const World& world,
                                          ServiceIndex app) {
  const model::Service& self = context.plan().services[app];
  if (!features_of(context.kind(app)).shifts_by_steps || self.fields.strings("analysis").empty() ||
      !world.record(app).has("rolling"))
    return std::nullopt;
  return without_canary(world.record(app));
}

const Kind& kind_rollout() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "rollout",
       .help = "A progressive rollout: Argo Rollouts, Flagger.",
       .rows = verbs_of_rollout(),
       .fields = {field("steps", ValueType::strings,
                        "Shares of the canary in percent, in order, without 100."),
                  field("rollback_window", ValueType::boolean,
                        "An older version skips the steps (default false)."),
                  field(
                      "analysis", ValueType::strings,
                      "Metrics that decide at each share whether it goes on; a bad one aborts it."),
                  field("dynamic_stable_scale", ValueType::boolean,
                        "The stable side is scaled down as the canary grows (default false)."),
                  max_unavailable_field()},
       .features = {.shifts_by_steps = true, .room = room_of_pods}});
  return *kKind;
}

}  // namespace backout::services
