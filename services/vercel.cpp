// A project on Vercel.
//
// What the real thing does: an instant rollback serves an earlier deployment and pins production to
// it, so that later pushes are built but not served until somebody promotes one; its environment is
// that of the older build, and so are its cron jobs. Source: Vercel, "Instant Rollback". What this
// fake leaves out: previews, aliases.
//
// Facts: those of an app; pinned.
#include "services/app_verbs.hpp"

namespace backout::services {

namespace {

constexpr WayBack kInstantRollback{.brings = Brings::all, .is_rollback = true, .pins = true};
constexpr WayBack kPromotion{.brings = Brings::declared, .lifts_pin = true};

void pins(const Context& context, const Action& action, Traits& traits) {
  traits.acquires.push_back("pin of " + context.plan().services[action.service].name);
  traits.leaves = {
      "environment variables are those of the older build, not the project's current ones",
      "cron jobs go back to the older build's",
      "later pushes are built but not served until somebody promotes one"};
}

void lifts_pin(const Context& context, const Action& action, Traits& traits) {
  traits.releases.push_back("pin of " + context.plan().services[action.service].name);
}

}  // namespace

const Kind& kind_vercel() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "vercel",
       .help = "A project on Vercel.",
       .rows = {
           way_back_row("rollback", "Instant rollback: pins production.", kInstantRollback, pins),
           way_back_row("promote", "Serves a deployment and lifts the pin.", kPromotion, lifts_pin),
           redeploy_row("Builds and serves a version again.")}});
  return *kKind;
}

}  // namespace backout::services
