#include "simulator/silence.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/traffic.hpp"

namespace backout::simulator {

const std::vector<model::ServiceIndex>& Silence::changed(ActionId action) {
  const auto [found, fresh] = changed_.try_emplace(action);
  if (fresh) {
    const Worlds& worlds = setting_.worlds();
    found->second = services::changed_stores(worlds.context(), worlds.action(action));
  }
  return found->second;
}

void Silence::add_changes(const Task& task, std::vector<UnsaidTraffic>& all) {
  for (const ActionId action : task.actions) {
    for (const model::ServiceIndex store : changed(action)) {
      for (model::ServiceIndex app = 0; app < setting_.plan().services.size(); ++app) {
        const bool works = !setting_.plan().services[app].versions.empty() &&
                           services::works_on(setting_.plan(), app, store);
        if (works) all.push_back({app, {}, {}, store, task.step});
      }
    }
  }
}

/// Notes what is not known of the app's traffic in the worlds of a run.
void Silence::listen(UnsaidTraffic& unsaid, const Log& log) {
  Worlds& worlds = setting_.worlds();
  const model::Service& app = setting_.plan().services[unsaid.app];
  const bool is_store = services::is_store(worlds.context(), unsaid.store);
  const auto look = [&](WorldId world) {
    for (const std::string& name :
         worlds.context()
             .kind(unsaid.app)
             .live_versions(worlds.context(), worlds.world(world), unsaid.app)) {
      const model::Version* version = app.find_version(name);
      // `start: unknown`: of the version that nobody names nobody says what it does.
      const bool is_open = version == nullptr ? is_store
                           : is_store         ? services::is_silent(*version)
                                              : services::is_said_unknown(*version);
      if (!is_open) continue;
      if (std::ranges::find(unsaid.versions, name) == unsaid.versions.end())
        unsaid.versions.push_back(name);
    }
    for (const Served& served : worlds.operations(world)) {
      const OperationKey& key = worlds.operation(served.operation);
      const bool here =
          is_store && key.live.app == unsaid.app &&
          (key.live.operation->on == unsaid.store || key.live.operation->on == model::kNone);
      if (!here || served.ran.result != services::Outcome::Result::opaque ||
          !unsaid.operation.empty())
        continue;
      unsaid.operation =
          fmt::format("what {} does is not known: {}", key.name, worlds.text(served.ran.message));
    }
  };
  look(Worlds::start());
  for (const Event& event : log) look(event.to);
  if (!unsaid.versions.empty()) unsaid.operation.clear();
}

void Silence::keep(const UnsaidTraffic& unsaid) {
  UnsaidTraffic& known = found_.try_emplace(unsaid.app, unsaid).first->second;
  const std::vector<std::string> before = std::exchange(known.versions, {});
  const auto add_if_silent = [&](const std::string& version) {
    const auto has = [&](const std::vector<std::string>& names) {
      return std::ranges::find(names, version) != names.end();
    };
    if (has(before) || has(unsaid.versions)) known.versions.push_back(version);
  };
  add_if_silent("unknown");
  for (const model::Version& version : setting_.plan().services[unsaid.app].versions)
    add_if_silent(version.name);
}

std::optional<UnsaidTraffic> Silence::heard(const Interruption& row, const Playbook& path,
                                            const StepSet& left_out, const Log& log) {
  std::vector<UnsaidTraffic> all;
  const std::vector<Task>& deploy = setting_.books().deploy.tasks;
  for (const model::StepIndex step : row.done) add_changes(deploy[step], all);
  if (row.half) add_changes(deploy[*row.half], all);
  for (std::size_t i = 0; i < path.tasks.size(); ++i) {
    if (!left_out.test(i)) add_changes(path.tasks[i], all);
  }
  std::vector<std::pair<model::ServiceIndex, model::ServiceIndex>> looked;
  for (UnsaidTraffic& each : all) {
    const std::pair place(each.app, each.store);
    if (std::ranges::find(looked, place) != looked.end()) continue;
    looked.push_back(place);
    listen(each, log);
    if (each.versions.empty() && each.operation.empty()) continue;
    keep(each);
    return each;
  }
  return std::nullopt;
}

std::vector<UnsaidTraffic> Silence::all() const {
  std::vector<UnsaidTraffic> all;
  for (const auto& [app, unsaid] : found_) all.push_back(unsaid);
  return all;
}

std::string Silence::why(const UnsaidTraffic& unsaid) const {
  const model::Plan& plan = setting_.plan();
  return fmt::format("what '{}' does to '{}', which '{}' changes, is not known: {}",
                     plan.services[unsaid.app].name, plan.services[unsaid.store].name,
                     plan.steps[unsaid.step].id, to_string(unsaid));
}

std::string to_string(const UnsaidTraffic& unsaid) {
  if (unsaid.versions.empty()) return unsaid.operation;
  const bool many = unsaid.versions.size() > 1;
  return fmt::format("{} '{}' {} nothing of {} traffic", many ? "versions" : "version",
                     fmt::join(unsaid.versions, "', '"), many ? "say" : "says",
                     many ? "their" : "its");
}

}  // namespace backout::simulator
