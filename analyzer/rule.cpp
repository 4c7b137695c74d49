#include "analyzer/rule.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "analyzer/migrations/planned.hpp"
#include "analyzer/migrations/rules.hpp"
#include "analyzer/once.hpp"

namespace backout::analyzer {

#define BACKOUT_RULE(id, function, group, severity, summary) \
  std::vector<model::Finding> check_##function(const Facts& facts);
#include "analyzer/rules/rules.inc"
#undef BACKOUT_RULE

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> kAll = {
#define BACKOUT_RULE(id, function, group, severity, summary) \
  {id, group, model::Severity::severity, summary, &check_##function},
#include "analyzer/rules/rules.inc"
#undef BACKOUT_RULE
  };
  return kAll;
}

const Rule* find_rule(std::string_view id) {
  for (const Rule& rule : all_rules()) {
    if (id == rule.id) return &rule;
  }
  return nullptr;
}

namespace {

constexpr const char* kUnused = "unused-suppression";

bool expired(const model::Suppression& suppression, std::string_view today) {
  return !today.empty() && !suppression.until.empty() && suppression.until < today;
}

bool covers(const model::Suppression& suppression, const model::Finding& finding) {
  return suppression.rule == finding.rule &&
         (suppression.step.empty() || suppression.step == finding.step);
}

model::Finding stale(const model::Plan& plan, const model::Suppression& suppression, bool late) {
  model::Finding finding;
  finding.rule = kUnused;
  finding.severity = model::Severity::warning;
  finding.span = suppression.span;
  finding.step = suppression.step;
  finding.message =
      late ? fmt::format("the suppression of '{}' ended on {}: what it hid is reported again",
                         suppression.rule, suppression.until)
           : fmt::format("the suppression of '{}' hides nothing", suppression.rule);
  finding.fix = late ? "mend what it hid, or give it a new date" : "remove it";
  if (!late) finding.edits = without_suppression(plan, suppression);
  return finding;
}

}  // namespace

std::vector<model::Finding> report(const Facts& facts, std::vector<model::Finding> found,
                                   bool rules, std::string_view today, bool searched) {
  if (rules) {
    for (const Rule& rule : all_rules()) {
      for (model::Finding& finding : rule.check(facts)) {
        finding.rule = rule.id;
        found.push_back(std::move(finding));
      }
    }
    for (model::Finding& finding : planned_migration_findings(facts))
      found.push_back(std::move(finding));
  }
  found = once(*facts.plan, std::move(found));
  for (const model::Suppression& suppression : facts.plan->ignore) {
    const bool late = expired(suppression, today);
    const std::size_t hidden = late ? 0 : std::erase_if(found, [&](const model::Finding& finding) {
      return covers(suppression, finding);
    });
    const bool known = searched || find_rule(suppression.rule) != nullptr ||
                       find_migration_rule(suppression.rule) != nullptr;
    if (rules && (late || (hidden == 0 && known)))
      found.push_back(stale(*facts.plan, suppression, late));
  }
  model::sort_findings(found);
  return found;
}

}  // namespace backout::analyzer
