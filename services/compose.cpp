// A project of Docker Compose, as a whole.
//
// What the real thing does: `up` starts the services that the file names and leaves those that it
// no longer names running: orphans, unless it is told `--remove-orphans`. A project that goes back
// to the older file leaves the newer file's services behind. `down` removes the containers, `down
// -v` the volumes with their data. Source: docs.docker.com, "docker compose up", "docker compose
// down". What this fake leaves out: single containers, networks, build.
//
// Facts: orphans.<service>, volumes (emptied: new ones are made); those of an app. The services of
// a version are its `objects`.
#include <fmt/format.h>

#include "services/app_verbs.hpp"

namespace backout::services {

namespace {

constexpr FlagArg kRemoveOrphans{"remove_orphans",
                                 "Removes services that the file no longer names (default false)."};
constexpr FlagArg kRemoveVolumes{"volumes", "Removes the volumes too (default false)."};

std::vector<std::string> services_of(const model::Service& self, const std::string& version) {
  const model::Version* found = self.find_version(version);
  return found == nullptr ? std::vector<std::string>{} : found->extra.strings("objects");
}

Outcome bring_up(const Call& call) {
  const std::string version = call.arg(kDeployedVersion);
  Outcome outcome = roll_out(call.context, call.world, call.action.service, version);
  if (!outcome.ok()) return outcome;
  Record next = with_changes(call.world, outcome.changes).record(call.action.service);
  const std::vector<std::string> wanted = services_of(call.self, version);
  if (call.now.get("running") == "true") {
    for (const std::string& each : services_of(call.self, call.now.get("version"))) {
      if (!holds(wanted, each)) next = next.with("orphans." + each, "running");
    }
  }
  for (const std::string& each : wanted) next = next.without("orphans." + each);
  if (call.arg(kRemoveOrphans)) next = without_area(next, "orphans");
  return outcome.set(call.action.service, next);
}

Outcome take_down(const Call& call) {
  Record next =
      without_area(call.now, "orphans").with("running", "false").with("container", "removed");
  next = next.without("lingering").without("rolling").without(kUnhealthy);
  return call.becomes(call.arg(kRemoveVolumes) ? next.with("volumes", "emptied") : next);
}

/// The project as one version of its file says.
VerbRow up_row(std::string verb) {
  return {{std::move(verb),
           {kDeployedVersion.saying("The version of the file."), kRemoveOrphans, kDeployedImage},
           "docker compose up -d."},
          bring_up,
          [](const Call& call) {
            const std::string& version = call.now.get("version");
            if (call.now.get("running") != "true" || is_unknown_version(call.self, version))
              return Undo{};
            for (const auto& [key, value] : call.now.facts()) {
              if (key.starts_with("orphans.")) return Undo{};
            }
            Undo undo = undo_of_what_serves(call);
            undo.actions = {same_service(
                call.action, "up",
                {{kDeployedVersion.name(), version}, {kRemoveOrphans.name(), "true"}})};
            return undo;
          },
          deploy_traits};
}

/// A deploy is an up that goes service by service.
VerbRow deploy_row_of_compose() {
  VerbRow row = up_row("deploy");
  row.parts = in_turn;
  row.harmed = harmed_deploy;
  return row;
}

std::vector<VerbRow> verbs_of_compose() {
  return {deploy_row_of_compose(),
          up_row("up"),
          {{"down", {kRemoveVolumes}, "docker compose down."},
           take_down,
           [](const Call& call) {
             if (call.arg(kRemoveVolumes)) return no_undo("the volumes, and what they held");
             return Undo{Undo::Class::lossy,
                         "what the containers kept in their own layers",
                         {same_service(call.action, "up",
                                       {{kDeployedVersion.name(), call.now.get("version")}})}};
           },
           [](const Context& context, const Action& action, Traits& traits) {
             const std::string& name = context.plan().services[action.service].name;
             traits.acquires.push_back("run of " + name);
             traits.destroys = kRemoveVolumes.in(action.args) ? "the volumes of " + name
                                                              : "the containers of " + name;
           }}};
}

}  // namespace

const Kind& kind_compose() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "compose",
                .help = "A project of Docker Compose, as a whole.",
                .rows = verbs_of_compose()});
  return *kKind;
}

}  // namespace backout::services
