#include "services/routing.hpp"
#include "services/dns.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/record_kind.hpp"

namespace backout::services {

namespace {

std::vector<Route> sides(const Plan& plan, const model::Service& balancer) {
  std::vector<Route> all;
  const model::Node* written = balancer.fields.find("sides");
  if (written == nullptr) return all;
  const std::string live = balancer.fields.text("live");
  for (const model::Node::Entry& side : written->entries) {
    all.push_back(
        {side.key, "weight." + side.key, plan.find_service(side.value.text), side.key == live});
  }
  return all;
}

std::vector<Route> places(const Plan& plan, const model::Service& region) {
  std::vector<Route> all;
  for (const std::string& place : region.fields.strings("places"))
    all.push_back({place, "serves." + place, plan.find_service(place), true});
  return all;
}

std::vector<Route> records(const Plan& plan, ServiceIndex zone) {
  std::vector<Route> all;
  if (const model::Node* written = plan.services[zone].fields.find("records")) {
    for (const model::Node::Entry& entry : written->entries) {
      all.push_back({entry.key, "records." + entry.key, plan.find_service(entry.value.text), true});
    }
  }
  for (const model::Step& step : plan.steps) {
    if (step.target != zone || step.verb != kSetRecordVerb) continue;
    const std::string record = kDnsRecord.in(step.args);
    all.push_back({record, "records." + record, plan.find_service(kDnsValue.in(step.args)), false});
  }
  return all;
}

/// Where users of the route `to` came before the deploy; kNone: nobody did.
ServiceIndex app_at_start(const Plan& plan, ServiceIndex router, const std::vector<Route>& routes,
                          const Route& to) {
  for (const Route& each : routes) {
    const bool same = plan.services[router].kind == "load_balancer" || each.name == to.name;
    if (each.at_start && same) return each.app;
  }
  return model::kNone;
}

}  // namespace

std::vector<Route> routes_of(const Plan& plan, ServiceIndex router) {
  const model::Service& self = plan.services[router];
  std::vector<Route> all;
  if (self.kind == "load_balancer") all = sides(plan, self);
  if (self.kind == "region") all = places(plan, self);
  if (self.kind == "dns") all = records(plan, router);
  std::erase_if(all, [](const Route& route) { return route.app == model::kNone; });
  return all;
}

bool is_open(const Plan& plan, const Record& router, const Route& route) {
  const std::string& now = router.get(route.fact);
  if (route.fact.starts_with("records.")) return now == plan.services[route.app].name;
  return now != "0" && now != "false";
}

bool is_left_by_users(const Plan& plan, const World& world, ServiceIndex app) {
  bool came = false;
  for (ServiceIndex router = 0; router < plan.services.size(); ++router) {
    for (const Route& route : routes_of(plan, router)) {
      if (route.app != app) continue;
      if (is_open(plan, world.record(router), route)) return false;
      came = came || route.at_start;
    }
  }
  return came;
}

ServiceIndex worker_before(const Plan& plan, ServiceIndex app) {
  std::vector<std::vector<Route>> ways;
  for (ServiceIndex router = 0; router < plan.services.size(); ++router) {
    ways.push_back(routes_of(plan, router));
    if (std::ranges::any_of(ways.back(),
                            [&](const Route& route) { return route.app == app && route.at_start; }))
      return app;
  }
  for (ServiceIndex router = 0; router < plan.services.size(); ++router) {
    for (const Route& route : ways[router]) {
      if (route.app != app) continue;
      if (const ServiceIndex first = app_at_start(plan, router, ways[router], route);
          first != model::kNone)
        return first;
    }
  }
  return app;
}

std::optional<std::int64_t> bears(const model::Service& self, const std::string& name) {
  const model::Node* node = self.fields.find("bears");
  if (node != nullptr && node->type == model::Node::Type::map) node = node->find(name);
  return node == nullptr ? std::nullopt : node->as_integer();
}

model::FieldSpec retries_field() {
  return field("retries", model::ValueType::integer,
               "How often clients try again what failed, without a wait that grows and differs: "
               "what answers again behind an "
               "outage gets so many times more.");
}

void check_bears(const model::Service& self, const std::vector<std::string>& names,
                 std::vector<model::Mistake>& mistakes) {
  const model::Node* node = self.fields.find("bears");
  if (node == nullptr) return;
  const auto check = [&](const model::Node& share, const std::string& of) {
    if (share.is_unknown() || share.as_integer().value_or(-1) >= 0) return;
    mistakes.push_back({share.span,
                        fmt::format("what {} bears is a whole number, in percent of all users", of),
                        "like 60; or unknown"});
  };
  if (node->type != model::Node::Type::map)
    return check(*node, fmt::format("each part of '{}'", self.name));
  for (const model::Node::Entry& entry : node->entries) {
    check(entry.value, fmt::format("'{}'", entry.key));
    if (std::ranges::find(names, entry.key) != names.end()) continue;
    mistakes.push_back({entry.key_span,
                        fmt::format("'{}' sends no users to '{}'", self.name, entry.key),
                        fmt::format("known: {}", fmt::join(names, ", "))});
  }
}

}  // namespace backout::services
