// A Deployment of Kubernetes, or a release of Helm of which the plan says no more than that.
//
// What the real thing does: `kubectl rollout undo` without a revision toggles between the last two,
// and touches the pod template alone: ConfigMaps, Secrets and the number of replicas stay. `helm
// rollback` applies the objects of the older release again. `rollout status` waits for pods that
// are ready, which is what they are at once without a readiness probe. Sources: Kubernetes,
// "Rolling back a Deployment"; Helm, "helm rollback". What this fake leaves out: surge, quotas.
//
// Facts: those of an app; replicas.
#include <algorithm>

#include "services/app_verbs.hpp"

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

std::vector<VerbRow> verbs_of_kubernetes() {
  return {within_template({serving_verb("set_image", "Changes the image of the pod template."),
                           deploy_version,
                           undo_of_new_version,
                           deploy_traits,
                           in_turn,
                           {},
                           harmed_deploy}),
          undo_row(),
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
          {serving_verb("upgrade", "helm upgrade."),
           helm_upgrade,
           undo_of_new_version,
           deploy_traits,
           [](const Call& call) { return upgrade_parts(call, helm_upgrade); },
           {},
           harmed_deploy},
          rollback_row_of_helm()};
}

}  // namespace

const Kind& kind_kubernetes() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "kubernetes",
                .help = "A Deployment of Kubernetes or a Helm release.",
                .rows = verbs_of_kubernetes(),
                .features = {.counts_replicas = true, .applies_charts = true}});
  return *kKind;
}

}  // namespace backout::services
