#pragma once
// What a platform leaves of an app while its instances are replaced.

#include <optional>

#include "services/features.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

/// `max_unavailable` of a workload of Kubernetes, and what it leaves.
model::FieldSpec max_unavailable_field();
std::optional<Room> room_of_pods(const model::Service& self, std::int64_t instances);

/// Instances of the app in this world; nullopt: the plan does not say.
std::optional<std::int64_t> instances_of(const Plan& plan, const World& world, ServiceIndex app);

/// What is left of the app while they are replaced; nullopt: the plan does not say. Of an app whose
/// number is not said, `of` is 100.
struct RoomLeft {
  Room room;
  std::int64_t of = 0;
};
std::optional<RoomLeft> room_left(const Context& context, const World& world, ServiceIndex app);

/// Whether `version` of an app that runs takes the place of another one, and nothing serves for a
/// while: what runs is ended first.
bool nothing_serves_between(const Context& context, const World& world, ServiceIndex app,
                            const std::string& version);

/// The part of an action in which what runs is ended, and what it makes of the app.
inline constexpr const char* kEndedFirst = "ended";
Outcome end_first(const World& world, ServiceIndex app);

/// The verb of an app, with that part first where nothing serves for a while.
VerbRow ending_first(VerbRow row);

}  // namespace backout::services
