#include "model/plan.hpp"

#include <algorithm>
#include <cassert>

namespace backout::model {

const Node* Args::find(std::string_view name) const {
  for (const Node::Entry& entry : entries) {
    if (entry.key == name) return &entry.value;
  }
  return nullptr;
}

std::string Args::text(std::string_view name) const { return text_or(name, {}); }

std::string Args::text_or(std::string_view name, std::string_view fallback) const {
  const Node* node = find(name);
  return node != nullptr && node->is_scalar() ? node->text : std::string(fallback);
}

bool Args::flag(std::string_view name, bool fallback) const {
  const Node* node = find(name);
  return node == nullptr ? fallback : node->as_boolean().value_or(fallback);
}

std::optional<std::int64_t> Args::integer(std::string_view name) const {
  const Node* node = find(name);
  return node == nullptr ? std::nullopt : node->as_integer();
}

std::vector<std::string> Args::strings(std::string_view name) const {
  const Node* node = find(name);
  return node == nullptr ? std::vector<std::string>() : node->as_strings();
}

bool Args::is_unknown(std::string_view name) const {
  const Node* node = find(name);
  return node != nullptr && node->is_unknown();
}

const Version* Service::find_version(std::string_view wanted) const {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const Version& v) { return v.name == wanted; });
  return found == versions.end() ? nullptr : &*found;
}

template <typename Items, typename Name>
void NameIndex::build(const Items& items, Name name) {
  positions_.clear();
  positions_.reserve(items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) positions_.emplace(name(items[i]), i);
}

template <typename At>
std::uint32_t NameIndex::find(std::string_view name, std::size_t size, At at) const {
  if (positions_.size() == size) {
    const auto found = positions_.find(std::string(name));
    if (found == positions_.end()) return kNone;
    if (at(found->second) == name) return found->second;
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    if (at(i) == name) return i;
  }
  return kNone;
}

void Plan::build_index() {
  step_index_.build(steps, [](const Step& step) { return step.id; });
  service_index_.build(services, [](const Service& service) { return service.name; });
}

StepIndex Plan::find_step(std::string_view id) const {
  return step_index_.find(id, steps.size(),
                          [&](std::uint32_t i) -> std::string_view { return steps[i].id; });
}

ServiceIndex Plan::find_service(std::string_view wanted) const {
  return service_index_.find(wanted, services.size(),
                             [&](std::uint32_t i) -> std::string_view { return services[i].name; });
}

PathIndex Plan::find_path(std::string_view wanted) const {
  for (PathIndex i = 0; i < paths.size(); ++i) {
    if (paths[i].name == wanted) return i;
  }
  return kNone;
}

std::size_t ServiceMigrations::find(std::string_view name) const {
  for (std::size_t i = set.migrations.size(); i-- > 0;) {
    if (set.migrations[i].id == name || set.migrations[i].version == name) return i;
  }
  return set.migrations.size();
}

const ServiceMigrations* Plan::find_migrations(ServiceIndex service) const {
  for (const ServiceMigrations& each : migrations) {
    if (each.service == service) return &each;
  }
  return nullptr;
}

const std::string& Plan::file_text(std::string_view path) const {
  const auto found = files.find(std::string(path));
  assert(found != files.end());
  return (*sources)[found->second].text();
}

std::vector<StepIndex> predecessors(const Plan& plan, StepIndex step) {
  if (plan.steps[step].has_needs) {
    return plan.steps[step].needs;
  }
  const std::size_t first = step < plan.deploy_count ? 0 : plan.deploy_count;
  return step == first ? std::vector<StepIndex>() : std::vector<StepIndex>{step - 1};
}

namespace {

/// The members of a path that a step waits for, through the steps that the path leaves out.
class PathOrder {
 public:
  PathOrder(const Plan& plan, const RollbackPath& path) : plan_(plan) {
    for (std::size_t i = 0; i < path.steps.size(); ++i) position_.emplace(path.steps[i], i);
  }

  std::vector<std::size_t> members_before(StepIndex step) {
    std::vector<std::size_t> members;
    std::vector<StepIndex> pending = plan_.steps[step].needs;
    std::vector<StepIndex> seen;
    while (!pending.empty()) {
      const StepIndex need = pending.back();
      pending.pop_back();
      if (const auto found = position_.find(need); found != position_.end()) {
        members.push_back(found->second);
      } else if (std::find(seen.begin(), seen.end(), need) == seen.end()) {
        seen.push_back(need);
        const std::vector<StepIndex> further = predecessors(plan_, need);
        pending.insert(pending.end(), further.begin(), further.end());
      }
    }
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    return members;
  }

 private:
  const Plan& plan_;
  std::unordered_map<StepIndex, std::size_t> position_;
};

}  // namespace

std::vector<std::vector<std::size_t>> path_predecessors(const Plan& plan,
                                                        const RollbackPath& path) {
  PathOrder order(plan, path);
  std::vector<std::vector<std::size_t>> result(path.steps.size());
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    if (plan.steps[path.steps[i]].has_needs) {
      result[i] = order.members_before(path.steps[i]);
    } else if (i > 0) {
      result[i] = {i - 1};
    }
  }
  return result;
}

}  // namespace backout::model
