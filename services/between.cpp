// What steps go through and what acts by itself: deployers (registries, admission webhooks, VPNs), controllers.
//
// What the real thing does: a registry or a deployer that does not answer stops every step that goes
// through it (`via`); a controller puts back what it watches (`reconciles`, see reconcile.cpp) until it is suspended.
// Sources: Courier 2026-02-02 (the only way back was a CI that was down), GitHub 2023-11-03 (the deployer asked the
// service that was to be rolled back for permission). What this fake leaves out: queues, permissions, rate limits.
//
// Facts: running (deployer), suspended (controller); outage is not essential.
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

/// How one of the kinds is called, and turned off and on.
struct Switch {
  std::string off;
  std::string on;
  std::string fact;
  std::string when_on;
  std::string when_off;
};

model::KindSpec between_spec(std::string name, std::string help, const Switch& how,
                             std::vector<std::string> aliases) {
  return {std::move(name),
          std::move(help),
          false,
          {field("provider", ValueType::string, "Who runs it."),
           field("location", ValueType::string, "Failure domain that it lives in.")},
          {{how.off, {command_field()}, "Nothing happens by it from now on."},
           {how.on, {command_field()}, "It works again."}},
          {},
          std::move(aliases)};
}

class BetweenKind : public RecordKind {
 public:
  BetweenKind(std::string name, std::string help, Switch how, std::vector<std::string> aliases)
      : RecordKind(between_spec(std::move(name), std::move(help), how, std::move(aliases))), how_(std::move(how)) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override {
    return Record().with(how_.fact, how_.when_on).share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const bool off = action.verb == how_.off;
    if (!off && action.verb != how_.on) unhandled(spec(), action, "apply");
    return Outcome::done().set(action.service,
                               record(world, action.service).with(how_.fact, off ? how_.when_off : how_.when_on));
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    if (!is_one_of(action.verb, {how_.off, how_.on})) return {};
    const bool was_on = record(before, action.service).get(how_.fact) == how_.when_on;
    return {Undo::Class::exact, "", {same_service(action, was_on ? how_.on : how_.off, {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string held = "work of " + context.plan().services[action.service].name;
    (action.verb == how_.off ? traits.acquires : traits.releases) = {held};
    return traits;
  }

  CheckResult check(const Context& context, const World& world, const model::Check& check) const override {
    const ServiceIndex self = check.services.front();
    if (record(world, self).get(how_.fact) == how_.when_on && !record(world, self).has("outage"))
      return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail, "'" + context.plan().services[self].name + "' does not answer"};
  }

 private:
  Switch how_;
};

const Switch kRuns = {"stop", "start", "running", "true", "false"};

}  // namespace

const Kind& kind_deployer() {
  static const BetweenKind kKind("deployer", "What steps go through (`via`): a deployer, a registry, an admission webhook, a VPN.",
                                 kRuns, {"registry", "admission", "vpn"});
  return kKind;
}

const Kind& kind_controller() {
  static const BetweenKind kKind("controller", "Something that acts by itself (`reconciles`): GitOps, a generator, an autoscaler.",
                                 {"suspend", "resume", "suspended", "false", "true"}, {"generator", "autoscaler"});
  return kKind;
}

}  // namespace backout::services
