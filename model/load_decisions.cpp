// decisions: metrics, conditions, rules.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

class DecisionReader {
 public:
  explicit DecisionReader(LoadContext& context)
      : context_(context), decisions_(context.plan.decisions) {}

  void read(const Node& node) {
    decisions_.span = node.span;
    context_.keys(node, SectionId::decisions, "'decisions'");
    if (const Node* hit = node.find("hit")) {
      const std::string word =
          context_.choice(*hit, find_key(SectionId::decisions, "hit")->choices);
      if (!word.empty()) decisions_.hit = word;
    }
    if (const Node* metrics = node.find("metrics")) read_metrics(*metrics);
    add_monitored_metrics();
    read_names(node.find("issues"), decisions_.issues, issues_listed_);
    read_names(node.find("severities"), decisions_.severities, severities_listed_);
    const Node* rules = node.find("rules");
    if (rules == nullptr || !context_.is_list(*rules, "'rules'")) return;
    // Each is held against each other: more than so many would take minutes.
    constexpr std::size_t kMostRules = 400;
    if (rules->items.size() > kMostRules) {
      context_.mistake(rules->items[kMostRules].span,
                       fmt::format("{} rules are too many: at most {} are looked at",
                                   rules->items.size(), kMostRules),
                       "put what is decided alike into one rule (`any: [...]`)");
      return;
    }
    for (const Node& rule : rules->items) read_rule(rule);
  }

 private:
  void read_names(const Node* node, std::vector<std::string>& names, bool& listed) {
    listed = node != nullptr;
    if (listed) names = context_.texts(*node);
  }

  void read_metrics(const Node& metrics) {
    if (!context_.is_map(metrics, "'metrics'")) return;
    for (const Node::Entry& entry : metrics.entries) {
      Metric metric;
      metric.name = entry.key;
      metric.span = entry.key_span;
      if (entry.value.is_scalar() && entry.value.type != Node::Type::null) {
        metric.unit = unit_named(entry.value.text);
      } else if (context_.is_map(entry.value, fmt::format("metric '{}'", entry.key))) {
        read_metric(metric, entry.value);
      }
      set_default_range(metric);
      decisions_.metrics.push_back(std::move(metric));
    }
  }

  void read_metric(Metric& metric, const Node& body) {
    context_.keys(body, SectionId::metric, fmt::format("metric '{}'", metric.name));
    if (const Node* unit = body.find("unit")) metric.unit = unit_named(context_.text(*unit));
    if (const Node* source = body.find("source")) metric.source = context_.service(*source);
    if (const Node* measures = body.find("measures")) {
      metric.measures =
          context_.choice(*measures, find_key(SectionId::metric, "measures")->choices);
    }
    if (const Node* absent = body.find("absent")) {
      metric.absent =
          absent->is_unknown()
              ? "unknown"
              : context_.choice(*absent, find_key(SectionId::metric, "absent")->choices);
    }
    if (const Node* range = body.find("range"); range != nullptr && !range->is_unknown()) {
      read_pair(*range, metric.unit, metric.low, metric.high);
    }
  }

  static void set_default_range(Metric& metric) {
    if (metric.high > metric.low) return;
    if (metric.unit == "percent") metric.high = 100;
    if (metric.unit == "ratio") metric.high = 1;
  }

  /// "1-5 %", as people write it.
  bool read_written_pair(const Node& node, std::string_view unit, double& low, double& high) {
    const std::size_t dash = node.text.find('-', 1);
    if (!node.is_scalar() || dash == std::string::npos) return false;
    const auto trimmed = [](std::string text) {
      std::erase(text, ' ');
      return text;
    };
    Node first = node;
    Node second = node;
    second.text = trimmed(node.text.substr(dash + 1));
    first.text = trimmed(node.text.substr(0, dash));
    // The unit stands behind the second number only.
    const bool plain = first.text.find_first_not_of("0123456789.") == std::string::npos;
    if (plain)
      first.text += second.text.substr(
          std::min(second.text.find_first_not_of("0123456789."), second.text.size()));
    Node pair = node;
    pair.type = Node::Type::list;
    pair.items = {first, second};
    read_pair(pair, unit, low, high);
    return true;
  }

  /// [low, high]
  void read_pair(const Node& node, std::string_view unit, double& low, double& high) {
    if (node.type != Node::Type::list || node.items.size() != 2) {
      return context_.mistake(node.span,
                              fmt::format("expected [low, high], not {}", type_name(node)));
    }
    const auto first = context_.quantity(node.items[0], unit);
    const auto second = context_.quantity(node.items[1], unit);
    if (!first || !second) return;
    if (*second <= *first) {
      return context_.mistake(node.span,
                              fmt::format("range [{}, {}] is reversed or empty", node.items[0].text,
                                          node.items[1].text),
                              "write the smaller value first");
    }
    low = *first;
    high = *second;
  }

  /// What monitors say that they report counts as declared: metrics: {name: unit} or a list of
  /// names.
  void add_monitored_metrics() {
    for (ServiceIndex i = 0; i < context_.plan.services.size(); ++i) {
      const Service& service = context_.plan.services[i];
      const Node* metrics = service.fields.find("metrics");
      if (metrics == nullptr || context_.kinds[i] == nullptr ||
          context_.kinds[i]->name != "monitor")
        continue;
      for (const Node::Entry& entry : metrics->entries) {
        add_monitored(i, entry.key, entry.value.is_scalar() ? unit_named(entry.value.text) : "",
                      entry.key_span);
      }
      for (const Node& item : metrics->items) add_monitored(i, item.text, "", item.span);
    }
  }

  void add_monitored(ServiceIndex monitor, const std::string& name, std::string unit,
                     const Span& span) {
    if (Metric* metric = find_metric(name)) {
      if (metric->source == kNone) metric->source = monitor;
      if (metric->unit.empty()) metric->unit = std::move(unit);
      // What the monitor says of its metrics holds for those that the table lists, too.
      if (metric->source == monitor && metric->absent.empty()) {
        metric->absent = context_.plan.services[monitor].fields.text("absent_means");
      }
    } else {
      Metric added;
      added.name = name;
      added.unit = std::move(unit);
      added.source = monitor;
      added.absent = context_.plan.services[monitor].fields.text("absent_means");
      added.span = span;
      set_default_range(added);
      decisions_.metrics.push_back(std::move(added));
    }
  }

  Metric* find_metric(std::string_view name) {
    for (Metric& metric : decisions_.metrics) {
      if (metric.name == name) return &metric;
    }
    return nullptr;
  }

  void read_rule(const Node& node) {
    if (!context_.is_map(node, "a rule")) return;
    context_.keys(node, SectionId::rule, "a rule");
    DecisionRule rule;
    rule.span = node.span;
    if (const Node* id = node.find("id")) {
      rule.id = context_.text(*id);
      context_.id(rule.id, id->span, "rule");
    }
    if (const Node* when = node.find("when")) rule.when = read_condition(*when);
    if (const Node* decide = node.find("decide")) rule.decide = read_outcome(*decide);
    if (const Node* path = node.find("path"); path != nullptr && !path->is_unknown()) {
      rule.path = context_.text(*path);
      if (!rule.path.empty()) context_.path(*path, rule.path);
    }
    if (const Node* within = node.find("within")) rule.within = context_.duration(*within);
    decisions_.rules.push_back(std::move(rule));
  }

  DecisionRule::Outcome read_outcome(const Node& node) {
    const auto& choices = find_key(SectionId::rule, "decide")->choices;
    const std::string word = context_.choice(node, choices);
    const auto found = std::find(choices.begin(), choices.end(), word);
    return found == choices.end() ? DecisionRule::Outcome::maybe
                                  : static_cast<DecisionRule::Outcome>(found - choices.begin());
  }

  Condition read_condition(const Node& node) {
    Condition condition;
    condition.span = node.span;
    if (node.is_scalar() && node.text == "otherwise") {
      condition.type = Condition::Type::otherwise;
      return condition;
    }
    if (!context_.is_map(node, "a condition")) return condition;
    context_.keys(node, SectionId::condition, "a condition");
    if (const Node* hold = node.find("for")) condition.hold = context_.duration(*hold);
    if (const Node* window = node.find("within")) condition.window = context_.duration(*window);
    read_subject(condition, node);
    return condition;
  }

  void read_subject(Condition& condition, const Node& node) {
    if (const Node* metric = node.find("metric")) {
      read_comparison(condition, node, *metric);
    } else if (const Node* issue = node.find("issue")) {
      condition.type = Condition::Type::issue;
      condition.name = name_from(*issue, "issue", decisions_.issues, issues_listed_);
    } else if (const Node* severity = node.find("severity")) {
      condition.type = Condition::Type::severity;
      condition.name = name_from(*severity, "severity", decisions_.severities, severities_listed_);
    } else if (node.find("all") != nullptr || node.find("any") != nullptr) {
      const Node* all = node.find("all");
      condition.type = all != nullptr ? Condition::Type::all : Condition::Type::any;
      const Node& parts = all != nullptr ? *all : *node.find("any");
      if (!context_.is_list(parts, all != nullptr ? "'all'" : "'any'")) return;
      for (const Node& part : parts.items) condition.parts.push_back(read_condition(part));
    } else if (node.find("otherwise") != nullptr) {
      condition.type = Condition::Type::otherwise;
      context_.boolean(*node.find("otherwise"), true);
    } else {
      context_.mistake(node.span, "this is no condition",
                       "write one of metric, issue, severity, all, any, otherwise");
    }
  }

  std::string name_from(const Node& node, std::string_view what, std::vector<std::string>& names,
                        bool listed) {
    const std::string name = context_.text(node);
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return name;
    if (listed) {
      context_.mistake(node.span, fmt::format("unknown {} '{}'", what, name),
                       did_you_mean(name, names));
    } else {
      names.push_back(name);
    }
    return name;
  }

  void read_comparison(Condition& condition, const Node& node, const Node& metric_name) {
    condition.type = Condition::Type::metric;
    condition.name = context_.text(metric_name);
    const Metric* metric = find_metric(condition.name);
    if (metric == nullptr && !condition.name.empty()) {
      std::vector<std::string> names;
      for (const Metric& known : decisions_.metrics) names.push_back(known.name);
      const std::string near = nearest(condition.name, names);
      context_.mistake(metric_name.span, fmt::format("unknown metric '{}'", condition.name),
                       near.empty()
                           ? "declare it under decisions.metrics or as a metric of a monitor"
                           : fmt::format("did you mean '{}'?", near));
    }
    const auto& choices = find_key(SectionId::condition, "op")->choices;
    const Node* op = node.find("op");
    if (op == nullptr) {
      context_.mistake(metric_name.span, "a metric needs 'op'",
                       "one of lt, le, gt, ge, eq, between");
    } else {
      const auto found = std::find(choices.begin(), choices.end(), context_.choice(*op, choices));
      if (found != choices.end())
        condition.op = static_cast<Condition::Op>(found - choices.begin());
    }
    if (const Node* change = node.find("change")) {
      condition.relative =
          !context_.choice(*change, find_key(SectionId::condition, "change")->choices).empty();
    }
    read_value(condition, node.find("value"), metric == nullptr ? "" : metric->unit, metric_name);
  }

  void read_value(Condition& condition, const Node* value, std::string_view unit, const Node& at) {
    if (value == nullptr) {
      context_.mistake(at.span, "a metric needs 'value'", "a number, or unknown");
    } else if (value->is_unknown()) {
      condition.value_unknown = true;
    } else if (condition.op == Condition::Op::between) {
      const std::string_view of = condition.relative ? "percent" : unit;
      if (!read_written_pair(*value, of, condition.value, condition.high))
        read_pair(*value, of, condition.value, condition.high);
    } else if (const auto number =
                   context_.quantity(*value, condition.relative ? "percent" : unit)) {
      condition.value = *number;
    }
  }

  LoadContext& context_;
  Decisions& decisions_;
  bool issues_listed_ = false;
  bool severities_listed_ = false;
};

}  // namespace

void read_decisions(LoadContext& context, const Node& decisions) {
  if (context.is_map(decisions, "'decisions'")) DecisionReader(context).read(decisions);
}

}  // namespace backout::model
