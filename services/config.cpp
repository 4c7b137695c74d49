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
// and damaged.<copy> are not essential. Where names are kept (`name_kept`: secret managers and key rings with a time
// of grace), kept.<key> is the name of a removed item, which cannot be made again (fleet#6278).
#include "services/config.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/mention.hpp"
#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/cached.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> config_verbs() {
  const auto key = field("key", ValueType::string, "The item.", true);
  return {{"set",
           {key, field("value", ValueType::any, "Its value.", true), command_field()},
           "Changes an item."},
          {"unset", {key, command_field()}, "Removes an item."},
          {"backup",
           {field("file", ValueType::string, "Name of the copy.", true),
            field("location", ValueType::string, "Where the copy is kept."),
            choice("of", {"all", "visible"},
                   "visible leaves out items whose names begin with a dot (default all)."),
            command_field()},
           "Copies all items."},
          {"restore",
           {field("from", ValueType::string, "Name of the copy, or latest.", true),
            choice("removes", {"all", "visible", "nothing"},
                   "What is removed before: `rm -rf dir/*` removes what is visible (default all)."),
            field("backup_first", ValueType::boolean,
                  "Copies the current state before, after `latest` was looked up."),
            command_field()},
           "Replaces the items by those of a copy."},
          {"reload", {command_field()}, "Makes the readers read it."}};
}

model::KindSpec config_spec() {
  return {"config",
          "Configuration files or environment variables.",
          false,
          {field("items", ValueType::map, "key: value before the deploy."),
           field("location", ValueType::string, "Folder or file."),
           field("read_by", ValueType::services, "Apps that read it."),
           field("name_kept", ValueType::duration,
                 "How long the name of a removed item stays taken: it cannot be made again meanwhile."),
           field("needs_restart", ValueType::boolean,
                 "The readers read it only at their start (default false).")},
          config_verbs()};
}

/// Whether a place, as the plan describes it, is one that keeps what was removed for a time of grace: AWS Secrets Manager
/// (7 to 30 days), Azure Key Vault (soft delete), Cloud KMS (names of keys for ever).
bool is_place_that_keeps_names(const std::string& place) {
  return model::mentions(place, {"secrets manager", "secret manager", "key vault", "keyvault", "recovery window", "soft delete", "soft-delete"});
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

/// With the copy that a restore takes first, under a name of its own. An older one with the same items makes way, so that a
/// run in circles ends in a state that it was in before.
Record with_copy_before(const Record& config) {
  constexpr std::string_view kPrefix = "before_restore_";
  const std::vector<std::string> names = split_list(config.get("backups"));
  for (const std::string& name : names) {
    if (name.starts_with(kPrefix) && !is_damaged(config, name) && holds_now(config, name)) return copied(config, name, false);
  }
  std::size_t number = names.size();
  while (std::ranges::find(names, fmt::format("{}{}", kPrefix, number)) != names.end()) ++number;
  return copied(config, fmt::format("{}{}", kPrefix, number), false);
}

Record removed(const Record& config, const std::string& removes) {
  Amended next = config;
  for (const auto& [key, value] : config.facts()) {
    if (!key.starts_with("items.")) continue;
    if (removes == "all" || (removes == "visible" && !is_hidden(key.substr(6))))
      next.without(key);
  }
  return next;
}

/// The name of the copy that a restore reads; empty when there is none.
std::string source_of(const Record& config, const Action& action) {
  const std::string from = action.args.text("from");
  const std::vector<std::string> names = split_list(config.get("backups"));
  if (from == "latest" && !names.empty()) return names.back();
  return std::ranges::find(names, from) == names.end() ? "" : from;
}

Outcome restore(const Record& config, const Action& action) {
  if (action.args.text("from") == "unknown")
    return Outcome::opaque("which copy it restores, the plan does not say");
  const std::vector<std::string> names = split_list(config.get("backups"));
  const std::string from = source_of(config, action);
  if (from.empty()) {
    return Outcome::refused(fmt::format("no copy is named '{}'", action.args.text("from")));
  }
  Amended next = config;
  if (action.args.flag("backup_first")) next = with_copy_before(config);
  next = removed(next, action.args.text_or("removes", "all"));
  const std::string prefix = fmt::format("copy.{}.", from);
  if (action.args.text("part") == "remove") return Outcome::done().set(action.service, next);
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

class ConfigKind : public RecordKind {
 public:
  ConfigKind() : RecordKind(config_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
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
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& config = record(world, action.service);
    const auto set = [&](const Record& next) {
      return Outcome::done().set(action.service, settled(next));
    };
    const std::string item = "items." + action.args.text("key");
    const std::string kept = "kept." + action.args.text("key");
    if (action.verb == "set" && config.has(kept))
      return taken(context, action.service, action.args.text("key"));
    if (action.verb == "set") return set(config.with(item, action.args.text("value")));
    if (action.verb == "unset") {
      const bool keeps = keeps_names(context, action.service) && config.has(item);
      return set(keeps ? config.without(item).with(kept, "true") : config.without(item));
    }
    if (action.verb == "backup") {
      return set(copied(config, action.args.text("file"), action.args.text("of") == "visible"));
    }
    if (action.verb == "reload") return set(reloaded(context, action.service, config));
    if (action.verb != "restore") unhandled(spec(), action, "apply");
    const Outcome restored = restore(config, action);
    for (const auto& [key, value] : config.facts()) {
      if (!key.starts_with("kept.") || !restored.ok() || action.args.has("part")) continue;
      const auto& after = static_cast<const Record&>(*restored.changes.front().second);
      if (after.has("items." + key.substr(5))) return taken(context, action.service, key.substr(5));
    }
    return restored;
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    const Record& config = record(world, action.service);
    if (harm == Harm::cached) {
      if (needs_restart(context, action.service)) return {};
      const Outcome outcome = apply(context, world, action);
      if (!outcome.ok()) return {};
      const auto& after = static_cast<const Record&>(*outcome.changes.front().second);
      return hidden_changes(action.service, config, after, {"items"});
    }
    const std::string from = action.verb == "restore" ? source_of(config, action) : "";
    if (from.empty()) return {};
    const auto become = [&](const Record& next) -> Changes {
      if (next.equals(config)) return {};
      return {{action.service, next.share()}};
    };
    const std::string copy = "copy." + from;
    if (harm == Harm::gone) {
      std::vector<std::string> names = split_list(config.get("backups"));
      std::erase(names, from);
      const Record next = without_area(config, copy);
      return become(names.empty() ? next.without("backups")
                                  : next.with("backups", join_list(names)));
    }
    if (harm == Harm::corrupt) return become(config.with("damaged." + from, "true"));
    if (harm != Harm::stale) return {};
    std::vector<model::Mistake> reported_before;
    const StatePtr first = initial(context, action.service, reported_before);
    return become(copy_area(static_cast<const Record&>(*first), "items", config, copy));
  }

  std::vector<Action> parts(const Context&, const World& world,
                            const Action& action) const override {
    const bool two = action.verb == "restore" &&
                     restore(record(world, action.service), action).ok() &&
                     !action.args.flag("backup_first");
    if (!two) return {action};
    return {with_arg(action, "part", "remove"), action};
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const auto path = [&](const std::string& below) {
      return resource(context, action.service, below);
    };
    if (action.verb == "set" || action.verb == "unset") {
      const std::string item = "items." + action.args.text("key");
      const std::string kept = path("kept." + action.args.text("key"));
      return {{kept}, {path("cached." + item), path(item), kept}};
    }
    if (action.verb == "backup")
      return {{path("items")}, {path("backups"), path("copy"), path("damaged")}};
    if (action.verb == "reload") return {{path("items")}, {path("cached"), path("loaded")}};
    if (action.verb != "restore") unhandled(spec(), action, "footprint");
    const std::vector<std::string> all = {path("backups"), path("cached"), path("copy"),
                                          path("damaged"), path("items"), path("kept")};
    return {all, all};
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const Record& config = record(before, action.service);
    if (action.verb == "backup") return {Undo::Class::exact, "", {}};
    if (action.verb == "reload") {
      if (!reloaded(context, action.service, config).equals(config))
        return {Undo::Class::none, "what the readers ran with before is written nowhere", {}};
      return {Undo::Class::exact, "", {}};
    }
    if (!is_one_of(action.verb, {"set", "unset", "restore"})) return {};
    const Outcome outcome = apply(context, before, action);
    if (action.verb == "unset" && keeps_names(context, action.service) && config.has("items." + action.args.text("key")))
      return {Undo::Class::none, why_kept(context, action.service, action.args.text("key")), {}};
    if (!outcome.ok()) return {Undo::Class::exact, "", {}};
    return {Undo::Class::exact, "",
            back_to(config, static_cast<const Record&>(*outcome.changes.front().second), action)};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string& name = context.plan().services[action.service].name;
    if (action.verb == "backup") {
      traits.takes_backup = action.args.text("file");
      if (action.args.text("of") == "visible")
        traits.leaves = {"items whose names begin with a dot are not in the copy"};
    }
    if (action.verb == "restore") {
      const std::string from = action.args.text("from");
      traits.restores_backup = from;
      traits.unpinned_target = moving_target(from);
      if (from == "latest" && action.args.flag("backup_first")) {
        traits.not_repeatable =
            "the newest copy is then the one that the first run took of the bad state";
      }
      if (action.args.text_or("removes", "all") != "all")
        traits.leaves = {"items that the copy does not have"};
    }
    const bool writes = action.verb == "set" || action.verb == "unset" || action.verb == "restore";
    if (writes && needs_restart(context, action.service)) {
      traits.delayed_effect = "until its readers are restarted or told to reload";
    }
    if (action.verb == "reload") traits.releases = {"stale " + name};
    return traits;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string&) const override {
    const Record& config = record(world, operation.on);
    const bool is_set = needs_restart(context, operation.on)
                            ? config.has("loaded." + operation.subject)
                            : is_seen(config, "items." + operation.subject);
    if (is_set) return Outcome::done();
    return Outcome::refused(fmt::format("configuration item '{}' is not set", operation.subject));
  }

 protected:
  std::vector<std::string> incidental() const override { return {"backups", "copy", "damaged", "kept"}; }

 private:
  static bool keeps_names(const Context& context, ServiceIndex self) {
    const Args& fields = context.plan().services[self].fields;
    if (!fields.has("name_kept")) return is_place_that_keeps_names(fields.text("location"));
    return !fields.is_unknown("name_kept") && fields.text("name_kept") != "0";
  }

  /// Refused where the plan says that names stay taken; where only the words of its place do, nobody knows.
  static Outcome taken(const Context& context, ServiceIndex self, const std::string& key) {
    const std::string why = why_kept(context, self, key);
    if (context.plan().services[self].fields.has("name_kept")) return Outcome::refused(why);
    return Outcome::opaque(fmt::format("{}, perhaps: `name_kept` would say it", why));
  }

  static std::string why_kept(const Context& context, ServiceIndex self, const std::string& key) {
    const Args& fields = context.plan().services[self].fields;
    return fmt::format("'{}' was removed, and its name stays taken for {}", key,
                       fields.has("name_kept") ? fields.text("name_kept") : "as long as '" + fields.text("location") + "' keeps it");
  }

  /// The actions that turn the items of `after` into those of `before`.
  static std::vector<Action> back_to(const Record& before, const Record& after,
                                     const Action& action) {
    std::vector<Action> actions;
    for (const auto& [key, value] : after.facts()) {
      if (key.starts_with("items.") && !before.has(key)) {
        actions.push_back(same_service(action, "unset", {{"key", key.substr(6)}}));
      }
    }
    for (const auto& [key, value] : before.facts()) {
      if (key.starts_with("items.") && (!after.has(key) || after.get(key) != value)) {
        actions.push_back(same_service(action, "set", {{"key", key.substr(6)}, {"value", value}}));
      }
    }
    return actions;
  }
};

}  // namespace

Record reloaded(const Context& context, ServiceIndex self, const Record& config) {
  return needs_restart(context, self) ? copy_area(config, "items", "loaded")
                                      : without_area(config, "cached");
}

const Kind& kind_config() {
  static const ConfigKind kKind;
  return kKind;
}

}  // namespace backout::services
