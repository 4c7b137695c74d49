// A service on Railway.
//
// What the real thing does: the CLI has no `rollback`; `run` runs on the caller's machine, `down`
// removes the deployment with its container, `up` uploads the working directory. Source: Railway,
// "CLI reference". What this fake leaves out: volumes, environments.
//
// Facts: those of an app.
#include "services/app_verbs.hpp"

namespace backout::services {

namespace {

constexpr TextArg kRailwayWhere =
    TextArg("where", "Where it runs; `railway run` is local (default).")
        .among({"local", "ssh"})
        .or_else("local");
constexpr TextArg kRailwayFrom =
    TextArg("from", "What is uploaded (default cwd).").among({"cwd", "ref"}).or_else("cwd");

bool runs_here(const Action& action) { return kRailwayWhere.in(action.args) == "local"; }

Outcome run_command(const Call& call) {
  if (runs_here(call.action))
    return Outcome::noop("the command ran on this machine, not in the service");
  return Outcome::opaque("what the command changes is not declared; type it as actions");
}

Outcome upload(const Call& call) {
  const std::string version = call.arg(kDeployedVersion);
  if (!is_unknown_version(call.self, version)) return serve_image(call, version);
  return Outcome::opaque("it uploads whatever is in the working directory")
      .set(call.action.service, started(call.now).with("running", "true").without("container"));
}

std::vector<VerbRow> verbs_of_railway() {
  return {
      missing_row("rollback", "error: unrecognized subcommand 'rollback'",
                  "`railway` has no `rollback` command"),
      redeploy_row("Serves an earlier deployment again (dashboard)."),
      {{"run", {kRailwayWhere}, "Runs a command with the service's variables."},
       run_command,
       unknown_undo,
       [](const Context&, const Action& action, Traits& traits) {
         if (runs_here(action))
           traits.misdirected = "`railway run` runs on this machine, not in the service";
       }},
      {{"down", {}, "Removes the deployment."},
       remove_container,
       [](const Call& call) { return undo_of_removal(call, "deploy", false); },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.destroys = "the deployment and its container, with what it kept on local disk";
         stops(context, action, traits);
       }},
      {{"up",
        {kRailwayFrom, kDeployedVersion.optional().saying("The version that this is, if known.")},
        "Uploads and serves the working directory."},
       upload,
       undo_of_new_version,
       [](const Context& context, const Action& action, Traits& traits) {
         traits.changes_version = true;
         if (kRailwayFrom.in(action.args) == "cwd")
           traits.unpinned_target = "it uploads the working directory, whatever is in it";
         starts(context, action, traits);
       }}};
}

}  // namespace

const Kind& kind_railway() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "railway",
                .help = "A service on Railway.",
                .rows = verbs_of_railway(),
                .features = {.back_to_removed = {"down"}}});
  return *kKind;
}

}  // namespace backout::services
