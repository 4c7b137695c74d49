// Feature flags, with the cache that their readers keep.
//
// What the real thing does: the flag is a row somewhere; readers ask a cache that lives for a while. A flag that is
// turned off in the store stays on for the readers until the cache expires or is cleared. Overrides of one customer win
// over the global value, so that "off" is not off for them. When the store of the flags is rolled back, the flags go
// with it. Sources: posthog-js#1656, flipt#4410; TAXONOMY CFG-1.
// What this fake leaves out: percentages as shares of users (a rollout of 0 is off, any other is on).
//
// Facts: flags.<key>, seen.<key> (what readers see, when there is a cache), overrides.<org>.<key>.
#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec flags_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  const auto key = field("key", ValueType::string, "The flag.", true);
  return {"flags", "Feature flags and their cache.", false,
          {field("flags", ValueType::map, "key: true or false before the deploy."),
           field("overrides", ValueType::map, "org: {key: true}. Values of single customers."),
           field("cache_ttl", ValueType::duration, "How long readers may see an old value (default: no cache)."),
           field("stored_in", ValueType::service, "The database that holds them."),
           field("read_by", ValueType::services, "Apps that read them.")},
          {{"set", {key, field("enabled", ValueType::boolean, "On or off.", true),
                    field("rollout", ValueType::number, "Share of users in percent; 0 is off."),
                    choice("via", {"sql", "api", "dashboard"}, "How it is changed; none of these clears the cache."), command}, "Turns a flag on or off."},
           {"override", {key, field("org", ValueType::string, "The customer.", true), field("enabled", ValueType::boolean, "On or off.", true), command}, "Sets the value of one customer."},
           {"clear_cache", {command}, "Readers see the stored values from now on."}}};
}

class FlagsKind : public RecordKind {
 public:
  FlagsKind() : RecordKind(flags_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    Record record;
    if (const model::Node* flags = fields.find("flags")) {
      for (const model::Node::Entry& flag : flags->entries) record = record.with("flags." + flag.key, flag.value.text);
    }
    if (const model::Node* overrides = fields.find("overrides")) {
      for (const model::Node::Entry& org : overrides->entries) {
        for (const model::Node::Entry& flag : org.value.entries) {
          record = record.with(fmt::format("overrides.{}.{}", org.key, flag.key), flag.value.text);
        }
      }
    }
    return (cached(context, self) ? clear(record) : record).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& flags = record(world, action.service);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    const std::string key = action.args.text("key");
    if (action.verb == "clear_cache") return set(cached(context, action.service) ? clear(flags) : flags);
    if (action.verb == "override") {
      return set(flags.with(fmt::format("overrides.{}.{}", action.args.text("org"), key), action.args.text("enabled")));
    }
    const bool on = action.args.flag("enabled") && action.args.text("rollout") != "0";
    return set(flags.with("flags." + key, on ? "true" : "false"));
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    if (action.verb == "clear_cache") return {{resource(context, action.service, "flags")}, {resource(context, action.service, "seen")}};
    const std::string area = action.verb == "override" ? "overrides" : "flags." + action.args.text("key");
    return {{}, {resource(context, action.service, area)}};
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const Record& flags = record(before, action.service);
    const std::string key = action.args.text("key");
    if (action.verb == "clear_cache") return {Undo::Class::exact, "", {}};
    if (action.verb == "override") return {};
    if (!flags.has("flags." + key)) return {Undo::Class::lossy, "the flag did not exist before", {same_service(action, "set", {{"key", key}, {"enabled", "false"}})}};
    Undo undo{Undo::Class::exact, "", {same_service(action, "set", {{"key", key}, {"enabled", flags.get("flags." + key)}})}};
    if (cached(context, action.service)) undo.actions.push_back(same_service(action, "clear_cache", {}));
    return undo;
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& service = context.plan().services[action.service];
    if (action.verb == "clear_cache") {
      traits.releases = {"stale " + service.name};
      return traits;
    }
    if (cached(context, action.service)) {
      traits.delayed_effect = fmt::format("until the cache expires ({}) or is cleared", service.fields.text("cache_ttl"));
      const auto ttl = model::parse_duration(service.fields.text("cache_ttl"));
      traits.delayed_ms = ttl && !ttl->unknown ? ttl->high_ms : 0;
    }
    if (action.verb == "set" && service.fields.has("overrides")) {
      const std::string key = action.args.text("key");
      for (const model::Node::Entry& org : service.fields.find("overrides")->entries) {
        if (org.value.find(key) == nullptr) continue;
        traits.leaves.push_back(fmt::format("the override of '{}' for '{}' stays in force", org.key, key));
      }
    }
    return traits;
  }

  Outcome operate(const Context&, const World& world, const Operation& operation, const std::string&) const override {
    if (record(world, operation.on).has("flags." + operation.subject)) return Outcome::done();
    return Outcome::refused(fmt::format("flag '{}' does not exist", operation.subject));
  }

 private:
  static bool cached(const Context& context, ServiceIndex self) {
    const Args& fields = context.plan().services[self].fields;
    return fields.has("cache_ttl") && fields.text("cache_ttl") != "0s";
  }
  static Record clear(Record flags) {
    const Record before = flags;
    for (const auto& [key, value] : before.facts()) {
      if (key.starts_with("flags.")) flags = flags.with("seen." + key.substr(6), value);
    }
    return flags;
  }
};

}  // namespace

const Kind& kind_flags() {
  static const FlagsKind kKind;
  return kKind;
}

}  // namespace backout::services
