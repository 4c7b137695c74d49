#include "services/versioned.hpp"

#include <fmt/format.h>

#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

Record serving_version(const Call& call, const std::string& version) {
  return call.now.with("version", version)
      .with("history", history_with(call.self, call.now, version))
      .without("rolling")
      .without(kUnderWay);
}

/// The version that a rollback goes to; empty: nobody knows.
std::string target(const Call& call) {
  const std::string to = call.arg("to");
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
  if (call.arg("part") == "half") return call.becomes(call.now.with("rolling", version));
  return call.becomes(serving_version(call, version));
}

std::vector<Action> rolled_in_turn(const Call& call, const std::string& version) {
  const model::Node* instances = call.self.fields.find("instances");
  const bool several = instances != nullptr && instances->as_integer().value_or(1) > 1;
  const bool changes = call.self.find_version(version) != nullptr &&
                       call.now.get("version") != version && call.now.has("version") &&
                       why_not_kept(call.self, call.now, version).empty();
  if (!several || !changes) return {call.action};
  return {with_arg(call.action, "part", "half"), with_arg(call.action, "part", "rest")};
}

Undo to_what_was(const Call& call) {
  const std::string& version = call.now.get("version");
  if (call.self.find_version(version) == nullptr || call.now.has("rolling")) return {};
  if (!why_not_kept(call.self, call.now, version).empty()) return {};
  return call.back("deploy", {{"version", version}});
}

}  // namespace

Record with_version(const model::Service& service, const Record& record) {
  if (service.start.empty()) return record;
  return record.with("version", service.start).with("history", join_list(history_before(service)));
}

VerbRow deploy_row(std::string help) {
  return {{"deploy",
           {field("version", ValueType::version, "The version.", true),
            field("ref", ValueType::string, "Git ref, image or digest that is deployed."),
            field("image", ValueType::string, "Image that is deployed.")},
           std::move(help)},
          [](const Call& call) { return roll(call, call.arg("version")); },
          to_what_was,
          [](const Context& context, const Action& action, Traits& traits) {
            traits.changes_version = true;
            traits.unpinned_target = moving_artefact(context, action);
          },
          [](const Call& call) { return rolled_in_turn(call, call.arg("version")); }};
}

VerbRow rollback_row(std::string help) {
  return {{"rollback",
           {field("to", ValueType::string, "Version, or `previous` (default).")},
           std::move(help)},
          [](const Call& call) { return roll(call, target(call)); },
          to_what_was,
          [](const Context&, const Action& action, Traits& traits) {
            const std::string to = action.args.text("to");
            traits.changes_version = true;
            traits.unpinned_target = moving_target(to.empty() ? "previous" : to);
            if (to.empty() || to == "previous")
              traits.not_repeatable =
                  "a second run goes back to the version that the first one left";
          },
          [](const Call& call) { return rolled_in_turn(call, target(call)); }};
}

std::optional<bool> drains(const Action& action) {
  if (action.args.is_unknown("drain")) return std::nullopt;
  return !is_one_of(action.args.text_or("drain", "none"), {"false", "none", "0", "0s"});
}

std::vector<std::string> versions_at_work(const Record& record) {
  std::vector<std::string> versions;
  for (const char* each : {"version", "rolling"}) {
    if (record.has(each)) versions.push_back(record.get(each));
  }
  return versions;
}

}  // namespace backout::services
