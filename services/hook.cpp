// Hooks of a rollout.
//
// What the real thing does: a Job of Helm (`pre-upgrade`) or Argo CD (`PreSync`), a release phase
// or a deploy command runs with the code of the version that is rolled out, before any of it
// serves; when it fails, nothing is rolled out. It runs again when an older version is rolled out,
// with the older code: a migration tool that finds a revision which it does not know ends with an
// error, and the older version never comes. A rollback of the platform itself runs none (`helm
// rollback` asks for `pre-rollback`; argo-cd#1927; Heroku, "Release Phase"), and takes back nothing
// of what it did. Sources: helm.sh "Chart Hooks"; Argo CD, "Resource Hooks"; Heroku, "Release
// Phase"; Fly.io, "release_command". What this fake leaves out: hooks that run afterwards or on a
// failure, Jobs that stay behind.
#include "services/hook.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cached.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

constexpr const char* kNeeds = "needs";
constexpr const char* kSets = "sets";

const model::Node* part_of_hook(const model::Version* version, const char* part) {
  const model::Node* hook = version == nullptr ? nullptr : version->extra.find(kHook);
  return hook == nullptr ? nullptr : hook->find(part);
}

/// A fact of a service of the plan: "db.schema.revision".
struct Place {
  ServiceIndex service = model::kNone;
  std::string path;
};

Place place_of(const Plan& plan, const std::string& key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string::npos) return {};
  return {plan.find_service(key.substr(0, dot)), key.substr(dot + 1)};
}

/// Why what the hook needs is not so; empty: it is.
std::string why_not(const Context& context, const World& world, const model::Node* needs) {
  if (needs == nullptr) return {};
  for (const model::Node::Entry& entry : needs->entries) {
    const Place place = place_of(context.plan(), entry.key);
    if (place.service == model::kNone) continue;
    const std::vector<Fact> facts =
        context.kind(place.service).facts(context, place.service, *world.states[place.service]);
    const std::string now = seen(facts, place.path).value_or("");
    const std::vector<std::string> good = entry.value.as_strings();
    if (holds(good, now) || (holds(good, "*") && !now.empty())) continue;
    return fmt::format("{} is {}, not {}", entry.key, now.empty() ? "not there" : now,
                       fmt::join(good, " or "));
  }
  return {};
}

std::vector<std::string> paths(const Context& context, ServiceIndex app, const char* part) {
  std::vector<std::string> all;
  for (const model::Version& version : context.plan().services[app].versions) {
    const model::Node* node = part_of_hook(&version, part);
    for (const model::Node::Entry& entry :
         node == nullptr ? std::vector<model::Node::Entry>{} : node->entries) {
      if (place_of(context.plan(), entry.key).service != model::kNone) all.push_back(entry.key);
    }
  }
  return all;
}

}  // namespace

namespace {

/// Whether the plan leaves open what the hook needs or changes.
bool is_unsaid(const model::Version* version) {
  const model::Node* hook = version == nullptr ? nullptr : version->extra.find(kHook);
  if (hook == nullptr) return false;
  const auto is_open = [](const model::Node::Entry& part) {
    return part.value.is_unknown() ||
           std::ranges::any_of(part.value.entries, [](const model::Node::Entry& entry) {
             return entry.value.is_unknown();
           });
  };
  return hook->is_unknown() || std::ranges::any_of(hook->entries, is_open);
}

}  // namespace

Outcome run_hook(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version) {
  const model::Version* rolled = context.plan().services[app].find_version(version);
  if (is_unsaid(rolled))
    return Outcome::opaque(
        fmt::format("what the hook of '{}' needs and changes, the plan does not say", version));
  Outcome outcome = Outcome::done();
  const model::Node* sets = part_of_hook(rolled, kSets);
  for (const model::Node::Entry& entry :
       sets == nullptr ? std::vector<model::Node::Entry>{} : sets->entries) {
    const Place place = place_of(context.plan(), entry.key);
    if (place.service == model::kNone) continue;
    const World now = with_changes(world, outcome.changes);
    const auto* record = dynamic_cast<const Record*>(now.states[place.service].get());
    if (record == nullptr || record->get(place.path) == entry.value.text) continue;
    outcome.set(place.service, record->with(place.path, entry.value.text));
  }
  const bool is_through = sets != nullptr && outcome.changes.empty();
  const std::string why =
      is_through ? std::string() : why_not(context, world, part_of_hook(rolled, kNeeds));
  if (why.empty()) return outcome;
  return Outcome::refused(
      fmt::format("the hook of '{}' fails, and nothing is rolled out: {}", version, why));
}

Outcome behind_hook(const Outcome& hook, Outcome then) {
  for (const auto& [service, state] : hook.changes) {
    const auto is_it = [&, changed = service](const auto& each) { return each.first == changed; };
    if (std::ranges::none_of(then.changes, is_it)) then.set(service, state);
  }
  if (hook.result != Outcome::Result::opaque || !then.ok()) return then;
  then.result = hook.result;
  then.message = hook.message;
  return then;
}

bool runs_with_rollback(const model::Service& app, const std::string& version) {
  const model::Version* rolled = app.find_version(version);
  const model::Node* said = part_of_hook(rolled, "with_rollback");
  // Where nobody says whether it runs, running it says so (is_unsaid above).
  const bool is_open = rolled != nullptr && rolled->extra.is_unknown(kHook);
  return is_open || (said != nullptr && (said->text == "true" || said->is_unknown()));
}

std::vector<std::string> needs_of_hooks(const Context& context, ServiceIndex app) {
  return paths(context, app, kNeeds);
}

std::vector<std::string> writes_of_hooks(const Context& context, ServiceIndex app) {
  return paths(context, app, kSets);
}

void check_hooks(const Context& context, ServiceIndex app, bool runs_any,
                 std::vector<model::Mistake>& mistakes) {
  const model::Service& service = context.plan().services[app];
  for (const model::Version& version : service.versions) {
    const model::Node* hook = version.extra.find(kHook);
    if (hook == nullptr) continue;
    if (!runs_any)
      mistakes.push_back(
          {hook->span, fmt::format("the platform of kind '{}' runs no hooks", service.kind), ""});
    for (const model::Node::Entry& part : hook->entries) {
      if (part.key == "with_rollback") continue;
      if (part.key != kNeeds && part.key != kSets) {
        mistakes.push_back({part.key_span, fmt::format("a hook has no '{}'", part.key),
                            "it has `needs`, `sets` and `with_rollback`"});
        continue;
      }
      for (const model::Node::Entry& entry : part.value.entries) {
        if (place_of(context.plan(), entry.key).service != model::kNone) continue;
        mistakes.push_back({entry.key_span,
                            fmt::format("'{}' is no fact of a service of the plan", entry.key),
                            "write service.fact, like db.schema.revision"});
      }
    }
  }
}

}  // namespace backout::services
