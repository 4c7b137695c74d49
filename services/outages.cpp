// Who serves, for a verdict: the end of a rollback after which something stands still that stood in service before.
#include "services/outages.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "services/app.hpp"

namespace backout::services {

namespace {

/// What stands behind a balancer, in a region or in a zone: the fact that says whether it gets users, and the app.
struct Behind {
  std::string fact;   ///< "weight.blue", "serves.east"
  std::string label;  ///< "side 'blue'", "'east'"
  std::string app;
};

/// Empty for a service that routes nobody.
std::vector<Behind> behind(const Plan& plan, ServiceIndex service) {
  std::vector<Behind> all;
  const model::Service& self = plan.services[service];
  if (self.kind == "region") {
    for (const std::string& place : self.fields.strings("places")) all.push_back({"serves." + place, fmt::format("'{}'", place), place});
  }
  if (self.kind == "dns") {
    const auto add = [&](const std::string& record, const std::string& value) {
      if (plan.find_service(value) != model::kNone) all.push_back({"records." + record, fmt::format("'{}'", value), value});
    };
    if (const model::Node* records = self.fields.find("records")) {
      for (const model::Node::Entry& entry : records->entries) add(entry.key, entry.value.text);
    }
    for (const model::Step& step : plan.steps) {
      if (step.target == service && step.verb == "set") add(step.args.text("record"), step.args.text("value"));
    }
  }
  const model::Node* sides = self.kind == "load_balancer" ? self.fields.find("sides") : nullptr;
  if (sides == nullptr) return all;
  for (const model::Node::Entry& side : sides->entries) all.push_back({"weight." + side.key, fmt::format("side '{}'", side.key), side.value.text});
  return all;
}

/// The names of the apps that stand behind a balancer or in a region.
std::set<std::string> behind_balancers(const Plan& plan) {
  std::set<std::string> names;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    for (const Behind& each : behind(plan, i)) names.insert(each.app);
  }
  return names;
}

/// Why an app does nothing for its users by itself.
std::optional<Outage> app_outage(const Context& context, const World& world, ServiceIndex app) {
  const std::string& name = context.plan().services[app].name;
  const Record& record = world.record(app);
  if (!is_running(world, app)) {
    const bool scaled = record.get("replicas") == "0";
    return Outage{app, name + (scaled ? ".replicas" : ".running"),
                  scaled ? fmt::format("'{}' has no replicas", name) : fmt::format("'{}' does not run", name)};
  }
  if (std::string why = why_unhealthy(context, world, app); !why.empty() && sick_version(world, app) != record.get("version")) {
    return Outage{app, name + ".unhealthy", std::move(why)};
  }
  if (record.get("intake") == "stopped") {
    return Outage{app, name + ".intake", fmt::format("'{}' takes in no work", name)};
  }
  return std::nullopt;
}

/// A switch, not a balancer, that keeps users from the app.
std::optional<Outage> hidden(const Context& context, const World& world, ServiceIndex app) {
  const Plan& plan = context.plan();
  for (const ServiceIndex barrier : context.barriers()) {
    if (!behind(plan, barrier).empty()) continue;
    const std::string why = context.kind(barrier).blocks(context, world, barrier, app);
    if (why.empty()) continue;
    return Outage{app, plan.services[barrier].name + ".state",
                  fmt::format("nobody gets through to '{}': {}", plan.services[app].name, why)};
  }
  return std::nullopt;
}

std::optional<Outage> balancer_outage(const Context& context, const World& world, ServiceIndex balancer) {
  const Plan& plan = context.plan();
  const std::string& name = plan.services[balancer].name;
  for (const Behind& each : behind(plan, balancer)) {
    const ServiceIndex app = plan.find_service(each.app);
    if (app == model::kNone || !is_app(context.kind(app).spec())) continue;
    const std::string& share = world.record(balancer).get(each.fact);
    if (share == "0" || share == "false" || (plan.services[balancer].kind == "dns" && share != each.app)) continue;
    std::optional<Outage> outage = app_outage(context, world, app);
    if (!outage) outage = hidden(context, world, app);
    if (!outage) continue;
    return Outage{balancer, outage->path, fmt::format("'{}' sends traffic to {}, and {}", name, each.label, outage->why)};
  }
  return std::nullopt;
}

std::optional<Outage> outage_of(const Context& context, const World& world, ServiceIndex service, const std::set<std::string>& routed) {
  const Plan& plan = context.plan();
  if (!behind(plan, service).empty()) return balancer_outage(context, world, service);
  if (is_app(context.kind(service).spec())) {
    if (routed.contains(plan.services[service].name)) return std::nullopt;
    if (std::optional<Outage> outage = app_outage(context, world, service)) return outage;
    return hidden(context, world, service);
  }
  if (plan.services[service].kind != "workers" || world.record(service).get("running") == "true") return std::nullopt;
  const std::string& name = plan.services[service].name;
  return Outage{service, name + ".running", fmt::format("'{}' does not run", name)};
}

}  // namespace

std::vector<Outage> outages(const Context& context, const World& world) {
  std::vector<Outage> all;
  const std::set<std::string> routed = behind_balancers(context.plan());
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    if (std::optional<Outage> outage = outage_of(context, world, i, routed)) all.push_back(std::move(*outage));
  }
  return all;
}

}  // namespace backout::services
