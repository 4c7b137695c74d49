#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Paths that answer alike in every version because that is what they are there for.
bool is_health_check(const std::string& path) {
  return path.empty() ||
         std::ranges::any_of(
             std::initializer_list<const char*>{"health", "ready", "live", "status", "ping",
                                                "version", "up"},
             [&](const char* word) { return path.find(word) != std::string::npos; });
}

std::string path_of(const model::Check& check) {
  const std::string asked = check.args.text("http");
  const std::size_t slash = asked.find('/');
  return slash == std::string::npos ? std::string() : asked.substr(slash + 1);
}

/// Whether the version the step brings says what it answers anywhere.
bool is_said(const model::Plan& plan, const model::Step& step) {
  const model::Version* version =
      plan.services[step.target].find_version(step.args.text("version"));
  const model::Node* answers = version == nullptr ? nullptr : version->extra.find("answers");
  if (answers == nullptr) return version == nullptr;
  return !answers->is_unknown() && std::ranges::none_of(answers->entries, [](const auto& entry) {
    return entry.value.is_unknown();
  });
}

/// Whether some version of the service says that it gives this answer anywhere.
bool is_promised(const model::Service& service, const std::string& status) {
  return std::ranges::any_of(service.versions, [&](const model::Version& version) {
    const model::Node* answers = version.extra.find("answers");
    return answers != nullptr &&
           std::ranges::any_of(answers->entries, [&](const model::Node::Entry& entry) {
             return entry.value.text == status;
           });
  });
}

/// Checks that want an error of the server, or any error of a health address, which no version
/// promises.
void check_errors(const model::Plan& plan, model::StepIndex index,
                  const std::vector<model::Check>& checks, std::vector<model::Finding>& findings) {
  for (const model::Check& check : checks) {
    const model::Node* expect = check.args.find("expect");
    const auto status = expect == nullptr ? std::nullopt : expect->as_integer();
    if (check.type != model::Check::Type::http || !status ||
        *status < (is_health_check(path_of(check)) ? 400 : 500) || *status > 599)
      continue;
    if (check.services.empty() || is_promised(plan.services[check.services.front()], expect->text))
      continue;
    model::Finding finding =
        about_step(plan, index, model::Severity::warning,
                   fmt::format("'{}' wants {} of '{}', an error that no version is said to answer",
                               plan.steps[index].id, *status, check.args.text("http")));
    finding.span = check.span;
    finding.fix =
        "expect what it answers when all is well, or say that a version answers this (`answers`)";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<model::Finding> check_answer_not_said(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex i = 0; i < plan.steps.size(); ++i) {
    check_errors(plan, i, plan.steps[i].precheck, findings);
    check_errors(plan, i, plan.steps[i].verify, findings);
  }
  for (model::StepIndex i = 0; i < plan.deploy_count; ++i) {
    const model::Step& step = plan.steps[i];
    const bool turns_back = step.on_failure.type == model::OnFailure::Type::rollback;
    if (!turns_back || step.target == model::kNone || !facts.traits[i].changes_version ||
        is_said(plan, step))
      continue;
    for (const model::Check& check : step.verify) {
      const std::string path = path_of(check);
      const std::string expected = check.args.text("expect");
      if (check.type != model::Check::Type::http || expected.empty() || expected == "none" ||
          is_health_check(path))
        continue;
      findings.push_back(about_step(
          plan, i, model::Severity::warning,
          fmt::format("'{}' is rolled back unless '{}' answers {}, and whether {} does, the plan "
                      "does not say: a check of yesterday takes every deploy back",
                      step.id, check.args.text("http"), expected, step.args.text("version"))));
      findings.back().fix = fmt::format(
          "say what the version answers there (`answers: {{{}: {}}}`), and change the check with "
          "the release",
          path, expected);
    }
  }
  return findings;
}

}  // namespace backout::analyzer
