#pragma once
// The decision table at work: from what live traffic and chance show to the path that somebody
// chooses.

#include <optional>
#include <vector>

#include "model/situation.hpp"
#include "simulator/campaign/draws.hpp"
#include "simulator/setting.hpp"

namespace backout::simulator {

/// What somebody decides in a situation.
struct Decided {
  enum class What { rule, no_rule, conflict, unknown };
  What what = What::no_rule;
  std::size_t rule = 0;  ///< What::rule
  model::PathIndex path =
      model::kNone;          ///< the path that is chosen; kNone: no rollback, or no path is named
  std::int64_t hold_ms = 0;  ///< how long the trigger had to hold first
};

/// Draws situations and decides. Metrics that measure refused operations are measured in the world;
/// other metrics, issues and severities are drawn around the thresholds of the table, each stretch
/// between two as often as another.
class Triggers {
 public:
  explicit Triggers(Setting& setting);

  bool any() const { return !plan_.decisions.rules.empty(); }
  bool has_metrics() const { return !choices_.empty(); }
  /// `lose_metric`: one of the metrics is absent; has_metrics() must hold.
  Decided decide(WorldId world, Draws& draws, bool lose_metric = false);

 private:
  model::Situation situation(WorldId world, Draws& draws);
  std::optional<bool> without_data(const std::string& metric,
                                   const model::DecisionRule& rule) const;
  double refused_percent(WorldId world);
  Decided decided_by(std::size_t rule) const;

  Setting& setting_;
  const model::Plan& plan_;
  struct Choice {
    std::string metric;
    bool measured = false;
    std::vector<double> values;  ///< one per stretch of the axis
  };
  std::vector<Choice> choices_;
  std::vector<std::string> issues_;
  std::vector<std::string> severities_;
  std::vector<std::int64_t> hold_ms_;  ///< by rule
};

}  // namespace backout::simulator
