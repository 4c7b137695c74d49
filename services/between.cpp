// What steps go through and what acts by itself: deployers (registries, admission webhooks, VPNs),
// controllers.
//
// What the real thing does: a registry or a deployer that does not answer stops every step that
// goes through it (`via`); a controller puts back what it watches (`reconciles`, see reconcile.cpp)
// until it is suspended. Sources: Courier 2026-02-02 (the only way back was a CI that was down),
// GitHub 2023-11-03 (the deployer asked the service that was to be rolled back for permission).
// What this fake leaves out: queues, permissions, rate limits.
//
// Facts: running (deployer), suspended (controller); outage is not essential.
#include "services/between.hpp"

#include "services/dependence.hpp"

namespace backout::services {

using model::ValueType;

std::vector<VerbRow> switch_rows(const Switch& how) {
  const auto row = [how](bool on) {
    return VerbRow{
        {on ? how.on : how.off, {}, on ? "It works again." : "Nothing happens by it from now on."},
        [how, on](const Call& call) {
          return call.becomes(call.now.with(how.fact, on ? how.when_on : how.when_off));
        },
        [how](const Call& call) {
          return call.back(call.now.get(how.fact) == how.when_on ? how.on : how.off);
        },
        [on](const Context& context, const Action& action, Traits& traits) {
          (on ? traits.releases : traits.acquires)
              .push_back("work of " + context.plan().services[action.service].name);
        }};
  };
  return {row(false), row(true)};
}

CheckResult check_switch(const Context& context, const World& world, const model::Check& check,
                         const Switch& how) {
  const ServiceIndex self = check.services.front();
  const Record& now = world.record(self);
  if (now.get(how.fact) == how.when_on && !now.has(kOutage)) return {CheckResult::Value::pass, ""};
  return {CheckResult::Value::fail, "'" + context.plan().services[self].name + "' does not answer"};
}

namespace {

std::unique_ptr<const Kind> make_between(std::string name, std::string help, const Switch& how,
                                         std::vector<std::string> aliases) {
  KindRow row;
  row.name = std::move(name);
  row.help = std::move(help);
  row.fields = {field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = switch_rows(how);
  row.aliases = std::move(aliases);
  row.initial = [how](const Context&, ServiceIndex, std::vector<model::Mistake>&) {
    return Record().with(how.fact, how.when_on);
  };
  row.check = [how](const Context& context, const World& world, const model::Check& check) {
    return check_switch(context, world, check, how);
  };
  return make_kind(std::move(row));
}

}  // namespace

const Kind& kind_deployer() {
  static const std::unique_ptr<const Kind> kKind = make_between(
      "deployer",
      "What steps go through (`via`): a deployer, a registry, an admission webhook, a VPN.", kRuns,
      {"registry", "admission", "vpn"});
  return *kKind;
}

const Kind& kind_controller() {
  static const std::unique_ptr<const Kind> kKind = make_between(
      "controller",
      "Something that acts by itself (`reconciles`): GitOps, a generator, an autoscaler.",
      {"suspend", "resume", "suspended", "false", "true"}, {"generator", "autoscaler"});
  return *kKind;
}

}  // namespace backout::services
