// What checks say of a world. Checks about one service go to its kind; those about several are
// answered here.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/app.hpp"
#include "services/dependence.hpp"
#include "services/fact_list.hpp"
#include "services/service.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

using Value = CheckResult::Value;

/// The service behind which the metric's numbers come and which does not answer; kNone when they
/// come.
ServiceIndex silent_source(const Context& context, const World& world, const std::string& metric) {
  const Plan& plan = context.plan();
  for (const model::Metric& each : plan.decisions.metrics) {
    if (each.name != metric || each.source == model::kNone) continue;
    for (const ServiceIndex via : named_services(plan, plan.services[each.source].fields, "via")) {
      if (!answers(context, world, via)) return via;
    }
  }
  return model::kNone;
}

/// Whether some app serves: without one there is no traffic to measure.
bool is_measured(const Context& context, const World& world) {
  bool any = false;
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    if (!is_app(context.kind(i).spec())) continue;
    if (answers(context, world, i)) return true;
    any = true;
  }
  return !any;
}

/// A metric is good while every live operation works: the traffic is what it measures. Absent data
/// is never good.
CheckResult check_metric(const Context& context, const World& world, const model::Check& check) {
  const ServiceIndex silent = silent_source(context, world, check.args.text("metric"));
  if (silent != model::kNone) {
    return {Value::fail, fmt::format("there is no data: '{}' does not answer",
                                     context.plan().services[silent].name)};
  }
  if (!is_measured(context, world)) return {Value::fail, "there is no data: nothing serves"};
  for (ServiceIndex app = 0; app < context.plan().services.size(); ++app) {
    if (!context.kind(app).spec().has_versions || !is_running(world, app) ||
        !is_ill_since_deploy(world, app))
      continue;
    if (blocked(context, world, app).empty())
      return {Value::fail, why_unhealthy(context, world, app)};
  }
  for (const LiveOperation& live : live_operations(context, world)) {
    const Applied applied = run_operation(context, world, live);
    if (applied.outcome.result == Outcome::Result::refused) {
      const std::string& why = applied.outcome.message;
      return {Value::fail,
              fmt::format("'{}' of {} fails: {}", live.operation->name, live.version, why)};
    }
    if (applied.outcome.result == Outcome::Result::opaque)
      return {Value::unknown, applied.outcome.message};
  }
  return {Value::pass, ""};
}

/// What facts services of the kind have, where none is of that name.
std::string what_there_is(const Context& context, ServiceIndex service, const std::string& path) {
  const std::vector<FactSpec> list = fact_list(context.kind(service).spec());
  const bool known =
      std::ranges::any_of(list, [&](const FactSpec& spec) { return is_fact(spec, path); });
  if (known || list.empty() || path == kOutage) return {};
  std::vector<std::string> paths;
  for (const FactSpec& spec : list) paths.push_back(spec.path);
  return fmt::format("; '{}' has {}", context.plan().services[service].name,
                     fmt::join(paths, ", "));
}

CheckResult check_fact(const Context& context, const World& world, const model::Check& check) {
  const ServiceIndex service = check.services.front();
  const std::string path = check.args.text("fact");
  const std::string wanted = check.args.text("is");
  std::string found = "absent";
  for (const Fact& fact : context.kind(service).facts(context, service, *world.states[service])) {
    if (fact.path == path) found = fact.value;
  }
  if (wanted == "unknown")
    return {Value::unknown, fmt::format("what {} should be is unknown", path)};
  if (found == "unknown")
    return {Value::unknown,
            fmt::format("what {} is, is unknown", resource(context, service, path))};
  const bool any = wanted.empty() || wanted == "*" || wanted == "present";
  if (found == wanted || (any && found != "absent")) return {Value::pass, ""};
  return {Value::fail, fmt::format("{} is {}, not {}{}", resource(context, service, path), found,
                                   any ? "there" : wanted,
                                   found == "absent" ? what_there_is(context, service, path) : "")};
}

CheckResult check_same_point(const Context& context, const World& world,
                             const model::Check& check) {
  std::string first;
  for (const ServiceIndex service : check.services) {
    std::string point = "now";
    for (const Fact& fact : context.kind(service).facts(context, service, *world.states[service])) {
      if (fact.path == "point") point = fact.value;
    }
    if (first.empty()) first = point;
    if (point == first) continue;
    return {Value::fail, fmt::format("'{}' is of another moment ({}) than '{}' ({})",
                                     context.plan().services[service].name, point,
                                     context.plan().services[check.services.front()].name, first)};
  }
  return {Value::pass, ""};
}

CheckResult check_version(const Context& context, const World& world, const model::Check& check) {
  const ServiceIndex app = check.services.front();
  const std::string wanted = check.args.text("version");
  const std::vector<std::string> live = context.kind(app).live_versions(context, world, app);
  if (wanted == "unknown") return {Value::unknown, "which version should answer is unknown"};
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  // Workers and jobs answer nobody: one looks at what they are.
  if (!is_app(context.kind(app).spec()) && record != nullptr && record->has("version")) {
    const std::string& version = record->get("version");
    if (version == wanted) return {Value::pass, ""};
    return {Value::fail, fmt::format("'{}' is of {}, not {}", context.plan().services[app].name,
                                     version, wanted)};
  }
  if (!live.empty() && !answers(context, world, app))
    return {Value::fail, why_unhealthy(context, world, app)};
  if (std::ranges::find(live, wanted) != live.end()) return {Value::pass, ""};
  return {Value::fail,
          fmt::format("{} answers, not {}", live.empty() ? "nothing" : live.front(), wanted)};
}

}  // namespace

CheckResult evaluate(const Context& context, const World& world, const model::Check& check) {
  using Type = model::Check::Type;
  // A person or a command that the fake cannot run is taken to say what it is meant to say.
  if (check.type == Type::manual || check.type == Type::command) return {Value::pass, ""};
  if (check.type == Type::metric) return check_metric(context, world, check);
  if (check.services.empty()) return {Value::unknown, "the check names no service"};
  switch (check.type) {
    case Type::fact:
      return check_fact(context, world, check);
    case Type::same_point:
      return check_same_point(context, world, check);
    case Type::version:
      return check_version(context, world, check);
    case Type::metric:
    case Type::http:
    case Type::sql:
    case Type::rows:
    case Type::command:
    case Type::manual:
      break;
  }
  return context.kind(check.services.front()).check(context, world, check);
}

}  // namespace backout::services
