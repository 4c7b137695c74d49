#include <nlohmann/json.hpp>

#include "analyzer/decision.hpp"
#include "model/situation.hpp"
#include "reports/html/page_data.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;
using model::Condition;
using model::DecisionRule;

namespace {

const char* type_name(Condition::Type type) {
  using Type = Condition::Type;
  switch (type) {
    case Type::metric:
      return "metric";
    case Type::issue:
      return "issue";
    case Type::severity:
      return "severity";
    case Type::all:
      return "all";
    case Type::any:
      return "any";
    case Type::otherwise:
      return "otherwise";
  }
  return "otherwise";
}

const char* op_name(Condition::Op op) {
  using Op = Condition::Op;
  switch (op) {
    case Op::lt:
      return "<";
    case Op::le:
      return "<=";
    case Op::gt:
      return ">";
    case Op::ge:
      return ">=";
    case Op::eq:
      return "=";
    case Op::between:
      return "between";
  }
  return "=";
}

const char* outcome_name(DecisionRule::Outcome outcome) {
  using Outcome = DecisionRule::Outcome;
  switch (outcome) {
    case Outcome::roll_back:
      return "roll back";
    case Outcome::must_roll_back:
      return "must roll back";
    case Outcome::recommended:
      return "rollback recommended";
    case Outcome::maybe:
      return "maybe roll back";
    case Outcome::forward:
      return "fix forward";
    case Outcome::monitor:
      return "monitor";
    case Outcome::disable_flag:
      return "disable the flag";
  }
  return "roll back";
}

Json condition_json(const Condition& condition) {
  Json json{{"type", type_name(condition.type)}};
  if (condition.type == Condition::Type::all || condition.type == Condition::Type::any) {
    json["parts"] = Json::array();
    for (const Condition& part : condition.parts) json["parts"].push_back(condition_json(part));
    return json;
  }
  if (condition.type == Condition::Type::otherwise) return json;
  json["name"] = condition.name;
  if (condition.type != Condition::Type::metric) return json;
  json["op"] = op_name(condition.op);
  json["value"] = condition.value_unknown ? Json(nullptr) : Json(condition.value);
  if (condition.op == Condition::Op::between) json["high"] = condition.high;
  if (condition.relative) json["relative"] = true;
  if (condition.hold) json["hold"] = to_string(*condition.hold);
  if (condition.window && !condition.window->unknown)
    json["within_minutes"] = model::window_minutes(condition);
  return json;
}

Json rule_json(const DecisionRule& rule) {
  return Json{{"id", rule.id},
              {"when", condition_json(rule.when)},
              {"decide", outcome_name(rule.decide)},
              {"path", rule.path},
              {"within", rule.within ? Json(to_string(*rule.within)) : Json(nullptr)}};
}

}  // namespace

Json decisions_json(const model::Plan& plan) {
  const model::Decisions& decisions = plan.decisions;
  if (decisions.rules.empty()) return nullptr;
  Json json{{"hit", decisions.hit},
            {"since_deploy", model::kSinceDeploy},
            {"issues", decisions.issues},
            {"severities", decisions.severities}};
  for (const char* list : {"metrics", "rules", "gaps", "conflicts"}) json[list] = Json::array();
  for (const model::Metric& metric : decisions.metrics) {
    json["metrics"].push_back(Json{
        {"name", metric.name}, {"unit", metric.unit}, {"low", metric.low}, {"high", metric.high}});
  }
  for (const DecisionRule& rule : decisions.rules) json["rules"].push_back(rule_json(rule));
  for (const analyzer::Region& gap : analyzer::gaps(decisions)) {
    json["gaps"].push_back(Json{{"text", gap.text}, {"rule", gap.near_rule}});
  }
  for (const analyzer::Conflict& conflict : analyzer::conflicts(decisions)) {
    json["conflicts"].push_back(
        Json{{"one", conflict.one}, {"other", conflict.other}, {"where", conflict.where}});
  }
  return json;
}

}  // namespace backout::reports
