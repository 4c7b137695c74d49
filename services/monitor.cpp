// Monitoring: metrics, health checks, baselines.
//
// What the real thing does: looks. Metrics that are served by the app itself are absent when the
// app is down, and a script that compares an absent number with a threshold finds "no emergency"
// (measured: X2, X3). A comparison with a baseline needs somebody to have recorded one before. What
// this fake leaves out: values over time (a campaign makes them).
//
// Facts: baselines.<name> and annotations are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> monitor_verbs() {
  const auto metrics = field("metrics", ValueType::strings, "Which metrics.");
  return {
      {"watch",
       {field("for", ValueType::duration, "How long."), metrics,
        field("calls", ValueType::string, "Over how many requests."), command_field()},
       "Watches for a while."},
      {"baseline",
       {metrics, field("name", ValueType::string, "Name of the baseline (default: baseline)."),
        command_field()},
       "Records values to compare with later."},
      {"probe",
       {field("of", ValueType::service, "Who is asked."), field("path", ValueType::string, "Path."),
        field("expect", ValueType::any, "Answer that passes; without one every answer passes."),
        field("version", ValueType::version, "Version that must answer."),
        field("fail_on_error", ValueType::boolean, "An error answer fails it."),
        field("retries", ValueType::integer, "How often it is tried."),
        field("send", ValueType::any, "Body that is sent."), command_field()},
       "Asks a service."},
      {"evaluate",
       {metrics, field("thresholds", ValueType::map, "metric: limit."), command_field()},
       "Compares metrics with thresholds now."},
      {"annotate",
       {field("text", ValueType::string, "The note."), command_field()},
       "Marks the time in the graphs."}};
}

model::KindSpec monitor_spec() {
  return {"monitor",
          "Metrics and health checks.",
          false,
          {field("metrics", ValueType::map, "name: unit."),
           field("provider", ValueType::string, "Who runs it."),
           field("via", ValueType::service,
                 "The service that serves the metrics, when that is not the monitor itself."),
           choice("absent_means", {"roll_back", "hold", "unknown"},
                  "What readers make of missing data (default unknown).")},
          monitor_verbs()};
}

std::vector<ServiceIndex> via_of(const Context& context, ServiceIndex self) {
  return named_services(context.plan(), context.plan().services[self].fields, "via");
}

/// The service through which metrics would come and which does not answer; kNone when they come.
ServiceIndex silent_source(const Context& context, const World& world, ServiceIndex self) {
  for (const ServiceIndex via : via_of(context, self)) {
    if (!answers(context, world, via)) return via;
  }
  return model::kNone;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c < ' '; });
}

class MonitorKind : public RecordKind {
 public:
  MonitorKind() : RecordKind(monitor_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>& mistakes) const override {
    const model::Node* metrics = context.plan().services[self].fields.find("metrics");
    for (const model::Node::Entry& metric : metrics == nullptr ? std::vector<model::Node::Entry>() : metrics->entries) {
      const model::Node* unit = metric.value.type == model::Node::Type::map ? metric.value.find("unit") : &metric.value;
      if (unit != nullptr && unit->is_scalar() && (unit->type == model::Node::Type::null || is_one_line(unit->text))) continue;
      mistakes.push_back({metric.value.span, fmt::format("the unit of '{}' is one line", metric.key), "like percent, ms or count; or unknown"});
    }
    return Record().share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& monitor = record(world, action.service);
    if (action.verb == "baseline") {
      const std::string name = action.args.text_or("name", "baseline");
      return Outcome::done().set(action.service, monitor.with("baselines." + name, "recorded"));
    }
    if (action.verb == "probe") {
      for (const ServiceIndex of : named_services(context.plan(), action.args, "of")) {
        return probe(context, world, of, action.args);
      }
      return Outcome::done();
    }
    if (!is_one_of(action.verb, {"watch", "annotate", "evaluate"})) unhandled(spec(), action, "apply");
    const ServiceIndex silent = silent_source(context, world, action.service);
    if (action.verb != "evaluate" || silent == model::kNone) return Outcome::done();
    return absent(context, action.service, context.plan().services[silent].name);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    if (!is_one_of(action.verb, {"watch", "annotate", "baseline", "probe", "evaluate"}))
      unhandled(spec(), action, "footprint");
    Footprint print;
    if (action.verb == "baseline") print.writes = {resource(context, action.service, "baselines")};
    std::vector<ServiceIndex> asked = via_of(context, action.service);
    for (const ServiceIndex of : named_services(context.plan(), action.args, "of"))
      asked.push_back(of);
    for (const ServiceIndex service : asked) {
      for (std::string& path : paths_behind(context, service))
        print.reads.push_back(std::move(path));
    }
    std::sort(print.reads.begin(), print.reads.end());
    print.reads.erase(std::unique(print.reads.begin(), print.reads.end()), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (!is_one_of(action.verb, {"watch", "annotate", "baseline", "probe", "evaluate"})) return {};
    return {Undo::Class::exact, "", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const Plan& plan = context.plan();
    traits.read_only = action.verb != "baseline";
    traits.via = via_of(context, action.service);
    if (action.verb == "probe") {
      for (const ServiceIndex of : named_services(plan, action.args, "of"))
        traits.via.push_back(of);
      traits.hides_failure = why_probe_cannot_fail(action.args);
    }
    const std::string absent_means =
        plan.services[action.service].fields.text_or("absent_means", "unknown");
    if (action.verb == "evaluate" && !via_of(context, action.service).empty() &&
        absent_means == "unknown") {
      traits.hides_failure =
          fmt::format("when '{}' is down its metrics are absent, and absent compares as fine",
                      plan.services[traits.via.front()].name);
    }
    return traits;
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    const ServiceIndex silent = silent_source(context, world, check.services.front());
    if (silent == model::kNone) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail, fmt::format("there is no data: '{}' does not answer",
                                                  context.plan().services[silent].name)};
  }

 private:
  /// What a script makes of metrics that are not there.
  static Outcome absent(const Context& context, ServiceIndex self, const std::string& silent) {
    const std::string means =
        context.plan().services[self].fields.text_or("absent_means", "unknown");
    if (means != "unknown")
      return Outcome::refused(fmt::format("there is no data: '{}' does not answer", silent));
    return Outcome::noop("the metrics are absent, and the comparison finds no emergency");
  }

  std::vector<std::string> incidental() const override { return {"baselines"}; }
};

}  // namespace

const Kind& kind_monitor() {
  static const MonitorKind kKind;
  return kKind;
}

}  // namespace backout::services
