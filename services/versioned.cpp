#include "services/versioned.hpp"

#include <fmt/format.h>

#include "services/release.hpp"

namespace backout::services {

namespace {

Record serving_version(const Call& call, const std::string& version) {
  return call.now.with("version", version)
      .with("history", history_with(call.self, call.now, version))
      .without("rolling")
      .without(kUnderWay);
}

/// The version that a rollback goes to; empty: nobody knows.
std::string target(const Call& call) {
  const std::string to = call.arg(kBackTo);
  if (!to.empty() && to != "previous") return to == "last_known_good" ? call.self.start : to;
  const std::vector<std::string> history = split_list(call.now.get("history"));
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    if (*it != call.now.get("version")) return *it;
  }
  return {};
}

Outcome roll(const Call& call, const std::string& version) {
  if (call.self.find_version(version) == nullptr)
    return Outcome::opaque(
        fmt::format("which version of '{}' runs then, the plan does not say", call.self.name));
  if (std::string why = why_not_kept(call.self, call.now, version); !why.empty())
    return Outcome::refused(why);
  if (call.arg(kPart) == "half") return call.becomes(call.now.with("rolling", version));
  return call.becomes(serving_version(call, version));
}

std::vector<Action> rolled_in_turn(const Call& call, const std::string& version) {
  const bool several = call.self.fields.integer("instances").value_or(1) > 1;
  const bool changes = call.self.find_version(version) != nullptr &&
                       call.now.get("version") != version && call.now.has("version") &&
                       why_not_kept(call.self, call.now, version).empty();
  if (!several || !changes) return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), with_arg(call.action, kPart.name(), "rest")};
}

Undo to_what_was(const Call& call) {
  const std::string& version = call.now.get("version");
  if (call.self.find_version(version) == nullptr || call.now.has("rolling")) return {};
  if (!why_not_kept(call.self, call.now, version).empty()) return {};
  return call.back("deploy", {{kDeployedVersion.name(), version}});
}

}  // namespace

Record with_version(const model::Service& service, const Record& record) {
  if (service.start.empty()) return record;
  return record.with("version", service.start).with("history", join_list(history_before(service)));
}

VerbRow deploy_row(std::string help) {
  return {{"deploy",
           {kDeployedVersion, kDeployedRef, kDeployedImage.saying("Image that is deployed.")},
           std::move(help)},
          [](const Call& call) { return roll(call, call.arg(kDeployedVersion)); },
          to_what_was,
          [](const Context& context, const Action& action, Traits& traits) {
            traits.changes_version = true;
            traits.unpinned_target = moving_artefact(context, action);
          },
          [](const Call& call) { return rolled_in_turn(call, call.arg(kDeployedVersion)); }};
}

VerbRow rollback_row(std::string help) {
  return {{"rollback", {kBackTo.saying("Version, or `previous` (default).")}, std::move(help)},
          [](const Call& call) { return roll(call, target(call)); },
          to_what_was,
          [](const Context&, const Action& action, Traits& traits) {
            const std::string to = kBackTo.in(action.args);
            traits.changes_version = true;
            traits.unpinned_target = moving_target(to.empty() ? "previous" : to);
            if (to.empty() || to == "previous")
              traits.not_repeatable =
                  "a second run goes back to the version that the first one left";
          },
          [](const Call& call) { return rolled_in_turn(call, target(call)); }};
}

std::optional<bool> drains(const Action& action) {
  if (kDrain.is_unknown(action.args)) return std::nullopt;
  return !is_one_of(kDrain.in(action.args), {"false", "none", "0", "0s"});
}

std::vector<std::string> versions_at_work(const Record& record) {
  std::vector<std::string> versions;
  for (const char* each : {"version", "rolling"}) {
    if (record.has(each)) versions.push_back(record.get(each));
  }
  return versions;
}

}  // namespace backout::services
