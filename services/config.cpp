// Configuration: files or environment variables that an app reads, and copies of them.
//
// What the real thing does: files change at once, a process that read them at its start does not
// notice until it is restarted or reloaded. A script that restores "the latest" backup and backs
// the current state up on the way finds, on its second run, the backup that the first run took of
// the bad state (measured: X16). `rm -rf dir/*` keeps files whose names begin with a dot; an
// archive made of `.` brings them back, a copy made of `*` does not (measured: X17). A restore
// removes first and unpacks then: between the two there is no configuration, and where the copy is
// damaged only its first half comes back. What this fake leaves out: permissions, several files
// with one meaning.
//
// Facts: items.<key>, loaded.<key> (what the readers run with, when they need a restart),
// cached.items.<key> (the same, when a cache that the plan does not know of hides a change); copies
// and damaged.<copy> are not essential. Where names are kept (`name_kept`: secret managers and key
// rings with a time of grace), kept.<key> is the name of a removed item, which cannot be made again
// (fleet#6278).
#include "services/config.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/duration.hpp"
#include "model/mention.hpp"
#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/cached.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kConfigLocation{"location", "Where the copy is kept."};
constexpr TextArg kConfigOf =
    TextArg("of", "visible leaves out items whose names begin with a dot (default all).")
        .among({"all", "visible"});
constexpr TextArg kConfigFrom = kCopyFrom.saying("Name of the copy, or latest.");
constexpr TextArg kConfigRemoves =
    TextArg("removes",
            "What is removed before: `rm -rf dir/*` removes what is visible (default all).")
        .among({"all", "visible", "nothing"});
constexpr FlagArg kConfigBackupFirst{
    "backup_first", "Copies the current state before, after `latest` was looked up."};
constexpr TextArg kConfigKey = TextArg("key", "The item.").required();
constexpr TextArg kConfigValue = TextArg("value", "Its value.").of(ValueType::any).required();

/// Whether a place, as the plan describes it, is one that keeps what was removed for a time of
/// grace: AWS Secrets Manager (7 to 30 days), Azure Key Vault (soft delete), Cloud KMS (names of
/// keys for ever).
bool is_place_that_keeps_names(const std::string& place) {
  return model::mentions(place, {"secrets manager", "secret manager", "key vault", "keyvault",
                                 "recovery window", "soft delete", "soft-delete"});
}

bool needs_restart(const Context& context, ServiceIndex self) {
  return context.plan().services[self].fields.flag("needs_restart");
}

/// Whether an item is left alone by what handles only visible ones.
bool is_hidden(std::string_view key) { return key.starts_with('.'); }

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

Record initial_config(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
  const Plan& plan = context.plan();
  Amended record;
  if (const model::Node* items = plan.services[self].fields.find("items")) {
    for (const model::Node::Entry& item : items->entries)
      record.with("items." + item.key, item.value.text);
  }
  if (needs_restart(context, self)) record = copy_area(record, "items", "loaded");
  for (const model::Backup& backup : plan.backups) {
    if (backup.of == self) record = copied(record, backup.name, false);
  }
  return record;
}

bool keeps_names(const model::Service& self) {
  if (!self.fields.has("name_kept")) return is_place_that_keeps_names(self.fields.text("location"));
  const auto kept = model::parse_duration(self.fields.text("name_kept"));
  return kept && !kept->unknown && kept->high_ms > 0;
}

std::string why_kept(const model::Service& self, const std::string& key) {
  return fmt::format("'{}' was removed, and its name stays taken for {}", key,
                     self.fields.has("name_kept")
                         ? self.fields.text("name_kept")
                         : "as long as '" + self.fields.text("location") + "' keeps it");
}

/// Refused where the plan says that names stay taken; where only the words of its place do, nobody
/// knows.
Outcome taken(const model::Service& self, const std::string& key) {
  const std::string why = why_kept(self, key);
  if (self.fields.has("name_kept")) return Outcome::refused(why);
  return Outcome::opaque(fmt::format("{}, perhaps: `name_kept` would say it", why));
}

std::string item_of(const Action& action) { return "items." + kConfigKey.in(action.args); }
std::string kept_of(const Action& action) { return "kept." + kConfigKey.in(action.args); }

Outcome becomes_settled(const Call& call, const Record& next) {
  return call.becomes(settled(next));
}

Outcome set_item(const Call& call) {
  if (call.now.has(kept_of(call.action))) return taken(call.self, call.arg(kConfigKey));
  return becomes_settled(call, call.now.with(item_of(call.action), call.arg(kConfigValue)));
}

bool leaves_name(const Call& call) {
  return keeps_names(call.self) && call.now.has(item_of(call.action));
}

Outcome unset_item(const Call& call) {
  const Record next = call.now.without(item_of(call.action));
  return becomes_settled(call, leaves_name(call) ? next.with(kept_of(call.action), "true") : next);
}

/// An item whose name stays taken does not come back.
Outcome restore_all(const Call& call) {
  const Outcome restored = restore_copy(call.now, call.action);
  for (const auto& [key, value] : call.now.facts()) {
    if (!key.starts_with("kept.") || !restored.ok() || kPart.is_given(call.action.args)) continue;
    const auto& after = static_cast<const Record&>(*restored.changes.front().second);
    if (after.has("items." + key.substr(5))) return taken(call.self, key.substr(5));
  }
  return restored;
}

/// It removes first, and unpacks then.
std::vector<Action> two_parts(const Call& call) {
  if (call.arg(kConfigBackupFirst) || !restore_copy(call.now, call.action).ok())
    return {call.action};
  return {with_arg(call.action, kPart.name(), "remove"), call.action};
}

/// The actions that turn the items of `after` into those of `before`.
std::vector<Action> back_to(const Record& before, const Record& after, const Action& action) {
  std::vector<Action> actions;
  for (const auto& [key, value] : after.facts()) {
    if (key.starts_with("items.") && !before.has(key))
      actions.push_back(same_service(action, "unset", {{kConfigKey.name(), key.substr(6)}}));
  }
  for (const auto& [key, value] : before.facts()) {
    if (key.starts_with("items.") && (!after.has(key) || after.get(key) != value)) {
      actions.push_back(same_service(
          action, "set", {{kConfigKey.name(), key.substr(6)}, {kConfigValue.name(), value}}));
    }
  }
  return actions;
}

Undo back_to_items(const Call& call, const Outcome& outcome) {
  if (!outcome.ok()) return nothing_to_undo();
  return {
      Undo::Class::exact, "",
      back_to(call.now, static_cast<const Record&>(*outcome.changes.front().second), call.action)};
}

Undo undo_reload(const Call& call) {
  const bool same = reloaded(call.context, call.action.service, call.now).equals(call.now);
  return same ? nothing_to_undo() : no_undo("what the readers ran with before is written nowhere");
}

Changes harmed_copy_of(const Call& call, Harm harm) {
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
  std::vector<model::Mistake> reported_before;
  return become(copy_area(initial_config(call.context, call.action.service, reported_before),
                          "items", config, copy));
}

/// A cache of which the plan does not know stands in front of the items.
Changes hidden_items(const Context& context, const World& world, const Action& action, Harm harm) {
  if (harm != Harm::cached || needs_restart(context, action.service)) return {};
  return hidden_by_cache(context, world, action, {"items"});
}

/// Paths of the service below each of `areas`.
std::vector<std::string> paths_below(const Context& context, const Action& action,
                                     std::initializer_list<std::string> areas) {
  std::vector<std::string> all;
  for (const std::string& area : areas) all.push_back(resource(context, action.service, area));
  return all;
}

Footprint of_item(const Context& context, const Action& action) {
  const std::string item = item_of(action);
  const std::string kept = kept_of(action);
  return {paths_below(context, action, {kept}),
          paths_below(context, action, {"cached." + item, item, kept})};
}

/// What is written is seen by the readers at their next start.
void seen_after_restart(const Context& context, const Action& action, Traits& traits) {
  if (needs_restart(context, action.service))
    traits.delayed_effect = "until its readers are restarted or told to reload";
}

void restore_copy_traits(const Context& context, const Action& action, Traits& traits) {
  seen_after_restart(context, action, traits);
  const std::string from = kConfigFrom.in(action.args);
  traits.restores_backup = from;
  traits.unpinned_target = moving_target(from);
  if (from == "latest" && kConfigBackupFirst.in(action.args)) {
    traits.not_repeatable =
        "the newest copy is then the one that the first run took of the bad state";
  }
  if (kConfigRemoves.in(action.args, "all") != "all")
    traits.leaves = {"items that the copy does not have"};
}

VerbRow backup_row() {
  return {{"backup", {kCopyFile, kConfigLocation, kConfigOf}, "Copies all items."},
          [](const Call& call) {
            return becomes_settled(
                call, copied(call.now, call.arg(kCopyFile), call.arg(kConfigOf) == "visible"));
          },
          changes_nothing,
          [](const Context&, const Action& action, Traits& traits) {
            traits.takes_backup = kCopyFile.in(action.args);
            if (kConfigOf.in(action.args) == "visible")
              traits.leaves = {"items whose names begin with a dot are not in the copy"};
          },
          {},
          [](const Context& context, const Action& action) {
            return Footprint{paths_below(context, action, {"items"}),
                             paths_below(context, action, {"backups", "copy", "damaged"})};
          }};
}

VerbRow restore_row() {
  return {{kRestoreVerb,
           {kConfigFrom, kConfigRemoves, kConfigBackupFirst},
           "Replaces the items by those of a copy."},
          restore_all,
          [](const Call& call) { return back_to_items(call, restore_all(call)); },
          restore_copy_traits,
          two_parts,
          [](const Context& context, const Action& action) {
            const std::vector<std::string> all = paths_below(
                context, action, {"backups", "cached", "copy", "damaged", "items", "kept"});
            return Footprint{all, all};
          },
          [](const Call& call, Harm harm) {
            return harm == Harm::cached ? hidden_items(call.context, call.world, call.action, harm)
                                        : harmed_copy_of(call, harm);
          }};
}

std::vector<VerbRow> verbs_of_config() {
  return {{{"set", {kConfigKey, kConfigValue}, "Changes an item."},
           set_item,
           [](const Call& call) { return back_to_items(call, set_item(call)); },
           seen_after_restart,
           {},
           of_item},
          {{"unset", {kConfigKey}, "Removes an item."},
           unset_item,
           [](const Call& call) {
             return leaves_name(call) ? no_undo(why_kept(call.self, call.arg(kConfigKey)))
                                      : back_to_items(call, unset_item(call));
           },
           seen_after_restart,
           {},
           of_item},
          backup_row(),
          restore_row(),
          {{"reload", {}, "Makes the readers read it."},
           [](const Call& call) {
             return becomes_settled(call, reloaded(call.context, call.action.service, call.now));
           },
           undo_reload,
           [](const Context& context, const Action& action, Traits& traits) {
             traits.releases = {"stale " + context.plan().services[action.service].name};
           },
           {},
           [](const Context& context, const Action& action) {
             return Footprint{paths_below(context, action, {"items"}),
                              paths_below(context, action, {"cached", "loaded"})};
           }}};
}

KindRow config_row() {
  KindRow row;
  row.name = "config";
  row.help = "Configuration files or environment variables.";
  row.fields = {
      field("items", ValueType::map, "key: value before the deploy."),
      field("location", ValueType::string, "Folder or file."),
      field("read_by", ValueType::services, "Apps that read it."),
      field("name_kept", ValueType::duration,
            "How long the name of a removed item stays taken: it cannot be made again meanwhile."),
      field("needs_restart", ValueType::boolean,
            "The readers read it only at their start (default false).")};
  row.verbs = verbs_of_config();
  row.incidental = {"backups", "copy", "damaged", "kept"};
  row.features.is_configuration = true;
  row.initial = initial_config;
  row.harmed = hidden_items;
  row.operate = [](const Context& context, const World& world, const Operation& operation,
                   const std::string&) {
    const Record& config = world.record(operation.on);
    const bool is_set = needs_restart(context, operation.on)
                            ? config.has("loaded." + operation.subject)
                            : is_seen(config, "items." + operation.subject);
    if (is_set) return Outcome::done();
    return Outcome::refused(fmt::format("configuration item '{}' is not set", operation.subject));
  };
  return row;
}

}  // namespace

Record reloaded(const Context& context, ServiceIndex self, const Record& config) {
  return needs_restart(context, self) ? copy_area(config, "items", "loaded")
                                      : without_area(config, "cached");
}

const Kind& kind_config() {
  static const std::unique_ptr<const Kind> kKind = make_kind(config_row());
  return *kKind;
}

}  // namespace backout::services
