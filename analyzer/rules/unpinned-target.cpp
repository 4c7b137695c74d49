#include <set>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "analyzer/rules/support.hpp"
#include "services/record_kind.hpp"

namespace backout::analyzer {

namespace {

/// With what configuration a version was released, as the plan writes it: one image with two
/// configurations is two things.
std::string configuration_of(const model::Version& version) {
  const model::Node* said = version.extra.find("released_with");
  std::string text;
  for (const model::Node::Entry& each :
       said == nullptr ? std::vector<model::Node::Entry>() : said->entries) {
    text += each.key + '=' + each.value.text + ';';
    for (const model::Node::Entry& item : each.value.entries)
      text += item.key + '=' + item.value.text + ';';
  }
  return text;
}

/// The version that serves where the step begins and is the same artefact as the one that it
/// serves; nullptr when there is none.
const model::Version* twin_of(const Facts& facts, const Replayed& replayed) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[replayed.step];
  if (step.target == model::kNone || !facts.traits[replayed.step].changes_version) return nullptr;
  const model::Service& app = plan.services[step.target];
  const model::Version* version =
      app.find_version(step.args.text_or("version", step.args.text("to")));
  if (version == nullptr || version->artefact.empty() || version->artefact == "unknown")
    return nullptr;
  for (const std::string& live :
       facts.context.kind(step.target).live_versions(facts.context, replayed.before, step.target)) {
    const model::Version* other = live == version->name ? nullptr : app.find_version(live);
    if (other != nullptr && other->artefact == version->artefact &&
        configuration_of(*other) == configuration_of(*version))
      return other;
  }
  return nullptr;
}

/// A rollback that serves what it is to take away: two versions are one artefact.
void check_twins(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  std::set<model::StepIndex> told;
  for (const Replay& path : facts.paths) {
    for (const Replayed& replayed : path.steps) {
      const model::Version* twin = twin_of(facts, replayed);
      if (twin == nullptr || !told.insert(replayed.step).second) continue;
      findings.push_back(about_step(
          plan, replayed.step, model::Severity::error,
          fmt::format("'{}' serves '{}', which is what version '{}' is, too: it serves what runs",
                      plan.steps[replayed.step].id, twin->artefact, twin->name)));
      findings.back().related.push_back({twin->span, "the other version"});
      findings.back().fix = "give every build a tag of its own, or name the digest";
    }
  }
}

/// The artefact that the plan says the version is built as, in the place of a word that may mean
/// another one by then.
Edits name_artefact(const model::Plan& plan, const model::Step& step) {
  if (step.target == model::kNone) return {};
  const model::Version* version =
      plan.services[step.target].find_version(step.args.text("version"));
  if (version == nullptr || version->artefact.empty() || version->artefact == "unknown") return {};
  if (!services::moving_tag(version->artefact).empty()) return {};
  for (const char* name : {"ref", "image"}) {
    const model::Node* word = step.args.find(name);
    if (word != nullptr && !services::moving_tag(word->text).empty())
      return replace_word(plan, word->span, word->text, version->artefact);
  }
  return {};
}

}  // namespace

std::vector<model::Finding> check_unpinned_target(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    const std::string& why = facts.traits[step].unpinned_target;
    if (!why.ends_with("may move")) continue;  // only tags: who goes forward may go to the newest
    findings.push_back(
        about_step(plan, step, model::Severity::note,
                   fmt::format("what '{}' deploys is not fixed: {}", plan.steps[step].id, why)));
    findings.back().fix =
        "deploy by digest, commit or full version number, so that it can be named again";
  }
  check_twins(facts, findings);
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count);
       step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].unpinned_target;
    if (why.empty()) continue;
    findings.push_back(about_step(
        plan, step, model::Severity::warning,
        fmt::format("what '{}' goes back to is not fixed: {}", plan.steps[step].id, why)));
    findings.back().fix =
        "record the version, revision or digest that served before, in a step of the deploy, and "
        "name it here";
    findings.back().edits = name_artefact(plan, plan.steps[step]);
    if (!findings.back().edits.empty())
      findings.back().fix = fmt::format("name '{}', which the plan says that version is built as",
                                        findings.back().edits.front().text);
  }
  return findings;
}

}  // namespace backout::analyzer
