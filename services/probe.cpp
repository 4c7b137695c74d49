// What one who asks an app, or a balancer in front of it, gets to know.
//
// What the real thing does: a health check says that something answers; which version it is, and
// whether it can do its work, it says only when it asks for that. `curl` without `-f` exits 0 after
// an error page. A version answers with some 2xx where its `answers` say nothing else; whether it
// answers anything else, such as a text, is then not known. What this fake leaves out: contents of
// answers, other than an error for a body that no live version accepts.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/app.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

using Value = CheckResult::Value;

/// The app that answers for `service`: itself, or the one behind a balancer's busiest side; kNone
/// when none does.
ServiceIndex app_behind(const Context& context, const World& world, ServiceIndex service) {
  const model::Service& asked = context.plan().services[service];
  if (is_app(context.kind(service).spec())) return service;
  const model::Node* sides = asked.fields.find("sides");
  const auto* record = dynamic_cast<const Record*>(world.states[service].get());
  if (sides == nullptr || record == nullptr) return model::kNone;
  // Whoever asks meets the side that gets most of the traffic.
  std::string busiest = record->get("live");
  const auto weight = [&](const std::string& name) {
    return std::atoi(record->get("weight." + name).c_str());
  };
  for (const model::Node::Entry& each : sides->entries) {
    if (weight(each.key) > weight(busiest)) busiest = each.key;
  }
  const model::Node* side = sides->find(busiest);
  return side == nullptr ? model::kNone : context.plan().find_service(side->text);
}

bool compares_answer(const Args& args) {
  return kAskedFailOnError.in(args) ||
         (kAskedExpect.is_given(args) && kAskedExpect.in(args) != "none") ||
         kAskedVersion.is_given(args);
}

/// Why no live version accepts the body that is sent; empty when one does or none of them takes
/// events.
std::string why_rejected(const Context& context, const World& world, ServiceIndex app,
                         const model::Node& body) {
  std::string why;
  for (const std::string& name : context.kind(app).live_versions(context, world, app)) {
    const model::Version* version = context.plan().services[app].find_version(name);
    if (version == nullptr) continue;
    for (const Operation& operation : version->operations) {
      if (operation.type != Operation::Type::event) continue;
      const auto missing = std::ranges::find_if(
          operation.fields, [&](const std::string& each) { return body.find(each) == nullptr; });
      if (missing == operation.fields.end()) return {};
      why = fmt::format("{} answers 400: it needs '{}'", name, *missing);
    }
  }
  return why;
}

/// `path` without the slash in front.
std::string_view plain_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

/// What a version says that it answers at `path`: the path itself, else the longest that ends in
/// `*` and fits.
const model::Node* declared_answer(const model::Version& version, std::string_view path) {
  const model::Node* answers = version.extra.find("answers");
  if (answers == nullptr) return nullptr;
  if (answers->is_unknown()) return answers;
  const model::Node* best = nullptr;
  std::size_t length = 0;
  for (const model::Node::Entry& entry : answers->entries) {
    const std::string_view key = plain_path(entry.key);
    if (key == path) return &entry.value;
    const bool fits = key.ends_with('*') && path.starts_with(key.substr(0, key.size() - 1));
    if (!fits || (best != nullptr && key.size() <= length)) continue;
    best = &entry.value;
    length = key.size();
  }
  return best;
}

bool is_status(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// What the live versions answer at the path, compared with what is expected. Passes where nobody
/// says.
CheckResult compare_answers(const Context& context, const World& world, ServiceIndex app,
                            const Args& args) {
  const std::string wanted = kAskedExpect.in(args);
  const std::string asked =
      kAskedHttp.is_given(args) ? kAskedHttp.in(args) : "/" + kAskedPath.in(args);
  const std::size_t slash = asked.find('/');
  const std::string_view path = slash == std::string::npos
                                    ? std::string_view{}
                                    : plain_path(std::string_view(asked).substr(slash));
  if (!kAskedExpect.is_given(args) || wanted == "none") return {Value::pass, ""};
  for (const std::string& name : context.kind(app).live_versions(context, world, app)) {
    const model::Version* version = context.plan().services[app].find_version(name);
    const model::Node* answer = version == nullptr ? nullptr : declared_answer(*version, path);
    if (answer != nullptr && answer->is_unknown())
      return {Value::unknown, fmt::format("what {} answers at '{}' is unknown", name, path)};
    if (answer != nullptr && answer->text != wanted)
      return {Value::fail,
              fmt::format("{} answers {} at '{}', not {}", name, answer->text, path, wanted)};
    if (answer == nullptr && !(is_status(wanted) && wanted[0] == '2'))
      return {Value::unknown,
              fmt::format("whether {} answers {} at '{}', the plan does not say (`answers`)", name,
                          wanted, path)};
  }
  return {Value::pass, ""};
}

}  // namespace

bool answers(const Context& context, const World& world, ServiceIndex service) {
  const bool fronts =
      is_app(context.kind(service).spec()) || context.plan().services[service].fields.has("sides");
  if (!fronts) return true;
  const ServiceIndex app = app_behind(context, world, service);
  return app != model::kNone && is_running(world, app) &&
         why_unhealthy(context, world, app).empty();
}

std::vector<std::string> paths_behind(const Context& context, ServiceIndex service) {
  std::vector<std::string> paths = {resource(context, service)};
  if (const model::Node* sides = context.plan().services[service].fields.find("sides")) {
    for (const model::Node::Entry& side : sides->entries) paths.push_back(side.value.text);
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

std::string why_probe_cannot_fail(const Args& args) {
  if (kAskedExpect.is_unknown(args)) return "what the right answer is, nobody says";
  return compares_answer(args) ? "" : "every answer passes, an error page too, and so does none";
}

void probe_traits(const Context&, const Action& action, Traits& traits) {
  traits.read_only = true;
  traits.via = {action.service};
  traits.hides_failure = why_probe_cannot_fail(action.args);
}

CheckResult ask(const Context& context, const World& world, ServiceIndex service,
                const Args& args) {
  if (!compares_answer(args)) return {Value::pass, ""};
  const ServiceIndex app = app_behind(context, world, service);
  if (!answers(context, world, service)) {
    const bool runs = app != model::kNone && is_running(world, app);
    return {Value::fail, runs ? why_unhealthy(context, world, app) : "nothing answers"};
  }
  if (app == model::kNone) return {Value::pass, ""};
  if (const model::Node* body = kAskedSend.node(args);
      body != nullptr && body->type == model::Node::Type::map) {
    if (std::string why = why_rejected(context, world, app, *body); !why.empty())
      return {Value::fail, why};
  }
  const CheckResult compared = compare_answers(context, world, app, args);
  if (compared.value == Value::fail) return compared;
  const std::string wanted = kAskedVersion.in(args);
  if (wanted.empty()) return compared;
  if (wanted == "unknown") return {Value::unknown, "which version should answer is unknown"};
  const std::vector<std::string> live = context.kind(app).live_versions(context, world, app);
  if (std::ranges::find(live, wanted) == live.end()) {
    return {Value::fail, fmt::format("{} answers, not {}", fmt::join(live, " or "), wanted)};
  }
  if (live.size() > 1)
    return {Value::unknown, fmt::format("now {} answers, now {}", live[0], live[1])};
  return {Value::pass, ""};
}

Outcome probe(const Context& context, const World& world, ServiceIndex service, const Args& args) {
  const CheckResult result = ask(context, world, service, args);
  if (result.value == Value::fail) return Outcome::refused(result.why);
  return result.value == Value::unknown ? Outcome::opaque(result.why) : Outcome::done();
}

}  // namespace backout::services
