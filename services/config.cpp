// Configuration: files or environment variables that an app reads, and copies of them.
//
// What the real thing does: files change at once, a process that read them at its start does not notice until it is
// restarted or reloaded. A script that restores "the latest" backup and backs the current state up on the way finds, on
// its second run, the backup that the first run took of the bad state (measured: X16).
// What this fake leaves out: partial writes, permissions.
//
// Facts: items.<key>, loaded.<key> (what the reader runs with, when it needs a restart); backups are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec config_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"config", "Configuration files or environment variables.", false,
          {field("items", ValueType::map, "key: value before the deploy."), field("location", ValueType::string, "Folder or file."),
           field("read_by", ValueType::services, "Apps that read it."),
           field("needs_restart", ValueType::boolean, "The readers read it only at their start (default false).")},
          {{"set", {field("key", ValueType::string, "The item.", true), field("value", ValueType::any, "Its value.", true), command}, "Changes an item."},
           {"unset", {field("key", ValueType::string, "The item.", true), command}, "Removes an item."},
           {"backup", {field("file", ValueType::string, "Name of the copy.", true), command}, "Copies all items."},
           {"restore", {field("from", ValueType::string, "Name of the copy, or latest.", true),
                        field("backup_first", ValueType::boolean, "Copies the current state before, after `latest` was looked up."),
                        command}, "Replaces all items by those of a copy."},
           {"reload", {command}, "Makes the readers read it."}}};
}

class ConfigKind : public RecordKind {
 public:
  ConfigKind() : RecordKind(config_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Plan& plan = context.plan();
    Record record;
    if (const model::Node* items = plan.services[self].fields.find("items")) {
      for (const model::Node::Entry& item : items->entries) record = record.with("items." + item.key, item.value.text);
    }
    if (plan.services[self].fields.flag("needs_restart")) record = load(record);
    for (const model::Backup& backup : plan.backups) {
      if (backup.of == self) record = copy(record, backup.name);
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& config = record(world, action.service);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "set") return set(config.with("items." + action.args.text("key"), action.args.text("value")));
    if (action.verb == "unset") return set(config.without("items." + action.args.text("key")));
    if (action.verb == "backup") return set(copy(config, action.args.text("file")));
    if (action.verb == "reload") return set(needs_restart(context, action.service) ? load(config) : config);
    return restore(config, action);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string all = resource(context, action.service);
    if (action.verb == "set" || action.verb == "unset") {
      return {{}, {resource(context, action.service, "items." + action.args.text("key"))}};
    }
    if (action.verb == "backup") return {{resource(context, action.service, "items")}, {resource(context, action.service, "backups")}};
    return {{all}, {all}};
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& config = record(before, action.service);
    if (action.verb == "backup" || action.verb == "reload") return {Undo::Class::exact, "", {}};
    if (action.verb == "restore") return {};
    const std::string key = action.args.text("key");
    if (!config.has("items." + key)) return {Undo::Class::exact, "", {same_service(action, "unset", {{"key", key}})}};
    return {Undo::Class::exact, "", {same_service(action, "set", {{"key", key}, {"value", config.get("items." + key)}})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string& name = context.plan().services[action.service].name;
    if (action.verb == "backup") traits.takes_backup = action.args.text("file");
    if (action.verb == "restore") {
      const std::string from = action.args.text("from");
      traits.restores_backup = from;
      traits.unpinned_target = moving_target(from);
      if (from == "latest" && action.args.flag("backup_first")) {
        traits.not_repeatable = "the newest copy is then the one that the first run took of the bad state";
      }
    }
    const bool writes = action.verb == "set" || action.verb == "unset" || action.verb == "restore";
    if (writes && needs_restart(context, action.service)) {
      traits.delayed_effect = "until its readers are restarted or told to reload";
    }
    if (action.verb == "reload") traits.releases = {"stale " + name};
    return traits;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation, const std::string&) const override {
    const Record& config = record(world, operation.on);
    const std::string area = needs_restart(context, operation.on) ? "loaded." : "items.";
    if (config.has(area + operation.subject)) return Outcome::done();
    return Outcome::refused(fmt::format("configuration item '{}' is not set", operation.subject));
  }

 protected:
  std::vector<std::string> incidental() const override { return {"backups", "copy"}; }

 private:
  static bool needs_restart(const Context& context, ServiceIndex self) {
    return context.plan().services[self].fields.flag("needs_restart");
  }
  static Record load(Record config) {
    const Record before = config;
    for (const auto& [key, value] : before.facts()) {
      if (key.starts_with("loaded.")) config = config.without(key);
    }
    for (const auto& [key, value] : before.facts()) {
      if (key.starts_with("items.")) config = config.with("loaded." + key.substr(6), value);
    }
    return config;
  }
  static Record copy(Record config, const std::string& name) {
    const Record before = config;
    for (const auto& [key, value] : before.facts()) {
      if (key.starts_with("items.")) config = config.with(fmt::format("copy.{}.{}", name, key.substr(6)), value);
    }
    std::vector<std::string> names = split_list(before.get("backups"));
    std::erase(names, name);
    names.push_back(name);
    return config.with("backups", join_list(names));
  }
  static Outcome restore(const Record& config, const Action& action) {
    const std::vector<std::string> names = split_list(config.get("backups"));
    std::string from = action.args.text("from");
    if (from == "latest" && !names.empty()) from = names.back();
    if (std::ranges::find(names, from) == names.end()) return Outcome::refused(fmt::format("no copy is named '{}'", from));
    Record next = action.args.flag("backup_first") ? copy(config, fmt::format("before_restore_{}", names.size())) : config;
    for (const auto& [key, value] : config.facts()) {
      if (key.starts_with("items.")) next = next.without(key);
    }
    const std::string prefix = fmt::format("copy.{}.", from);
    for (const auto& [key, value] : config.facts()) {
      if (key.starts_with(prefix)) next = next.with("items." + key.substr(prefix.size()), value);
    }
    return Outcome::done().set(action.service, next);
  }
};

}  // namespace

const Kind& kind_config() {
  static const ConfigKind kKind;
  return kKind;
}

}  // namespace backout::services
