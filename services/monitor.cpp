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

constexpr ListArg kMonitorMetrics{"metrics", "Which metrics (default: all)."};
constexpr TextArg kMonitorFor = TextArg("for", "How long.").of(ValueType::duration);
constexpr TextArg kMonitorCalls{"calls", "Over how many requests."};
constexpr TextArg kMonitorName{"name", "Name of the baseline (default: baseline)."};
constexpr TextArg kMonitorOf = TextArg("of", "Who is asked.").of(ValueType::service);
constexpr TextArg kMonitorPath = kAskedPath.saying("Path.");
constexpr FlagArg kMonitorFailOnError = kAskedFailOnError.saying("An error answer fails it.");
constexpr NodeArg kMonitorThresholds{"thresholds", "metric: limit."};
constexpr TextArg kMonitorText{"text", "The note."};

std::vector<ServiceIndex> via_of(const Context& context, ServiceIndex self) {
  return named_services(context.plan(), context.plan().services[self].fields, "via");
}

/// The service through which metrics would come and which does not answer; kNone when they come.
ServiceIndex silent_via(const Context& context, const World& world, ServiceIndex self) {
  for (const ServiceIndex via : via_of(context, self)) {
    if (!answers(context, world, via)) return via;
  }
  return model::kNone;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c < ' '; });
}

Record initial_monitor(const Context& context, ServiceIndex self,
                       std::vector<model::Mistake>& mistakes) {
  const model::Node* metrics = context.plan().services[self].fields.find("metrics");
  for (const model::Node::Entry& metric :
       metrics == nullptr ? std::vector<model::Node::Entry>() : metrics->entries) {
    const model::Node* unit =
        metric.value.type == model::Node::Type::map ? metric.value.find("unit") : &metric.value;
    if (unit != nullptr && unit->is_scalar() &&
        (unit->type == model::Node::Type::null || is_one_line(unit->text)))
      continue;
    mistakes.push_back({metric.value.span, fmt::format("the unit of '{}' is one line", metric.key),
                        "like percent, ms or count; or unknown"});
  }
  return {};
}

std::string absent_means(const model::Service& self) {
  return self.fields.text_or("absent_means", "unknown");
}

/// What a script makes of metrics, which may not be there.
Outcome evaluate(const Call& call) {
  const ServiceIndex silent = silent_via(call.context, call.world, call.action.service);
  if (silent == model::kNone) return Outcome::done();
  if (absent_means(call.self) != "unknown")
    return Outcome::refused(fmt::format("there is no data: '{}' does not answer",
                                        call.context.plan().services[silent].name));
  return Outcome::noop("the metrics are absent, and the comparison finds no emergency");
}

Outcome ask_first(const Call& call) {
  const std::vector<ServiceIndex> of =
      named_services(call.context.plan(), call.action.args, kMonitorOf.name());
  return of.empty() ? Outcome::done()
                    : probe(call.context, call.world, of.front(), call.action.args);
}

/// It reads whether those answer whom it asks, and those through whom its metrics come.
Footprint paths_asked(const Context& context, const Action& action) {
  Footprint print;
  std::vector<ServiceIndex> all = via_of(context, action.service);
  for (const ServiceIndex of : named_services(context.plan(), action.args, kMonitorOf.name()))
    all.push_back(of);
  for (const ServiceIndex service : all) {
    for (std::string& path : paths_behind(context, service)) print.reads.push_back(std::move(path));
  }
  std::sort(print.reads.begin(), print.reads.end());
  print.reads.erase(std::unique(print.reads.begin(), print.reads.end()), print.reads.end());
  return print;
}

Footprint recorded(const Context& context, const Action& action) {
  Footprint print = paths_asked(context, action);
  print.writes = {resource(context, action.service, "baselines")};
  return print;
}

void looks_through(const Context& context, const Action& action, Traits& traits) {
  traits.read_only = true;
  traits.via = via_of(context, action.service);
}

std::vector<VerbRow> verbs_of_monitor() {
  return {
      {{"watch", {kMonitorFor, kMonitorMetrics, kMonitorCalls}, "Watches for a while."},
       does_nothing,
       changes_nothing,
       looks_through},
      {{"baseline", {kMonitorMetrics, kMonitorName}, "Records values to compare with later."},
       [](const Call& call) {
         const std::string metrics = join_list(call.arg(kMonitorMetrics));
         return call.becomes(
             call.now.with("baselines." + kMonitorName.in(call.action.args, "baseline"),
                           metrics.empty() ? "recorded" : metrics));
       },
       changes_nothing,
       [](const Context& context, const Action& action, Traits& traits) {
         traits.via = via_of(context, action.service);
       },
       {},
       recorded},
      {{"probe",
        {kMonitorOf, kMonitorPath, kAskedExpect, kAskedVersion, kMonitorFailOnError, kAskedRetries,
         kAskedSend},
        "Asks a service."},
       ask_first,
       changes_nothing,
       [](const Context& context, const Action& action, Traits& traits) {
         looks_through(context, action, traits);
         for (const ServiceIndex of :
              named_services(context.plan(), action.args, kMonitorOf.name()))
           traits.via.push_back(of);
         traits.hides_failure = why_probe_cannot_fail(action.args);
       }},
      {{"evaluate", {kMonitorMetrics, kMonitorThresholds}, "Compares metrics with thresholds now."},
       evaluate,
       changes_nothing,
       [](const Context& context, const Action& action, Traits& traits) {
         looks_through(context, action, traits);
         if (traits.via.empty() ||
             absent_means(context.plan().services[action.service]) != "unknown")
           return;
         traits.hides_failure =
             fmt::format("when '{}' is down its metrics are absent, and absent compares as fine",
                         context.plan().services[traits.via.front()].name);
       }},
      {{"annotate", {kMonitorText}, "Marks the time in the graphs."},
       does_nothing,
       changes_nothing,
       looks_through}};
}

KindRow monitor_row() {
  KindRow row;
  row.name = "monitor";
  row.help = "Metrics and health checks.";
  row.fields = {field("metrics", ValueType::map, "name: unit."),
                field("provider", ValueType::string, "Who runs it."),
                field("via", ValueType::service,
                      "The service that serves the metrics, when that is not the monitor itself."),
                choice("absent_means", {"roll_back", "hold", "unknown"},
                       "What readers make of missing data (default unknown).")};
  row.verbs = verbs_of_monitor();
  row.incidental = {"baselines"};
  row.initial = initial_monitor;
  row.footprint = paths_asked;
  row.check = [](const Context& context, const World& world,
                 const model::Check& check) -> CheckResult {
    const ServiceIndex silent = silent_via(context, world, check.services.front());
    if (silent == model::kNone) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail, fmt::format("there is no data: '{}' does not answer",
                                                  context.plan().services[silent].name)};
  };
  return row;
}

}  // namespace

const Kind& kind_monitor() {
  static const std::unique_ptr<const Kind> kKind = make_kind(monitor_row());
  return *kKind;
}

}  // namespace backout::services
