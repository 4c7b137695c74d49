#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

std::vector<std::string> live(const Facts& facts, const services::World& world,
                              model::ServiceIndex app) {
  return facts.context.kind(app).live_versions(facts.context, world, app);
}

/// Whether the plan says that what the step does stays: no undo with a reason.
bool may_stay(const model::Step& step) {
  return step.undo.type == model::UndoRef::Type::none && !step.undo.why.empty();
}

/// Whether residues (of the plan, of the deploy's steps and of the path's) name all that is other
/// of the app behind the path than before the deploy.
bool is_declared_app(const Facts& facts, const Replay& path, model::ServiceIndex app) {
  std::vector<model::Residue> residue = facts.plan->residue;
  const auto add = [&](const std::vector<Replayed>& steps) {
    for (const Replayed& replayed : steps) {
      const std::vector<model::Residue>& more = facts.plan->steps[replayed.step].residue;
      residue.insert(residue.end(), more.begin(), more.end());
    }
  };
  add(facts.deploy.steps);
  add(path.steps);
  if (residue.empty()) return false;
  const std::string own = facts.plan->services[app].name + '.';
  return std::ranges::none_of(services::differences(facts.context, facts.start, path.end, residue),
                              [&](const std::string& line) { return line.starts_with(own); });
}

/// An app that the deploy leaves on another version, and the last step that makes it so.
struct Changed {
  model::ServiceIndex app = model::kNone;
  model::StepIndex step = model::kNone;
};

/// By app, the last place in the deploy after which another version of it is live; kNone where
/// there is none.
std::vector<std::size_t> last_changes(const Facts& facts) {
  std::vector<std::size_t> last(facts.plan->services.size(), model::kNone);
  for (std::size_t i = 0; i < facts.deploy.steps.size(); ++i) {
    const Replayed& replayed = facts.deploy.steps[i];
    const services::States& before = replayed.before.states;
    const services::States& after = replayed.after.states;
    for (std::size_t at = before.next_difference(after, 0); at < before.size();
         at = before.next_difference(after, at + 1)) {
      const auto app = static_cast<model::ServiceIndex>(at);
      if (live(facts, replayed.before, app) != live(facts, replayed.after, app)) last[at] = i;
    }
  }
  return last;
}

std::vector<Changed> changed_apps(const Facts& facts) {
  std::vector<Changed> changed;
  const std::vector<std::size_t> last = last_changes(facts);
  for (model::ServiceIndex app = 0; app < facts.plan->services.size(); ++app) {
    if (facts.plan->services[app].versions.empty() || last[app] == model::kNone) continue;
    const model::StepIndex step = facts.deploy.steps[last[app]].step;
    if (!may_stay(facts.plan->steps[step])) changed.push_back({app, step});
  }
  return changed;
}

/// Whether a step that nobody can judge may bring the app back.
bool may_bring_back(const Facts& facts, const Replay& path, model::ServiceIndex app) {
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const Replayed& replayed) {
    const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
    const bool about = target == app || target == model::kNone ||
                       contains(facts.traits[replayed.step].triggers, app);
    return about && replayed.outcome.result == services::Outcome::Result::opaque;
  });
}

/// The apps that a path leaves on another version than before the deploy; where nobody says which
/// that was, on that of the deploy.
std::vector<model::ServiceIndex> left_by(const Facts& facts, const Replay& path,
                                         const std::vector<Changed>& changed) {
  std::vector<model::ServiceIndex> left;
  for (const Changed& each : changed) {
    const auto then = live(facts, path.end, each.app);
    const bool is_unsaid = facts.plan->services[each.app].start == "unknown";
    const bool back = is_unsaid ? then != live(facts, facts.deploy.end, each.app)
                                : then == live(facts, facts.start, each.app);
    if (!back && !may_bring_back(facts, path, each.app) && !is_declared_app(facts, path, each.app))
      left.push_back(each.app);
  }
  return left;
}

/// The last step of a path that acts on the app and is more than a look; null when there is none.
const Replayed* last_on(const Facts& facts, const Replay& path, model::ServiceIndex app) {
  for (auto replayed = path.steps.rbegin(); replayed != path.steps.rend(); ++replayed) {
    const services::Traits& traits = facts.traits[replayed->step];
    const bool about =
        facts.plan->steps[replayed->step].target == app || contains(traits.triggers, app);
    if (about && !traits.read_only) return &*replayed;
  }
  return nullptr;
}

/// The id of the last step of the first path that acts on the app; empty when none does.
std::string step_that_fails_to(const Facts& facts, model::ServiceIndex app) {
  for (const Replay& path : facts.paths) {
    if (const Replayed* last = last_on(facts, path, app)) return facts.plan->steps[last->step].id;
  }
  return {};
}

/// Whether every path would take the app back by a step that is refused: that is what is wrong.
bool is_refused_everywhere(const Facts& facts, model::ServiceIndex app) {
  return std::ranges::all_of(facts.paths, [&](const Replay& path) {
    const Replayed* last = last_on(facts, path, app);
    return last != nullptr && is_refused(*last);
  });
}

model::Finding about_app(const Facts& facts, const Changed& changed) {
  const model::Plan& plan = *facts.plan;
  const model::Service& app = plan.services[changed.app];
  const std::string& step = plan.steps[changed.step].id;
  const std::string meant = step_that_fails_to(facts, changed.app);
  if (meant.empty()) {
    model::Finding finding =
        about_step(plan, changed.step, model::Severity::error,
                   fmt::format("'{}' changes '{}', and no path takes it back to '{}'", step,
                               app.name, app.start));
    finding.fix = "add the step that does to a path";
    return finding;
  }
  model::Finding finding = about_step(
      plan, changed.step, model::Severity::error,
      fmt::format("'{}' changes '{}', and '{}', which acts on it, does not take it back to '{}'",
                  step, app.name, meant, app.start));
  finding.fix = fmt::format(
      "make '{}' do it and ask for the version afterwards, or add the step that does", meant);
  return finding;
}

}  // namespace

std::vector<model::Finding> check_app_left_behind(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  const std::vector<Changed> changed = changed_apps(facts);
  if (changed.empty() || facts.paths.empty()) return {};
  std::vector<std::vector<model::ServiceIndex>> left;
  for (const Replay& path : facts.paths) {
    left.push_back(left_by(facts, path, changed));
    if (left.back().empty()) return {};
  }
  std::vector<model::Finding> findings;
  std::vector<std::string> some;  // apps that at least one path takes back
  for (const Changed& each : changed) {
    const bool never = std::all_of(left.begin(), left.end(),
                                   [&](const auto& apps) { return contains(apps, each.app); });
    if (!never) {
      some.push_back(fmt::format("'{}'", plan.services[each.app].name));
      continue;
    }
    if (!is_refused_everywhere(facts, each.app)) findings.push_back(about_app(facts, each));
  }
  if (some.size() < 2) return findings;
  findings.push_back(about_step(
      plan, changed.back().step, model::Severity::error,
      fmt::format(
          "the deploy changes {}, and no path takes all of them back: some stay on the new version",
          fmt::join(some, ", "))));
  findings.back().fix =
      "add a path with one step for each of them, and say which of them serves the traffic";
  return findings;
}

}  // namespace backout::analyzer
