#include "services/cached.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"

namespace backout::services {

namespace {

constexpr const char* kNotSet = "not set";

std::string copy_of(const Record& record, const std::string& path) {
  return record.has(path) ? fmt::format("'{}'", record.get(path)) : kNotSet;
}

}  // namespace

Changes hidden_changes(ServiceIndex self, const Record& before, const Record& after,
                       const std::vector<std::string>& areas) {
  Amended hidden = before;
  const auto hide = [&](const std::string& path) {
    const auto holds = [&](const std::string& area) { return path.starts_with(area + '.'); };
    if (std::ranges::none_of(areas, holds) || before.has("cached." + path)) return;
    if (copy_of(before, path) != copy_of(after, path))
      hidden.with("cached." + path, copy_of(before, path));
  };
  for (const Record* record : {&before, &after}) {
    for (const auto& [path, value] : record->facts()) hide(path);
  }
  if (Record(hidden).equals(before)) return {};
  return {{self, hidden.share()}};
}

Changes hidden_by_cache(const Context& context, const World& world, const Action& action,
                        const std::vector<std::string>& areas) {
  const Outcome outcome = context.kind(action.service).apply(context, world, action);
  if (!outcome.ok()) return {};
  const auto& after = static_cast<const Record&>(*outcome.changes.front().second);
  return hidden_changes(action.service, world.record(action.service), after, areas);
}

Record settled(const Record& record) {
  const std::string area = "cached.";
  Amended next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(area) && value == copy_of(record, key.substr(area.size())))
      next.without(key);
  }
  return next;
}

bool is_seen(const Record& record, const std::string& path) {
  return record.has("cached." + path) ? record.get("cached." + path) != kNotSet : record.has(path);
}

std::optional<std::string> seen(const std::vector<Fact>& facts, const std::string& path) {
  const std::string cached = "cached." + path;
  std::optional<std::string> found;
  for (const Fact& fact : facts) {
    if (fact.path == path && !found) found = fact.value;
    if (fact.path != cached) continue;
    if (fact.value == kNotSet) return std::nullopt;
    return fact.value.substr(1, fact.value.size() - 2);
  }
  return found;
}

}  // namespace backout::services
