// The places in which a service runs: regions, zones, data centres.
//
// What the real thing does: a rollback goes from place to place, and may stop between two: some serve the old version,
// some the new one (githubstatus 2024-03-11: rolled back everywhere but in one data centre). A place that is drained sends
// its users to those that are left, which bear so much and no more (SRE book, "Addressing Cascading Failures"). Each place
// is an app of its own in the plan; this kind says which takes users and how much the others bear. What this fake leaves
// out: latency, data between places.
//
// Facts: serves.<place> (true or false).
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"

namespace backout::services {

using model::ValueType;

namespace {

/// The share that each of `count` places gets, against what it bears; empty: it bears it, or nobody says.
std::string why_too_much(const Call& call, std::size_t count) {
  const model::Node* bears = call.self.fields.find("bears");
  if (bears == nullptr || count == 0) return {};
  const std::int64_t most = bears->as_integer().value_or(0);
  const std::int64_t share = static_cast<std::int64_t>((100 + count - 1) / count);
  if (most <= 0 || share <= most) return {};
  return fmt::format("each of the {} places that are left gets {} % of the users and bears {} %", count, share, most);
}

std::size_t serving(const Record& now) {
  std::size_t count = 0;
  for (const auto& [key, value] : now.facts()) count += key.starts_with("serves.") && value == "true" ? 1 : 0;
  return count;
}

Outcome turn(const Call& call, bool on) {
  const std::string fact = "serves." + call.arg("place");
  if (!call.now.has(fact)) return Outcome::refused(fmt::format("'{}' is no place of '{}'", call.arg("place"), call.self.name));
  const Record next = call.now.with(fact, on ? "true" : "false");
  if (on) return call.becomes(next);
  if (serving(next) == 0) return Outcome::refused("no place would be left");
  if (std::string why = why_too_much(call, serving(next)); !why.empty() && !next.equals(call.now)) return Outcome::refused(why);
  return call.becomes(next);
}

VerbRow row_of(std::string verb, std::string help, bool on) {
  return {{verb, {field("place", ValueType::service, "The app of that place.", true)}, std::move(help)},
          [on](const Call& call) { return turn(call, on); },
          [](const Call& call) {
            const std::string& was = call.now.get("serves." + call.arg("place"));
            if (was.empty()) return Undo{};
            return call.back(was == "true" ? "enable" : "drain", {{"place", call.arg("place")}});
          },
          [on](const Context&, const Action& action, Traits& traits) {
            const std::string held = fmt::format("users of {}", action.args.text("place"));
            (on ? traits.releases : traits.acquires).push_back(held);
          }};
}

KindRow region_row() {
  KindRow row;
  row.name = "region";
  row.help = "The places in which a service runs; which take users, and how many each bears.";
  row.fields = {field("places", ValueType::services, "The apps, one a place.", true),
                field("bears", ValueType::integer, "Share of all users, in percent, that each place bears."),
                field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {row_of("drain", "Sends the users of a place to those that are left; refused where they do not bear it.", false),
               row_of("enable", "A place takes users again.", true)};
  row.aliases = {"regions"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    Amended record;
    for (const std::string& place : context.plan().services[self].fields.strings("places")) record.with("serves." + place, "true");
    return record;
  };
  return row;
}

}  // namespace

const Kind& kind_region() {
  static const std::unique_ptr<const Kind> kKind = make_kind(region_row());
  return *kKind;
}

}  // namespace backout::services
