// A git repository with a branch that services deploy from.
//
// What the real thing does: `git revert HEAD` adds a commit that takes the newest one back, so that
// a second revert brings the first one's changes again (measured: X4). `git checkout <commit>`
// detaches HEAD; `git push origin main` then still pushes the branch, which has not moved:
// "Everything up-to-date" (X5). A push to a branch deploys every service that watches it, whoever
// pushed and why. A force push throws away what others pushed.
//
// Whoever watches the branch replaces several instances in turn.
//
// What this fake leaves out: file contents, merges, conflicts. A commit is the version of the apps
// that it builds.
//
// Facts: head (version that the local branch builds), remote (what the pushed branch builds);
// detached, log and remote_log (oldest first) are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/release.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> git_verbs() {
  return {{"commit",
           {field("version", ValueType::string, "Version that the new commit builds.", true),
            command_field()},
           "Adds (or merges) a commit."},
          {"revert",
           {field("commit", ValueType::string, "Version or HEAD (default)."), command_field()},
           "git revert."},
          {"reset",
           {field("to", ValueType::string, "Version or HEAD~1."), command_field()},
           "git reset --hard."},
          {"checkout",
           {field("ref", ValueType::string, "The branch, or a version: that detaches HEAD."),
            command_field()},
           "git checkout."},
          {"push",
           {field("branch", ValueType::string, "Branch (default: the repository's)."),
            field("remote", ValueType::string, "Remote."),
            field("force", ValueType::boolean, "--force."),
            field("lease", ValueType::boolean, "--force-with-lease."), command_field()},
           "git push: deploys what watches the branch."}};
}

model::KindSpec git_spec() {
  return {
      "git",
      "A repository with a branch that services deploy from.",
      false,
      {field("branch", ValueType::string, "The branch (default main)."),
       field("head", ValueType::string,
             "The version that the branch builds before the deploy (default: what its watchers "
             "start with)."),
       field("before", ValueType::string, "The version of the commit before that, if it matters."),
       field("remote", ValueType::string, "Name of the remote.")},
      git_verbs()};
}

std::string branch_of(const Context& context, ServiceIndex git) {
  return context.plan().services[git].fields.text_or("branch", "main");
}

/// Whether nobody says that the app, which watches a branch of the repository, watches the one that is pushed.
bool may_watch_another(const Context& context, ServiceIndex git, ServiceIndex app) {
  const model::Node* watched = context.plan().services[app].fields.find("deploys_on")->find("branch");
  if (watched == nullptr) return false;
  const model::Node* pushed = context.plan().services[git].fields.find("branch");
  return watched->is_unknown() || (pushed != nullptr && pushed->is_unknown());
}

/// The apps that deploy when the branch is pushed: those that watch it, not another one; those of which nobody knows it, too.
std::vector<ServiceIndex> watchers(const Context& context, ServiceIndex git) {
  std::vector<ServiceIndex> found;
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const model::Node* watched = plan.services[i].fields.find("deploys_on");
    if (watched == nullptr) continue;
    const model::Node* service = watched->find("service");
    const model::Node* branch = watched->find("branch");
    if (service == nullptr || service->text != plan.services[git].name) continue;
    if (may_watch_another(context, git, i) || branch == nullptr || branch->text == branch_of(context, git)) found.push_back(i);
  }
  return found;
}

Record with_log(const Record& git, const std::vector<std::string>& log) {
  return git.with("head", log.back()).with("log", join_list(log));
}

/// Whether a name that the log does not have is a version of the plan: then the branch does not have it. Of any other commit nobody knows.
bool is_version(const Context& context, const std::string& name) {
  return std::ranges::any_of(context.plan().services, [&](const model::Service& service) { return service.find_version(name) != nullptr; });
}

Outcome revert(const Context& context, const Record& git, const Action& action) {
  std::vector<std::string> log = split_list(git.get("log"));
  const std::string named = action.args.text_or("commit", "HEAD");
  const std::string commit = named == "HEAD" ? git.get("head") : named;
  const auto newest = std::find(log.rbegin(), log.rend(), commit);
  if (newest == log.rend()) {
    return is_version(context, commit) ? Outcome::refused(fmt::format("fatal: bad revision '{}'", commit))
                                       : Outcome::opaque(fmt::format("which commit '{}' is, the plan does not say", commit));
  }
  if (newest + 1 == log.rend()) {
    return Outcome::opaque(
        "what the branch built before its first known commit, the plan does not say");
  }
  const std::string before = *(newest + 1);
  if (newest != log.rbegin() && git.get("head") == before) {
    return Outcome::refused("nothing to commit: it is reverted already");
  }
  if (newest != log.rbegin()) {
    return Outcome::opaque("what is left after an older commit is reverted, the plan does not say");
  }
  log.push_back(before);
  return Outcome::done().set(action.service, with_log(git, log));
}

Outcome reset(const Context& context, const Record& git, const Action& action) {
  std::vector<std::string> log = split_list(git.get("log"));
  const std::string to = action.args.text("to");
  if (to.empty() || to == "unknown")
    return Outcome::opaque("which commit it resets to, the plan does not say");
  if (to == "HEAD~1") {
    if (log.size() < 2)
      return Outcome::opaque("what the branch built before, the plan does not say");
    log.pop_back();
    return Outcome::done().set(action.service, with_log(git, log));
  }
  const auto found = std::find(log.rbegin(), log.rend(), to);
  if (found == log.rend()) {
    return is_version(context, to) ? Outcome::refused(fmt::format("fatal: ambiguous argument '{}': unknown revision", to))
                                   : Outcome::opaque(fmt::format("which commit '{}' is, the plan does not say", to));
  }
  log.erase(found.base(), log.end());
  return Outcome::done().set(action.service, with_log(git, log));
}

Outcome push(const Context& context, const World& world, const Action& action) {
  const Record& git = world.record(action.service);
  const std::string& log = git.get("log");
  const bool is_new = git.get("remote_log") != log;
  if (!is_new && git.has("detached")) {
    return Outcome::noop("Everything up-to-date: HEAD is detached and the branch has not moved");
  }
  const bool force = action.args.flag("force") || action.args.flag("lease");
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
    if (action.args.text("part") == "half") {
      if (rolls_in_turn(context, now, app, head)) replace_one(context, now, app, head, outcome);
      continue;
    }
    Outcome rollout = roll_out(context, now, app, head);
    for (auto& [service, state] : rollout.changes) outcome.set(service, std::move(state));
    if (may_watch_another(context, action.service, app)) {
      rollout = Outcome::opaque(fmt::format("whether '{}' deploys from the branch that is pushed, the plan does not say", context.plan().services[app].name));
    }
    if (rollout.ok() || outcome.result == Outcome::Result::opaque) continue;
    // The push itself went through: the one who pushed hears nothing of what became of the build.
    outcome.result =
        rollout.result == Outcome::Result::opaque ? Outcome::Result::opaque : Outcome::Result::noop;
    outcome.message = rollout.message;
  }
  return outcome;
}

class GitKind : public RecordKind {
 public:
  GitKind() : RecordKind(git_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    std::string head = fields.text("head");
    for (const ServiceIndex app : watchers(context, self)) {
      if (head.empty()) head = context.plan().services[app].start;
    }
    if (head.empty()) head = "unknown";
    const std::string log = fields.has("before") ? fields.text("before") + ',' + head : head;
    return Record({{"head", head}, {"remote", head}, {"log", log}, {"remote_log", log}}).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& git = record(world, action.service);
    if (action.verb == "revert") return revert(context, git, action);
    if (action.verb == "reset") return reset(context, git, action);
    if (action.verb == "push") return push(context, world, action);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "checkout") {
      const std::string ref = action.args.text("ref");
      return set(ref == branch_of(context, action.service) ? git.without("detached")
                                                           : git.with("detached", ref));
    }
    if (action.verb != "commit") unhandled(spec(), action, "apply");
    std::vector<std::string> log = split_list(git.get("log"));
    log.push_back(action.args.text("version"));
    return set(with_log(git, log));
  }

  std::vector<Action> parts(const Context& context, const World& world, const Action& action) const override {
    if (action.verb != "push" || !push(context, world, action).ok()) return {action};
    const std::vector<ServiceIndex> apps = watchers(context, action.service);
    const bool in_turn = std::ranges::all_of(apps, [&](ServiceIndex app) {
      return rolls_in_turn(context, world, app, record(world, action.service).get("head"));
    });
    if (apps.empty() || !in_turn) return {action};
    return {with_arg(action, "part", "half"), with_arg(action, "part", "rest")};
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print{{resource(context, action.service)}, {resource(context, action.service)}};
    if (action.verb == "push") {
      for (const ServiceIndex app : watchers(context, action.service)) add_roll_out(context, app, print);
    }
    for (std::vector<std::string>* paths : {&print.reads, &print.writes}) {
      std::sort(paths->begin(), paths->end());
      paths->erase(std::unique(paths->begin(), paths->end()), paths->end());
    }
    return print;
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    if (harm != Harm::unhealthy) return {};
    return unhealthy_if_started(context, world, action, watchers(context, action.service));
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& git = record(before, action.service);
    if (action.verb == "checkout") {
      return {Undo::Class::exact, "", {}};  // which commit is checked out builds nothing
    }
    Action reset = same_service(action, "reset", {{"to", git.get("head")}});
    if (action.verb != "push") {
      if (action.verb == "reset")
        return {Undo::Class::none, "commits that were reset away are no longer on the branch", {}};
      if (!is_one_of(action.verb, {"commit", "revert"})) return {};
      return {Undo::Class::exact, "", {std::move(reset)}};
    }
    reset = same_service(action, "reset", {{"to", git.get("remote")}});
    return {Undo::Class::conditional,
            "others have pushed since",
            {std::move(reset), same_service(action, "push", {{"force", "true"}})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    if (action.verb == "revert") {
      const std::string commit = action.args.text_or("commit", "HEAD");
      traits.unpinned_target = moving_target(commit);
      if (commit == "HEAD") traits.not_repeatable = "a second `git revert HEAD` reverts the revert";
    }
    if (action.verb == "commit") traits.not_repeatable = "a second commit is a new one";
    if (action.verb == "reset" || action.verb == "checkout") {
      const std::string to = action.args.text_or("to", action.args.text("ref"));
      const bool is_branch = to == branch_of(context, action.service);
      if (!is_branch)
        traits.unpinned_target = to.empty() ? moving_target("unknown") : moving_target(to);
      if (action.verb == "reset") traits.destroys = "commits and work that are not pushed";
      if (action.verb == "reset" && to == "HEAD~1")
        traits.not_repeatable = "a second reset goes one commit further back";
    }
    if (action.verb == "push") {
      traits.triggers = watchers(context, action.service);
      if (action.args.flag("force") && !action.args.flag("lease"))
        traits.destroys = "commits that others pushed since";
    }
    return traits;
  }

 protected:
  std::vector<std::string> incidental() const override { return {"log", "remote_log", "detached"}; }
};

}  // namespace

const Kind& kind_git() {
  static const GitKind kKind;
  return kKind;
}

}  // namespace backout::services
