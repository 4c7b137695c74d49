#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/support.hpp"
#include "services/app.hpp"
#include "services/entries.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// The share of an app's users, in percent, that gets through to it.
std::int64_t share_of(const Facts& facts, const services::World& world, model::ServiceIndex app) {
  if (!services::answers(facts.context, world, app) ||
      !services::blocked(facts.context, world, app).empty())
    return 0;
  if (world.record(app).get("intake") == "stopped") return 0;
  std::int64_t share = 0;
  bool routed = false;
  for (model::ServiceIndex balancer = 0; balancer < facts.plan->services.size(); ++balancer) {
    for (const Side& side : sides_of(*facts.plan, balancer)) {
      if (side.app != app) continue;
      routed = true;
      share += weight_of(world, balancer, side);
    }
  }
  return routed ? share : 100;
}

/// The share of the users that the cache is asked for.
std::int64_t users_of(const Facts& facts, const services::World& world, model::ServiceIndex cache) {
  std::int64_t share = 0;
  for (model::ServiceIndex app = 0; app < facts.plan->services.size(); ++app) {
    if (!services::is_app(facts.context.kind(app).spec()) ||
        !services::works_on(*facts.plan, app, cache))
      continue;
    share += share_of(facts, world, app);
  }
  return std::min<std::int64_t>(share, 100);
}

/// Whether the step is one after which the cache is empty, as far as its verb goes.
bool empties(const model::Plan& plan, model::StepIndex step, model::ServiceIndex cache) {
  return plan.steps[step].target == cache &&
         contains(std::vector<std::string>{"flush", "restart", "start", "upgrade"},
                  plan.steps[step].verb);
}

bool is_cold(const services::World& world, model::ServiceIndex cache) {
  return world.record(cache).get("cold") == "true";
}

/// The formats in which entries may be there, and what becomes of them step by step.
class Formats {
 public:
  Formats(const Facts& facts, model::ServiceIndex cache) : facts_(facts), cache_(cache) {
    add(services::held_formats(facts.plan->services[cache]));
  }

  void add(const std::vector<std::string>& formats) { all_.insert(formats.begin(), formats.end()); }

  /// What the step leaves of them.
  void run(const Replayed& replayed) {
    add(services::written_now(facts_.context, replayed.before, cache_));
    if (facts_.plan->steps[replayed.step].target != cache_) return;
    services::Record record = replayed.before.record(cache_);
    for (const std::string& format : all_) record = record.with("entries.of " + format, format);
    const services::World seen = services::with_changes(
        replayed.before, services::Outcome::done().set(cache_, record).changes);
    const services::Outcome outcome =
        facts_.context.kind(cache_).apply(facts_.context, seen, facts_.actions[replayed.step]);
    const std::vector<std::string> left =
        services::formats_in(services::with_changes(seen, outcome.changes).record(cache_));
    all_ = {left.begin(), left.end()};
  }

  /// Behind a `warm` what readers look for is there in their own format.
  void warm() { all_.clear(); }

  std::vector<std::string> missed(const services::World& world) const {
    std::set<std::string> missed;
    for (model::ServiceIndex app = 0; app < facts_.plan->services.size(); ++app) {
      const std::vector<std::string> by = missed_by(world, app);
      missed.insert(by.begin(), by.end());
    }
    return {missed.begin(), missed.end()};
  }

  /// The share of the users whose app takes some of them for a miss.
  std::int64_t users(const services::World& world) const {
    std::int64_t share = 0;
    for (model::ServiceIndex app = 0; app < facts_.plan->services.size(); ++app) {
      if (!missed_by(world, app).empty()) share += share_of(facts_, world, app);
    }
    return std::min<std::int64_t>(share, 100);
  }

 private:
  std::vector<std::string> missed_by(const services::World& world, model::ServiceIndex app) const {
    if (!services::is_app(facts_.context.kind(app).spec())) return {};
    return services::missed_by(facts_.context, world, cache_, app, {all_.begin(), all_.end()});
  }

  const Facts& facts_;
  model::ServiceIndex cache_;
  std::set<std::string> all_;
};

model::Finding about_cold(const Facts& facts, const Run& run, model::StepIndex step,
                          model::ServiceIndex cache, std::string message) {
  model::Finding finding =
      about_step(*facts.plan, step,
                 run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                 std::move(message));
  finding.related.push_back({facts.plan->services[cache].span, "the cache"});
  finding.fix = "keep users out, or let few in, until it is warm again (`warm`)";
  return finding;
}

/// Steps after which more users than it bears come to a cache that is empty, or find nothing there
/// that they read.
void check_run(const Facts& facts, const Run& run, model::ServiceIndex cache, std::int64_t bears,
               Formats formats, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (const Replayed& replayed : *run.steps) {
    const std::string& id = plan.steps[replayed.step].id;
    const std::int64_t users =
        is_cold(replayed.after, cache) ? users_of(facts, replayed.after, cache) : 0;
    const bool begins = empties(plan, replayed.step, cache) || !is_cold(replayed.before, cache) ||
                        users > users_of(facts, replayed.before, cache);
    const std::int64_t missed_before = formats.users(replayed.before);
    const std::vector<std::string> known = formats.missed(replayed.before);
    formats.run(replayed);
    if (plan.steps[replayed.step].target == cache && plan.steps[replayed.step].verb == "warm")
      formats.warm();
    if (users > bears && begins) {
      findings.push_back(
          about_cold(facts, run, replayed.step, cache,
                     fmt::format("after '{}' ({}) '{}' is empty while {}% of the users come, and "
                                 "what is behind it bears {}%",
                                 id, run.name, plan.services[cache].name, users, bears)));
      continue;
    }
    const std::int64_t missing = formats.users(replayed.after);
    const std::vector<std::string> missed = formats.missed(replayed.after);
    const bool is_new =
        missing > missed_before || std::ranges::any_of(missed, [&](const std::string& format) {
          return !contains(known, format);
        });
    if (missing <= bears || !is_new) continue;
    findings.push_back(about_cold(
        facts, run, replayed.step, cache,
        fmt::format("after '{}' ({}) {}% of the users miss what '{}' holds as {}, and what is "
                    "behind it bears {}%",
                    id, run.name, missing, plan.services[cache].name, fmt::join(missed, ", "),
                    bears)));
  }
}

}  // namespace

std::vector<model::Finding> check_cold_cache(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::ServiceIndex cache = 0; cache < plan.services.size(); ++cache) {
    const model::Node* node = plan.services[cache].kind == "cache"
                                  ? plan.services[cache].fields.find("bears_cold")
                                  : nullptr;
    const std::optional<std::int64_t> bears = node == nullptr ? std::nullopt : node->as_integer();
    if (!bears) continue;
    for (const Run& run : runs_of(facts))
      check_run(facts, run, cache, *bears, Formats(facts, cache), findings);
  }
  return findings;
}

}  // namespace backout::analyzer
