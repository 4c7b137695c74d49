// What a GitOps application leaves in the cluster of the version before.
//
// What the real thing does: a sync applies what is in git, and what is gone from git it leaves in
// the cluster (Argo CD, "Automated Sync Policy", "Automatic Pruning": off by default; Flux,
// "Kustomization", `spec.prune`). So a way back through git leaves the jobs, services and ingresses
// that came with the newer version, and they run on. What this fake leaves out: annotations of
// single objects (`Prune=false`), the order of pruning.
//
// With pruning what is gone from git is deleted, and Helm deletes what is gone from a chart: a
// volume claim with what it holds (argo-cd#9853). The claim that an older version has again is a
// new one, and empty.
//
// Facts, of the app: unpruned.<object>, contents.<object> (of a stateful one).
#include "services/prune.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

std::vector<std::string> objects_in_git(const model::Service& app, const std::string& version) {
  const model::Version* found = app.find_version(version);
  return found == nullptr ? std::vector<std::string>{} : found->extra.strings("objects");
}

}  // namespace

void leave_unpruned(const Context& context, const World& world, ServiceIndex gitops,
                    ServiceIndex app, Outcome& outcome) {
  if (!is_app(context.kind(app).spec())) return;
  const model::Service& self = context.plan().services[app];
  const Record& before = world.record(app);
  const Record after = with_changes(world, outcome.changes).record(app);
  const std::vector<std::string> wanted = objects_in_git(self, after.get("version"));
  Record next = after;
  for (const std::string& object : objects_in_git(self, before.get("version"))) {
    if (!holds(wanted, object)) next = next.with("unpruned." + object, "runs on");
  }
  for (const std::string& object : wanted) next = next.without("unpruned." + object);
  if (context.plan().services[gitops].fields.flag("prune"))
    next = without_deleted(self, before.get("version"), after.get("version"),
                           without_area(next, "unpruned"));
  if (!next.equals(after)) outcome.set(app, next);
  const bool deletes =
      context.plan().services[gitops].fields.flag("prune") &&
      std::ranges::any_of(objects_in_git(self, before.get("version")),
                          [&](const std::string& object) { return !holds(wanted, object); });
  if (!deletes || !self.fields.is_unknown("stateful") || !outcome.ok()) return;
  outcome.result = Outcome::Result::opaque;
  outcome.message = fmt::format(
      "what `stateful` of '{}' is, the plan does not say, and objects are pruned", self.name);
}

Record without_deleted(const model::Service& app, const std::string& from, const std::string& to,
                       const Record& record) {
  const std::vector<std::string> wanted = objects_in_git(app, to);
  Record next = record;
  for (const std::string& object : objects_in_git(app, from)) {
    if (!holds(wanted, object)) next = next.without("contents." + object);
  }
  return next;
}

Record with_contents(const model::Service& app, const Record& record) {
  const std::vector<std::string> stateful = app.fields.strings("stateful");
  Record next = record;
  for (const std::string& object : objects_in_git(app, app.start)) {
    if (holds(stateful, object)) next = next.with("contents." + object, "kept");
  }
  return next;
}

model::FieldSpec stateful_field() {
  return field("stateful", model::ValueType::strings,
               "Objects of its versions that hold data, like volume claims: deleted with a version "
               "that does not have them (`prune`, Helm), it is lost.");
}

}  // namespace backout::services
