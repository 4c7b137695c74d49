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
#include "services/git.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kGitVersion =
    TextArg("version", "Version that the new commit builds.").required();
constexpr TextArg kGitCommit{"commit", "Version or HEAD (default)."};
constexpr TextArg kGitRef{"ref", "The branch, or a version: that detaches HEAD."};
Record with_log(const Record& git, const std::vector<std::string>& log) {
  return git.with("head", log.back()).with("log", join_list(log));
}

/// Whether a name that the log does not have is a version of the plan: then the branch does not
/// have it. Of any other commit nobody knows.
bool is_version(const Context& context, const std::string& name) {
  return std::ranges::any_of(context.plan().services, [&](const model::Service& service) {
    return service.find_version(name) != nullptr;
  });
}

Outcome revert(const Call& call) {
  std::vector<std::string> log = split_list(call.now.get("log"));
  const std::string named = kGitCommit.in(call.action.args, "HEAD");
  const std::string commit = named == "HEAD" ? call.now.get("head") : named;
  const auto newest = std::find(log.rbegin(), log.rend(), commit);
  if (newest == log.rend()) {
    return is_version(call.context, commit)
               ? Outcome::refused(fmt::format("fatal: bad revision '{}'", commit))
               : Outcome::opaque(
                     fmt::format("which commit '{}' is, the plan does not say", commit));
  }
  if (newest + 1 == log.rend()) {
    return Outcome::opaque(
        "what the branch built before its first known commit, the plan does not say");
  }
  const std::string before = *(newest + 1);
  if (newest != log.rbegin() && call.now.get("head") == before) {
    return Outcome::refused("nothing to commit: it is reverted already");
  }
  if (newest != log.rbegin()) {
    return Outcome::opaque("what is left after an older commit is reverted, the plan does not say");
  }
  log.push_back(before);
  return call.becomes(with_log(call.now, log));
}

Outcome reset(const Call& call) {
  std::vector<std::string> log = split_list(call.now.get("log"));
  const std::string to = call.arg(kGitTo);
  if (to.empty() || to == "unknown")
    return Outcome::opaque("which commit it resets to, the plan does not say");
  if (to == "HEAD~1") {
    if (log.size() < 2)
      return Outcome::opaque("what the branch built before, the plan does not say");
    log.pop_back();
    return call.becomes(with_log(call.now, log));
  }
  const auto found = std::find(log.rbegin(), log.rend(), to);
  if (found == log.rend()) {
    return is_version(call.context, to)
               ? Outcome::refused(
                     fmt::format("fatal: ambiguous argument '{}': unknown revision", to))
               : Outcome::opaque(fmt::format("which commit '{}' is, the plan does not say", to));
  }
  log.erase(found.base(), log.end());
  return call.becomes(with_log(call.now, log));
}

Outcome checkout(const Call& call) {
  const std::string ref = call.arg(kGitRef);
  return call.becomes(ref == branch_of(call.context, call.action.service)
                          ? call.now.without("detached")
                          : call.now.with("detached", ref));
}

Outcome commit(const Call& call) {
  std::vector<std::string> log = split_list(call.now.get("log"));
  log.push_back(call.arg(kGitVersion));
  return call.becomes(with_log(call.now, log));
}

Undo back_to_head(const Call& call) {
  return call.back("reset", {{kGitTo.name(), call.now.get("head")}});
}

/// Where a reset or a checkout goes; the branch itself stands for no commit that could be another
/// one.
std::string moving_commit(const Context& context, const Action& action, const std::string& to) {
  if (to == branch_of(context, action.service)) return {};
  return to.empty() ? moving_target("unknown") : moving_target(to);
}

void revert_traits(const Context&, const Action& action, Traits& traits) {
  const std::string commit = kGitCommit.in(action.args, "HEAD");
  traits.unpinned_target = moving_target(commit);
  if (commit == "HEAD") traits.not_repeatable = "a second `git revert HEAD` reverts the revert";
}

void reset_traits(const Context& context, const Action& action, Traits& traits) {
  const std::string to = kGitTo.in(action.args);
  traits.unpinned_target = moving_commit(context, action, to);
  traits.destroys = "commits and work that are not pushed";
  if (to == "HEAD~1") traits.not_repeatable = "a second reset goes one commit further back";
}

std::vector<VerbRow> verbs_of_git() {
  return {{{"commit", {kGitVersion}, "Adds (or merges) a commit."},
           commit,
           back_to_head,
           [](const Context&, const Action&, Traits& traits) {
             traits.not_repeatable = "a second commit is a new one";
           }},
          {{"revert", {kGitCommit}, "git revert."}, revert, back_to_head, revert_traits},
          {{"reset", {kGitTo}, "git reset --hard."},
           reset,
           [](const Call&) {
             return no_undo("commits that were reset away are no longer on the branch");
           },
           reset_traits},
          {{"checkout", {kGitRef}, "git checkout."},
           checkout,
           changes_nothing,  // which commit is checked out builds nothing
           [](const Context& context, const Action& action, Traits& traits) {
             traits.unpinned_target = moving_commit(context, action, kGitRef.in(action.args));
           }},
          git_push_row()};
}

/// The version that the branch builds before the deploy, by what runs from it: its watchers, or
/// what a GitOps application applies it to, where that all begins with one version. Empty: nobody
/// says.
std::string head_by_apps(const Context& context, ServiceIndex self) {
  const Plan& plan = context.plan();
  for (const ServiceIndex app : watchers(context, self)) {
    if (!plan.services[app].start.empty()) return plan.services[app].start;
  }
  std::string head;
  for (const model::Service& service : plan.services) {
    if (service.kind != "gitops" || service.fields.text("repo") != plan.services[self].name)
      continue;
    for (const ServiceIndex app : named_services(plan, service.fields, "apps")) {
      const std::string& start = plan.services[app].start;
      if (!head.empty() && start != head) return {};
      head = start;
    }
  }
  return head;
}

KindRow git_row() {
  KindRow row;
  row.name = "git";
  row.help = "A repository with a branch that services deploy from.";
  row.fields = {
      field("branch", ValueType::string, "The branch (default main)."),
      field("head", ValueType::string,
            "The version that the branch builds before the deploy (default: what those "
            "start with that deploy from it)."),
      field("before", ValueType::string, "The version of the commit before that, if it matters."),
      field("remote", ValueType::string, "Name of the remote.")};
  row.verbs = verbs_of_git();
  row.incidental = {"log", "remote_log", "detached"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const Args& fields = context.plan().services[self].fields;
    std::string head = fields.text("head");
    if (head.empty()) head = head_by_apps(context, self);
    if (head.empty()) head = "unknown";
    const std::string log = fields.has("before") ? fields.text("before") + ',' + head : head;
    return Record({{"head", head}, {"remote", head}, {"log", log}, {"remote_log", log}});
  };
  row.harmed = [](const Context& context, const World& world, const Action& action, Harm harm) {
    return harm == Harm::unhealthy
               ? unhealthy_if_started(context, world, action, watchers(context, action.service))
               : Changes{};
  };
  return row;
}

}  // namespace

const Kind& kind_git() {
  static const std::unique_ptr<const Kind> kKind = make_kind(git_row());
  return *kKind;
}

}  // namespace backout::services
