// What one who asks an app, or a balancer in front of it, gets to know.
//
// What the real thing does: a health check says that something answers; which version it is, and
// whether it can do its work, it says only when it asks for that. `curl` without `-f` exits 0 after
// an error page. What this fake leaves out: contents of answers, other than an error for a body
// that no live version accepts.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/app.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

using Value = CheckResult::Value;

/// The app that answers for `service`: itself, or the one behind a balancer's live side; kNone when
/// none does.
ServiceIndex app_behind(const Context& context, const World& world, ServiceIndex service) {
  const model::Service& asked = context.plan().services[service];
  if (context.kind(service).spec().has_versions) return service;
  const model::Node* sides = asked.fields.find("sides");
  const auto* record = dynamic_cast<const Record*>(world.states[service].get());
  if (sides == nullptr || record == nullptr) return model::kNone;
  const model::Node* side = sides->find(record->get("live"));
  return side == nullptr ? model::kNone : context.plan().find_service(side->text);
}

bool compares(const Args& args) {
  return args.flag("fail_on_error") || (args.has("expect") && args.text("expect") != "none") ||
         args.has("version");
}

/// Why no live version accepts the body that is sent; empty when one does or none of them takes
/// events.
std::string why_rejected(const Context& context, const World& world, ServiceIndex app,
                         const model::Node& body) {
  std::string why;
  for (const std::string& name : context.kind(app).live_versions(context, world, app)) {
    const model::Version* version = context.plan().services[app].find_version(name);
    if (version == nullptr) continue;
    for (const Operation& operation : version->operations) {
      if (operation.type != Operation::Type::event) continue;
      const auto missing = std::ranges::find_if(
          operation.fields, [&](const std::string& each) { return body.find(each) == nullptr; });
      if (missing == operation.fields.end()) return {};
      why = fmt::format("{} answers 400: it needs '{}'", name, *missing);
    }
  }
  return why;
}

}  // namespace

bool answers(const Context& context, const World& world, ServiceIndex service) {
  const bool fronts = context.kind(service).spec().has_versions ||
                      context.plan().services[service].fields.has("sides");
  if (!fronts) return true;
  const ServiceIndex app = app_behind(context, world, service);
  return app != model::kNone && is_running(world, app) &&
         why_unhealthy(context, world, app).empty();
}

std::vector<std::string> paths_behind(const Context& context, ServiceIndex service) {
  std::vector<std::string> paths = {resource(context, service)};
  if (const model::Node* sides = context.plan().services[service].fields.find("sides")) {
    for (const model::Node::Entry& side : sides->entries) paths.push_back(side.value.text);
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

std::string why_probe_cannot_fail(const Args& args) {
  if (args.is_unknown("expect")) return "what the right answer is, nobody says";
  return compares(args) ? "" : "every answer passes, an error page too, and so does none";
}

CheckResult ask(const Context& context, const World& world, ServiceIndex service,
                const Args& args) {
  if (!compares(args)) return {Value::pass, ""};
  const ServiceIndex app = app_behind(context, world, service);
  if (!answers(context, world, service)) {
    const bool runs = app != model::kNone && is_running(world, app);
    return {Value::fail, runs ? why_unhealthy(context, world, app) : "nothing answers"};
  }
  if (app == model::kNone) return {Value::pass, ""};
  if (const model::Node* body = args.find("send");
      body != nullptr && body->type == model::Node::Type::map) {
    if (std::string why = why_rejected(context, world, app, *body); !why.empty())
      return {Value::fail, why};
  }
  const std::string wanted = args.text("version");
  if (wanted.empty()) return {Value::pass, ""};
  if (wanted == "unknown") return {Value::unknown, "which version should answer is unknown"};
  const std::vector<std::string> live = context.kind(app).live_versions(context, world, app);
  if (std::ranges::find(live, wanted) == live.end()) {
    return {Value::fail, fmt::format("{} answers, not {}", fmt::join(live, " or "), wanted)};
  }
  if (live.size() > 1)
    return {Value::unknown, fmt::format("now {} answers, now {}", live[0], live[1])};
  return {Value::pass, ""};
}

Outcome probe(const Context& context, const World& world, ServiceIndex service, const Args& args) {
  const CheckResult result = ask(context, world, service, args);
  if (result.value == Value::fail) return Outcome::refused(result.why);
  return result.value == Value::unknown ? Outcome::opaque(result.why) : Outcome::done();
}

}  // namespace backout::services
