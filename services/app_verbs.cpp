// The verbs of apps as rows: those of every app, and those that several platforms have. What they
// do is in app_actions.cpp, how it is taken back in app_undo.cpp.
#include "services/app_verbs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/versioned.hpp"

namespace backout::services {

namespace {

constexpr TextArg kProbePod{"pod", "Which pod is asked."};
constexpr FlagArg kProbeCleanup{"cleanup", "What it writes is removed."};
constexpr TextArg kServeEnvFile{"env_file", "File of variables."};
constexpr TextArg kStopDrain = kDrain.saying("true or a duration: work under way ends first.");
constexpr TextArg kIntakeHow{"how", "Flag, route, maintenance page."};

}  // namespace

std::string target_word(const Action& action) {
  return kBackTo.in(action.args, kToRevision.in(action.args, kRevision.in(action.args)));
}

void starts(const Context& context, const Action& action, Traits& traits) {
  const std::string& name = context.plan().services[action.service].name;
  traits.releases.push_back("run of " + name);
  traits.releases.push_back("stale configuration of " + name);
}

namespace {
/// Whether the plan says that it does not: what it leaves out is not held against it.
bool says_no(const FlagArg& flag, const Action& action) {
  return flag.is_given(action.args) && !flag.is_unknown(action.args) && !flag.in(action.args);
}
}  // namespace

void stops(const Context& context, const Action& action, Traits& traits) {
  traits.acquires.push_back("run of " + context.plan().services[action.service].name);
  // What the plan leaves out is not held against it.
  if (kStopDrain.is_given(action.args) && drains(action) == std::optional(false))
    traits.leaves = {"requests under way are cut off"};
}

void scale_traits(const Context& context, const Action& action, Traits& traits) {
  const bool off = kReplicas.in(action.args) == "0";
  (off ? traits.acquires : traits.releases)
      .push_back("run of " + context.plan().services[action.service].name);
}

void deploy_traits(const Context& context, const Action& action, Traits& traits) {
  traits.changes_version = true;
  traits.unpinned_target = moving_artefact(context, action);
  starts(context, action, traits);
}

void target_traits(const Context& context, const Action& action, const WayBack& way,
                   Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  const std::string to = target_word(action);
  traits.changes_version = true;
  if (to.empty() && way.builds_anew) return;  // the version that serves is built again
  traits.unpinned_target = moving_target(to.empty() ? "previous" : to);
  // What is built again is built from what the tag names by then.
  const model::Version* version = way.builds_anew ? self.find_version(to) : nullptr;
  if (version != nullptr && traits.unpinned_target.empty())
    traits.unpinned_target = moving_tag(version->artefact);
  if (to.empty() || to == "previous")
    traits.not_repeatable = "a second run goes back to the version that the first one left";
  if (self.fields.has("retention")) {
    traits.needs_artefact = fmt::format("an earlier version of '{}' (kept for {})", self.name,
                                        self.fields.text("retention"));
  }
}

void back_to_revision(const Context& context, const Action& action, const WayBack& way,
                      Traits& traits) {
  target_traits(context, action, way, traits);
  if (traits.unpinned_target.empty())
    traits.unpinned_target =
        moving_image(context.plan().services[action.service], target_word(action));
  starts(context, action, traits);
}

void configuration_traits(const Context& context, const Action& action, Brings brings,
                          Traits& traits) {
  const Plan& plan = context.plan();
  const model::Service& self = plan.services[action.service];
  const std::string word = target_word(action);
  const model::Version* version = self.find_version(word);
  const Record before = Record().with("history", join_list(history_before(self)));
  if (version == nullptr) version = self.find_version(version_of_revision(self, before, word));
  if (version != nullptr && version->extra.has("released_with")) return;
  for (const ServiceIndex config : taken_along(context, action.service, brings)) {
    traits.leaves.push_back(
        fmt::format("'{}' goes back with it to what it was when that version was released: what "
                    "was set or attached "
                    "since is gone",
                    plan.services[config].name));
  }
}

void image_traits(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  const bool looks_or_fetches = traits.read_only || !traits.provides_artefact.empty();
  if (looks_or_fetches || !self.fields.has("images") || !traits.needs_artefact.empty()) return;
  if (kDeployedRef.in(action.args).starts_with("git:")) return;
  const std::string version = kDeployedVersion.in(action.args, target_word(action));
  const std::vector<std::string> present = self.fields.strings("images");
  if (self.find_version(version) == nullptr || std::ranges::find(present, version) != present.end())
    return;
  traits.needs_artefact = fmt::format("the image of '{}' of '{}'", version, self.name);
}

VerbRow probe_row(std::string verb, std::string help) {
  return within_template({{std::move(verb),
                           {kAskedPath, kProbePod, kAskedExpect, kAskedVersion, kAskedFailOnError,
                            kAskedRetries, kAskedSend, kProbeCleanup},
                           std::move(help)},
                          [](const Call& call) {
                            return probe(call.context, call.world, call.action.service,
                                         call.action.args);
                          },
                          changes_nothing,
                          [](const Context& context, const Action& action, Traits& traits) {
                            probe_traits(context, action, traits);
                            if (kAskedSend.is_given(action.args) && says_no(kProbeCleanup, action))
                              traits.leaves = {"what it sends is kept as a user's would be"};
                          },
                          {},
                          reads_itself});
}

Footprint reads_itself(const Context& context, const Action& action) {
  return {{resource(context, action.service)}, {}};
}

model::VerbSpec serving_verb(std::string verb, std::string help) {
  return {std::move(verb), {kDeployedVersion, kDeployedImage, kServeEnvFile}, std::move(help)};
}

VerbRow way_back_row(std::string verb, std::string help, WayBack way, TellTraits besides) {
  return {{std::move(verb), {kBackTo}, std::move(help)},
          [way](const Call& call) { return go_back(call, way); },
          [way](const Call& call) { return undo_of_way_back(call, way); },
          [way, besides = std::move(besides)](const Context& context, const Action& action,
                                              Traits& traits) {
            target_traits(context, action, way, traits);
            if (besides) besides(context, action, traits);
            configuration_traits(context, action, way.brings, traits);
            starts(context, action, traits);
          },
          {},
          {},
          [way](const Call& call, Harm harm) {
            return way.builds_anew ? harmed_app(call, harm, "") : harmed_way_back(call, harm);
          }};
}

VerbRow missing_row(std::string verb, std::string refusal, std::string misdirected) {
  return {{std::move(verb), {kBackTo}, "No such command: refused."},
          [refusal = std::move(refusal)](const Call&) { return Outcome::refused(refusal); },
          undo_of_new_version,
          [misdirected = std::move(misdirected)](const Context&, const Action&, Traits& traits) {
            traits.misdirected = misdirected;
          },
          {},
          {},
          harmed_way_back};
}

namespace {

/// It is turned off and on; what it was before decides what takes it back.
VerbRow app_switch_row(model::VerbSpec spec, std::function<Outcome(const Call&)> apply,
                       const char* fact, const char* on, bool turns_on, const char* other,
                       TellTraits traits) {
  return {std::move(spec), std::move(apply),
          [=](const Call& call) {
            const bool was_on = call.now.get(fact) == on;
            return as_configured(call, was_on == turns_on ? nothing_to_undo() : call.back(other));
          },
          std::move(traits)};
}

VerbRow intake_row(bool opens, std::vector<model::FieldSpec> args, std::string help) {
  return app_switch_row(
      {opens ? "resume_intake" : "stop_intake", std::move(args), std::move(help)},
      [opens](const Call& call) {
        return call.becomes(call.now.with("intake", opens ? "open" : "stopped"));
      },
      "intake", "open", opens, opens ? "stop_intake" : "resume_intake",
      [opens](const Context& context, const Action& action, Traits& traits) {
        (opens ? traits.releases : traits.acquires)
            .push_back("intake of " + context.plan().services[action.service].name);
      });
}

}  // namespace

std::vector<VerbRow> common_rows() {
  return {within_template({{"deploy",
                            {kDeployedVersion.saying("The version to serve."), kDeployedRef,
                             kDeployedImage.saying("Image that is deployed.")},
                            "Builds and serves a version."},
                           deploy_version,
                           undo_of_new_version,
                           deploy_traits,
                           in_turn,
                           {},
                           harmed_deploy}),
          within_template(app_switch_row(
              {"restart", {}, "Stops and starts it; configuration is read again."},
              [](const Call& call) { return start_or_restart(call, true); }, "running", "true",
              true, "stop", starts)),
          app_switch_row(
              {"stop", {kStopDrain}, "Stops it."},
              [](const Call& call) { return call.becomes(stopped(call.now)); }, "running", "true",
              false, "start", stops),
          app_switch_row(
              {"start", {}, "Starts what was stopped."},
              [](const Call& call) { return start_or_restart(call, false); }, "running", "true",
              true, "stop", starts),
          intake_row(false, {kIntakeHow}, "Takes no new work; work under way ends."),
          intake_row(true, {}, "Takes new work again."),
          probe_row("probe", "Asks it something and looks at the answer.")};
}

}  // namespace backout::services
