// A release of Helm.
//
// What the real thing does: every upgrade and every rollback makes a revision; of these it keeps
// `history-max` (10), and a rollback to an older one says "release: not found". A client that dies
// in between leaves `pending-upgrade`, and every further upgrade is refused until a rollback ends
// it (helm#8987, #10599). A rollback applies the objects of the older chart again, ConfigMaps too,
// never its CRDs, and fails on an object that the stopped upgrade removed (helm#10219). What a hook
// has changed, a database say, stays. Without --wait success means that the objects were accepted.
// Sources: helm.sh "helm upgrade", "helm rollback", "Custom Resource Definitions", "Chart Hooks".
// What this fake leaves out: values, subcharts.
//
// Facts: those of an app; release (the version whose upgrade stopped half way).
#include <algorithm>

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/prune.hpp"
#include "services/release.hpp"
#include "services/room.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr FlagArg kHelmWait = kWait.saying("Waits until it is ready (default false).");
constexpr FlagArg kHelmInstall{"install", "Installs it where there is no release (default false)."};
constexpr FlagArg kHelmKeepHistory{"keep_history", "A rollback stays possible (default false)."};

/// Why a rollback does not find the revision that it goes to: the history holds the newest
/// `history_max`.
std::string why_forgotten(const Call& call) {
  const std::int64_t kept = call.self.fields.integer("history_max").value_or(10);
  const std::string version = target_version(call.self, call.now, call.action);
  const std::vector<std::string> revisions = split_list(call.now.get("history"));
  if (kept <= 0 || version.empty()) return {};
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    if (revisions[revisions.size() - 1 - i] != version) continue;
    return static_cast<std::int64_t>(i) < kept ? "" : "release: not found";
  }
  return {};
}

/// The release behind an upgrade or a rollback: what is gone from the chart is deleted.
Record after_deletion(const Call& call, const Record& release) {
  const std::string& version = release.get("version");
  return version == call.now.get("version")
             ? release
             : without_deleted(call.self, call.now.get("version"), version, release);
}

Outcome upgrade_release(const Call& call) {
  if (call.now.get("installed") == "false" && call.arg(kPart).empty() && !call.arg(kHelmInstall))
    return Outcome::refused(fmt::format("\"{}\" has no deployed releases", call.self.name));
  const std::string why =
      why_not_ready(call.context, call.world, call.action.service, call.arg(kDeployedVersion));
  const bool waits = call.arg(kWait) || call.arg(kAtomic);
  if (waits && !why.empty() && call.arg(kPart).empty())
    return Outcome::refused(fmt::format("timed out waiting for the condition: {}", why));
  Outcome outcome = helm_upgrade(call);
  if (!outcome.ok()) return outcome;
  const World after = with_changes(call.world, outcome.changes);
  return outcome.set(call.action.service,
                     after_deletion(call, after.record(call.action.service).without("installed")));
}

Outcome roll_release_back(const Call& call) {
  if (call.now.get("installed") == "false") return Outcome::refused("release: not found");
  if (std::string why = why_forgotten(call); !why.empty()) return Outcome::refused(why);
  Outcome outcome = go_back(call, kRollback);
  if (!outcome.ok()) return outcome;
  const World after = with_changes(call.world, outcome.changes);
  return outcome.set(call.action.service, after_deletion(call, after.record(call.action.service)));
}

Outcome uninstall(const Call& call) {
  if (call.now.get("installed") == "false") return Outcome::refused("release: not found");
  const Record gone = without_area(call.now, "contents")
                          .with("running", "false")
                          .without("lingering")
                          .without("rolling")
                          .without(kUnhealthy)
                          .without("release");
  if (call.arg(kHelmKeepHistory)) return call.becomes(gone);
  return call.becomes(gone.with("installed", "false"));
}

/// A chart that says how many pods there are undoes what an autoscaler made of them (helm#7090).
std::optional<Room> room_of_chart(const model::Service& self, std::int64_t instances) {
  const std::optional<Room> room = room_of_pods(self, instances);
  const std::optional<std::int64_t> asked = self.fields.integer("chart_replicas");
  if (!asked || *asked >= instances) return room;
  return Room{room ? std::min(room->serving, *asked) : std::max<std::int64_t>(*asked, 0), false};
}

/// Without --wait nobody hears whether anything becomes ready.
void wait_traits(const Action& action, Traits& traits) {
  if (!kWait.in(action.args) && !kAtomic.in(action.args))
    traits.hides_failure = "without --wait it reports success before anything is ready";
}

Undo undo_of_release(const Call& call) {
  return call.now.has("release") || call.now.has("installed") ? Undo{} : undo_of_what_serves(call);
}

std::vector<VerbRow> verbs_of_helm() {
  model::VerbSpec up = serving_verb("upgrade", "helm upgrade.");
  up.args.push_back(kAtomic);
  up.args.push_back(
      kWait.saying("Waits until it is ready, and fails when it is not (default false)."));
  up.args.push_back(kHelmInstall);
  return {{up,
           upgrade_release,
           undo_of_release,
           [](const Context& context, const Action& action, Traits& traits) {
             deploy_traits(context, action, traits);
             wait_traits(action, traits);
           },
           [](const Call& call) { return upgrade_parts(call, upgrade_release); },
           {},
           harmed_deploy},
          {{kRollbackVerb,
            {kRevision.saying("Revision or version; without one the one before."),
             kBackTo.saying("The same."), kHelmWait},
            "helm rollback."},
           roll_release_back,
           undo_of_release,
           [](const Context& context, const Action& action, Traits& traits) {
             back_to_revision(context, action, kRollback, traits);
             wait_traits(action, traits);
           },
           {},
           {},
           harmed_way_back},
          {{"uninstall", {kHelmKeepHistory}, "helm uninstall."},
           uninstall,
           [](const Call&) { return no_undo("its objects and what they held are gone"); },
           [](const Context& context, const Action& action, Traits& traits) {
             const std::string& name = context.plan().services[action.service].name;
             traits.destroys =
                 fmt::format("the objects of '{}', and what their volumes held", name);
             traits.not_repeatable = "the second time there is no release";
           }}};
}

}  // namespace

const Kind& kind_helm() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "helm",
       .help = "A release of Helm.",
       .rows = verbs_of_helm(),
       .fields = {field("history_max", ValueType::integer,
                        "How many revisions are kept (default 10, 0: all)."),
                  field("chart_replicas", ValueType::integer,
                        "How many pods its chart asks for: an upgrade and a rollback go to "
                        "so many first, whatever an autoscaler made of it."),
                  max_unavailable_field()},
       .features = {.applies_charts = true, .room = room_of_chart}});
  return *kKind;
}

}  // namespace backout::services
