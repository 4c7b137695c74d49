// A container of Docker or Compose.
//
// What the real thing does: a container is removed before anybody knows that the image to start
// instead is there; what it kept in its own layer is gone with it. `docker rm` refuses a container
// that runs, `docker rm -f` stops it first. Source: Docker, "docker container rm", "docker image
// pull". What this fake leaves out: networks, health checks.
//
// Facts: those of an app; container, image.<version>.
#include <algorithm>

#include <fmt/format.h>

#include "services/app_verbs.hpp"

namespace backout::services {

namespace {

constexpr FlagArg kRemoveForce{"force", "`docker rm -f`: stops it first."};

/// Whether a removal of a container stops it first: `force`, or a command with -f.
bool is_forced(const Action& action) {
  const std::string padded = kCommand.in(action.args) + ' ';
  const auto says = [&](const char* word) { return padded.find(word) != std::string::npos; };
  return kRemoveForce.in(action.args) || says(" -f ") || says(" --force ") || says(" -fv ") ||
         says(" -vf ");
}

Outcome run_image(const Call& call) {
  const std::string version = call.arg(kDeployedVersion);
  if (call.now.get("running") == "true")
    return Outcome::refused("the container name is already in use");
  if (call.now.get("image." + version) == "gone")
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (is_unknown_version(call.self, version))
    return Outcome::opaque("which version it starts, the plan does not say");
  return serve_image(call, version);
}

/// It starts an image, which is fetched first where the plan does not say that it is there.
void start_traits(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  const std::string version = kDeployedVersion.in(action.args);
  const std::vector<std::string> present = self.fields.strings("images");
  if (std::ranges::find(present, version) == present.end())
    traits.needs_artefact = fmt::format("the image of '{}' of '{}'", version, self.name);
  deploy_traits(context, action, traits);
}

constexpr const char* kOwnLayer = "the container, with what it kept in its own layer";

std::vector<VerbRow> verbs_of_docker() {
  return {{{"pull", {kDeployedVersion, kDeployedImage}, "Fetches an image."},
           [](const Call& call) {
             const std::string image = "image." + call.arg(kDeployedVersion);
             return call.now.get(image) == "gone" ? Outcome::refused("manifest unknown")
                                                  : call.becomes(call.now.with(image, "present"));
           },
           changes_nothing,
           [](const Context& context, const Action& action, Traits& traits) {
             traits.provides_artefact =
                 fmt::format("the image of '{}' of '{}'", kDeployedVersion.in(action.args),
                             context.plan().services[action.service].name);
           }},
          {{"remove", {kRemoveForce}, "Removes the stopped container."},
           [](const Call& call) {
             if (call.now.get("running") == "true" && !is_forced(call.action))
               return Outcome::refused("cannot remove a running container");
             return remove_container(call);
           },
           [](const Call& call) { return undo_of_removal(call, "run", true); },
           [](const Context& context, const Action& action, Traits& traits) {
             traits.destroys = kOwnLayer;
             if (is_forced(action)) stops(context, action, traits);
           }},
          {serving_verb("run", "Starts a container from an image."),
           run_image,
           undo_of_new_version,
           start_traits,
           {},
           {},
           harmed_deploy},
          {serving_verb("compose_up", "docker compose up."),
           deploy_version,
           undo_of_new_version,
           start_traits,
           in_turn,
           {},
           harmed_deploy},
          {{"compose_down", {}, "docker compose down."},
           remove_container,
           [](const Call& call) { return undo_of_removal(call, "compose_up", false); },
           [](const Context& context, const Action& action, Traits& traits) {
             traits.destroys = kOwnLayer;
             stops(context, action, traits);
           }}};
}

}  // namespace

const Kind& kind_docker() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "docker",
                .help = "A container of Docker or Compose.",
                .rows = verbs_of_docker(),
                .features = {.back_to_removed = {"stop", "remove"}}});
  return *kKind;
}

}  // namespace backout::services
