// CI: pipelines that build and deploy, and what they keep of it.
//
// What the real thing does: whoever asks for a run hears that it was asked for, not how it ended
// (`gh workflow run` exits 0 at once; `gh run watch --exit-status` waits). A run of an environment
// with required reviewers waits for them. A re-run uses the commit of then and the variables and
// secrets of today; its artefacts are kept for so long and no longer (90 days by default), and a
// pipeline that builds anew gets today's dependencies and base images. Where outdated deployment
// jobs are prevented, a run that is older than the newest deployment is refused, a rollback too,
// unless retries are allowed for that. While it does not run, no step goes through it. Sources:
// GitHub Actions, "Re-running workflows and jobs", "Managing environments for deployment", "Storing
// workflow data as artifacts", gh manual; GitLab CI/CD, "job artifacts", "Deployment safety". What
// this fake leaves out: queues, concurrency groups, runners, jobs of one run.
//
// Facts: running; artefacts.<app>.<version> (kept, or gone) and outage are not essential.
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/between.hpp"
#include "services/release.hpp"
#include "services/room.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kCiApp = TextArg("app", "What it deploys.").of(ValueType::service).required();
constexpr TextArg kCiVersion = TextArg("version", "Which version of it.").required();
constexpr FlagArg kCiWait{"wait", "The step ends with the run, and fails with it (default false)."};

/// The app that the run deploys; kNone when what is named is none.
ServiceIndex app_of(const Context& context, const Action& action) {
  const std::vector<ServiceIndex> named =
      named_services(context.plan(), action.args, kCiApp.name());
  return named.empty() || !is_app(context.kind(named.front()).spec()) ? model::kNone
                                                                      : named.front();
}

std::string artefact_of(const Action& action) {
  return fmt::format("artefacts.{}.{}", kCiApp.in(action.args), kCiVersion.in(action.args));
}

/// Whether the one who asks also hears how the run ends.
bool is_watched(const Action& action) { return kCiWait.in(action.args); }

std::string why_no_run(const Call& call) {
  if (call.now.get("running") != "true") return "the workflow is disabled";
  if (app_of(call.context, call.action) == model::kNone)
    return fmt::format("no job deploys '{}'", call.arg(kCiApp));
  return {};
}

/// The app as the run leaves it; of a failure that nobody waits for nobody hears.
Outcome run_pipeline(const Call& call) {
  if (const std::string why = why_no_run(call); !why.empty()) return Outcome::refused(why);
  const ServiceIndex app = app_of(call.context, call.action);
  const std::string version = call.arg(kCiVersion);
  if (call.arg(kPart) == kEndedFirst) return end_first(call.world, app);
  if (call.arg(kPart) == "half") {
    Outcome half = Outcome::done();
    replace_one(call.context, call.world, app, version, half);
    return half;
  }
  Outcome outcome = roll_out(call.context, call.world, app, version);
  if (outcome.result == Outcome::Result::refused && !is_watched(call.action)) {
    outcome.result = Outcome::Result::noop;
    outcome.reported_ok = true;
  }
  if (outcome.ok())
    outcome.set(call.action.service, call.now.with(artefact_of(call.action), "kept"));
  return outcome;
}

/// Why a run that is older than what serves is not taken; empty: it is, or it is none.
std::string why_too_old(const Call& call) {
  const ServiceIndex app = app_of(call.context, call.action);
  const std::string rule = call.self.fields.text_or("older_runs", "allowed");
  if (rule == "allowed" || call.world.record(app).get("version") == call.arg(kCiVersion)) return {};
  return fmt::format(
      "The deployment job of '{}' is older than the latest deployment, and therefore "
      "it failed",
      call.arg(kCiVersion));
}

/// Whether the plan says what a run of then finds: what was built is kept, or is built anew. Of
/// what a run of the deploy built it is known.
bool says_what_is_kept(const Call& call) {
  const model::Args& fields = call.self.fields;
  return fields.has("rebuilds") || fields.has("retention") ||
         call.now.has(artefact_of(call.action));
}

Outcome rerun(const Call& call) {
  const std::string why = why_no_run(call);
  if (why.empty()) {
    if (const std::string old = why_too_old(call); !old.empty()) {
      if (call.self.fields.text("older_runs") == "unknown")
        return Outcome::opaque(
            fmt::format("whether '{}' takes a run that is older than the latest deployment, the "
                        "plan does not say",
                        call.self.name));
      return is_watched(call.action) ? Outcome::refused(old) : Outcome::noop(old);
    }
  }
  if (why.empty() && !call.self.fields.flag("rebuilds") &&
      call.now.get(artefact_of(call.action)) == "gone") {
    const std::string expired =
        fmt::format("Artifact has expired: the build of '{}' is gone", call.arg(kCiVersion));
    return is_watched(call.action) ? Outcome::refused(expired) : Outcome::noop(expired);
  }
  const bool rebuilds = call.self.fields.flag("rebuilds");
  Outcome outcome = run_pipeline(call);
  if (outcome.result != Outcome::Result::done || (!rebuilds && says_what_is_kept(call)))
    return outcome;
  Outcome unsure = Outcome::opaque(
      rebuilds
          ? fmt::format("'{}' is built anew with the dependencies of today: whether that is what "
                        "served, nobody knows",
                        call.arg(kCiVersion))
          : fmt::format("whether '{}' still keeps what it built for '{}', or builds it anew, the "
                        "plan does not say (`artefacts`, `retention` or `rebuilds` of '{}')",
                        call.self.name, call.arg(kCiVersion), call.self.name));
  unsure.changes = std::move(outcome.changes);
  return unsure;
}

std::vector<Action> run_in_turn(const Call& call) {
  const ServiceIndex app = app_of(call.context, call.action);
  if (run_pipeline(call).ok() &&
      nothing_serves_between(call.context, call.world, app, call.arg(kCiVersion)))
    return {with_arg(call.action, kPart.name(), kEndedFirst),
            with_arg(call.action, kPart.name(), "rest")};
  if (!run_pipeline(call).ok() ||
      !rolls_in_turn(call.context, call.world, app, call.arg(kCiVersion)))
    return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), with_arg(call.action, kPart.name(), "rest")};
}

/// The run of what serves before it, again.
Undo undo_of_run(const Call& call) {
  const ServiceIndex app = app_of(call.context, call.action);
  if (app == model::kNone) return {};
  const std::string& serves = call.world.record(app).get("version");
  if (serves.empty() || call.world.record(app).has("rolling")) return {};
  return {Undo::Class::conditional,
          fmt::format("what was built for '{}' is still kept", serves),
          {same_service(
              call.action,
              call.self.fields.text_or("older_runs", "allowed") == "allowed" ? "rerun" : "run",
              {{kCiApp.name(), call.arg(kCiApp)},
               {kCiVersion.name(), serves},
               {kCiWait.name(), "true"}})}};
}

void tell(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  const ServiceIndex app = app_of(context, action);
  if (app != model::kNone) traits.triggers = {app};
  if (!is_watched(action))
    traits.hides_failure =
        "it ends when the run is asked for, not when the run is done (`wait: true` waits and fails "
        "with it)";
  const std::string approval = self.fields.text("approval");
  if (approval == "required")
    traits.waits_for = fmt::format("waits until somebody approves the run of '{}'", self.name);
  if (approval == "unknown")
    traits.waits_for =
        fmt::format("may wait for an approval: of '{}' the plan does not say", self.name);
}

void tell_rerun(const Context& context, const Action& action, Traits& traits) {
  tell(context, action, traits);
  const model::Service& self = context.plan().services[action.service];
  const std::string version = kCiVersion.in(action.args);
  if (self.fields.flag("rebuilds")) {
    traits.unpinned_target = fmt::format(
        "'{}' is built anew, with the dependencies, base images and variables of today", version);
  } else if (self.fields.has("retention")) {
    traits.needs_artefact = fmt::format("what '{}' built for '{}' (kept for {})", self.name,
                                        version, self.fields.text("retention"));
  }
}

/// A run may change the app that it deploys, too.
Footprint touched_by_run(const Context& context, const Action& action) {
  Footprint print;
  const ServiceIndex app = app_of(context, action);
  if (app != model::kNone) add_roll_out(context, app, print);
  return itself_and(context, action, std::move(print));
}

Changes harmed_run(const Call& call, Harm harm) {
  const ServiceIndex app = app_of(call.context, call.action);
  if (app == model::kNone || harm != Harm::unhealthy) return {};
  return unhealthy_if_started(call.context, call.world, call.action, {app});
}

/// A run of then needs what was built then.
Changes harmed_rerun(const Call& call, Harm harm) {
  const bool needs_build =
      app_of(call.context, call.action) != model::kNone && !call.self.fields.flag("rebuilds");
  if (harm != Harm::gone || !needs_build) return harmed_run(call, harm);
  return {{call.action.service, call.now.with(artefact_of(call.action), "gone").share()}};
}

std::vector<VerbRow> verbs_of_ci() {
  const std::vector<model::FieldSpec> which = {kCiApp, kCiVersion, kCiWait};
  std::vector<VerbRow> all = switch_rows(kRuns);
  all.push_back({{"run", which, "Asks for a run that builds a version and deploys it."},
                 run_pipeline,
                 undo_of_run,
                 tell,
                 run_in_turn,
                 touched_by_run,
                 harmed_run});
  all.push_back({{"rerun", which,
                  "Asks for the run of then once more: its commit, with the variables of today."},
                 rerun,
                 undo_of_run,
                 tell_rerun,
                 run_in_turn,
                 touched_by_run,
                 harmed_rerun});
  return all;
}

Record initial_ci(const Context& context, ServiceIndex self,
                  std::vector<model::Mistake>& mistakes) {
  Amended record = Record().with("running", "true");
  const model::Node* kept = context.plan().services[self].fields.find("artefacts");
  if (kept == nullptr) return record;
  for (const model::Node::Entry& app : kept->entries) {
    const ServiceIndex service = context.plan().find_service(app.key);
    if (service == model::kNone) {
      mistakes.push_back(
          {app.key_span, fmt::format("'{}' is no service of the plan", app.key), ""});
      continue;
    }
    for (const model::Node& item : app.value.items) {
      if (context.plan().services[service].find_version(item.text) != nullptr) continue;
      mistakes.push_back(
          {item.span, fmt::format("'{}' is no version of '{}'", item.text, app.key), ""});
    }
    for (const model::Version& version : context.plan().services[service].versions) {
      const bool there = std::ranges::any_of(
          app.value.items, [&](const model::Node& item) { return item.text == version.name; });
      record.with(fmt::format("artefacts.{}.{}", app.key, version.name), there ? "kept" : "gone");
    }
  }
  return record;
}

KindRow ci_row() {
  KindRow row;
  row.name = "ci";
  row.help = "Pipelines that build and deploy, and that steps run in (`by: ci`).";
  row.fields = {
      field("provider", ValueType::string, "Who runs it."),
      field("location", ValueType::string, "Failure domain that it lives in."),
      choice("approval", {"none", "required", "unknown"},
             "Whether a run waits for reviewers (default none)."),
      choice("older_runs", {"allowed", "refused", "unknown"},
             "Whether a re-run may be older than the latest deployment (default allowed)."),
      field("rebuilds", ValueType::boolean,
            "A re-run builds anew instead of taking what was built then (default false)."),
      field("artefacts", ValueType::map,
            "app: the versions of which it keeps what it built; those left out are gone."),
      field("retention", ValueType::duration, "How long it keeps what it built.")};
  row.verbs = verbs_of_ci();
  row.aliases = {"pipeline"};
  row.incidental = {"artefacts"};
  row.initial = initial_ci;
  row.check = [](const Context& context, const World& world, const model::Check& each) {
    return check_switch(context, world, each, kRuns);
  };
  return row;
}

}  // namespace

const Kind& kind_ci() {
  static const std::unique_ptr<const Kind> kKind = make_kind(ci_row());
  return *kKind;
}

}  // namespace backout::services
