#include "simulator/setting.hpp"

#include <algorithm>
#include <iterator>

namespace backout::simulator {

Setting::Setting(Worlds& worlds, std::vector<Fault> faults)
    : worlds_(worlds), faults_(std::move(faults)), books_(playbooks_of(worlds)) {
  const services::World start = worlds.world(Worlds::start());
  for (const services::Fact& fact : services::facts_of(worlds.context(), start)) known_.push_back(fact.path);
  for (const services::Datum& datum : services::data_of(worlds.context(), start)) known_.push_back(datum.path);
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  expected_at_start_ = sets_.intern(worlds.data(Worlds::start()));
  for (const Served& served : worlds.operations(Worlds::start())) {
    if (served.ran.result == services::Outcome::Result::refused) refused_at_start_.push_back(served.operation);
  }
  std::sort(refused_at_start_.begin(), refused_at_start_.end());
}

Setting Setting::with_order(model::PathIndex path, const std::vector<std::size_t>& order) const {
  Setting copy = *this;
  std::vector<Task>& tasks = copy.books_.paths[path].tasks;
  for (std::size_t i = 0; i < order.size(); ++i) {
    tasks[order[i]].before.reset();
    if (i > 0) tasks[order[i]].before.set(order[i - 1]);
  }
  return copy;
}

bool Setting::considers(Fault fault) const { return std::ranges::find(faults_, fault) != faults_.end(); }

bool Setting::counts(DatumId datum) {
  const auto found = counts_.find(datum);
  if (found != counts_.end()) return found->second;
  // What lives only in what the deploy created goes with it.
  const std::string& path = worlds_.datum(datum).path;
  const auto known = std::lower_bound(known_.begin(), known_.end(), path);
  const bool exists = known != known_.end() && (*known == path || known->starts_with(path + '.'));
  return counts_.emplace(datum, exists).first->second;
}

const Sets::Members& Setting::ghost_data(OperationId operation) {
  const auto found = ghost_data_.find(operation);
  if (found != ghost_data_.end()) return found->second;
  Sets::Members added;
  const services::World start = worlds_.world(Worlds::start());
  const auto ghost = services::run_in_ghost_world(worlds_.context(), start, worlds_.operation(operation).live);
  if (ghost && ghost->outcome.ok()) {
    std::ranges::set_difference(worlds_.data(worlds_.intern(ghost->world)), worlds_.data(Worlds::start()),
                                std::back_inserter(added));
  }
  return ghost_data_.emplace(operation, std::move(added)).first->second;
}

SetId Setting::expect(SetId expected, WorldId before, const Served& served) {
  const Sets::Members& old_data = worlds_.data(before);
  const Sets::Members& new_data = worlds_.data(served.ran.world);
  Sets::Members added;
  Sets::Members removed;
  std::ranges::set_difference(new_data, old_data, std::back_inserter(added));
  std::ranges::set_difference(old_data, new_data, std::back_inserter(removed));
  const Sets::Members& ghost = ghost_data(served.operation);
  Sets::Members wanted;
  std::ranges::set_union(added, ghost, std::back_inserter(wanted));
  std::ranges::set_difference(ghost, added, std::inserter(never_written_, never_written_.end()));
  std::erase_if(wanted, [&](DatumId datum) { return !counts(datum); });
  Sets::Members kept;
  std::ranges::set_difference(sets_[expected], removed, std::back_inserter(kept));
  Sets::Members all;
  std::ranges::set_union(kept, wanted, std::back_inserter(all));
  return sets_.intern(std::move(all));
}

std::vector<DatumId> Setting::lost(SetId expected, WorldId world) {
  std::vector<DatumId> missing;
  std::ranges::set_difference(sets_[expected], worlds_.data(world), std::back_inserter(missing));
  return missing;
}

const Sets::Members& Setting::refused(WorldId world) {
  const auto found = refused_.find(world);
  if (found != refused_.end()) return found->second;
  Sets::Members all;
  for (const Served& served : worlds_.operations(world)) {
    if (served.ran.result != services::Outcome::Result::refused) continue;
    if (!std::ranges::binary_search(refused_at_start_, served.operation)) all.push_back(served.operation);
  }
  std::sort(all.begin(), all.end());
  return refused_.emplace(world, std::move(all)).first->second;
}

std::string Setting::refusal(WorldId world, OperationId operation) {
  for (const Served& served : worlds_.operations(world)) {
    if (served.operation == operation && served.ran.result == services::Outcome::Result::refused) {
      return worlds_.text(served.ran.message);
    }
  }
  return {};
}

}  // namespace backout::simulator
