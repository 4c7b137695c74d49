// A service of Amazon ECS.
//
// What the real thing does: it replaces tasks of one task definition by those of another, in turn,
// as long as enough stay healthy. Tasks that do not become healthy never replace the old ones: with
// the deployment circuit breaker the deploy fails and goes back to the last one that completed,
// without it it tries for ever. Going back puts no target group, no secret and no parameter back
// (aws/copilot-cli#4838). A task definition that was deregistered starts no new service revision,
// and one whose image a lifecycle policy of the registry has expired starts no task (`keeps`).
// Under the CODE_DEPLOY controller `update-service` does not change the task definition. Sources:
// ECS developer guide, "Deployment circuit breaker", "Blue/green deployment with CodeDeploy",
// "Deregistering a task definition"; ECR user guide, "Lifecycle policies". What this fake leaves
// out: capacity of the cluster, placement.
//
// Facts: those of an app.
#include <cstdlib>

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/features.hpp"
#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kTaskDefinition = kDeployedVersion.saying("The task definition.");
constexpr FlagArg kTaskForce{"force", "Starts new tasks though nothing changed (default false)."};

/// The bounds that hold where only the other one is said.
constexpr const char* kLeast = "minimum_healthy_percent";
constexpr const char* kMost = "maximum_percent";
constexpr std::optional<std::int64_t> kLeastByDefault = 100;
constexpr std::optional<std::int64_t> kMostByDefault = 200;

struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
/// Nullopt: the plan says neither, or says that one is unknown.
std::optional<Bounds> bounds_of(const model::Service& self) {
  if (!self.fields.has(kLeast) && !self.fields.has(kMost)) return std::nullopt;
  const auto bound = [&](const char* field, std::optional<std::int64_t> otherwise) {
    return self.fields.has(field) ? self.fields.integer(field) : otherwise;
  };
  const auto least = bound(kLeast, kLeastByDefault);
  const auto most = bound(kMost, kMostByDefault);
  return least && most ? std::optional(Bounds{*least, *most}) : std::nullopt;
}

/// Why no task can be replaced: none may be started beside those that run, and none may be stopped.
/// From "Amazon ECS service definition parameters", deploymentConfiguration: the lower bound is
/// rounded up, the upper one down.
std::string why_no_room(const model::Service& self, const Record& now) {
  const auto bounds = bounds_of(self);
  const std::int64_t tasks = now.has("replicas") ? std::atoll(now.get("replicas").c_str())
                                                 : self.fields.integer("instances").value_or(1);
  if (!bounds || tasks <= 0) return {};
  const bool may_stop = (tasks * bounds->least + 99) / 100 < tasks;
  const bool may_start = tasks * bounds->most / 100 > tasks;
  if (may_stop || may_start) return {};
  return fmt::format(
      "no task may be stopped (minimumHealthyPercent {}) and none started beside (maximumPercent "
      "{}) of {}: nothing is replaced",
      bounds->least, bounds->most, tasks);
}

bool is_driven(const model::Service& self) {
  return self.fields.text("controller") == "code_deploy";
}

/// What the bounds leave while tasks are replaced. Under CodeDeploy the new ones stand beside all
/// others before users come.
std::optional<Room> room_of_tasks(const model::Service& self, std::int64_t tasks) {
  const auto bounds = bounds_of(self);
  if (!bounds || is_driven(self)) return std::nullopt;
  const std::int64_t serving = std::min(tasks, (tasks * bounds->least + 99) / 100);
  return Room{serving, tasks * bounds->most / 100 > tasks};
}

/// Whether the step goes through a CodeDeploy of the plan, which alone changes the task definition.
bool goes_through_codedeploy(const Call& call) {
  return std::ranges::any_of(call.action.via, [&](ServiceIndex via) {
    return features_of(call.context.kind(via)).drives_others;
  });
}

Outcome update(const Call& call) {
  const std::string version = call.arg(kDeployedVersion);
  if (is_driven(call.self) && !goes_through_codedeploy(call)) {
    return Outcome::refused(
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller. "
        "Use AWS CodeDeploy to "
        "trigger a new deployment.");
  }
  if (call.now.get("image." + version) == "gone")
    return Outcome::refused("TaskDefinition is inactive");
  // Nothing changed, and nobody asks for new tasks: those that run go on, with what they read.
  const bool as_it_is = version == call.now.get("version") && call.now.get("running") == "true" &&
                        !call.now.has("rolling") && !call.now.has("lingering") &&
                        !call.now.has(kUnhealthy);
  if (as_it_is && !call.arg(kTaskForce)) return Outcome::done();
  // What the registry no longer has no task starts: a lifecycle policy keeps so many images.
  if (std::string gone = why_not_kept(call.self, call.now, version);
      !gone.empty() && version != call.now.get("version"))
    return Outcome::refused(fmt::format("CannotPullContainerError: {}", gone));
  const std::string why = why_not_ready(call.context, call.world, call.action.service, version);
  if (!why.empty() && call.arg(kPart).empty()) {
    return Outcome::refused(
        call.self.fields.flag("circuit_breaker")
            ? fmt::format("ECS deployment circuit breaker: tasks failed to start: {}", why)
            : fmt::format("the service does not become stable: {}", why));
  }
  const bool replaces = version != call.now.get("version") && call.now.get("running") == "true";
  if (std::string full = why_no_room(call.self, call.now);
      replaces && !is_driven(call.self) && !full.empty())
    return Outcome::refused(std::move(full));
  const std::string part = call.arg(kPart);
  if (part != "half") return roll_out(call.context, call.world, call.action.service, version);
  Outcome outcome = Outcome::done();
  replace_one(call.context, call.world, call.action.service, version, outcome);
  return outcome;
}

std::vector<Action> tasks_in_turn(const Call& call) {
  if (!update(call).ok() ||
      !rolls_in_turn(call.context, call.world, call.action.service, call.arg(kDeployedVersion)))
    return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), with_arg(call.action, kPart.name(), "rest")};
}

VerbRow update_row(std::string verb, std::string help) {
  return {{std::move(verb),
           {kTaskDefinition, kDeployedRef, kDeployedImage.saying("Image of the task definition."),
            kTaskForce},
           std::move(help)},
          update,
          undo_of_what_serves,
          deploy_traits,
          tasks_in_turn};
}

std::vector<VerbRow> verbs_of_ecs() {
  VerbRow deploy = update_row("deploy", "Runs another task definition.");
  deploy.harmed = harmed_deploy;
  return {std::move(deploy),
          update_row("update_service", "aws ecs update-service --task-definition."),
          {{"scale", {kReplicas.saying("Desired count.")}, "Changes the desired count."},
           scale_pods,
           undo_of_scale,
           scale_traits},
          {{"deregister", {kTaskDefinition}, "Nothing new runs it from now on; what runs goes on."},
           [](const Call& call) {
             return call.becomes(call.now.with("image." + call.arg(kDeployedVersion), "gone"));
           },
           [](const Call& call) {
             return call.now.get("image." + call.arg(kDeployedVersion)) == "gone"
                        ? nothing_to_undo()
                        : no_undo("a deregistered task definition stays inactive");
           },
           [](const Context&, const Action& action, Traits& traits) {
             traits.destroys =
                 fmt::format("the task definition '{}'", kTaskDefinition.in(action.args));
           }}};
}

}  // namespace

const Kind& kind_ecs() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "ecs",
       .help = "A service of Amazon ECS; its versions are task definitions.",
       .rows = verbs_of_ecs(),
       .fields = {choice("controller", {"rolling", "code_deploy", "external"},
                         "Deployment controller (default rolling)."),
                  field("circuit_breaker", ValueType::boolean,
                        "A deploy that fails goes back by itself (default false)."),
                  field(kLeast, ValueType::integer, "How many stay healthy while it deploys."),
                  field(kMost, ValueType::integer, "How many may run while it deploys.")},
       .features = {.room = room_of_tasks}});
  return *kKind;
}

}  // namespace backout::services
