// An app on Heroku.
//
// What the real thing does: every deploy and every change of a config var is a release, and `heroku rollback` brings back
// code and config vars together: a variable of an add-on that came later is gone (heroku-pg#178). The database stays, and
// the release phase does not run for a rollback, so that its migrations are not taken back. Source: devcenter.heroku.com,
// "Releases", "Release Phase". What this fake leaves out: dynos, pipelines, add-ons themselves.
//
// Facts: those of an app.
#include <algorithm>

#include "services/app_actions.hpp"

namespace backout::services {

namespace {

/// Whether a step of the deploy changes something that the app uses besides its config vars: by the release phase or beside it.
bool deploy_changes_store(const Context& context, ServiceIndex app) {
  const Plan& plan = context.plan();
  const std::vector<ServiceIndex>& uses = plan.services[app].uses;
  return std::any_of(plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count), [&](const model::Step& step) {
    if (std::ranges::find(uses, step.target) == uses.end()) return false;
    // An app is no store, and what its steps are may be asked of this one.
    const model::Service& used = plan.services[step.target];
    if (used.kind == "config" || used.kind == "flags" || is_app(context.kind(step.target).spec())) return false;
    const Traits traits = traits_of(context, action_of(plan, step));
    return !traits.read_only && traits.takes_backup.empty();
  });
}

std::vector<VerbRow> rows() {
  const auto run = [](const Call& call) { return run_on_app(call.context, call.world, call.action); };
  return {{{"rollback", {field("to", model::ValueType::string, "Release, version or previous (default).")},
            "Serves an earlier release again, with its config vars."},
           run, {},
           [](const Context& context, const Action& action, Traits& traits) {
             if (deploy_changes_store(context, action.service)) traits.leaves.push_back("the database, and what the release phase changed in it");
           }}};
}

}  // namespace

const Kind& kind_heroku() {
  static const std::unique_ptr<const Kind> kKind = make_app({"heroku", "An app on Heroku.", {}, rows()});
  return *kKind;
}

}  // namespace backout::services
