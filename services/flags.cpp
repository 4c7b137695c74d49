// Feature flags, with the cache that their readers keep.
//
// What the real thing does: the flag is a row somewhere; readers ask a cache that lives for a
// while. A flag that is turned off in the store stays on for the readers until the cache expires or
// is cleared. Overrides of one customer win over the global value, so that "off" is not off for
// them. When the table of the flags is dropped, nothing can be turned off any more. Sources:
// posthog-js#1656, flipt#4410; TAXONOMY CFG-1. What this fake leaves out: percentages as shares of
// users (a rollout of 0 is off, any other is on); values that come back when the store is restored;
// the moment at which the cache expires by itself.
//
// Facts: flags.<key>, overrides.<org>.<key>; seen.<key> (what readers see, when there is a cache)
// is not essential, because the cache expires by itself. cached.<path> is what readers see when a
// cache that the plan does not know of hides a change: it is there until the cache is cleared.
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/cached.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> flags_verbs() {
  const auto key = field("key", ValueType::string, "The flag.", true);
  const auto org = field("org", ValueType::string, "The customer.", true);
  const auto enabled = field("enabled", ValueType::boolean, "On or off.", true);
  return {
      {"set",
       {key, enabled, field("rollout", ValueType::number, "Share of users in percent; 0 is off."),
        choice("via", {"sql", "api", "dashboard"},
               "How it is changed; none of these clears the cache."),
        command_field()},
       "Turns a flag on or off."},
      {"unset", {key, command_field()}, "Removes a flag."},
      {"override", {key, org, enabled, command_field()}, "Sets the value of one customer."},
      {"clear_override", {key, org, command_field()}, "Removes the value of one customer."},
      {"clear_cache", {command_field()}, "Readers see the stored values from now on."}};
}

model::KindSpec flags_spec() {
  return {"flags",
          "Feature flags and their cache.",
          false,
          {field("flags", ValueType::map, "key: true or false before the deploy."),
           field("overrides", ValueType::map, "org: {key: true}. Values of single customers."),
           field("cache_ttl", ValueType::duration,
                 "How long readers may see an old value (default: no cache)."),
           field("stored_in", ValueType::service, "The database that holds them."),
           field("table", ValueType::string, "The table of that database."),
           field("read_by", ValueType::services, "Apps that read them.")},
          flags_verbs(),
          {},
          {"flag"}};
}

bool has_cache(const Context& context, ServiceIndex self) {
  const Args& fields = context.plan().services[self].fields;
  return fields.has("cache_ttl") && fields.text("cache_ttl") != "0s";
}

/// Why the flags cannot be read or written: their table is gone. Empty when they can.
std::string why_lost(const Context& context, const World& world, ServiceIndex self) {
  const Args& fields = context.plan().services[self].fields;
  const ServiceIndex store = context.plan().find_service(fields.text("stored_in"));
  const std::string table = fields.text("table");
  if (store == model::kNone || table.empty()) return {};
  const std::vector<Fact> facts = context.kind(store).facts(context, store, *world.states[store]);
  const auto holds = [&](const Fact& fact) {
    return overlaps(fact.path, "tables." + table) || overlaps(fact.path, "tables.public." + table);
  };
  if (facts.empty() || std::ranges::any_of(facts, holds)) return {};
  return fmt::format("relation \"{}\" does not exist", table);
}

std::string override_path(const Action& action) {
  return fmt::format("overrides.{}.{}", action.args.text("org"), action.args.text("key"));
}

class FlagsKind : public RecordKind {
 public:
  FlagsKind() : RecordKind(flags_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    Amended record;
    if (const model::Node* flags = fields.find("flags")) {
      for (const model::Node::Entry& flag : flags->entries)
        record.with("flags." + flag.key, flag.value.text);
    }
    if (const model::Node* overrides = fields.find("overrides")) {
      for (const model::Node::Entry& org : overrides->entries) {
        for (const model::Node::Entry& flag : org.value.entries) {
          record.with(fmt::format("overrides.{}.{}", org.key, flag.key), flag.value.text);
        }
      }
    }
    return (has_cache(context, self) ? copy_area(record, "flags", "seen") : Record(record)).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (!is_one_of(action.verb, {"set", "unset", "override", "clear_override", "clear_cache"}))
      unhandled(spec(), action, "apply");
    const Record& flags = record(world, action.service);
    if (std::string lost = why_lost(context, world, action.service); !lost.empty())
      return Outcome::refused(lost);
    const auto set = [&](const Record& next) {
      return Outcome::done().set(action.service, settled(next));
    };
    const std::string key = action.args.text("key");
    if (action.verb == "clear_cache") {
      return set(has_cache(context, action.service) ? copy_area(flags, "flags", "seen")
                                                    : without_area(flags, "cached"));
    }
    if (action.verb == "override")
      return set(flags.with(override_path(action), action.args.text("enabled")));
    if (action.verb == "clear_override") return set(flags.without(override_path(action)));
    if (action.verb == "unset") return set(flags.without("flags." + key));
    const bool on = action.args.flag("enabled") && action.args.text("rollout") != "0";
    return set(flags.with("flags." + key, on ? "true" : "false"));
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    if (harm != Harm::cached || has_cache(context, action.service)) return {};
    const Outcome outcome = apply(context, world, action);
    if (!outcome.ok()) return {};
    const auto& after = static_cast<const Record&>(*outcome.changes.front().second);
    return hidden_changes(action.service, record(world, action.service), after,
                          {"flags", "overrides"});
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print;
    const auto path = [&](const std::string& below) {
      return resource(context, action.service, below);
    };
    if (action.verb == "clear_cache") {
      print = {{path("flags"), path("overrides")}, {path("cached"), path("seen")}};
    } else {
      const bool of_one = is_one_of(action.verb, {"override", "clear_override"});
      if (!of_one && !is_one_of(action.verb, {"set", "unset"})) unhandled(spec(), action, "footprint");
      const std::string flag = of_one ? override_path(action) : "flags." + action.args.text("key");
      print.writes = {path("cached." + flag), path(flag)};
    }
    const std::string store = context.plan().services[action.service].fields.text("stored_in");
    if (!store.empty()) print.reads.push_back(store);
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& flags = record(before, action.service);
    const std::string key = action.args.text("key");
    const auto back = [&](const std::string& verb,
                          std::vector<std::pair<std::string, std::string>> args) {
      return Undo{Undo::Class::exact, "", {same_service(action, verb, std::move(args))}};
    };
    if (action.verb == "clear_cache") return {Undo::Class::exact, "", {}};
    if (action.verb == "override" || action.verb == "clear_override") {
      const std::string org = action.args.text("org");
      const std::string& value = flags.get(override_path(action));
      if (value.empty()) return back("clear_override", {{"key", key}, {"org", org}});
      return back("override", {{"key", key}, {"org", org}, {"enabled", value}});
    }
    if (!is_one_of(action.verb, {"set", "unset"})) return {};
    const std::string& value = flags.get("flags." + key);
    return value.empty() ? back("unset", {{"key", key}})
                         : back("set", {{"key", key}, {"enabled", value}});
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& service = context.plan().services[action.service];
    traits.via = named_services(context.plan(), service.fields, "stored_in");
    if (action.verb == "clear_cache") {
      traits.releases = {"stale " + service.name};
      return traits;
    }
    if (has_cache(context, action.service)) {
      const std::string ttl = service.fields.text("cache_ttl");
      traits.delayed_effect = fmt::format("until the cache expires ({}) or is cleared", ttl);
      const auto duration = model::parse_duration(ttl);
      traits.delayed_ms = duration && !duration->unknown ? duration->high_ms : 0;
    }
    if (action.verb == "set") traits.leaves = overrides_left(service, action.args.text("key"));
    return traits;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string&) const override {
    if (std::string lost = why_lost(context, world, operation.on); !lost.empty())
      return Outcome::refused(lost);
    if (is_seen(record(world, operation.on), "flags." + operation.subject)) return Outcome::done();
    return Outcome::refused(fmt::format("flag '{}' does not exist", operation.subject));
  }

 protected:
  std::vector<std::string> incidental() const override { return {"seen"}; }

 private:
  static std::vector<std::string> overrides_left(const model::Service& service,
                                                 const std::string& key) {
    std::vector<std::string> left;
    const model::Node* overrides = service.fields.find("overrides");
    if (overrides == nullptr) return left;
    for (const model::Node::Entry& org : overrides->entries) {
      if (org.value.find(key) == nullptr) continue;
      left.push_back(fmt::format("the override of '{}' for '{}' stays in force", org.key, key));
    }
    return left;
  }
};

}  // namespace

const Kind& kind_flags() {
  static const FlagsKind kKind;
  return kKind;
}

}  // namespace backout::services
