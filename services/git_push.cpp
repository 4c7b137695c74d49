// What a push does: to the remote branch, and to all that deploys from it.
#include <algorithm>

#include <fmt/format.h>

#include "services/git.hpp"
#include "services/release.hpp"

namespace backout::services {

namespace {

constexpr TextArg kGitBranch{"branch", "Branch (default: the repository's)."};
constexpr TextArg kGitRemote{"remote", "Remote."};
constexpr FlagArg kGitForce{"force", "--force."};
constexpr FlagArg kGitLease{"lease", "--force-with-lease."};

/// Whether nobody says that the app, which watches a branch of the repository, watches the one that
/// is pushed.
bool may_watch_another(const Context& context, ServiceIndex git, ServiceIndex app) {
  const model::Node* watched =
      context.plan().services[app].fields.find("deploys_on")->find("branch");
  if (watched == nullptr) return false;
  const model::Node* pushed = context.plan().services[git].fields.find("branch");
  return watched->is_unknown() || (pushed != nullptr && pushed->is_unknown());
}

}  // namespace

std::string branch_of(const Context& context, ServiceIndex git) {
  return context.plan().services[git].fields.text_or("branch", "main");
}

std::vector<ServiceIndex> watchers(const Context& context, ServiceIndex git) {
  std::vector<ServiceIndex> found;
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const model::Node* watched = plan.services[i].fields.find("deploys_on");
    if (watched == nullptr) continue;
    const model::Node* service = watched->find("service");
    const model::Node* branch = watched->find("branch");
    if (service == nullptr || service->text != plan.services[git].name) continue;
    if (may_watch_another(context, git, i) || branch == nullptr ||
        branch->text == branch_of(context, git))
      found.push_back(i);
  }
  return found;
}

namespace {

/// The branch that is pushed to: of `HEAD:refs/heads/main` the part behind the colon.
std::string pushed_branch(const Args& args) {
  std::string branch = kGitBranch.in(args);
  branch = branch.substr(branch.rfind(':') + 1);
  if (branch.starts_with("refs/heads/")) branch = branch.substr(11);
  return branch;
}

/// Why nothing that the plan knows hears of the push: it goes to another branch. Empty where it
/// goes to the repository's, or nobody says.
std::string why_other_branch(const Context& context, const Action& action) {
  const model::Service& self = context.plan().services[action.service];
  const std::string branch = pushed_branch(action.args);
  const std::string known = self.fields.text("branch");
  const bool named = !branch.empty() && !kGitBranch.is_unknown(action.args) && !known.empty() &&
                     !self.fields.is_unknown("branch");
  if (named && branch != known)
    return fmt::format("it pushes the branch '{}', and '{}' is the one of '{}'", branch, known,
                       self.name);
  return {};
}

Outcome push(const Context& context, const World& world, const Action& action) {
  if (std::string why = why_other_branch(context, action); !why.empty())
    return Outcome::noop(std::move(why));
  const Record& git = world.record(action.service);
  const std::string& log = git.get("log");
  const bool is_new = git.get("remote_log") != log;
  if (!is_new && git.has("detached")) {
    return Outcome::noop("Everything up-to-date: HEAD is detached and the branch has not moved");
  }
  const bool force = kGitForce.in(action.args) || kGitLease.in(action.args);
  if (!force && !(log + ',').starts_with(git.get("remote_log") + ',')) {
    return Outcome::refused("! [rejected] (non-fast-forward)");
  }
  Outcome outcome = Outcome::done();
  const std::string head = git.get("head");
  if (is_new) outcome.set(action.service, git.with("remote", head).with("remote_log", log));
  for (const ServiceIndex app : watchers(context, action.service)) {
    // What was pushed before is being rolled out, or it is there.
    if (!is_new && world.record(app).get("rolling") != head) continue;
    const World now = with_changes(world, outcome.changes);
    if (kPart.in(action.args) == "half") {
      if (rolls_in_turn(context, now, app, head)) replace_one(context, now, app, head, outcome);
      continue;
    }
    Outcome rollout = roll_out(context, now, app, head);
    for (auto& [service, state] : rollout.changes) outcome.set(service, std::move(state));
    if (may_watch_another(context, action.service, app)) {
      rollout = Outcome::opaque(
          fmt::format("whether '{}' deploys from the branch that is pushed, the plan does not say",
                      context.plan().services[app].name));
    }
    if (rollout.ok() || outcome.result == Outcome::Result::opaque) continue;
    // The push itself went through: the one who pushed hears nothing of what became of the build.
    outcome.result =
        rollout.result == Outcome::Result::opaque ? Outcome::Result::opaque : Outcome::Result::noop;
    outcome.message = rollout.message;
  }
  return outcome;
}

/// One instance of each app that watches the branch is replaced, then the rest.
std::vector<Action> push_in_turn(const Call& call) {
  if (!push(call.context, call.world, call.action).ok()) return {call.action};
  const std::vector<ServiceIndex> apps = watchers(call.context, call.action.service);
  const bool all_in_turn = std::ranges::all_of(apps, [&](ServiceIndex app) {
    return rolls_in_turn(call.context, call.world, app, call.now.get("head"));
  });
  if (apps.empty() || !all_in_turn) return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), with_arg(call.action, kPart.name(), "rest")};
}

Footprint pushed(const Context& context, const Action& action) {
  Footprint print = itself_and(context, action, {});
  for (const ServiceIndex app : watchers(context, action.service))
    add_roll_out(context, app, print);
  for (std::vector<std::string>* paths : {&print.reads, &print.writes}) {
    std::sort(paths->begin(), paths->end());
    paths->erase(std::unique(paths->begin(), paths->end()), paths->end());
  }
  return print;
}

Undo undo_push(const Call& call) {
  return {Undo::Class::conditional,
          "others have pushed since",
          {same_service(call.action, "reset", {{kGitTo.name(), call.now.get("remote")}}),
           same_service(call.action, "push", {{kGitForce.name(), "true"}})}};
}

void push_traits(const Context& context, const Action& action, Traits& traits) {
  if (why_other_branch(context, action).empty())
    traits.triggers = watchers(context, action.service);
  if (kGitForce.in(action.args) && !kGitLease.in(action.args))
    traits.destroys = "commits that others pushed since";
}

}  // namespace

VerbRow git_push_row() {
  return {{"push",
           {kGitBranch, kGitRemote, kGitForce, kGitLease},
           "git push: deploys what watches the branch."},
          [](const Call& call) { return push(call.context, call.world, call.action); },
          undo_push,
          push_traits,
          push_in_turn,
          pushed};
}

}  // namespace backout::services
