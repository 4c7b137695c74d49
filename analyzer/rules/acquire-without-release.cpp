#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/edits.hpp"
#include "analyzer/rules/support.hpp"
#include "services/fact_list.hpp"
#include "services/residue.hpp"
#include "services/routing.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// One list of steps, indexed: who releases what, and where the run can end.
class Releases {
 public:
  Releases(const Facts& facts, const std::vector<model::StepIndex>& steps)
      : plan_(*facts.plan), steps_(steps) {
    exits_.assign(steps.size() + 1, steps.size());
    for (std::size_t i = steps.size(); i-- > 0;) {
      const model::Step& each = plan_.steps[steps[i]];
      const bool ends = each.on_failure.type == model::OnFailure::Type::abort && each.critical;
      exits_[i] = ends ? i : exits_[i + 1];
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      for (const std::string& resource : facts.traits[steps[i]].releases)
        positions_[resource].push_back(i);
    }
  }

  /// The first position after `from` that releases `resource`; steps.size() when none does.
  std::size_t find_release(std::size_t from, const std::string& resource) const {
    const auto found = positions_.find(resource);
    if (found == positions_.end()) return steps_.size();
    const auto at = std::upper_bound(found->second.begin(), found->second.end(), from);
    return at == found->second.end() ? steps_.size() : *at;
  }

  /// The first position between an acquire and its release whose failure ends the run before the
  /// release.
  std::size_t find_exit(std::size_t acquire, std::size_t release) const {
    if (plan_.steps[steps_[release]].always) return steps_.size();
    const std::size_t exit = exits_[acquire + 1];
    return exit < release ? exit : steps_.size();
  }

 private:
  const model::Plan& plan_;
  const std::vector<model::StepIndex>& steps_;
  std::map<std::string, std::vector<std::size_t>> positions_;
  std::vector<std::size_t>
      exits_;  ///< by position: the first one from there on whose failure ends the run
};

/// Whether a failure on the way leaves no harm: a pin keeps the older version where it serves, and
/// a deploy that stops is rolled back by a path that gives the thing back.
bool is_covered(const Facts& facts, const std::vector<model::StepIndex>& steps,
                const std::string& resource) {
  if (resource.starts_with("pin of ")) return true;
  const model::Plan& plan = *facts.plan;
  if (steps.front() >= plan.deploy_count) return false;
  return std::ranges::any_of(plan.paths, [&](const model::RollbackPath& path) {
    return path.full && std::ranges::any_of(path.steps, [&](model::StepIndex step) {
             return contains(facts.traits[step].releases, resource);
           });
  });
}

/// Whether the deploy stops what no user is led to any more when it ends (the idle side of a
/// balancer, where a name led to) and a full path starts it again.
bool is_idle_side(const Facts& facts, const std::vector<model::StepIndex>& steps,
                  model::StepIndex step, const std::string& resource) {
  const model::ServiceIndex target = facts.plan->steps[step].target;
  if (!resource.starts_with("run of ")) return false;
  // What a path stops, and got no users before the deploy either, nobody misses.
  if (steps.front() >= facts.plan->deploy_count)
    return !services::blocked(facts.context, facts.start, target).empty();
  const bool is_cut_off = services::is_left_by_users(*facts.plan, facts.deploy.end, target) ||
                          (!services::blocked(facts.context, facts.deploy.end, target).empty() &&
                           services::blocked(facts.context, facts.start, target).empty());
  return is_cut_off && is_covered(facts, steps, resource);
}

/// Whether a run keeps what it takes, and the plan says so: a controller that stays suspended, with
/// a residue that names it.
bool is_kept(const Facts& facts, model::StepIndex index, const std::string& resource) {
  const bool serves = resource.starts_with("run of ") || resource.starts_with("users of ") ||
                      resource.starts_with("intake of ");
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[index];
  if (serves || step.target == model::kNone) return false;
  if (index < plan.deploy_count) return is_declared(plan, step);
  return services::is_declared(plan.services[step.target].name + ".suspended", plan.residue);
}

/// How the plan would say that the deploy leaves its service so, by the fact that stays other:
/// "night.suspended". Empty: that hurts somebody, or no full path gives it back.
std::string may_be_meant(const Facts& facts, const std::vector<model::StepIndex>& steps,
                         model::StepIndex index, const std::string& resource) {
  const model::ServiceIndex target = facts.plan->steps[index].target;
  if (index >= facts.plan->deploy_count || !is_covered(facts, steps, resource)) return {};
  const std::vector<services::FactSpec> known =
      services::fact_list(facts.context.kind(target).spec());
  const bool suspends = std::ranges::any_of(
      known, [](const services::FactSpec& spec) { return spec.path == "suspended"; });
  return suspends ? facts.plan->services[target].name + ".suspended" : std::string();
}

/// Whether a step of a path leaves its service as it was before the deploy, at once or by the end
/// of the path: it takes back what the deploy began, and owes nobody anything.
bool is_as_before(const Facts& facts, model::StepIndex index) {
  const model::ServiceIndex target = facts.plan->steps[index].target;
  if (index < facts.plan->deploy_count || target == model::kNone) return false;
  for (const Replay& path : facts.paths) {
    const auto replayed = std::ranges::find(path.steps, index, &Replayed::step);
    if (replayed == path.steps.end()) continue;
    services::World then = replayed->after;
    then.states.set(target, facts.start.states[target]);
    const std::vector<std::string> left =
        services::differences(facts.context, then, replayed->after, {});
    if (left.empty()) return true;
    // What the step itself changes is as it was; the rest other steps may put back.
    const std::vector<std::string> changed =
        services::differences(facts.context, replayed->before, replayed->after, {});
    return !changed.empty() && std::ranges::none_of(changed, [&](const std::string& line) {
      const std::string fact = line.substr(0, line.find(": ") + 2);
      return std::ranges::any_of(left,
                                 [&](const std::string& each) { return each.starts_with(fact); });
    });
  }
  return false;
}

/// One list of steps in the order in which it runs: a path or the deploy.
void check_run(const Facts& facts, const std::vector<model::StepIndex>& steps,
               const std::string& name, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const Releases releases(facts, steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::string& resource : facts.traits[steps[i]].acquires) {
      const model::Step& each = plan.steps[steps[i]];
      const std::size_t release = releases.find_release(i, resource);
      const auto is_meant = [&] {
        return is_idle_side(facts, steps, steps[i], resource) ||
               is_kept(facts, steps[i], resource) || is_as_before(facts, steps[i]);
      };
      if (release == steps.size() && is_meant()) continue;
      if (release == steps.size()) {
        const std::string meant = may_be_meant(facts, steps, steps[i], resource);
        findings.push_back(about_step(
            plan, steps[i], meant.empty() ? model::Severity::error : model::Severity::warning,
            fmt::format("'{}' takes the {} and no later step of {} gives it back", each.id,
                        resource, name)));
        findings.back().fix =
            meant.empty()
                ? "add the step that gives it back, with `always: true`"
                : fmt::format(
                      "add the step that gives it back; where it is to stay so, say it on "
                      "the step: `residue: [{{path: {}, reason: ...}}]`",
                      meant);
        continue;
      }
      const std::size_t exit = releases.find_exit(i, release);
      if (exit == steps.size() || is_covered(facts, steps, resource)) continue;
      model::Finding finding =
          about_step(plan, steps[i], model::Severity::error,
                     fmt::format("'{}' takes the {}; when '{}' fails, {} stops and '{}', which "
                                 "gives it back, never runs",
                                 each.id, resource, plan.steps[steps[exit]].id, name,
                                 plan.steps[steps[release]].id));
      finding.related.push_back({plan.steps[steps[exit]].id_span, "the run can stop here"});
      finding.related.push_back({plan.steps[steps[release]].id_span, "and this is skipped"});
      finding.cause = fmt::format("{} skipped with '{}'", resource, plan.steps[steps[release]].id);
      // To serve the new version when the deploy failed would be no way out.
      const bool deploys =
          steps.front() < plan.deploy_count && facts.traits[steps[release]].changes_version;
      finding.fix =
          deploys
              ? fmt::format("write `on_failure: rollback` on '{}', by a path that gives it back",
                            plan.steps[steps[exit]].id)
              : fmt::format("write `always: true` on '{}'", plan.steps[steps[release]].id);
      if (!deploys)
        finding.edits = add_key(plan, plan.steps[steps[release]], "always", written(true));
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_acquire_without_release(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  std::vector<model::StepIndex> deploy(plan.deploy_count);
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) deploy[step] = step;
  check_run(facts, deploy, "the deploy", findings);
  for (const model::RollbackPath& path : plan.paths) {
    check_run(facts, path.steps, fmt::format("path '{}'", path.name), findings);
  }
  return findings;
}

}  // namespace backout::analyzer
