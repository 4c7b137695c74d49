// A Deployment of Kubernetes, or a release of Helm of which the plan says no more than that.
//
// What the real thing does: `kubectl rollout undo` without a revision toggles between the last two,
// and touches the pod template alone: ConfigMaps, Secrets and the number of replicas stay. `helm
// rollback` applies the objects of the older release again. `rollout status` waits for pods that
// are ready, which is what they are at once without a readiness probe. A StatefulSet (`ordered`)
// replaces no pod while one of them is not ready: the template goes back, the broken pod stays
// until somebody deletes it (kubernetes#67250; "Forced rollback"). Sources: Kubernetes, "Rolling
// back a Deployment", "StatefulSets"; Helm, "helm rollback". What this fake leaves out: surge,
// quotas.
//
// Facts: those of an app; replicas; template (the version of which no pod was made yet).
#include <algorithm>

#include "services/app_verbs.hpp"
#include "services/room.hpp"

namespace backout::services {

namespace {

constexpr ListArg kAppliedObjects{"what", "Objects that are applied."};

constexpr WayBack kRolloutUndo{.brings = Brings::declared};

/// Whether the deploy touches what lives beside the pod template: objects, the number of pods,
/// configuration.
bool changes_beside_template(const Context& context, ServiceIndex app) {
  const Plan& plan = context.plan();
  const std::vector<ServiceIndex> configurations = context.configurations(app);
  return std::any_of(
      plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
      [&](const model::Step& step) {
        if (step.target != app)
          return std::ranges::find(configurations, step.target) != configurations.end();
        const VerbRow* row = find_row(context.kind(app), step.verb);
        return row == nullptr || !row->within_template;
      });
}

VerbRow undo_row() {
  return {{"rollout_undo", {kToRevision}, "kubectl rollout undo."},
          [](const Call& call) { return go_back(call, kRolloutUndo); },
          undo_of_new_version,
          [](const Context& context, const Action& action, Traits& traits) {
            back_to_revision(context, action, kRolloutUndo, traits);
            if (changes_beside_template(context, action.service))
              traits.leaves = {"ConfigMaps, Secrets and the number of replicas stay as they are"};
          },
          {},
          {},
          harmed_way_back};
}

VerbRow rollback_row_of_helm() {
  return {{kRollbackVerb, {kRevision, kWait}, "helm rollback."},
          [](const Call& call) { return go_back(call, kRollback); },
          undo_of_new_version,
          // What helm applies again is of the release: nobody sets it elsewhere.
          [](const Context& context, const Action& action, Traits& traits) {
            back_to_revision(context, action, kRollback, traits);
          },
          {},
          {},
          harmed_way_back};
}

/// Whether a pod that is not ready keeps the others, and itself, from being replaced.
bool is_stuck(const Call& call) {
  return are_pods_stuck(call.context, call.world, call.action.service);
}

std::string wanted_version(const Call& call) {
  const std::string deployed = kDeployedVersion.in(call.action.args);
  return deployed.empty() ? target_version(call.self, call.now, call.action) : deployed;
}

/// The verb, which changes the template and no pod where a StatefulSet is stuck.
VerbRow unless_stuck(VerbRow row) {
  row.apply = [apply = std::move(row.apply)](const Call& call) {
    if (!is_stuck(call)) return apply(call);
    return pods_stay(call.world, call.action.service, wanted_version(call));
  };
  if (row.parts) {
    row.parts = [parts = std::move(row.parts)](const Call& call) {
      return is_stuck(call) ? std::vector<Action>{call.action} : parts(call);
    };
  }
  return row;
}

/// The same of a verb of every app.
VerbRow common_unless_stuck(std::string_view verb) {
  return unless_stuck(*find_row(common_rows(), verb));
}

/// What makes every pod anew by the template of now.
VerbRow delete_row() {
  return {{"delete_pods", {}, "kubectl delete pod: they are made anew by the template of now."},
          [](const Call& call) {
            const std::string version = call.now.get("template");
            if (version.empty()) return start_or_restart(call, true);
            const World settled = with_changes(
                call.world, {{call.action.service, stopped(call.now.without("template")).share()}});
            return roll_out(call.context, settled, call.action.service, version, Hooks::none);
          },
          unknown_undo,
          starts};
}

model::VerbSpec atomic_upgrade() {
  model::VerbSpec upgrade = serving_verb("upgrade", "helm upgrade.");
  upgrade.args.push_back(kAtomic);
  return upgrade;
}

std::vector<VerbRow> verbs_of_kubernetes() {
  return {within_template(
              unless_stuck({serving_verb("set_image", "Changes the image of the pod template."),
                            change_pods,
                            undo_of_new_version,
                            deploy_traits,
                            pods_in_turn,
                            {},
                            harmed_deploy})),
          unless_stuck(undo_row()),
          common_unless_stuck("deploy"),
          common_unless_stuck("restart"),
          delete_row(),
          within_template({{"rollout_status", {}, "Waits until the rollout ends."},
                           does_nothing,
                           changes_nothing,
                           [](const Context&, const Action& action, Traits& traits) {
                             traits.read_only = true;
                             traits.via = {action.service};
                           },
                           {},
                           reads_itself}),
          {{"scale", {kReplicas}, "Changes the number of pods."},
           scale_pods,
           undo_of_scale,
           scale_traits},
          {{"apply", {kAppliedObjects}, "Applies other objects."},
           [](const Call&) {
             return Outcome::opaque("what 'apply' changes is not declared; type it as actions");
           },
           unknown_undo,
           no_traits},
          probe_row("exec_probe", "Asks from inside one pod."),
          unless_stuck({atomic_upgrade(),
                        helm_upgrade,
                        undo_of_new_version,
                        deploy_traits,
                        [](const Call& call) { return upgrade_parts(call, helm_upgrade); },
                        {},
                        harmed_deploy}),
          unless_stuck(rollback_row_of_helm())};
}

}  // namespace

bool are_pods_stuck(const Context& context, const World& world, ServiceIndex app) {
  return context.plan().services[app].fields.flag("ordered") && is_running(world, app) &&
         !why_unhealthy(context, world, app).empty();
}

Outcome pods_stay(const World& world, ServiceIndex app, const std::string& wanted) {
  return Outcome::noop(
             "a pod of the StatefulSet is not ready, and none is replaced until it is deleted by "
             "hand")
      .set(app, world.record(app).with("template", wanted));
}

const Kind& kind_kubernetes() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "kubernetes",
       .help = "A Deployment of Kubernetes or a Helm release.",
       .rows = verbs_of_kubernetes(),
       .fields = {field("ordered", model::ValueType::boolean,
                        "A StatefulSet: no pod is replaced while one is not ready (default "
                        "false)."),
                  max_unavailable_field()},
       .incidental = {"template"},
       .features = {.counts_replicas = true, .applies_charts = true, .room = room_of_pods}});
  return *kKind;
}

}  // namespace backout::services
