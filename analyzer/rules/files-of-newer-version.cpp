#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/engine_files.hpp"

namespace backout::analyzer {

namespace {

std::string version_of(const Facts& facts, const services::World& world, model::ServiceIndex app) {
  const std::vector<std::string> live =
      facts.context.kind(app).live_versions(facts.context, world, app);
  return live.empty() ? std::string() : live.front();
}

}  // namespace

std::vector<model::Finding> check_files_of_newer_version(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::ServiceIndex store = 0; store < plan.services.size(); ++store) {
    const model::ServiceIndex app = services::engine_of(plan, store);
    if (app == model::kNone || services::says_what_it_rewrites(plan.services[app])) continue;
    for (const Replay& path : facts.paths) {
      bool restored = false;
      for (const Replayed& replayed : path.steps) {
        restored = restored || (plan.steps[replayed.step].target == store &&
                                !facts.traits[replayed.step].restores_backup.empty());
        const std::string before = version_of(facts, replayed.before, app);
        const std::string after = version_of(facts, replayed.after, app);
        if (restored || before == after || before.empty() || after != plan.services[app].start)
          continue;
        findings.push_back(about_step(
            plan, replayed.step, model::Severity::warning,
            fmt::format("'{}' starts {} on the files of '{}' that {} has had open: whether that "
                        "rewrote them, nobody says",
                        plan.steps[replayed.step].id, after, plan.services[store].name, before)));
        findings.back().fix = fmt::format(
            "say what {} rewrites at its start (`rewrites`, `{{}}` for nothing), or restore a copy "
            "from before the deploy first",
            before);
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
