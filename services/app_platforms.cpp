// The platforms that run apps, as data: their verbs, and what is known of their ways back.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/app_actions.hpp"
#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::FieldSpec> app_fields() {
  return {field("unit", ValueType::string, "Name of the unit or project."),
          field("url", ValueType::string, "Where it answers."),
          field("container", ValueType::string, "Name of the container."),
          field("image", ValueType::string, "Image that runs before the deploy."),
          field("namespace", ValueType::string, "Kubernetes namespace."),
          field("port", ValueType::integer, "Port that it listens on."),
          field("instances", ValueType::integer,
                "How many run (default 1); more than one are replaced in turn."),
          field("images", ValueType::strings, "Versions whose image is known to be on the host."),
          field("retention", ValueType::duration, "How long the platform keeps earlier versions."),
          field("keeps", ValueType::integer, "How many versions it keeps, the one that serves included."),
          field("history", ValueType::any,
                "Versions served before the deploy: a list, the oldest first (revision 1), or revision: version."),
          field("takes_along", ValueType::services,
                "Configuration that a rollback puts back to what it was when the version was released."),
          field("deploys_on", ValueType::map,
                "{service: a git service, branch: name}: a push there deploys it."),
          field("behind", ValueType::services, "Balancers or maintenance switches in front of it."),
          field("location", ValueType::string, "Failure domain that it lives in."),
          field("provider", ValueType::string, "Who runs it.")};
}

std::vector<model::FieldSpec> version_fields() {
  return {field("answers", ValueType::map,
                "path: status. What it answers where that is not 200; `*` at the end of a path stands for any rest."),
          field("rewrites", ValueType::map,
                "service.fact: value. What it changes when it starts, like the format of its files."),
          field("released_with", ValueType::map,
                "config service: {item: value}. The configuration that a rollback to it takes along."),
          field("objects", ValueType::strings, "kubernetes: objects of its chart besides the workload.")};
}

model::VerbSpec probe_verb(std::string name, std::string help) {
  return {std::move(name),
          {field("path", ValueType::string, "Path that is asked."),
           field("pod", ValueType::string, "Which pod is asked."),
           field("expect", ValueType::any, "Answer that passes; without one every answer passes."),
           field("version", ValueType::version, "Version that must answer."),
           field("fail_on_error", ValueType::boolean, "An error answer fails it (`curl -f`)."),
           field("retries", ValueType::integer, "How often it is tried."),
           field("send", ValueType::any, "Body that is sent."),
           field("cleanup", ValueType::boolean, "What it writes is removed."), command_field()},
          std::move(help)};
}

std::vector<model::VerbSpec> common_verbs() {
  return {
      {"deploy",
       {field("version", ValueType::version, "The version to serve.", true),
        field("ref", ValueType::string, "Git ref, image or digest that is deployed."),
        field("image", ValueType::string, "Image that is deployed."), command_field()},
       "Builds and serves a version."},
      {"restart", {command_field()}, "Stops and starts it; configuration is read again."},
      {"stop",
       {field("drain", ValueType::boolean, "Finishes work under way first."), command_field()},
       "Stops it."},
      {"start", {command_field()}, "Starts what was stopped."},
      {"stop_intake",
       {field("how", ValueType::string, "Flag, route, maintenance page."), command_field()},
       "Takes no new work; work under way ends."},
      {"resume_intake", {command_field()}, "Takes new work again."},
      probe_verb("probe", "Asks it something and looks at the answer."),
  };
}

}  // namespace

model::VerbSpec going_back(std::string verb, std::string help) {
  return {std::move(verb),
          {field("to", ValueType::string,
                 "Version, `previous`, or a deployment that is known to be good."),
           command_field()},
          std::move(help)};
}

model::VerbSpec serving_verb(std::string verb, std::string help) {
  return {std::move(verb),
          {field("version", ValueType::version, "The version.", true),
           field("image", ValueType::string, "The image."),
           field("env_file", ValueType::string, "File of variables."),
           field("atomic", ValueType::boolean, "Takes itself back on failure."), command_field()},
          std::move(help)};
}

namespace {

std::string target_word(const Action& action) {
  return action.args.text_or("to",
                             action.args.text_or("to_revision", action.args.text("revision")));
}

void add_target_traits(const model::Service& service, const Action& action, Traits& traits) {
  const std::string to = target_word(action);
  const bool steps_back = to.empty() || to == "previous";
  traits.changes_version = true;
  if (to.empty() && action.verb == "redeploy") return;  // the version that serves is built again
  traits.unpinned_target = moving_target(to.empty() ? "previous" : to);
  // What is built again is built from what the tag names by then.
  const model::Version* version = action.verb == "redeploy" ? service.find_version(to) : nullptr;
  if (version != nullptr && traits.unpinned_target.empty()) traits.unpinned_target = moving_tag(version->artefact);
  if (steps_back)
    traits.not_repeatable = "a second run goes back to the version that the first one left";
  if (service.fields.has("retention")) {
    traits.needs_artefact = fmt::format("an earlier version of '{}' (kept for {})", service.name,
                                        service.fields.text("retention"));
  }
}

void add_vercel_traits(const model::Service& service, const Action& action, Traits& traits) {
  if (action.verb == "rollback") {
    traits.acquires.push_back("pin of " + service.name);
    traits.leaves = {
        "environment variables are those of the older build, not the project's current ones",
        "cron jobs go back to the older build's",
        "later pushes are built but not served until somebody promotes one"};
  }
  if (action.verb == "promote") traits.releases.push_back("pin of " + service.name);
}

void add_railway_traits(const model::Service& service, const Action& action, Traits& traits) {
  const std::string& verb = action.verb;
  if (verb == "rollback") traits.misdirected = "`railway` has no `rollback` command";
  if (verb == "run" && action.args.text_or("where", "local") == "local") {
    traits.misdirected = "`railway run` runs on this machine, not in the service";
  }
  if (verb == "down") {
    traits.destroys = "the deployment and its container, with what it kept on local disk";
    traits.acquires.push_back("run of " + service.name);
  }
  if (verb != "up") return;
  traits.changes_version = true;
  if (action.args.text_or("from", "cwd") == "cwd") {
    traits.unpinned_target = "it uploads the working directory, whatever is in it";
  }
}

void add_docker_traits(const model::Service& service, const Action& action, Traits& traits) {
  const std::string& verb = action.verb;
  const std::string version = action.args.text("version");
  const std::vector<std::string> present = service.fields.strings("images");
  const bool known = std::find(present.begin(), present.end(), version) != present.end();
  if (verb == "remove" || verb == "compose_down")
    traits.destroys = "the container, with what it kept in its own layer";
  if (verb == "compose_down" || (verb == "remove" && is_forced(action))) traits.acquires.push_back("run of " + service.name);
  if ((verb == "run" || verb == "compose_up") && !known) {
    traits.needs_artefact = fmt::format("the image of '{}' of '{}'", version, service.name);
  }
  if (verb == "pull")
    traits.provides_artefact = fmt::format("the image of '{}' of '{}'", version, service.name);
}

/// Whether the deploy touches what lives beside the pod template: objects, the number of pods, configuration.
bool changes_beside_template(const Context& context, ServiceIndex app) {
  const Plan& plan = context.plan();
  const std::vector<ServiceIndex> configurations = context.configurations(app);
  return std::any_of(plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count), [&](const model::Step& step) {
    const bool own = step.target == app && step.verb != "set_image" && step.verb != "restart" && step.verb != "deploy";
    const bool looks = step.verb == "probe" || step.verb == "exec_probe" || step.verb == "rollout_status";
    return (own && !looks) || std::ranges::find(configurations, step.target) != configurations.end();
  });
}

void add_kubernetes_traits(const Context& context, const model::Service& service, const Action& action, Traits& traits) {
  // helm rollback applies the objects of the older release again.
  if (action.verb == "rollout_undo" && changes_beside_template(context, action.service)) {
    traits.leaves = {"ConfigMaps, Secrets and the number of replicas stay as they are"};
  }
  const bool back = action.verb == "rollout_undo" || action.verb == "rollback";
  if (back && traits.unpinned_target.empty()) traits.unpinned_target = moving_image(service, target_word(action));
  if (action.verb != "scale") return;
  const bool off = action.args.text("replicas") == "0";
  (off ? traits.acquires : traits.releases).push_back("run of " + service.name);
}

/// The version whose image the action starts, as far as its words say it.
std::string version_started(const Action& action) {
  if (action.args.text("ref").starts_with("git:")) return {};
  return action.args.text_or("version", target_word(action));
}

/// A version that the service does not list among those whose image is there.
void add_image_traits(const model::Service& service, const Action& action, Traits& traits) {
  if (!service.fields.has("images") || !traits.needs_artefact.empty() || action.verb == "pull") return;
  const std::string version = version_started(action);
  const std::vector<std::string> present = service.fields.strings("images");
  if (service.find_version(version) == nullptr || std::ranges::find(present, version) != present.end()) return;
  traits.needs_artefact = fmt::format("the image of '{}' of '{}'", version, service.name);
}

/// Configuration that goes back with the code, unless the plan says what it was.
void add_configuration_traits(const Context& context, const Action& action, Traits& traits) {
  const Plan& plan = context.plan();
  const model::Service& service = plan.services[action.service];
  const std::string word = target_word(action);
  const model::Version* version = service.find_version(word);
  const Record before = Record().with("history", join_list(history_before(service)));
  if (version == nullptr) version = service.find_version(version_of_revision(service, before, word));
  if (version != nullptr && version->extra.has("released_with")) return;
  for (const ServiceIndex config : taken_along(context, action)) {
    traits.leaves.push_back(
        fmt::format("'{}' goes back with it to what it was when that version was released: what was set or attached "
                    "since is gone",
                    plan.services[config].name));
  }
}

}  // namespace

model::KindSpec app_spec(const Platform& platform) {
  model::KindSpec spec{platform.name, platform.help, true, app_fields(), common_verbs(), version_fields(), platform.aliases};
  spec.fields.insert(spec.fields.end(), platform.fields.begin(), platform.fields.end());
  spec.verbs.insert(spec.verbs.end(), platform.verbs.begin(), platform.verbs.end());
  for (const VerbRow& row : platform.rows) {
    const auto same = [&](const model::VerbSpec& verb) { return verb.name == row.spec.name; };
    std::erase_if(spec.verbs, same);
    spec.verbs.push_back(row.spec);
    spec.verbs.back().args.push_back(command_field());
  }
  return spec;
}

void add_platform_traits(const Context& context, const Action& action, Traits& traits) {
  const model::Service& service = context.plan().services[action.service];
  const std::string& verb = action.verb;
  // A command that does not exist goes nowhere.
  const bool exists = verb != "rollback" || (service.kind != "railway" && service.kind != "fly");
  if (exists &&
      (verb == "rollback" || verb == "redeploy" || (verb == "promote" && service.kind == "vercel") || verb == "rollout_undo")) {
    add_target_traits(service, action, traits);
  }
  if (service.kind == "vercel") add_vercel_traits(service, action, traits);
  if (service.kind == "railway") add_railway_traits(service, action, traits);
  if (service.kind == "docker") add_docker_traits(service, action, traits);
  if (service.kind == "kubernetes") add_kubernetes_traits(context, service, action, traits);
  else if (service.kind != "helm") add_configuration_traits(context, action, traits);
  add_image_traits(service, action, traits);
  if (service.kind == "fly" && verb == "rollback") {
    traits.misdirected = "`fly releases` has no `rollback`: deploy the older image";
  }
}

const Kind& kind_app() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"app",
                "An app on any platform.",
                {going_back("rollback", "Serves an earlier version again."),
                 going_back("redeploy", "Builds and serves a version again.")}});
  return *kKind;
}

const Kind& kind_systemd() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"systemd",
                "A systemd unit or a pm2 process.",
                {going_back("rollback", "Serves an earlier version again.")}});
  return *kKind;
}

const Kind& kind_vercel() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"vercel",
                "A project on Vercel.",
                {going_back("rollback", "Instant rollback: pins production."),
                 going_back("promote", "Serves a deployment and lifts the pin."),
                 going_back("redeploy", "Builds and serves a version again.")}});
  return *kKind;
}

const Kind& kind_render() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"render",
                "A service on Render.",
                {going_back("rollback", "Serves an earlier deploy again."),
                 going_back("redeploy", "Builds and serves an earlier commit.")}});
  return *kKind;
}

const Kind& kind_railway() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {"railway",
       "A service on Railway.",
       {going_back("rollback", "No such command: refused."),
        going_back("redeploy", "Serves an earlier deployment again (dashboard)."),
        {"run",
         {choice("where", {"local", "ssh"}, "Where it runs; `railway run` is local (default)."),
          command_field()},
         "Runs a command with the service's variables."},
        {"down", {command_field()}, "Removes the deployment."},
        {"up",
         {choice("from", {"cwd", "ref"}, "What is uploaded (default cwd)."),
          field("version", ValueType::version, "The version that this is, if known."),
          command_field()},
         "Uploads and serves the working directory."}}});
  return *kKind;
}

const Kind& kind_fly() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"fly", "An app on Fly.io.", {going_back("rollback", "No such command: refused.")}});
  return *kKind;
}

const Kind& kind_docker() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"docker",
                "A container of Docker or Compose.",
                {{"pull",
                  {field("version", ValueType::version, "The version.", true),
                   field("image", ValueType::string, "The image."), command_field()},
                  "Fetches an image."},
                 {"remove",
                  {field("force", ValueType::boolean, "`docker rm -f`: stops it first."), command_field()},
                  "Removes the stopped container."},
                 serving_verb("run", "Starts a container from an image."),
                 serving_verb("compose_up", "docker compose up."),
                 {"compose_down", {command_field()}, "docker compose down."}}});
  return *kKind;
}

const Kind& kind_kubernetes() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({"kubernetes",
                "A Deployment of Kubernetes or a Helm release.",
                {serving_verb("set_image", "Changes the image of the pod template."),
                 {"rollout_undo",
                  {field("to_revision", ValueType::string, "Revision; without one it toggles."),
                   command_field()},
                  "kubectl rollout undo."},
                 {"rollout_status", {command_field()}, "Waits until the rollout ends."},
                 {"scale",
                  {field("replicas", ValueType::integer, "How many pods.", true), command_field()},
                  "Changes the number of pods."},
                 {"apply",
                  {field("what", ValueType::strings, "Objects that are applied."), command_field()},
                  "Applies other objects."},
                 probe_verb("exec_probe", "Asks from inside one pod."),
                 serving_verb("upgrade", "helm upgrade."),
                 {"rollback",
                  {field("revision", ValueType::string, "Revision; without one the one before."),
                   field("wait", ValueType::boolean, "Waits until it is ready."), command_field()},
                  "helm rollback."}}});
  return *kKind;
}

}  // namespace backout::services
