#include "simulator/independence.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace backout::simulator {
namespace {

using Type = model::Check::Type;
using Reaction = model::OnFailure::Type;

/// Nobody in the model can make these fail.
bool looks_at_nothing(const model::Check& check) {
  return check.type == Type::manual || check.type == Type::command;
}
/// Reads the states of the services that it names and no others (services::evaluate).
bool looks_at_its_services(const model::Check& check) {
  return check.type == Type::fact || check.type == Type::same_point;
}

std::string service_of(const std::string& resource) {
  return resource.substr(0, resource.find('.'));
}

}  // namespace

Independence::Independence(Setting& setting, Runner& runner)
    : setting_(setting),
      may_be_late_(setting.considers(Fault::late)),
      may_be_killed_(setting.considers(Fault::killed)),
      observed_(setting.worlds().observed()) {
  const model::Plan& plan = setting.plan();
  for (std::size_t service = 0; service < observed_.size(); ++service) {
    if (observed_[service]) loud_.push_back(plan.services[service].name);
  }
  for (const model::Invariant& invariant : plan.invariants) {
    if (!invariant.always || looks_at_nothing(invariant.check)) continue;
    all_is_visible_ = all_is_visible_ || !looks_at_its_services(invariant.check);
    for (const model::ServiceIndex service : invariant.check.services)
      loud_.push_back(plan.services[service].name);
  }
  for (const Predicate& each : setting.worlds().predicates()) {
    all_is_visible_ = all_is_visible_ || each.when == Predicate::When::every_step;
  }
  opaque_ = setting.worlds().opaque().size();
  const std::vector<Late> all = lates(runner);
  for (const Playbook& book : setting.books().paths) paths_.push_back(make(book, all));
}

std::vector<Independence::Late> Independence::lates(Runner& runner) const {
  std::vector<Late> all;
  std::set<std::tuple<std::uint32_t, std::vector<std::string>, std::vector<std::string>>> known;
  const auto add = [&](const Playbook& from) {
    for (const Task& task : from.tasks) {
      const std::uint32_t number = runner.pending(task);
      services::Footprint footprint = this->footprint(task);
      if (known.emplace(number, footprint.reads, footprint.writes).second)
        all.push_back({number, std::move(footprint)});
    }
  };
  add(setting_.books().deploy);
  for (const Playbook& path : setting_.books().paths) add(path);
  return all;
}

bool Independence::is_outdated() const {
  return setting_.worlds().observed() != observed_ || setting_.worlds().opaque().size() != opaque_;
}

Independence::Path Independence::make(const Playbook& book, const std::vector<Late>& lates) const {
  Path path;
  std::vector<services::Footprint> footprints;
  const std::size_t count = book.tasks.size();
  std::vector<bool> everything;
  bool plain = !all_is_visible_;
  for (std::size_t i = 0; i < count; ++i) {
    const Task& task = book.tasks[i];
    path.all.add(i);
    path.before.push_back(StepBits::of(task.before));
    footprints.push_back(footprint(task));
    everything.push_back(looks_at_everything(task));
    if (!everything[i] && is_quiet(footprints[i])) path.quiet.add(i);
    // A failure that runs other steps, or leads to other steps, is beyond what is proved.
    plain = plain && !rules_of(setting_.plan(), task).always &&
            task.reaction.type != Reaction::go_to && task.reaction.type != Reaction::rollback;
  }
  path.conflicts.resize(count);
  path.followed_by.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      if (path.before[j].test(i)) path.followed_by[i].add(j);
      if (i == j) continue;
      if (everything[i] || everything[j] || services::conflict(footprints[i], footprints[j]))
        path.conflicts[i].add(j);
    }
  }
  for (const Late& late : lates) {
    path.met_by_late.resize(std::max<std::size_t>(path.met_by_late.size(), late.number + 1));
    for (std::size_t i = 0; i < count; ++i) {
      if (services::conflict(footprints[i], late.footprint)) path.met_by_late[late.number].add(i);
    }
  }
  path.useful = plain && path.quiet.any();
  return path;
}

services::Footprint Independence::footprint(const Task& task) const {
  services::Footprint all;
  const auto add = [](std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
  };
  const Worlds& worlds = setting_.worlds();
  for (const ActionId action : task.actions) {
    const services::Footprint one = services::footprint_of(worlds.context(), worlds.action(action));
    add(all.reads, one.reads);
    add(all.writes, one.writes);
  }
  const model::Step& rules = rules_of(setting_.plan(), task);
  for (const auto* checks : {&rules.precheck, &rules.verify}) {
    for (const model::Check& check : *checks) {
      if (!looks_at_its_services(check)) continue;
      for (const model::ServiceIndex service : check.services) {
        all.reads.push_back(setting_.plan().services[service].name);
      }
    }
  }
  return all;
}

bool Independence::looks_at_everything(const Task& task) const {
  // What it takes back may be anything.
  if (setting_.worlds().opaque().contains(setting_.plan().steps[task.step].id)) return true;
  const model::Step& rules = rules_of(setting_.plan(), task);
  const auto unknown = [](const model::Check& check) {
    return !looks_at_nothing(check) && !looks_at_its_services(check);
  };
  return std::ranges::any_of(rules.precheck, unknown) || std::ranges::any_of(rules.verify, unknown);
}

bool Independence::is_quiet(const services::Footprint& footprint) const {
  const auto loud = [&](const std::string& resource) {
    return std::ranges::find(loud_, service_of(resource)) != loud_.end();
  };
  return std::ranges::none_of(footprint.writes, loud) &&
         std::ranges::none_of(footprint.reads, loud);
}

}  // namespace backout::simulator
