// Who serves, for a verdict: the end of a rollback after which something stands still that stood in
// service before.
#include "services/outages.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/routing.hpp"

namespace backout::services {

namespace {

/// The routes of every service, and who is at the end of one; worked out once a world.
struct Routing {
  explicit Routing(const Plan& plan) : routed(plan.services.size()) {
    for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
      routes.push_back(routes_of(plan, i));
      for (const Route& route : routes.back()) routed[route.app] = true;
    }
  }

  std::vector<std::vector<Route>> routes;
  std::vector<bool> routed;
};

/// Why an app does nothing for its users by itself.
std::optional<Outage> app_outage(const Context& context, const World& world, ServiceIndex app) {
  const std::string& name = context.plan().services[app].name;
  const Record& record = world.record(app);
  if (!is_running(world, app)) {
    const bool scaled = record.get("replicas") == "0";
    return Outage{app, name + (scaled ? ".replicas" : ".running"),
                  scaled ? fmt::format("'{}' has no replicas", name)
                         : fmt::format("'{}' does not run", name)};
  }
  if (std::string why = why_unhealthy(context, world, app);
      !why.empty() && sick_version(world, app) != record.get("version")) {
    return Outage{app, name + ".unhealthy", std::move(why)};
  }
  if (record.get("intake") == "stopped") {
    return Outage{app, name + ".intake", fmt::format("'{}' takes in no work", name)};
  }
  return std::nullopt;
}

/// A switch, not a balancer, that keeps users from the app.
std::optional<Outage> hidden_behind_switch(const Context& context, const World& world,
                                           const Routing& routing, ServiceIndex app) {
  const Plan& plan = context.plan();
  for (const ServiceIndex barrier : context.barriers()) {
    if (!routing.routes[barrier].empty()) continue;
    const std::string why = context.kind(barrier).blocks(context, world, barrier, app);
    if (why.empty()) continue;
    return Outage{app, plan.services[barrier].name + ".state",
                  fmt::format("nobody gets through to '{}': {}", plan.services[app].name, why)};
  }
  return std::nullopt;
}

std::optional<Outage> router_outage(const Context& context, const World& world,
                                    const Routing& routing, ServiceIndex router) {
  const Plan& plan = context.plan();
  const std::string& name = plan.services[router].name;
  for (const Route& route : routing.routes[router]) {
    if (!is_app(context.kind(route.app).spec()) || !is_open(plan, world.record(router), route))
      continue;
    std::optional<Outage> outage = app_outage(context, world, route.app);
    if (!outage) outage = hidden_behind_switch(context, world, routing, route.app);
    if (!outage) continue;
    const bool side = plan.services[router].kind == "load_balancer";
    const std::string to = side ? fmt::format("side '{}'", route.name)
                                : fmt::format("'{}'", plan.services[route.app].name);
    return Outage{router, outage->path,
                  fmt::format("'{}' sends traffic to {}, and {}", name, to, outage->why)};
  }
  return std::nullopt;
}

std::optional<Outage> outage_of(const Context& context, const World& world, const Routing& routing,
                                ServiceIndex service) {
  const Plan& plan = context.plan();
  if (!routing.routes[service].empty()) return router_outage(context, world, routing, service);
  if (is_app(context.kind(service).spec())) {
    if (routing.routed[service]) return std::nullopt;
    if (std::optional<Outage> outage = app_outage(context, world, service)) return outage;
    return hidden_behind_switch(context, world, routing, service);
  }
  if (plan.services[service].kind != "workers" || world.record(service).get("running") == "true")
    return std::nullopt;
  const std::string& name = plan.services[service].name;
  return Outage{service, name + ".running", fmt::format("'{}' does not run", name)};
}

}  // namespace

std::vector<Outage> outages(const Context& context, const World& world) {
  std::vector<Outage> all;
  const Routing routing(context.plan());
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    if (std::optional<Outage> outage = outage_of(context, world, routing, i))
      all.push_back(std::move(*outage));
  }
  return all;
}

}  // namespace backout::services
