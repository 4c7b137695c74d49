// What a step goes through: CI, a registry, a deployer, an admission webhook, a VPN.
//
// What the real thing does: a step that needs another service fails while that does not answer, and
// a person who tries again gets no further. The tool that rolls back may itself need the service
// that is rolled back: it asks it for permission, pulls its image from it, is reached through it.
// What this fake leaves out: partial outages, queues.
#include "services/dependence.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/features.hpp"
#include "services/record_kind.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

const Record* record_of(const World& world, ServiceIndex service) {
  return dynamic_cast<const Record*>(world.states[service].get());
}

/// What a live version of the app needs and does not find; empty: nothing.
std::string why_not_working(const Context& context, const World& world, ServiceIndex app) {
  for (const std::string& name : context.kind(app).live_versions(context, world, app)) {
    const model::Version* version = context.plan().services[app].find_version(name);
    if (version == nullptr) continue;
    for (const Operation& operation : version->operations) {
      if (operation.type != Operation::Type::require) continue;
      const Applied applied = run_operation(context, world, {app, name, &operation, {}});
      if (applied.outcome.result == Outcome::Result::refused) return applied.outcome.message;
    }
  }
  return {};
}

std::string why_silent(const Context& context, const World& world, ServiceIndex service,
                       std::vector<ServiceIndex>& asked) {
  if (std::ranges::find(asked, service) != asked.end()) return {};
  asked.push_back(service);
  const model::Service& self = context.plan().services[service];
  const Record* record = record_of(world, service);
  if (record != nullptr && record->has(kOutage))
    return fmt::format("'{}' does not answer", self.name);
  // What drives the deploys of others has no version of its own, and runs elsewhere.
  const bool is_driver = features_of(context.kind(service)).drives_others && self.versions.empty();
  if (is_driver) return {};
  if (record != nullptr && record->get("running") == "false")
    return fmt::format("'{}' does not run", self.name);
  if (!answers(context, world, service)) {
    return is_app(context.kind(service).spec())
               ? why_unhealthy(context, world, service)
               : fmt::format("what is behind '{}' does not answer", self.name);
  }
  if (const std::string why = why_not_working(context, world, service); !why.empty())
    return fmt::format("'{}' does not work: {}", self.name, why);
  for (const ServiceIndex used : self.uses) {
    if (const std::string why = why_silent(context, world, used, asked); !why.empty())
      return fmt::format("'{}' needs '{}': {}", self.name, context.plan().services[used].name, why);
  }
  return {};
}

void add_dependence(const Context& context, ServiceIndex service, std::vector<ServiceIndex>& seen,
                    Footprint& print) {
  if (std::ranges::find(seen, service) != seen.end()) return;
  seen.push_back(service);
  for (std::string& path : paths_behind(context, service)) print.reads.push_back(std::move(path));
  const model::Service& self = context.plan().services[service];
  for (const model::Version& version : self.versions) {
    for (const Operation& operation : version.operations) {
      if (operation.on != model::kNone) print.reads.push_back(resource(context, operation.on));
    }
  }
  for (const ServiceIndex used : self.uses) add_dependence(context, used, seen, print);
}

}  // namespace

std::string why_silent(const Context& context, const World& world, ServiceIndex service) {
  std::vector<ServiceIndex> asked;
  return why_silent(context, world, service, asked);
}

Changes cut_off(const Context& context, const World& world, const Action& action) {
  if (action.via.empty()) return {};
  const ServiceIndex via = action.via.front();
  const Record* record = record_of(world, via);
  if (record == nullptr || !why_silent(context, world, via).empty()) return {};
  return {{via, record->with(kOutage, "true").share()}};
}

void add_dependence(const Context& context, ServiceIndex service, Footprint& print) {
  std::vector<ServiceIndex> seen;
  add_dependence(context, service, seen, print);
}

}  // namespace backout::services
