#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/flow.hpp"
#include "services/rollout.hpp"

namespace backout::analyzer {

namespace {

using services::CheckResult;

/// A rollout that its analysis sent back while a step's share was out, and the deploy from there.
class Unheeded {
 public:
  Unheeded(const Facts& facts, model::ServiceIndex app, services::World world)
      : facts_(facts), app_(app), world_(std::move(world)) {}

  /// What goes wrong at the first step of `rest` that does harm where the old version serves;
  /// nullopt: none does, or a check stops the deploy before.
  std::optional<model::Finding> first_harm(std::span<const Replayed> rest) {
    for (const Replayed& each : rest) {
      const model::Step& step = facts_.plan->steps[each.step];
      const bool stops = model::stops_the_run(step);
      if (stops && is_heeded(step.precheck)) return std::nullopt;
      const services::Applied applied =
          services::run(facts_.context, world_, facts_.actions[each.step]);
      if (stops && applied.outcome.result == services::Outcome::Result::refused)
        return std::nullopt;
      if (const std::string why = harm(each, applied.world); !why.empty())
        return finding(each.step, why);
      world_ = applied.world;
      if (stops && is_heeded(step.verify)) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  /// Whether a check finds out, or may: a person or a command looks at the app.
  bool is_heeded(const std::vector<model::Check>& checks) const {
    return std::ranges::any_of(checks, [&](const model::Check& check) {
      const CheckResult result = services::evaluate(facts_.context, world_, check);
      return result.value == CheckResult::Value::fail ||
             result.value == CheckResult::Value::unknown;
    });
  }

  std::string harm(const Replayed& each, const services::World& after) const {
    for (const services::LiveOperation& live : services::live_operations(facts_.context, world_)) {
      if (live.app != app_ || !services::run_operation(facts_.context, world_, live).outcome.ok())
        continue;
      const services::Outcome& outcome =
          services::run_operation(facts_.context, after, live).outcome;
      if (outcome.result == services::Outcome::Result::refused) {
        return fmt::format("'{}' of {} is refused: {}", live.operation->name, live.version,
                           outcome.message);
      }
    }
    return is_destructive(facts_, each) ? "what it takes away is gone" : "";
  }

  model::Finding finding(model::StepIndex step, const std::string& why) const {
    const model::Plan& plan = *facts_.plan;
    const std::string& name = plan.services[app_].name;
    model::Finding finding =
        about_step(plan, step, model::Severity::error,
                   fmt::format("'{}' runs although the analysis of '{}' may have sent its users "
                               "back to {} by then, and nothing "
                               "stops the deploy: {}",
                               plan.steps[step].id, name, world_.record(app_).get("version"), why));
    finding.fix = fmt::format(
        "ask before it which version of '{}' serves (`precheck: {{version: NEW}}`)", name);
    return finding;
  }

  const Facts& facts_;
  model::ServiceIndex app_;
  services::World world_;
};

}  // namespace

std::vector<model::Finding> check_abort_unheeded(const Facts& facts) {
  const std::span<const Replayed> steps = facts.deploy.steps;
  std::vector<model::Finding> findings;
  for (model::ServiceIndex app = 0; app < facts.plan->services.size(); ++app) {
    for (std::size_t at = 0; at < steps.size(); ++at) {
      const auto back = services::aborted_by_analysis(facts.context, steps[at].after, app);
      if (!back) continue;
      Unheeded unheeded(facts, app,
                        services::with_changes(steps[at].after, {{app, back->share()}}));
      std::optional<model::Finding> finding = unheeded.first_harm(steps.subspan(at + 1));
      if (!finding) continue;
      finding->related.push_back(
          {facts.plan->steps[steps[at].step].id_span, "the share that is out"});
      findings.push_back(std::move(*finding));
      break;
    }
  }
  return findings;
}

}  // namespace backout::analyzer
