#include "simulator/setting.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "services/entries.hpp"
#include "services/residue.hpp"
#include "services/sweeping.hpp"
#include "services/traffic.hpp"

namespace backout::simulator {
namespace {

/// Marks a datum of an expectation that only the version before the deploy would have written.
constexpr DatumId kGhostOnly = 0x80000000;

bool meets_formats(const Worlds& worlds, OperationId id) {
  return services::meets_formats(worlds.context(), *worlds.operation(id).live.operation);
}

}  // namespace

Setting::Setting(Worlds& worlds, std::vector<Fault> faults)
    : worlds_(worlds), faults_(std::move(faults)), books_(playbooks_of(worlds)) {
  const services::World start = worlds.world(Worlds::start());
  for (const services::Fact& fact : services::facts_of(worlds.context(), start))
    known_.push_back(fact.path);
  for (const services::Datum& datum : services::data_of(worlds.context(), start))
    known_.push_back(datum.path);
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  may_miss_ = std::ranges::any_of(plan().services, services::may_miss);
  expected_at_start_ = sets_.intern(worlds.data(Worlds::start()));
  for (const Served& served : worlds.operations(Worlds::start())) {
    const bool by_format = meets_formats(worlds, served.operation);
    // Formats that the version before the deploy does not read are no excuse: a few entries may be
    // of them now, and all of them are behind the newer version.
    if (served.ran.result == services::Outcome::Result::refused && !by_format)
      refused_at_start_.push_back(served.operation);
    if (served.ran.result == services::Outcome::Result::opaque && by_format)
      opaque_at_start_.push_back(served.operation);
  }
  std::sort(opaque_at_start_.begin(), opaque_at_start_.end());
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

bool Setting::considers(Fault fault) const {
  return std::ranges::find(faults_, fault) != faults_.end();
}

bool Setting::considers_in_deploy(Fault fault) const {
  std::vector<std::string> none;
  return considers(fault) || (fault == Fault::unhealthy && faults_ == fault_set({}, none));
}

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
  const auto ghost =
      services::run_in_ghost_world(worlds_.context(), start, worlds_.operation(operation).live);
  if (ghost && ghost->outcome.ok()) {
    std::ranges::set_difference(worlds_.data(worlds_.intern(ghost->world)),
                                worlds_.data(Worlds::start()), std::back_inserter(added));
  }
  return ghost_data_.emplace(operation, std::move(added)).first->second;
}

/// Data of before the deploy that the operation takes away though nobody asked for it, and the
/// version before would not have.
const Sets::Members& Setting::spoiled_data(OperationId operation) {
  const auto found = spoiled_data_.find(operation);
  if (found != spoiled_data_.end()) return found->second;
  Sets::Members spoiled;
  const services::LiveOperation& live = worlds_.operation(operation).live;
  if (services::sweeps(worlds_.context(), live)) {
    spoiled = sets_[expected_at_start_];
    const auto ghost =
        services::run_in_ghost_world(worlds_.context(), worlds_.world(Worlds::start()), live);
    if (ghost && ghost->outcome.ok()) {
      Sets::Members left;
      std::ranges::set_intersection(spoiled, worlds_.data(worlds_.intern(ghost->world)),
                                    std::back_inserter(left));
      spoiled = std::move(left);
    }
  }
  return spoiled_data_.emplace(operation, std::move(spoiled)).first->second;
}

/// Whether the operation wrote the cell with another value of a placeholder: the same write, as the
/// schema of the moment wants it.
bool Setting::is_written_otherwise(OperationId operation, DatumId cell,
                                   const Sets::Members& added) const {
  const std::string& id = worlds_.datum(cell).id;
  const std::size_t equals = id.find('=');
  if (equals == std::string::npos) return false;
  const std::string column =
      id.substr(id.rfind('.', equals) + 1, equals - id.rfind('.', equals) - 1);
  return services::is_chosen(*worlds_.operation(operation).live.operation, column) &&
         std::ranges::any_of(added, [&](DatumId datum) {
           return worlds_.datum(datum).id.starts_with(id.substr(0, equals + 1));
         });
}

SetId Setting::expect(SetId expected, WorldId before, const Served& served) {
  const Sets::Members& old_data = worlds_.data(before);
  const Sets::Members& new_data = worlds_.data(served.ran.world);
  Sets::Members added;
  Sets::Members removed;
  std::ranges::set_difference(new_data, old_data, std::back_inserter(added));
  std::ranges::set_difference(old_data, new_data, std::back_inserter(removed));
  std::erase_if(added, [&](DatumId datum) { return !counts(datum); });
  Sets::Members kept;
  for (const DatumId datum : sets_[expected]) {
    const DatumId plain = datum & ~kGhostOnly;
    if (!std::ranges::binary_search(removed, plain) ||
        std::ranges::binary_search(spoiled_data(served.operation), plain))
      kept.push_back(datum);
  }
  Sets::Members written;
  std::ranges::set_union(kept, added, std::back_inserter(written));
  Sets::Members ghost;
  for (const DatumId datum : ghost_data(served.operation)) {
    if (!counts(datum) || std::ranges::binary_search(written, datum)) continue;
    if (!is_written_otherwise(served.operation, datum, added)) ghost.push_back(datum | kGhostOnly);
  }
  Sets::Members all;
  std::ranges::set_union(written, ghost, std::back_inserter(all));
  return sets_.intern(std::move(all));
}

WorldId Setting::found(WorldId world) {
  if (!may_miss_) return world;
  const auto known = found_.find(world);
  if (known != found_.end()) return known->second;
  const WorldId found = worlds_.intern(services::as_found(worlds_.context(), worlds_.world(world)));
  return found_.emplace(world, found).first->second;
}

std::vector<Setting::Lost> Setting::lost(SetId expected, WorldId world) {
  const Sets::Members& there = worlds_.data(found(world));
  std::vector<Lost> missing;
  for (const DatumId each : sets_[expected]) {
    const DatumId datum = each & ~kGhostOnly;
    if (!std::ranges::binary_search(there, datum))
      missing.push_back(
          {datum, (each & kGhostOnly) != 0 || services::is_absence(worlds_.datum(datum))});
  }
  return missing;
}

const Sets::Members& Setting::refused(WorldId world) {
  const auto found = refused_.find(world);
  if (found != refused_.end()) return found->second;
  Sets::Members all;
  for (const Served& served : worlds_.operations(world)) {
    if (served.ran.result != services::Outcome::Result::refused) continue;
    if (!std::ranges::binary_search(refused_at_start_, served.operation))
      all.push_back(served.operation);
  }
  std::sort(all.begin(), all.end());
  return refused_.emplace(world, std::move(all)).first->second;
}

std::string Setting::unknown(WorldId world) {
  for (const Served& served : worlds_.operations(world)) {
    if (served.ran.result == services::Outcome::Result::opaque &&
        meets_formats(worlds_, served.operation) &&
        !std::ranges::binary_search(opaque_at_start_, served.operation))
      return fmt::format("what {} does is not known: {}", worlds_.operation(served.operation).name,
                         worlds_.text(served.ran.message));
  }
  return {};
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
