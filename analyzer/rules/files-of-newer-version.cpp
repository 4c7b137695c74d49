#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// A folder, which an engine keeps, and not a file of a known format.
bool is_folder_of_engine(const model::Service& store) {
  const std::string path = store.fields.text("path");
  const std::string name = path.substr(path.rfind('/') + 1);
  return store.kind == "sqlite" && !path.empty() && name.find('.') == std::string::npos;
}

/// The engine whose own files these are; kNone: they are no engine's.
model::ServiceIndex engine_of(const model::Plan& plan, model::ServiceIndex store) {
  const model::Service& service = plan.services[store];
  const model::ServiceIndex in = plan.find_service(service.fields.text("in"));
  if (in == model::kNone || plan.services[in].versions.empty() || !is_folder_of_engine(service)) return model::kNone;
  return in;
}

/// Whether some version says what it rewrites, if only that it rewrites nothing.
bool is_said(const model::Service& app) {
  return std::ranges::any_of(app.versions, [](const model::Version& version) { return version.extra.has("rewrites"); });
}

std::string version_of(const Facts& facts, const services::World& world, model::ServiceIndex app) {
  const std::vector<std::string> live = facts.context.kind(app).live_versions(facts.context, world, app);
  return live.empty() ? std::string() : live.front();
}

}  // namespace

std::vector<model::Finding> check_files_of_newer_version(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::ServiceIndex store = 0; store < plan.services.size(); ++store) {
    const model::ServiceIndex app = engine_of(plan, store);
    if (app == model::kNone || is_said(plan.services[app])) continue;
    for (const Replay& path : facts.paths) {
      bool restored = false;
      for (const Replayed& replayed : path.steps) {
        restored = restored || (plan.steps[replayed.step].target == store && !facts.traits[replayed.step].restores_backup.empty());
        const std::string before = version_of(facts, replayed.before, app);
        const std::string after = version_of(facts, replayed.after, app);
        if (restored || before == after || before.empty() || after != plan.services[app].start) continue;
        findings.push_back(about_step(plan, replayed.step, model::Severity::warning,
                                      fmt::format("'{}' starts {} on the files of '{}' that {} has had open: whether that rewrote them, nobody says",
                                                  plan.steps[replayed.step].id, after, plan.services[store].name, before)));
        findings.back().fix = fmt::format("say what {} rewrites at its start (`rewrites`, `{{}}` for nothing), or restore a copy from before the deploy first", before);
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
