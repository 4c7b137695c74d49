#include "simulator/campaign/triggers.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace backout::simulator {
namespace {

using model::Condition;

struct Subjects {
  std::map<std::string, std::set<double>> thresholds;
  std::set<std::string> issues;
  std::set<std::string> severities;
};

void collect(const Condition& condition, Subjects& subjects) {
  if (condition.type == Condition::Type::issue) subjects.issues.insert(condition.name);
  if (condition.type == Condition::Type::severity) subjects.severities.insert(condition.name);
  if (condition.type == Condition::Type::metric && !condition.value_unknown) {
    subjects.thresholds[condition.name].insert(condition.value);
    if (condition.op == Condition::Op::between)
      subjects.thresholds[condition.name].insert(condition.high);
    if (condition.window && !condition.window->unknown) {
      subjects.thresholds[model::kSinceDeploy].insert(model::window_minutes(condition));
    }
  }
  for (const Condition& part : condition.parts) collect(part, subjects);
}

std::int64_t longest_hold(const Condition& condition) {
  std::int64_t longest = condition.hold && !condition.hold->unknown ? condition.hold->high_ms : 0;
  for (const Condition& part : condition.parts) longest = std::max(longest, longest_hold(part));
  return longest;
}

/// A value below the first threshold, each threshold, one between each two, one above the last.
std::vector<double> stretches(const std::set<double>& thresholds) {
  std::vector<double> values;
  double before = 0;
  for (const double threshold : thresholds) {
    values.push_back(values.empty() ? threshold - 1 : (before + threshold) / 2);
    values.push_back(threshold);
    before = threshold;
  }
  values.push_back(before + 1);
  return values;
}

bool mentions(const Condition& condition, const std::string& metric) {
  if (condition.type == Condition::Type::metric && condition.name == metric) return true;
  return std::ranges::any_of(condition.parts,
                             [&](const Condition& part) { return mentions(part, metric); });
}

}  // namespace

Triggers::Triggers(Setting& setting) : setting_(setting), plan_(setting.plan()) {
  Subjects subjects;
  for (const model::DecisionRule& rule : plan_.decisions.rules) {
    collect(rule.when, subjects);
    hold_ms_.push_back(longest_hold(rule.when));
  }
  subjects.issues.insert(plan_.decisions.issues.begin(), plan_.decisions.issues.end());
  subjects.severities.insert(plan_.decisions.severities.begin(), plan_.decisions.severities.end());
  issues_.assign(subjects.issues.begin(), subjects.issues.end());
  severities_.assign(subjects.severities.begin(), subjects.severities.end());
  for (const auto& [metric, thresholds] : subjects.thresholds) {
    const auto declared = std::ranges::find(plan_.decisions.metrics, metric, &model::Metric::name);
    const bool measured =
        declared != plan_.decisions.metrics.end() && declared->measures == "refused";
    choices_.push_back({metric, measured, stretches(thresholds)});
  }
}

double Triggers::refused_percent(WorldId world) {
  const auto all = setting_.worlds().operations(world).size();
  return all == 0 ? 0
                  : 100.0 * static_cast<double>(setting_.refused(world).size()) /
                        static_cast<double>(all);
}

model::Situation Triggers::situation(WorldId world, Draws& draws) {
  model::Situation situation;
  for (const Choice& choice : choices_) {
    situation.values[choice.metric] =
        choice.measured ? refused_percent(world) : choice.values[draws.below(choice.values.size())];
  }
  if (!issues_.empty() && draws.coin()) situation.issue = issues_[draws.below(issues_.size())];
  if (!severities_.empty() && draws.coin())
    situation.severity = severities_[draws.below(severities_.size())];
  return situation;
}

/// Whether a rule that looks at a metric holds while the metric is absent: as `absent` says.
std::optional<bool> Triggers::without_data(const std::string& metric,
                                           const model::DecisionRule& rule) const {
  const auto declared = std::ranges::find(plan_.decisions.metrics, metric, &model::Metric::name);
  const std::string meaning =
      declared == plan_.decisions.metrics.end() ? std::string() : declared->absent;
  if (meaning.empty() || meaning == "unknown") return std::nullopt;
  return meaning == "roll_back" && model::rolls_back(rule.decide);
}

Decided Triggers::decided_by(std::size_t rule) const {
  Decided decided{Decided::What::rule, rule, model::kNone, hold_ms_[rule]};
  const model::DecisionRule& chosen = plan_.decisions.rules[rule];
  if (!model::rolls_back(chosen.decide)) return decided;
  decided.path = chosen.path.empty() ? (setting_.books().paths.size() == 1 ? 0 : model::kNone)
                                     : model::path_of(plan_, chosen);
  return decided;
}

Decided Triggers::decide(WorldId world, Draws& draws, bool lose_metric) {
  model::Situation now = situation(world, draws);
  const std::string lost =
      lose_metric ? choices_[draws.below(choices_.size())].metric : std::string();
  now.values.erase(lost);
  std::vector<std::size_t> hits;
  bool unknown = false;
  for (std::size_t i = 0; i < plan_.decisions.rules.size(); ++i) {
    const Condition& when = plan_.decisions.rules[i].when;
    if (when.type == Condition::Type::otherwise && !hits.empty())
      continue;  // it speaks where no other rule does
    std::optional<bool> holds = model::holds(when, now);
    if (mentions(when, lost)) holds = without_data(lost, plan_.decisions.rules[i]);
    if (!holds) unknown = true;
    if (holds.value_or(false)) hits.push_back(i);
  }
  if (hits.empty())
    return {unknown ? Decided::What::unknown : Decided::What::no_rule, 0, model::kNone, 0};
  const Decided first = decided_by(hits.front());
  const std::string& hit = plan_.decisions.hit;
  if (hit == "first" || hit == "priority") return first;
  const bool agree = std::ranges::all_of(hits, [&](std::size_t rule) {
    return plan_.decisions.rules[rule].decide == plan_.decisions.rules[first.rule].decide &&
           decided_by(rule).path == first.path;
  });
  if (!agree) return {Decided::What::conflict, first.rule, model::kNone, 0};
  return first;
}

}  // namespace backout::simulator
