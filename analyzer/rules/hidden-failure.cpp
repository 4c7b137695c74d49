#include <fmt/format.h>

#include "analyzer/command_edits.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The flag of the action that makes its failure seen: the kind itself is asked. What a command of
/// one's own hides, the plan only tells.
Edits seen_by_flag(const Facts& facts, model::StepIndex index) {
  const model::Step& step = facts.plan->steps[index];
  if (step.target == model::kNone) return {};
  const model::VerbSpec* verb = model::find_verb(facts.context.kind(step.target).spec(), step.verb);
  if (verb == nullptr) return {};
  for (const model::FieldSpec& argument : verb->args) {
    if (argument.type != model::ValueType::boolean) continue;
    for (const bool value : {true, false}) {
      services::Action action = facts.actions[index];
      std::erase_if(action.args.entries,
                    [&](const model::Node::Entry& entry) { return entry.key == argument.name; });
      model::Node flag;
      flag.type = model::Node::Type::boolean;
      flag.text = value ? "true" : "false";
      action.args.entries.push_back({argument.name, {}, flag});
      if (services::traits_of(facts.context, action).hides_failure.empty())
        return set_flag(*facts.plan, step, argument.name, value);
    }
  }
  return {};
}

/// The options of the command that make its failure seen.
Edits seen_by_option(const Facts& facts, model::StepIndex index) {
  const model::Node* command = facts.plan->steps[index].args.find("command");
  if (command == nullptr || !command->is_scalar() || command->is_unknown()) return {};
  return with_options(*facts.plan, command->span, command->text,
                      catalogue::Trap::Kind::hides_failure);
}

}  // namespace

std::vector<model::Finding> check_hidden_failure(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].hides_failure;
    if (why.empty() || is_a_look(facts, step))
      continue;  // a look that cannot fail: check-cannot-fail
    // Whoever goes on behind a failure of what changes no service does not mind one that he never
    // hears of.
    if (facts.traits[step].read_only &&
        (!plan.steps[step].critical ||
         plan.steps[step].on_failure.type == model::OnFailure::Type::carry_on))
      continue;
    findings.push_back(
        about_step(plan, step, model::Severity::error,
                   fmt::format("nobody sees '{}' fail: {}", plan.steps[step].id, why)));
    findings.back().fix =
        "make the command stop and fail at the first error (ON_ERROR_STOP, -f, set -e, a checksum)";
    findings.back().edits = seen_by_option(facts, step);
    if (findings.back().edits.empty()) findings.back().edits = seen_by_flag(facts, step);
  }
  return findings;
}

}  // namespace backout::analyzer
