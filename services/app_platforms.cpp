// The platforms that do no more than the common app does.
#include "services/app_verbs.hpp"

#include "model/mention.hpp"

namespace backout::services {

const Kind& kind_app() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "app",
                .help = "An app on any platform.",
                .rows = {rollback_row_of_app("Serves an earlier version again."),
                         redeploy_row("Builds and serves a version again.")},
                .features = {.keeps_configuration = [](const model::Service& self) {
                  return model::mentions(self.fields.text("provider"),
                                         {"heroku", "cloudflare", "cloud run", "lambda", "miren"});
                }}});
  return *kKind;
}

const Kind& kind_systemd() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "systemd",
                .help = "A systemd unit or a pm2 process.",
                .rows = {rollback_row_of_app("Serves an earlier version again.")}});
  return *kKind;
}

const Kind& kind_render() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "render",
                .help = "A service on Render.",
                .rows = {rollback_row_of_app("Serves an earlier deploy again."),
                         redeploy_row("Builds and serves an earlier commit.")}});
  return *kKind;
}

const Kind& kind_fly() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "fly",
                .help = "An app on Fly.io.",
                .rows = {missing_row("rollback", "unknown command \"rollback\"",
                                     "`fly releases` has no `rollback`: deploy the older image")}});
  return *kKind;
}

}  // namespace backout::services
