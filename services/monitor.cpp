// Monitoring: metrics, health checks, baselines.
//
// What the real thing does: looks. Metrics that are served by the app itself are absent when the app is down, and a
// script that compares an absent number with a threshold finds "no emergency" (measured: X2, X3). A comparison with a
// baseline needs somebody to have recorded one before.
// What this fake leaves out: values over time (a campaign makes them).
//
// Facts: baselines.<name> and annotations are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec monitor_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"monitor", "Metrics and health checks.", false,
          {field("metrics", ValueType::map, "name: unit."), field("provider", ValueType::string, "Who runs it."),
           field("via", ValueType::service, "The service that serves the metrics, when that is not the monitor itself."),
           choice("absent_means", {"roll_back", "hold", "unknown"}, "What readers make of missing data (default unknown).")},
          {{"watch", {field("for", ValueType::duration, "How long."), field("metrics", ValueType::strings, "What is watched."),
                      field("calls", ValueType::string, "Over how many requests."), command}, "Watches for a while."},
           {"baseline", {field("metrics", ValueType::strings, "What is recorded."), field("name", ValueType::string, "Name of the baseline (default: baseline)."), command}, "Records values to compare with later."},
           {"probe", {field("of", ValueType::service, "Who is asked."), field("path", ValueType::string, "Path."), field("expect", ValueType::any, "Answer that passes."),
                      field("version", ValueType::version, "Version that must answer."), field("fail_on_error", ValueType::boolean, "An error answer fails it."),
                      field("retries", ValueType::integer, "How often it is tried."), command}, "Asks a service."},
           {"evaluate", {field("metrics", ValueType::strings, "What is looked at."), field("thresholds", ValueType::map, "metric: limit."), command}, "Compares metrics with thresholds now."},
           {"annotate", {field("text", ValueType::string, "The note."), command}, "Marks the time in the graphs."}}};
}

class MonitorKind : public RecordKind {
 public:
  MonitorKind() : RecordKind(monitor_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override { return Record().share(); }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (action.verb == "baseline") {
      const std::string name = action.args.text_or("name", "baseline");
      return Outcome::done().set(action.service, record(world, action.service).with("baselines." + name, "recorded"));
    }
    if (action.verb == "evaluate" && !reachable(context, world, action.service)) {
      return Outcome::noop("the metrics are absent, and the comparison finds no emergency");
    }
    return Outcome::done();
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print;
    const Plan& plan = context.plan();
    if (action.verb == "baseline") print.writes = {resource(context, action.service, "baselines")};
    for (const ServiceIndex via : named_services(plan, plan.services[action.service].fields, "via")) print.reads.push_back(resource(context, via));
    for (const ServiceIndex of : named_services(plan, action.args, "of")) print.reads.push_back(resource(context, of));
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World&, const Action&) const override { return {Undo::Class::exact, "", {}}; }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const Plan& plan = context.plan();
    traits.read_only = action.verb != "baseline";
    traits.via = named_services(plan, plan.services[action.service].fields, "via");
    if (action.verb == "evaluate" && !traits.via.empty() && plan.services[action.service].fields.text_or("absent_means", "unknown") == "unknown") {
      traits.hides_failure = fmt::format("when '{}' is down its metrics are absent, and absent compares as fine", plan.services[traits.via.front()].name);
    }
    return traits;
  }

  CheckResult check(const Context& context, const World& world, const model::Check&) const override {
    (void)context;
    (void)world;
    return {CheckResult::Value::pass, ""};
  }

 protected:
  std::vector<std::string> incidental() const override { return {"baselines"}; }

 private:
  static bool reachable(const Context& context, const World& world, ServiceIndex self) {
    const Plan& plan = context.plan();
    return std::ranges::all_of(named_services(plan, plan.services[self].fields, "via"), [&](ServiceIndex via) {
      return plan.services[via].versions.empty() || is_running(world, via);
    });
  }
};

}  // namespace

const Kind& kind_monitor() {
  static const MonitorKind kKind;
  return kKind;
}

}  // namespace backout::services
