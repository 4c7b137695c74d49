#include "analyzer/rules/compatibility_findings.hpp"

#include <fmt/format.h>

#include "analyzer/compatibility.hpp"

namespace backout::analyzer {

namespace {

std::string where(const model::Plan& plan, const Incompatibility& found) {
  if (found.path == model::kNone) return "of the deploy";
  const std::string path = fmt::format("of path '{}'", plan.paths[found.path].name);
  if (found.deployed == plan.deploy_count) return path;
  return fmt::format("{} (started after '{}')", path, plan.steps[found.deployed - 1].id);
}

/// Whether the operation fails in this world.
bool fails(const Facts& facts, const services::World& world, const model::Operation* operation) {
  const std::vector<services::LiveOperation> live = services::live_operations(facts.context, world);
  return std::ranges::any_of(live, [&](const services::LiveOperation& each) {
    return each.operation == operation &&
           services::run_operation(facts.context, world, each).outcome.result ==
               services::Outcome::Result::refused;
  });
}

/// Whether a deploy that breaks a version for good is what the rollback is there for: every path
/// that claims everything (every path, where none does) mends it.
bool is_mended(const Facts& facts, const Incompatibility& found) {
  if (found.live.operation->type != model::Operation::Type::require || found.path != model::kNone ||
      found.ends != model::kNone || facts.paths.empty())
    return false;
  const auto full = [&](const Replay& path) { return facts.plan->paths[path.path].full; };
  const bool any_full = std::ranges::any_of(facts.paths, full);
  return std::ranges::none_of(facts.paths, [&](const Replay& path) {
    return (full(path) || !any_full) && fails(facts, path.end, found.live.operation);
  });
}

/// Whether numbers are given out anew that are taken: the sequences of a logical replica do not
/// follow its primary's.
bool is_of_sequence(const Facts& facts, const Incompatibility& found) {
  const model::Step& step = facts.plan->steps[found.begins];
  const auto follows = [&](const model::Service& service) {
    return service.kind == "replica" && service.fields.text("mode") == "logical" &&
           facts.plan->find_service(service.fields.text("of")) == found.live.operation->on;
  };
  return found.why.starts_with("duplicate key value") && step.verb != "sql" &&
         std::ranges::any_of(facts.plan->services, follows);
}

}  // namespace

std::vector<model::Finding> compatibility_findings(
    const Facts& facts, std::initializer_list<model::Operation::Type> types,
    const std::string& fix) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Incompatibility& found : facts.incompatibilities) {
    const model::Operation& operation = *found.live.operation;
    if (std::find(types.begin(), types.end(), operation.type) == types.end()) continue;
    const std::string until =
        found.ends == model::kNone
            ? "from then on"
            : fmt::format("until '{}' ends, {}", plan.steps[found.ends].id, duration_text(found));
    model::Finding finding = about_step(
        plan, found.begins,
        is_mended(facts, found) ? model::Severity::warning : model::Severity::error,
        fmt::format("after '{}' {}, '{}' of version '{}' of '{}' fails {}: {}",
                    plan.steps[found.begins].id, where(plan, found), operation.name,
                    found.live.version, plan.services[found.live.app].name, until, found.why));
    finding.related.push_back({operation.span, "the operation"});
    if (found.ends != model::kNone)
      finding.related.push_back({plan.steps[found.ends].id_span, "it works again from here"});
    finding.fix = is_of_sequence(facts, found)
                      ? "set the sequence behind the highest number before anybody writes: "
                        "`copy_sequences` before the promotion, or `setval` behind it"
                      : fix;
    finding.cause =
        fmt::format("{} {} {} {}: {}", plan.services[found.live.app].name, found.live.version,
                    operation.name, found.path == model::kNone ? "deploy" : "rollback", found.why);
    if (found.path != model::kNone) finding.paths = {plan.paths[found.path].name};
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
