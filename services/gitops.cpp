// An application of Argo CD or Flux: what a git branch says, kept so in the cluster.
//
// What the real thing does: with automated sync it applies the branch when it changes; with
// self-heal it also puts back what others change in the cluster, within minutes. A rollback in the
// tool itself is refused while sync is automated
// ("rollback cannot be performed when auto-sync is enabled"); with sync turned off it lasts until
// somebody turns it on again, because git still says the bad version (argo-cd#5351). Without prune,
// what is gone from git stays in the cluster. Flux always heals. A sync goes wave by wave, in the
// same order forwards and backwards: while an app of one wave is not healthy, the later ones stay
// as they are. Hooks of the versions (hook.cpp) run with every sync, and with no rollback of the
// tool (argo-cd#1927). Sources: Argo CD, "Automated Sync Policy", "Sync Phases and Waves", "argocd
// app rollback"; Flux, "flux suspend kustomization". What this fake leaves out: the minutes before
// it acts and between waves, image automation (a `controller` that writes to git). How it acts:
// reconcile.cpp.
//
// Facts: suspended (no automated sync).
#include <fmt/format.h>

#include "services/app.hpp"
#include "services/prune.hpp"
#include "services/reconcile.hpp"
#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kGitopsRevision{"revision", "What is applied (default: the branch)."};
constexpr TextArg kGitopsTo = TextArg("to", "The version.").required();

bool is_automated(const Call& call) { return call.now.get("suspended") != "true"; }

std::vector<ServiceIndex> apps_of(const Plan& plan, ServiceIndex self) {
  return named_services(plan, plan.services[self].fields, "apps");
}

/// It applies what is in git to apps alone.
void mistakes_of_no_apps(const Context& context, ServiceIndex self,
                         std::vector<model::Mistake>& mistakes) {
  const Plan& plan = context.plan();
  for (const char* field : {"apps", "waves"}) {
    for (const ServiceIndex each : named_services(plan, plan.services[self].fields, field)) {
      if (is_app(context.kind(each).spec())) continue;
      mistakes.push_back({plan.services[self].fields.find(field)->span,
                          fmt::format("'{}' is no app", plan.services[each].name),
                          "name the apps that run what git says"});
    }
  }
}

Outcome roll_one_out(const Call& call, const World& now, ServiceIndex app,
                     const std::string& version, Hooks hooks) {
  if (hooks == Hooks::none && !features_of(call.context.kind(app)).shifts_by_steps)
    return roll_out(call.context, now, app, version, hooks);
  const Action deploy = with_arg({app, "deploy", {}, call.action.span, call.action.label},
                                 kDeployedVersion.name(), version);
  return call.context.kind(app).apply(call.context, now, deploy);
}

/// Every application is rolled out as `version`, wave by wave.
Outcome apply_version(const Call& call, const std::string& version, Hooks hooks) {
  Outcome outcome = Outcome::done();
  const Plan& plan = call.context.plan();
  for (const ServiceIndex app : in_waves(plan, call.action.service)) {
    const World now = with_changes(call.world, outcome.changes);
    const auto* record = dynamic_cast<const Record*>(now.states[app].get());
    if (record == nullptr || record->get("version") != version) {
      Outcome rolled = roll_one_out(call, now, app, version, hooks);
      for (const auto& [service, state] : rolled.changes) outcome.set(service, state);
      if (!rolled.ok()) {
        rolled.changes = std::move(outcome.changes);
        return rolled;
      }
      leave_unpruned(call.context, call.world, call.action.service, app, outcome);
    }
    const World then = with_changes(call.world, outcome.changes);
    const std::string why = why_wave_stops(call.context, then, call.action.service, app, version);
    if (why.empty()) continue;
    outcome.result = Outcome::Result::noop;
    outcome.message = why;
    return outcome;
  }
  return outcome;
}

Outcome sync(const Call& call) {
  const ServiceIndex repo = call.context.plan().find_service(call.field("repo"));
  if (repo == model::kNone) return Outcome::opaque("what it syncs from, the plan does not say");
  return apply_version(call,
                       kGitopsRevision.in(call.action.args, call.world.record(repo).get("remote")),
                       Hooks::run);
}

Outcome roll_git_back(const Call& call) {
  if (is_automated(call))
    return Outcome::refused("rollback cannot be performed when auto-sync is enabled");
  const std::string to = call.arg(kGitopsTo);
  if (to == "unknown")
    return Outcome::opaque("which version it goes back to, the plan does not say");
  return apply_version(call, to, Hooks::none);
}

VerbRow sync_row(std::string verb, std::string help, bool syncs) {
  return {{std::move(verb), {}, std::move(help)},
          [syncs](const Call& call) {
            return call.becomes(call.now.with("suspended", syncs ? "false" : "true"));
          },
          [](const Call& call) {
            Undo undo = call.back(is_automated(call) ? "resume" : "suspend");
            undo.kind = Undo::Class::conditional;
            undo.why = "what git says is applied when sync is automated again";
            return undo;
          },
          [syncs](const Context& context, const Action& action, Traits& traits) {
            const std::string held = "sync of " + context.plan().services[action.service].name;
            (syncs ? traits.releases : traits.acquires) = {held};
          }};
}

KindRow gitops_row() {
  KindRow row;
  row.name = "gitops";
  row.help = "An application of Argo CD or Flux: applies what a git branch says.";
  row.fields = {
      field("repo", ValueType::service, "The git service whose branch it applies.", true),
      field("apps", ValueType::services, "The apps that it applies it to.", true),
      field("auto_sync", ValueType::boolean, "It applies changes of the branch by itself.", true),
      field("self_heal", ValueType::boolean,
            "It also puts back what others change in the cluster (default false; Flux: true)."),
      field("prune", ValueType::boolean,
            "It removes objects that are gone from git (default false)."),
      field("waves", ValueType::services,
            "Apps in the order of their sync waves: one waits until those before are healthy."),
      field("provider", ValueType::string, "Who runs it."),
      field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = {
      sync_row("suspend", "Turns automated sync off.", false),
      sync_row("resume", "Turns automated sync on: it applies what git says at once.", true),
      {{"sync", {kGitopsRevision}, "Applies the branch now."}, sync, unknown_undo, no_traits},
      {{"rollback", {kGitopsTo}, "Applies an older version, and leaves git as it is."},
       roll_git_back,
       unknown_undo,
       [](const Context&, const Action& action, Traits& traits) {
         traits.unpinned_target = moving_target(kGitopsTo.in(action.args));
         traits.leaves = {"git still says the newer version: the next sync serves it again"};
       }}};
  row.aliases = {"argocd", "flux"};
  row.features.acts_by_itself = true;
  row.features.applies_git = true;
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    mistakes_of_no_apps(context, self, mistakes);
    return Record().with("suspended",
                         context.plan().services[self].fields.flag("auto_sync") ? "false" : "true");
  };
  row.footprint = [](const Context& context, const Action& action) {
    Footprint print{{context.plan().services[action.service].fields.text("repo")}, {}};
    for (const ServiceIndex app : apps_of(context.plan(), action.service)) {
      for (std::string& path :
           context.kind(app).footprint(context, {app, "deploy", {}, {}, ""}).writes) {
        print.reads.push_back(path);
        print.writes.push_back(std::move(path));
      }
    }
    return itself_and(context, action, std::move(print));
  };
  return row;
}

}  // namespace

const Kind& kind_gitops() {
  static const std::unique_ptr<const Kind> kKind = make_kind(gitops_row());
  return *kKind;
}

}  // namespace backout::services
