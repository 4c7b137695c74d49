#include "analyzer/compatibility.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "analyzer/offers.hpp"
#include "services/script.hpp"

namespace backout::analyzer {

namespace {

/// A plan with more combinations of prefixes and path steps than this is looked at after the whole
/// deploy only.
constexpr std::size_t kMostReplays = 5'000;

using Key = std::pair<std::string, const model::Operation*>;

/// Which operations of live versions a world refuses.
class Follower {
 public:
  explicit Follower(const Facts& facts) : facts_(facts) {
    const model::Plan& plan = *facts.plan;
    for (model::ServiceIndex app = 0; app < plan.services.size(); ++app) {
      for (const model::Version& version : plan.services[app].versions) {
        if (!version.operations.empty()) apps_.push_back(app);
      }
    }
    apps_.erase(std::unique(apps_.begin(), apps_.end()), apps_.end());
  }

  bool has_operations() const { return !apps_.empty(); }

  /// Refused operations of `world`: operation -> why.
  std::map<Key, std::pair<services::LiveOperation, std::string>> refused(
      const services::World& world) const {
    std::map<Key, std::pair<services::LiveOperation, std::string>> found;
    for (const services::LiveOperation& live : services::live_operations(facts_.context, world)) {
      const services::Applied applied = services::run_operation(facts_.context, world, live);
      if (applied.outcome.result != services::Outcome::Result::refused) continue;
      found[{live.version, live.operation}] = {live, applied.outcome.message};
    }
    return found;
  }

 private:
  const Facts& facts_;
  std::vector<model::ServiceIndex> apps_;
};

class Search {
 public:
  explicit Search(const Facts& facts) : facts_(facts), follower_(facts) {}

  std::vector<Incompatibility> run() {
    if (!follower_.has_operations()) return {};
    follow(facts_.deploy.steps, facts_.start, 0, model::kNone);
    std::size_t path_steps = 0;
    for (const model::RollbackPath& path : facts_.plan->paths) path_steps += path.steps.size();
    const std::size_t count = facts_.plan->deploy_count;
    const std::size_t first = count * path_steps > kMostReplays ? count : 1;
    for (std::size_t prefix = count; prefix >= std::max<std::size_t>(first, 1); --prefix) {
      for (const Replay& path : facts_.paths) follow_path(path, prefix);
    }
    return std::move(found_);
  }

 private:
  void follow_path(const Replay& path, std::size_t prefix) {
    const model::RollbackPath& named = facts_.plan->paths[path.path];
    if (!is_offered(*facts_.plan, named, prefix)) return;
    if (prefix == path.deployed && !path.steps.empty()) {
      follow(path.steps, path.steps.front().before, prefix, path.path);
      return;
    }
    std::vector<Replayed> steps;
    services::World world = facts_.deploy.steps[prefix - 1].after;
    for (const model::StepIndex step : named.steps) {
      if (undoes_only_later(step, prefix) &&
          !services::runs_regardless(facts_.context, named, step))
        continue;
      services::Applied applied = services::run(facts_.context, world, facts_.actions[step]);
      steps.push_back({step, world, applied.world, std::move(applied.outcome)});
      world = std::move(applied.world);
    }
    follow(steps, facts_.deploy.steps[prefix - 1].after, prefix, path.path);
  }

  /// Whether everything that the step takes back lies beyond the prefix: then it has nothing to do.
  bool undoes_only_later(model::StepIndex step, std::size_t prefix) const {
    bool any = false;
    for (model::StepIndex deployed = 0; deployed < facts_.plan->deploy_count; ++deployed) {
      const model::UndoRef& undo = facts_.plan->steps[deployed].undo;
      const std::vector<model::StepIndex>& undoes = facts_.plan->steps[step].undoes;
      const bool is_its_undo = (undo.type == model::UndoRef::Type::step && undo.step == step) ||
                               std::find(undoes.begin(), undoes.end(), deployed) != undoes.end();
      if (is_its_undo && deployed < prefix) return false;
      any = any || is_its_undo;
    }
    return any;
  }

  void follow(const std::vector<Replayed>& steps, const services::World& start, std::size_t prefix,
              model::PathIndex path) {
    auto open = follower_.refused(start);
    const auto before_the_run = open;
    std::map<Key, std::size_t> began;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].outcome.changes.empty()) continue;
      auto now = follower_.refused(steps[i].after);
      for (const auto& [key, begin] : std::map<Key, std::size_t>(began)) {
        if (now.contains(key)) continue;
        record(steps, begin, i, open.at(key), prefix, path);
        began.erase(key);
      }
      for (const auto& [key, refusal] : now) {
        if (!began.contains(key) && !before_the_run.contains(key)) began[key] = i;
      }
      open = std::move(now);
    }
    for (const auto& [key, begin] : began)
      record(steps, begin, steps.size(), open.at(key), prefix, path);
  }

  void record(const std::vector<Replayed>& steps, std::size_t begin, std::size_t end,
              const std::pair<services::LiveOperation, std::string>& refusal, std::size_t prefix,
              model::PathIndex path) {
    // The same stretch is found again from every earlier prefix: the longest deploy tells it best.
    const auto key = std::tuple(path, steps[begin].step, refusal.first.operation);
    if (!seen_.insert(key).second) return;
    Incompatibility found{refusal.first, prefix,        path, steps[begin].step, model::kNone, 0, 0,
                          false,         refusal.second};
    if (end < steps.size()) found.ends = steps[end].step;
    for (std::size_t i = begin; i < steps.size() && i <= end; ++i) {
      const model::Schedule time = schedule_step(*facts_.plan, steps[i].step);
      found.low_ms += time.low_ms - time.verify_low_ms;
      found.high_ms += time.high_ms - time.verify_high_ms;
      const auto& takes = facts_.plan->steps[steps[i].step].takes;
      found.untimed = found.untimed || !takes || takes->unknown;
    }
    found_.push_back(std::move(found));
  }

  const Facts& facts_;
  Follower follower_;
  std::vector<Incompatibility> found_;
  std::set<std::tuple<model::PathIndex, model::StepIndex, const model::Operation*>> seen_;
};

}  // namespace

std::vector<Incompatibility> incompatibilities(const Facts& facts) { return Search(facts).run(); }

std::string duration_text(const Incompatibility& found) {
  if (found.ends == model::kNone) return "from then on";
  if (found.untimed && found.high_ms == 0) return "for an unknown time";
  const std::string range = model::format_range_ms(found.low_ms, found.high_ms);
  return found.untimed ? fmt::format("for at least {}", model::format_ms(found.low_ms))
                       : fmt::format("for {}", range);
}

}  // namespace backout::analyzer
