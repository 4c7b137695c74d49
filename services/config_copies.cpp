#include "services/config_copies.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/cached.hpp"

namespace backout::services {

namespace {

/// Whether an item is left alone by what handles only visible ones.
bool is_hidden(std::string_view key) { return key.starts_with('.'); }

}  // namespace

Record copied(const Record& config, const std::string& name, bool visible_only) {
  Record next = copy_area(config, "items", "copy." + name);
  for (const auto& [key, value] : config.facts()) {
    if (visible_only && key.starts_with("items.") && is_hidden(key.substr(6))) {
      next = next.without(fmt::format("copy.{}.{}", name, key.substr(6)));
    }
  }
  std::vector<std::string> names = split_list(config.get("backups"));
  std::erase(names, name);
  names.push_back(name);
  return next.with("backups", join_list(names)).without("damaged." + name);
}

namespace {

/// Whether the copy of this name holds the items as they are.
bool holds_now(const Record& config, const std::string& name) {
  const std::string prefix = fmt::format("copy.{}.", name);
  std::map<std::string, std::string> items;
  std::map<std::string, std::string> copy;
  for (const auto& [key, value] : config.facts()) {
    if (key.starts_with("items.")) items.emplace(key.substr(6), value);
    if (key.starts_with(prefix)) copy.emplace(key.substr(prefix.size()), value);
  }
  return items == copy;
}

/// With the copy that a restore takes first, under a name of its own. An older one with the same
/// items makes way, so that a run in circles ends in a state that it was in before.
Record with_copy_before(const Record& config) {
  constexpr std::string_view kPrefix = "before_restore_";
  const std::vector<std::string> names = split_list(config.get("backups"));
  for (const std::string& name : names) {
    if (name.starts_with(kPrefix) && !is_damaged(config, name) && holds_now(config, name))
      return copied(config, name, false);
  }
  std::size_t number = names.size();
  while (std::ranges::find(names, fmt::format("{}{}", kPrefix, number)) != names.end()) ++number;
  return copied(config, fmt::format("{}{}", kPrefix, number), false);
}

Record removed(const Record& config, const std::string& removes) {
  Amended next = config;
  for (const auto& [key, value] : config.facts()) {
    if (!key.starts_with("items.")) continue;
    if (removes == "all" || (removes == "visible" && !is_hidden(key.substr(6)))) next.without(key);
  }
  return next;
}

/// The name of the copy that a restore reads; empty when there is none.
std::string source_of(const Record& config, const Action& action) {
  const std::string from = kConfigFrom.in(action.args);
  const std::vector<std::string> names = split_list(config.get("backups"));
  if (from == "latest" && !names.empty()) return names.back();
  return std::ranges::find(names, from) == names.end() ? "" : from;
}

}  // namespace

Outcome restore_copy(const Record& config, const Action& action) {
  if (kConfigFrom.in(action.args) == "unknown")
    return Outcome::opaque("which copy it restores, the plan does not say");
  const std::vector<std::string> names = split_list(config.get("backups"));
  const std::string from = source_of(config, action);
  if (from.empty()) {
    return Outcome::refused(fmt::format("no copy is named '{}'", kConfigFrom.in(action.args)));
  }
  Amended next = config;
  if (kConfigBackupFirst.in(action.args)) next = with_copy_before(config);
  next = removed(next, kConfigRemoves.in(action.args, "all"));
  const std::string prefix = fmt::format("copy.{}.", from);
  if (kPart.in(action.args) == "remove") return Outcome::done().set(action.service, next);
  std::vector<std::string> keys;
  for (const auto& [key, value] : config.facts()) {
    if (key.starts_with(prefix)) keys.push_back(key.substr(prefix.size()));
  }
  const bool damaged = is_damaged(config, from);
  if (damaged) keys.resize(keys.size() / 2);
  for (const std::string& key : keys) next.with("items." + key, config.get(prefix + key));
  Outcome outcome =
      damaged ? Outcome::refused(fmt::format("unexpected end of '{}'", from)) : Outcome::done();
  return outcome.set(action.service, settled(next));
}

Changes harmed_copy_of(const Call& call, Harm harm, const Record& first) {
  const Record& config = call.now;
  const std::string from = source_of(config, call.action);
  if (from.empty()) return {};
  const auto become = [&](const Record& next) -> Changes {
    if (next.equals(config)) return {};
    return {{call.action.service, next.share()}};
  };
  const std::string copy = "copy." + from;
  if (harm == Harm::gone) {
    std::vector<std::string> names = split_list(config.get("backups"));
    std::erase(names, from);
    const Record next = without_area(config, copy);
    return become(names.empty() ? next.without("backups") : next.with("backups", join_list(names)));
  }
  if (harm == Harm::corrupt) return become(config.with("damaged." + from, "true"));
  if (harm != Harm::stale) return {};
  return become(copy_area(first, "items", config, copy));
}

}  // namespace backout::services
