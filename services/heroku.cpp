// An app on Heroku.
//
// What the real thing does: every deploy and every change of a config var is a release, and `heroku
// rollback` brings back code and config vars together: a variable of an add-on that came later is
// gone (heroku-pg#178). The database stays, and the release phase does not run for a rollback, so
// that its migrations are not taken back. Source: devcenter.heroku.com, "Releases", "Release
// Phase". What this fake leaves out: dynos, pipelines, add-ons themselves.
//
// Facts: those of an app.
#include <algorithm>

#include "services/app_verbs.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

/// Whether a step of the deploy changes something that the app uses besides its config vars: by the
/// release phase or beside it.
bool deploy_changes_store(const Context& context, ServiceIndex app) {
  const Plan& plan = context.plan();
  const std::vector<ServiceIndex>& uses = plan.services[app].uses;
  return std::any_of(plan.steps.begin(),
                     plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
                     [&](const model::Step& step) {
                       if (std::ranges::find(uses, step.target) == uses.end()) return false;
                       if (!is_store(context, step.target)) return false;
                       const Traits traits = traits_of(context, action_of(plan, step));
                       return !traits.read_only && traits.takes_backup.empty();
                     });
}

/// A rollback, which leaves the database as it is.
VerbRow rollback_row_of_heroku() {
  VerbRow row = rollback_row_of_app("Serves an earlier release again, with its config vars.");
  row.spec.args = {kBackTo.saying("Release, version or previous (default).")};
  row.traits = [traits = std::move(row.traits)](const Context& context, const Action& action,
                                                Traits& all) {
    static const std::string kDatabase = "the database, and what the release phase changed in it";
    traits(context, action, all);
    if (deploy_changes_store(context, action.service)) all.leaves.push_back(kDatabase);
  };
  return row;
}

}  // namespace

const Kind& kind_heroku() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "heroku",
                .help = "An app on Heroku.",
                .rows = {rollback_row_of_heroku()},
                .features = {.keeps_configuration = [](const model::Service&) { return true; }}});
  return *kKind;
}

}  // namespace backout::services
