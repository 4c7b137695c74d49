#include <fmt/format.h>

#include "analyzer/rules/saved.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_irreversible_before_check(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    const std::vector<model::ServiceIndex> saved = saved_by_deploy(facts, run.path);
    bool checked = false;  // something could still have stopped the run since the last change
    for (const Replayed& replayed : *run.steps) {
      const model::Step& each = plan.steps[replayed.step];
      checked = checked || can_stop(each.precheck) || each.gate ||
                facts.traits[replayed.step].is_interactive;
      // A restore of what nobody has been able to write to since its copy destroys nothing that is
      // missed.
      const bool is_same = !facts.traits[replayed.step].restores_backup.empty() &&
                           contains(saved, each.target) &&
                           services::writers(facts.context, replayed.before, each.target).empty();
      if (!checked && !is_same && is_destructive(facts, replayed) && !is_refused(replayed)) {
        const std::string& what = facts.traits[replayed.step].destroys;
        findings.push_back(
            about_step(plan, replayed.step, model::Severity::error,
                       fmt::format("'{}' destroys {} before any check of {} could stop it", each.id,
                                   what.empty() ? "data" : what, run.name)));
        findings.back().fix =
            "verify what justifies it first: a `precheck` on it, a `verify` on the step before, or "
            "a `gate`";
      }
      const bool copies = !facts.traits[replayed.step]
                               .takes_backup.empty();  // changes nothing that a check was about
      if (!facts.traits[replayed.step].read_only && !copies && !replayed.outcome.changes.empty())
        checked = false;
      checked = checked || (copies && each.args.flag("verify"));
      checked = checked || can_stop(each.verify) ||
                (facts.traits[replayed.step].read_only && each.args.has("expect"));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
