// A git repository with a branch that services deploy from.
//
// What the real thing does: `git revert HEAD` adds a commit that takes the newest one back, so that a second revert
// brings the first one's changes again (measured: X4). `git checkout <commit>` detaches HEAD; `git push origin main`
// then still pushes the branch, which has not moved: "Everything up-to-date" (X5). A push to a branch deploys every
// service that watches it, whoever pushed and why. A force push throws away what others pushed.
//
// What this fake leaves out: file contents, merges, conflicts. A commit is the version of the apps that it builds.
//
// Facts: head (version that the local branch builds), remote (what the pushed branch builds), detached; log and
// remote_log (oldest first) are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec git_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"git", "A repository with a branch that services deploy from.", false,
          {field("branch", ValueType::string, "The branch (default main)."),
           field("head", ValueType::string, "The version that the branch builds before the deploy.", true),
           field("before", ValueType::string, "The version of the commit before that, if it matters."),
           field("remote", ValueType::string, "Name of the remote.")},
          {{"commit", {field("version", ValueType::string, "Version that the new commit builds.", true), command}, "Adds (or merges) a commit."},
           {"revert", {field("commit", ValueType::string, "Commit or HEAD."), command}, "git revert."},
           {"reset", {field("to", ValueType::string, "Version or commit."), command}, "git reset --hard."},
           {"checkout", {field("ref", ValueType::string, "Version or commit."), command}, "git checkout: detaches HEAD."},
           {"push", {field("branch", ValueType::string, "Branch (default: the repository's)."),
                     field("remote", ValueType::string, "Remote."),
                     field("force", ValueType::boolean, "--force."), field("lease", ValueType::boolean, "--force-with-lease."), command},
            "git push: deploys what watches the branch."}}};
}

class GitKind : public RecordKind {
 public:
  GitKind() : RecordKind(git_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    std::string log = fields.text("head");
    if (fields.has("before")) log = fields.text("before") + ',' + log;
    return Record({{"head", fields.text("head")}, {"remote", fields.text("head")}, {"log", log}, {"remote_log", log}}).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& git = record(world, action.service);
    std::vector<std::string> log = split_list(git.get("log"));
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "commit") {
      log.push_back(action.args.text("version"));
      return set(git.with("head", log.back()).with("log", join_list(log)));
    }
    if (action.verb == "revert") return revert(git, action, log);
    if (action.verb == "reset") {
      const std::string to = action.args.text("to");
      if (to.empty() || to == "unknown") return Outcome::opaque("which commit it resets to, the plan does not say");
      while (log.size() > 1 && log.back() != to) log.pop_back();
      return set(git.with("head", to).with("log", join_list(log)));
    }
    if (action.verb == "checkout") return set(git.with("detached", action.args.text("ref")));
    return push(context, world, action);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print{{resource(context, action.service)}, {resource(context, action.service)}};
    if (action.verb == "push") {
      for (const ServiceIndex app : watchers(context, action.service)) print.writes.push_back(resource(context, app));
    }
    std::sort(print.writes.begin(), print.writes.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& git = record(before, action.service);
    if (action.verb == "push") {
      return {Undo::Class::conditional, "others have pushed since", {same_service(action, "reset", {{"to", git.get("remote")}}),
                                                                   same_service(action, "push", {{"force", "true"}})}};
    }
    return {Undo::Class::exact, "", {same_service(action, "reset", {{"to", git.get("head")}})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    if (action.verb == "revert") {
      const std::string commit = action.args.text_or("commit", "HEAD");
      traits.unpinned_target = moving_target(commit);
      traits.not_repeatable = commit == "HEAD" ? "a second `git revert HEAD` reverts the revert" : "";
    }
    if (action.verb == "reset" || action.verb == "checkout") {
      const std::string to = action.args.text_or("to", action.args.text("ref"));
      traits.unpinned_target = to.empty() || to == "unknown" ? "which commit was good is found by eye" : moving_target(to);
      if (action.verb == "reset") traits.destroys = "commits and work that are not pushed";
    }
    if (action.verb == "push") {
      traits.triggers = watchers(context, action.service);
      if (action.args.flag("force") && !action.args.flag("lease")) traits.destroys = "commits that others pushed since";
    }
    return traits;
  }

 protected:
  std::vector<std::string> incidental() const override { return {"log", "remote_log", "detached"}; }

 private:
  static Outcome revert(const Record& git, const Action& action, std::vector<std::string> log) {
    const std::string commit = action.args.text_or("commit", "HEAD");
    if (commit != "HEAD" && commit != git.get("head")) return Outcome::opaque("what reverting an older commit leaves, the fake cannot say");
    if (log.size() < 2) return Outcome::opaque("what the branch built before its first known commit, the plan does not say");
    log.push_back(log[log.size() - 2]);
    return Outcome::done().set(action.service, git.with("head", log.back()).with("log", join_list(log)));
  }

  static std::vector<ServiceIndex> watchers(const Context& context, ServiceIndex git) {
    std::vector<ServiceIndex> found;
    const Plan& plan = context.plan();
    for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
      const model::Node* watched = plan.services[i].fields.find("deploys_on");
      if (watched == nullptr) continue;
      const model::Node* service = watched->find("service");
      if (service != nullptr && service->text == plan.services[git].name) found.push_back(i);
    }
    return found;
  }

  static Outcome push(const Context& context, const World& world, const Action& action) {
    const Record& git = world.record(action.service);
    if (git.has("detached")) return Outcome::noop("Everything up-to-date: HEAD is detached and the branch has not moved");
    const bool force = action.args.flag("force") || action.args.flag("lease");
    const std::string& log = git.get("log");
    if (!force && !log.starts_with(git.get("remote_log"))) return Outcome::refused("! [rejected] (non-fast-forward)");
    Outcome outcome = Outcome::done().set(action.service, git.with("remote", git.get("head")).with("remote_log", log));
    if (git.get("remote_log") == log) return outcome;
    for (const ServiceIndex app : watchers(context, action.service)) {
      Outcome rollout = roll_out(context, world, app, git.get("head"));
      for (auto& [service, state] : rollout.changes) outcome.set(service, std::move(state));
      if (rollout.ok() || outcome.result == Outcome::Result::opaque) continue;
      outcome.result = rollout.result;
      outcome.message = rollout.message;
    }
    return outcome;
  }
};

}  // namespace

const Kind& kind_git() {
  static const GitKind kKind;
  return kKind;
}

}  // namespace backout::services
