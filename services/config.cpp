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

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/cached.hpp"
#include "services/config_copies.hpp"
#include "services/name_kept.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kConfigKey = TextArg("key", "The item.").required();
constexpr TextArg kConfigValue = TextArg("value", "Its value.").of(ValueType::any).required();

bool needs_restart(const Context& context, ServiceIndex self) {
  return context.plan().services[self].fields.flag("needs_restart");
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

/// "20Gi" in its smallest unit; nullopt: it is no amount.
std::optional<double> amount_of(const std::string& text) {
  std::size_t digits = 0;
  while (digits < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[digits])) != 0 || text[digits] == '.'))
    ++digits;
  if (digits == 0) return std::nullopt;
  std::string unit = text.substr(digits);
  if (unit.ends_with('B')) unit.pop_back();
  constexpr std::string_view kPrefixes = "KMGTP";
  if (unit == "k") unit = "K";
  const std::size_t power = unit.empty() ? 0 : kPrefixes.find(unit.front()) + 1;
  const bool binary = unit.size() == 2 && unit.back() == 'i';
  if (!unit.empty() && (power == 0 || (unit.size() > 1 && !binary))) return std::nullopt;
  return std::strtod(text.c_str(), nullptr) * std::pow(binary ? 1024.0 : 1000.0, power);
}

std::string item_of(const Action& action) { return "items." + kConfigKey.in(action.args); }
std::string kept_of(const Action& action) { return "kept." + kConfigKey.in(action.args); }

Outcome becomes_settled(const Call& call, const Record& next) {
  return call.becomes(settled(next));
}

/// The configuration as it becomes, unless something in it only grows and would be less.
Outcome unless_less(const Call& call, const Record& next) {
  const std::optional<Outcome> less = if_less(call.self, call.now, next);
  return less ? *less : becomes_settled(call, next);
}

Outcome set_item(const Call& call) {
  if (call.now.has(kept_of(call.action))) return taken(call.self, call.arg(kConfigKey));
  return unless_less(call, call.now.with(item_of(call.action), call.arg(kConfigValue)));
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
  if (!restored.ok() || kPart.is_given(call.action.args)) return restored;
  const auto& after = static_cast<const Record&>(*restored.changes.front().second);
  return if_less(call.self, call.now, after).value_or(restored);
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
  const auto& after = static_cast<const Record&>(*outcome.changes.front().second);
  if (const auto less = if_less(call.self, after, call.now)) return no_undo(less->message);
  return {
      Undo::Class::exact, "",
      back_to(call.now, static_cast<const Record&>(*outcome.changes.front().second), call.action)};
}

Undo undo_reload(const Call& call) {
  const bool same = reloaded(call.context, call.action.service, call.now).equals(call.now);
  return same ? nothing_to_undo() : no_undo("what the readers ran with before is written nowhere");
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

Record first_of(const Call& call) {
  std::vector<model::Mistake> reported_before;
  return initial_config(call.context, call.action.service, reported_before);
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
                                        : harmed_copy_of(call, harm, first_of(call));
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
      field("only_grows", ValueType::strings,
            "Items that cannot be made less: the size of a volume, the partitions of a topic."),
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

std::optional<Outcome> if_less(const model::Service& config, const Record& now,
                               const Record& next) {
  for (const std::string& key : config.fields.strings("only_grows")) {
    const std::string item = "items." + key;
    if (!now.has(item) || !next.has(item) || now.get(item) == next.get(item)) continue;
    const std::optional<double> was = amount_of(now.get(item));
    const std::optional<double> becomes = amount_of(next.get(item));
    if (!was || !becomes)
      return Outcome::opaque(fmt::format("whether {} of '{}' is less than {}, nobody can tell",
                                         next.get(item), key, now.get(item)));
    if (*becomes < *was)
      return Outcome::refused(fmt::format("{}: field can not be less than previous value ({} < {})",
                                          key, next.get(item), now.get(item)));
  }
  return std::nullopt;
}

Record reloaded(const Context& context, ServiceIndex self, const Record& config) {
  return needs_restart(context, self) ? copy_area(config, "items", "loaded")
                                      : without_area(config, "cached");
}

const Kind& kind_config() {
  static const std::unique_ptr<const Kind> kKind = make_kind(config_row());
  return *kKind;
}

}  // namespace backout::services
