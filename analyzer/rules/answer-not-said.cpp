#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Paths that answer alike in every version because that is what they are there for.
bool is_health_check(const std::string& path) {
  return path.empty() || std::ranges::any_of(std::initializer_list<const char*>{"health", "ready", "live", "status", "ping", "version", "up"},
                                             [&](const char* word) { return path.find(word) != std::string::npos; });
}

std::string path_of(const model::Check& check) {
  const std::string asked = check.args.text("http");
  const std::size_t slash = asked.find('/');
  return slash == std::string::npos ? std::string() : asked.substr(slash + 1);
}

/// Whether the version the step brings says what it answers anywhere.
bool is_said(const model::Plan& plan, const model::Step& step) {
  const model::Version* version = plan.services[step.target].find_version(step.args.text("version"));
  return version == nullptr || version->extra.has("answers");
}

}  // namespace

std::vector<model::Finding> check_answer_not_said(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex i = 0; i < plan.deploy_count; ++i) {
    const model::Step& step = plan.steps[i];
    const bool turns_back = step.on_failure.type == model::OnFailure::Type::rollback;
    if (!turns_back || step.target == model::kNone || !facts.traits[i].changes_version || is_said(plan, step)) continue;
    for (const model::Check& check : step.verify) {
      const std::string path = path_of(check);
      const std::string expected = check.args.text("expect");
      if (check.type != model::Check::Type::http || expected.empty() || expected == "none" || is_health_check(path)) continue;
      findings.push_back(about_step(plan, i, model::Severity::warning,
                                    fmt::format("'{}' is rolled back unless '{}' answers {}, and whether {} does, the plan does not say: a check of yesterday takes every deploy back",
                                                step.id, check.args.text("http"), expected, step.args.text("version"))));
      findings.back().fix = fmt::format("say what the version answers there (`answers: {{{}: {}}}`), and change the check with the release", path, expected);
    }
  }
  return findings;
}

}  // namespace backout::analyzer
