// What a platform leaves of an app while its instances are replaced.
//
// What the real things do: a rolling update takes instances out before the new ones are ready, as
// many as its bounds allow. ECS keeps minimumHealthyPercent of the desired count, rounded up, and
// starts no more than maximumPercent, rounded down; a Deployment keeps all but maxUnavailable
// (rounded down where it is a share), and with the strategy Recreate none; CodeDeploy.AllAtOnce
// takes every instance out at once. What is left has to bear all users meanwhile, in a rollback as
// in a deploy. Sources: "Amazon ECS service definition parameters"; Kubernetes "Deployments", "Max
// Unavailable"; CodeDeploy "Working with deployment configurations". What this fake leaves out: how
// long it is so.
#include "services/room.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "services/app_verbs.hpp"

namespace backout::services {

model::FieldSpec max_unavailable_field() {
  return field("max_unavailable", model::ValueType::string,
               "How many pods may be out while they are replaced: 1, or 25%; 100% where all are "
               "ended first (Recreate).");
}

std::optional<Room> room_of_pods(const model::Service& self, std::int64_t instances) {
  const std::string said = self.fields.text("max_unavailable");
  if (said.empty() || said.front() < '0' || said.front() > '9') return std::nullopt;
  const std::int64_t number = std::atoll(said.c_str());
  const std::int64_t out = said.ends_with('%') ? instances * number / 100 : number;
  return Room{std::max<std::int64_t>(0, instances - out), false};
}

std::optional<std::int64_t> instances_of(const Plan& plan, const World& world, ServiceIndex app) {
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  if (!plan.services[app].fields.has("instances")) return std::nullopt;
  if (record != nullptr && record->has("replicas"))
    return std::atoll(record->get("replicas").c_str());
  return plan.services[app].fields.integer("instances");
}

std::optional<RoomLeft> room_left(const Context& context, const World& world, ServiceIndex app) {
  constexpr std::int64_t kAll = 100;
  constexpr std::int64_t kMost = 1'000'000;
  const std::int64_t of = instances_of(context.plan(), world, app).value_or(kAll);
  if (of < 1 || of > kMost) return std::nullopt;
  const auto room = features_of(context.kind(app)).room(context.plan().services[app], of);
  return room ? std::optional(RoomLeft{*room, of}) : std::nullopt;
}

bool nothing_serves_between(const Context& context, const World& world, ServiceIndex app,
                            const std::string& version) {
  const model::Service& self = context.plan().services[app];
  if (!is_running(world, app) || is_unknown_version(self, version) ||
      world.record(app).get("version") == version)
    return false;
  const auto left = room_left(context, world, app);
  return left && left->room.serving == 0 && !left->room.starts_beside;
}

Outcome end_first(const World& world, ServiceIndex app) {
  return Outcome::done().set(app, stopped(world.record(app)));
}

namespace {

/// The version that the action serves; empty: none, or nobody knows.
std::string served_by(const Call& call) {
  const Outcome outcome =
      call.context.kind(call.action.service).apply(call.context, call.world, call.action);
  if (!outcome.ok()) return {};
  const World after = with_changes(call.world, outcome.changes);
  return is_running(after, call.action.service) ? after.record(call.action.service).get("version")
                                                : std::string();
}

}  // namespace

VerbRow ending_first(VerbRow row) {
  row.apply = [apply = std::move(row.apply)](const Call& call) {
    return kPart.in(call.action.args) == kEndedFirst ? end_first(call.world, call.action.service)
                                                     : apply(call);
  };
  row.parts = [parts = std::move(row.parts)](const Call& call) {
    std::vector<Action> all = parts ? parts(call) : std::vector<Action>{call.action};
    // Asked first: what the action serves costs a run of it.
    if (room_left(call.context, call.world, call.action.service) &&
        nothing_serves_between(call.context, call.world, call.action.service, served_by(call))) {
      std::erase_if(all, [](const Action& part) { return kPart.in(part.args) == "half"; });
      all.insert(std::prev(all.end()), with_arg(call.action, kPart.name(), kEndedFirst));
    }
    return all;
  };
  return row;
}

}  // namespace backout::services
