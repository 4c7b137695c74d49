// Functions and services that are deployed as immutable versions: AWS Lambda with aliases, Cloud
// Run, Cloudflare Workers.
//
// What the real thing does: a publish makes a version and gives it no traffic; an alias or a
// traffic split says which versions serve, and moves back at once. Environment variables are frozen
// with the version: where the plan publishes versions, a change of them is seen by the next one
// alone, and going back brings the old ones; what lies outside (secrets by name, bindings, a
// database) stays. Only so many versions are kept: Cloudflare lets one roll back to the last 100,
// and nothing goes back to a version that was deleted. Sources: AWS Lambda, "Manage function
// versions", "Weighted aliases"; Cloud Run, "Rollbacks, gradual rollouts"; Cloudflare Workers,
// "Rollbacks". What this fake leaves out: cold starts, concurrency, event source mappings.
//
// Facts: those of an app; rolling and weight: the version that gets a share, and which.
#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kShiftTo =
    TextArg("to", "The version that gets it.").of(ValueType::version).required();
constexpr TextArg kShiftPercent =
    TextArg("percent", "Its share (default 100).").of(ValueType::integer).or_else("100");

/// Whether the plan publishes versions of this service in steps of their own: then one is there
/// after that only.
bool publishes(const Call& call) {
  return has_step(call.context.plan(), call.action.service, kPublishVerb);
}

/// Why a version cannot get traffic; empty: it can.
std::string why_absent(const Call& call, const std::string& version) {
  if (call.now.get("image." + version) == "gone")
    return fmt::format("Function not found: {}:{}", call.self.name, version);
  const std::vector<std::string> served = split_list(call.now.get("history"));
  const bool known =
      call.now.has("image." + version) || std::ranges::find(served, version) != served.end();
  if (!known && publishes(call))
    return fmt::format("Function not found: {}:{}", call.self.name, version);
  return why_not_kept(call.self, call.now, version);
}

Outcome shift(const Call& call) {
  const std::string version = call.arg(kShiftTo);
  const std::string percent = call.arg(kShiftPercent);
  if (is_unknown_version(call.self, version) || percent == "unknown")
    return Outcome::opaque(fmt::format(
        "which version of '{}' serves how much then, the plan does not say", call.self.name));
  if (std::string why = why_absent(call, version); !why.empty()) return Outcome::refused(why);
  const Record alone = call.now.without("rolling").without("weight");
  if (percent == "100") {
    const World without_split = with_changes(call.world, {{call.action.service, alone.share()}});
    return serve_again(call.context, without_split, call.action, version, {});
  }
  if (percent == "0" || version == call.now.get("version")) {
    const bool sole = version == call.now.get("version");
    return sole && percent == "0" ? Outcome::refused("the weights must add up to 100")
                                  : call.becomes(alone);
  }
  Outcome outcome = Outcome::done();
  replace_one(call.context, call.world, call.action.service, version, outcome);
  const World after = with_changes(call.world, outcome.changes);
  return outcome.set(call.action.service,
                     after.record(call.action.service).with("weight", percent));
}

Undo undo_shift(const Call& call) {
  if (call.now.has("rolling")) {
    return call.back("shift", {{kShiftTo.name(), call.now.get("rolling")},
                               {kShiftPercent.name(), call.now.get("weight")}});
  }
  Undo undo = undo_of_what_serves(call);
  if (undo.kind == Undo::Class::exact && !undo.actions.empty() && call.now.get("running") == "true")
    undo.actions = {
        same_service(call.action, "shift", {{kShiftTo.name(), call.now.get("version")}})};
  return undo;
}

std::vector<VerbRow> verbs_of_serverless() {
  return {rollback_row_of_app("Serves an earlier version again."),
          {{kPublishVerb,
            {kDeployedVersion, kDeployedImage.saying("What it is made of.")},
            "Makes a version that gets no traffic yet."},
           [](const Call& call) {
             const Record there = call.now.with("image." + call.arg(kDeployedVersion), "present");
             return call.becomes(noted_release(call.context, call.world, call.action.service,
                                               call.arg(kDeployedVersion), there));
           },
           changes_nothing,
           [](const Context& context, const Action& action, Traits& traits) {
             if (kDeployedImage.is_given(action.args))
               traits.unpinned_target = moving_artefact(context, action);
           }},
          {{"shift", {kShiftTo, kShiftPercent}, "Points the alias, or the traffic, to a version."},
           shift,
           [](const Call& call) {
             Undo undo = undo_shift(call);
             if (call.now.has("rolling") && undo.kind == Undo::Class::exact) {
               undo.kind = Undo::Class::conditional;
               undo.why = "the shares are set one after the other";
             }
             return undo;
           },
           [](const Context& context, const Action& action, Traits& traits) {
             traits.changes_version = true;
             if (kShiftPercent.in(action.args) == "100") starts(context, action, traits);
           }},
          {{"delete_version", {kDeployedVersion}, "Deletes a version for good."},
           [](const Call& call) {
             const std::string version = call.arg(kDeployedVersion);
             const bool serves =
                 version == call.now.get("version") || version == call.now.get("rolling");
             if (serves)
               return Outcome::refused("The version is referenced by an alias or serves traffic");
             return call.becomes(call.now.with("image." + version, "gone"));
           },
           [](const Call& call) {
             return call.now.get("image." + call.arg(kDeployedVersion)) == "gone"
                        ? nothing_to_undo()
                        : no_undo("a deleted version is gone");
           },
           [](const Context& context, const Action& action, Traits& traits) {
             traits.destroys = fmt::format("version '{}' of {}", kDeployedVersion.in(action.args),
                                           context.plan().services[action.service].name);
           }}};
}

}  // namespace

const Kind& kind_serverless() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "serverless",
       .help =
           "Immutable versions and a share of traffic: AWS Lambda, Cloud Run, Cloudflare Workers.",
       .rows = verbs_of_serverless(),
       .fields = {field("config_with_version", ValueType::boolean,
                        "Configuration that it reads is frozen with the version (default true).")},
       .aliases = {"lambda", "cloud_run"},
       .features = {.runs_no_hooks = true,
                    .freezes_configuration = true,
                    .keeps_configuration = [](const model::Service& self) {
                      return self.fields.flag("config_with_version", true);
                    }}});
  return *kKind;
}

}  // namespace backout::services
