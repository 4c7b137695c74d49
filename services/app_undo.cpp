// How the actions on an app are taken back. The model is described at the head of app.cpp.
#include <algorithm>
#include <optional>

#include "services/app_actions.hpp"
#include "services/config.hpp"
#include "services/release.hpp"

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
  const std::string& platform = context.plan().services[action.service].kind;
  const std::string& version = app.get("version");
  if (app.get("running") != "true") {
    Undo undo{Undo::Class::exact, "", {same_service(action, "stop", {})}};
    if (app.get("container") != "removed") return undo;
    if (platform == "docker") undo.actions.push_back(same_service(action, "remove", {}));
    if (platform == "railway") undo.actions = {same_service(action, "down", {})};
    return undo;
  }
  if (is_unknown_version(context.plan().services[action.service], version)) return {};
  // While production is pinned only another rollback, or a promotion, changes what is served.
  if (app.has("pinned"))
    return {Undo::Class::exact, "", {same_service(action, "rollback", {{"to", version}})}};
  if (platform == "vercel" && action.verb == "rollback") {
    return {Undo::Class::exact, "", {same_service(action, "promote", {{"to", version}})}};
  }
  return {Undo::Class::exact, "", {same_service(action, "deploy", {{"version", version}})}};
}

/// Whether a store of the plan lies in the app's container.
bool holds_a_store(const Context& context, ServiceIndex app) {
  const model::Plan& plan = context.plan();
  return std::ranges::any_of(plan.services, [&](const model::Service& store) {
    const std::vector<ServiceIndex> in = named_services(plan, store.fields, "in");
    return std::ranges::find(in, app) != in.end();
  });
}

Undo undo_of_removal(const Context& context, const Record& app, const Action& action) {
  if (app.get("container") == "removed") return {Undo::Class::exact, "", {}};
  if (!app.has("version")) return {Undo::Class::none, "which version it was, nobody recorded", {}};
  const std::string verb = action.verb == "down"     ? "deploy"
                           : action.verb == "remove" ? "run"
                                                     : "compose_up";
  // A container that keeps nothing is made anew from its image.
  const bool plain = action.verb == "remove" && !holds_a_store(context, action.service);
  Undo undo{plain ? Undo::Class::exact : Undo::Class::lossy,
            plain ? "" : "what the container kept on its own disk",
            {same_service(action, verb, {{"version", app.get("version")}})}};
  if (app.get("running") != "true") undo.actions.push_back(same_service(action, "stop", {}));
  return undo;
}

/// Verbs that turn something on or off.
std::optional<Undo> undo_of_switch(const Record& app, const Action& action) {
  const std::string& verb = action.verb;
  const auto back = [&](const char* other) {
    return Undo{Undo::Class::exact, "", {same_service(action, other, {})}};
  };
  const Undo nothing{Undo::Class::exact, "", {}};
  const bool ran = app.get("running") == "true";
  const bool open = app.get("intake") == "open";
  if (verb == "stop") return ran ? back("start") : nothing;
  if (verb == "start" || verb == "restart") return ran ? nothing : back("stop");
  if (verb == "stop_intake") return open ? back("resume_intake") : nothing;
  if (verb == "resume_intake") return open ? nothing : back("stop_intake");
  if (verb != "scale") return std::nullopt;
  Undo undo{
      Undo::Class::exact, "", {same_service(action, "scale", {{"replicas", app.get("replicas")}})}};
  if (!ran && app.get("replicas") != "0") undo.actions.push_back(same_service(action, "stop", {}));
  return undo;
}

}  // namespace

Undo undo_of_serving(const Context& context, const World& before, const Action& action) {
  const std::string& version = before.record(action.service).get("version");
  if (before.record(action.service).get("image." + version) == "gone")
    return {Undo::Class::none, "what served before is no longer kept", {}};
  Undo undo = undo_of_version_change(context, before.record(action.service), action);
  if (undo.kind != Undo::Class::exact) return undo;
  if (!paths_of_release(context, action.service).empty()) {
    undo.kind = Undo::Class::conditional;
    undo.why = "what belongs to the release besides its code goes its own way";
  } else if (has_stale_configuration(context, before, action.service)) {
    undo.kind = Undo::Class::conditional;
    undo.why = "configuration that was changed since it was read last is read on the way";
  }
  return undo;
}

Undo undo_on_app(const Context& context, const World& before, const Action& action) {
  const Record& app = before.record(action.service);
  const std::string& verb = action.verb;
  if (is_look(verb) || verb == "pull") return {Undo::Class::exact, "", {}};
  Undo undo;
  const bool changes_version =
      is_roll_out(verb) || is_way_back(verb) || verb == "up" || is_container_start(context, action);
  if (changes_version) undo = undo_of_version_change(context, app, action);
  if (verb == "down" || verb == "remove" || verb == "compose_down")
    undo = undo_of_removal(context, app, action);
  if (const auto other = undo_of_switch(app, action)) undo = *other;
  const bool more = undo.kind == Undo::Class::exact && changes_version && !paths_of_release(context, action.service).empty();
  if (more) {
    undo.kind = Undo::Class::conditional;
    undo.why = "what belongs to the release besides its code goes its own way";
  }
  if (undo.kind == Undo::Class::exact && has_stale_configuration(context, before, action.service)) {
    undo.kind = Undo::Class::conditional;
    undo.why = "configuration that was changed since it was read last is read on the way";
  }
  return undo;
}

}  // namespace backout::services
