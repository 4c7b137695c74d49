// Steps that wait for each other. Each cycle is one mistake.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

class CycleFinder {
 public:
  explicit CycleFinder(LoadContext& context) : context_(context) {
    const auto count = static_cast<StepIndex>(context.plan.steps.size());
    waiting_.resize(count);
    after_.resize(count);
    for (StepIndex step = 0; step < count; ++step) {
      before_.push_back(predecessors(context.plan, step));
      waiting_[step] = before_[step].size();
      for (const StepIndex need : before_[step]) after_[need].push_back(step);
    }
  }

  void find() {
    done_.resize(before_.size(), false);
    seen_.resize(before_.size(), 0);
    std::vector<StepIndex> ready;
    for (StepIndex step = 0; step < before_.size(); ++step) {
      if (waiting_[step] == 0) ready.push_back(step);
    }
    settle(std::move(ready));
    for (StepIndex step = 0; step < before_.size(); ++step) {
      while (!done_[step]) report(cycle_from(step));
    }
  }

 private:
  /// Marks steps and all that then wait for nothing.
  void settle(std::vector<StepIndex> ready) {
    while (!ready.empty()) {
      const StepIndex step = ready.back();
      ready.pop_back();
      if (done_[step]) continue;
      done_[step] = true;
      for (const StepIndex later : after_[step]) {
        if (--waiting_[later] == 0) ready.push_back(later);
      }
    }
  }

  /// Walks back from a step that waits until it meets itself.
  std::vector<StepIndex> cycle_from(StepIndex step) {
    std::vector<StepIndex> walk;
    ++walks_;
    while (seen_[step] != walks_) {
      seen_[step] = walks_;
      walk.push_back(step);
      step = *std::find_if(before_[step].begin(), before_[step].end(),
                           [&](StepIndex s) { return !done_[s]; });
    }
    std::vector<StepIndex> cycle(std::find(walk.begin(), walk.end(), step), walk.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    return cycle;
  }

  void report(const std::vector<StepIndex>& cycle) {
    const auto& steps = context_.plan.steps;
    std::string text;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      const Step& step = steps[cycle[i]];
      const Step& next = steps[cycle[(i + 1) % cycle.size()]];
      text += fmt::format("{}'{}' {} '{}'", i == 0 ? "" : ", ", step.id,
                          step.has_needs ? "needs" : "follows", next.id);
    }
    context_.mistake(context_.needs_spans[cycle.front()],
                     fmt::format("steps wait for each other: {}", text),
                     "a step without `needs` follows the step listed before it");
    settle(cycle);
  }

  LoadContext& context_;
  std::vector<std::vector<StepIndex>> before_;
  std::vector<std::vector<StepIndex>> after_;
  std::vector<std::size_t> waiting_;
  std::vector<bool> done_;
  std::vector<std::uint32_t> seen_;  // the last walk that came by
  std::uint32_t walks_ = 0;
};

}  // namespace

void find_cycles(LoadContext& context) { CycleFinder(context).find(); }

}  // namespace backout::model
