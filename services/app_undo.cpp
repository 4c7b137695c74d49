// How the actions on an app are taken back. The model is described at the head of app.cpp.
#include <algorithm>

#include "services/app_verbs.hpp"
#include "services/config.hpp"

namespace backout::services {

namespace {

/// Whether a start of the app would read configuration that was changed since it read it last.
bool has_stale_configuration(const Context& context, const World& world, ServiceIndex app) {
  return std::ranges::any_of(context.configurations(app), [&](ServiceIndex i) {
    const Record& config = world.record(i);
    return !reloaded(context, i, config).equals(config);
  });
}

/// What takes a change of the version back: the version before is served again, or nothing is where
/// nothing was.
Undo undo_of_version_change(const Context& context, const Record& app, const Action& action) {
  const std::string& version = app.get("version");
  if (app.get("running") != "true") {
    Undo undo{Undo::Class::exact, "", {}};
    const bool removed = app.get("container") == "removed";
    for (const std::string& verb : removed
                                       ? features_of(context.kind(action.service)).back_to_removed
                                       : std::vector<std::string>{"stop"})
      undo.actions.push_back(same_service(action, verb, {}));
    return undo;
  }
  if (is_unknown_version(context.plan().services[action.service], version)) return {};
  // While production is pinned only another rollback, or a promotion, changes what is served.
  if (app.has("pinned"))
    return {
        Undo::Class::exact, "", {same_service(action, "rollback", {{kBackTo.name(), version}})}};
  return {Undo::Class::exact,
          "",
          {same_service(action, "deploy", {{kDeployedVersion.name(), version}})}};
}

/// Whether a store of the plan lies in the app's container.
bool holds_a_store(const Context& context, ServiceIndex app) {
  const model::Plan& plan = context.plan();
  return std::ranges::any_of(plan.services, [&](const model::Service& store) {
    const std::vector<ServiceIndex> in = named_services(plan, store.fields, "in");
    return std::ranges::find(in, app) != in.end();
  });
}

/// What takes nothing back but the app's code does so unless configuration is read on the way.
Undo unless_stale(const Context& context, const World& before, ServiceIndex app, Undo undo) {
  if (undo.kind == Undo::Class::exact && has_stale_configuration(context, before, app)) {
    undo.kind = Undo::Class::conditional;
    undo.why = "configuration that was changed since it was read last is read on the way";
  }
  return undo;
}

Undo with_release(const Context& context, const World& before, ServiceIndex app, Undo undo) {
  if (undo.kind != Undo::Class::exact) return undo;
  if (paths_of_release(context, app).empty())
    return unless_stale(context, before, app, std::move(undo));
  undo.kind = Undo::Class::conditional;
  undo.why = "what belongs to the release besides its code goes its own way";
  return undo;
}

}  // namespace

Undo undo_of_new_version(const Call& call) {
  return with_release(call.context, call.world, call.action.service,
                      undo_of_version_change(call.context, call.now, call.action));
}

Undo undo_of_way_back(const Call& call, const WayBack& way) {
  Undo undo = undo_of_version_change(call.context, call.now, call.action);
  // What pins it is lifted by a promotion.
  const bool serves = call.now.get("running") == "true" && undo.kind == Undo::Class::exact;
  if (way.pins && serves && !call.now.has("pinned"))
    undo.actions = {
        same_service(call.action, "promote", {{kBackTo.name(), call.now.get("version")}})};
  return with_release(call.context, call.world, call.action.service, std::move(undo));
}

Undo undo_of_serving(const Context& context, const World& before, const Action& action) {
  const Record& app = before.record(action.service);
  if (app.get("image." + app.get("version")) == "gone")
    return no_undo("what served before is no longer kept");
  return with_release(context, before, action.service,
                      undo_of_version_change(context, app, action));
}

Undo undo_of_what_serves(const Call& call) {
  return undo_of_serving(call.context, call.world, call.action);
}

Undo as_configured(const Call& call, Undo undo) {
  return unless_stale(call.context, call.world, call.action.service, std::move(undo));
}

Undo undo_of_scale(const Call& call) {
  const std::string& replicas = call.now.get("replicas");
  Undo undo = call.back("scale", {{kReplicas.name(), replicas}});
  if (call.now.get("running") != "true" && replicas != "0")
    undo.actions.push_back(same_service(call.action, "stop", {}));
  return as_configured(call, std::move(undo));
}

Undo undo_of_removal(const Call& call, const char* verb, bool may_be_plain) {
  if (call.now.get("container") == "removed") return as_configured(call, nothing_to_undo());
  if (!call.now.has("version")) return no_undo("which version it was, nobody recorded");
  // A container that keeps nothing is made anew from its image.
  const bool plain = may_be_plain && !holds_a_store(call.context, call.action.service);
  Undo undo = call.back(verb, {{kDeployedVersion.name(), call.now.get("version")}});
  if (!plain)
    undo = {Undo::Class::lossy, "what the container kept on its own disk", std::move(undo.actions)};
  if (call.now.get("running") != "true")
    undo.actions.push_back(same_service(call.action, "stop", {}));
  return as_configured(call, std::move(undo));
}

}  // namespace backout::services
