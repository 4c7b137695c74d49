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
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kFlagKey = TextArg("key", "The flag.").required();
constexpr TextArg kFlagOrg = TextArg("org", "The customer.").required();
constexpr FlagArg kFlagEnabled = FlagArg("enabled", "On or off.").required();
constexpr TextArg kFlagRollout =
    TextArg("rollout", "Share of users in percent; 0 is off.").of(ValueType::number);
constexpr TextArg kFlagVia = TextArg("via", "How it is changed; none of these clears the cache.")
                                 .among({"sql", "api", "dashboard"});

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

std::string flag_path(const Action& action) { return "flags." + kFlagKey.in(action.args); }
std::string override_path(const Action& action) {
  return fmt::format("overrides.{}.{}", kFlagOrg.in(action.args), kFlagKey.in(action.args));
}

Record initial_flags(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
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
  return has_cache(context, self) ? copy_area(record, "flags", "seen") : Record(record);
}

/// Nothing changes in a table that is gone.
Outcome stored(const Call& call, const Record& next) {
  if (std::string lost = why_lost(call.context, call.world, call.action.service); !lost.empty())
    return Outcome::refused(lost);
  return call.becomes(settled(next));
}

/// `print`, and the store of the flags, which must be there.
Footprint of_store(const Context& context, const Action& action, Footprint print) {
  const std::string store = context.plan().services[action.service].fields.text("stored_in");
  if (!store.empty()) print.reads.push_back(store);
  std::sort(print.reads.begin(), print.reads.end());
  return print;
}

/// It writes one flag, or the one of one customer, as it is stored and as a cache has it.
std::function<Footprint(const Context&, const Action&)> writes(std::string (*path)(const Action&)) {
  return [path](const Context& context, const Action& action) {
    const std::string flag = path(action);
    return of_store(context, action,
                    {{},
                     {resource(context, action.service, "cached." + flag),
                      resource(context, action.service, flag)}});
  };
}

Undo back_to_flag(const Call& call) {
  const std::string key = call.arg(kFlagKey);
  const std::string& value = call.now.get(flag_path(call.action));
  return value.empty() ? call.back("unset", {{kFlagKey.name(), key}})
                       : call.back("set", {{kFlagKey.name(), key}, {kFlagEnabled.name(), value}});
}

Undo back_to_override(const Call& call) {
  const std::string key = call.arg(kFlagKey);
  const std::string org = call.arg(kFlagOrg);
  const std::string& value = call.now.get(override_path(call.action));
  return value.empty()
             ? call.back("clear_override", {{kFlagKey.name(), key}, {kFlagOrg.name(), org}})
             : call.back(
                   "override",
                   {{kFlagKey.name(), key}, {kFlagOrg.name(), org}, {kFlagEnabled.name(), value}});
}

/// Readers ask the cache until it has expired.
void seen_later(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  traits.via = named_services(context.plan(), self.fields, "stored_in");
  if (!has_cache(context, action.service)) return;
  const std::string ttl = self.fields.text("cache_ttl");
  traits.delayed_effect = fmt::format("until the cache expires ({}) or is cleared", ttl);
  const auto duration = model::parse_duration(ttl);
  traits.delayed_ms = duration && !duration->unknown ? duration->high_ms : 0;
}

std::vector<std::string> overrides_left(const model::Service& self, const std::string& key) {
  std::vector<std::string> left;
  const model::Node* overrides = self.fields.find("overrides");
  if (overrides == nullptr) return left;
  for (const model::Node::Entry& org : overrides->entries) {
    if (org.value.find(key) == nullptr) continue;
    left.push_back(fmt::format("the override of '{}' for '{}' stays in force", org.key, key));
  }
  return left;
}

VerbRow clear_cache_row() {
  return {{"clear_cache", {}, "Readers see the stored values from now on."},
          [](const Call& call) {
            return stored(call, has_cache(call.context, call.action.service)
                                    ? copy_area(call.now, "flags", "seen")
                                    : without_area(call.now, "cached"));
          },
          changes_nothing,
          [](const Context& context, const Action& action, Traits& traits) {
            const model::Service& self = context.plan().services[action.service];
            traits.via = named_services(context.plan(), self.fields, "stored_in");
            traits.releases = {"stale " + self.name};
          },
          {},
          [](const Context& context, const Action& action) {
            const auto path = [&](const char* below) {
              return resource(context, action.service, below);
            };
            return of_store(context, action,
                            {{path("flags"), path("overrides")}, {path("cached"), path("seen")}});
          }};
}

std::vector<VerbRow> verbs_of_flags() {
  return {
      {{"set", {kFlagKey, kFlagEnabled, kFlagRollout, kFlagVia}, "Turns a flag on or off."},
       [](const Call& call) {
         const bool on = call.arg(kFlagEnabled) && call.arg(kFlagRollout) != "0";
         return stored(call, call.now.with(flag_path(call.action), on ? "true" : "false"));
       },
       back_to_flag,
       [](const Context& context, const Action& action, Traits& traits) {
         seen_later(context, action, traits);
         traits.leaves =
             overrides_left(context.plan().services[action.service], kFlagKey.in(action.args));
       },
       {},
       writes(flag_path)},
      {{"unset", {kFlagKey}, "Removes a flag."},
       [](const Call& call) { return stored(call, call.now.without(flag_path(call.action))); },
       back_to_flag,
       seen_later,
       {},
       writes(flag_path)},
      {{"override", {kFlagKey, kFlagOrg, kFlagEnabled}, "Sets the value of one customer."},
       [](const Call& call) {
         return stored(call, call.now.with(override_path(call.action),
                                           kFlagEnabled.written(call.action.args)));
       },
       back_to_override,
       seen_later,
       {},
       writes(override_path)},
      {{"clear_override", {kFlagKey, kFlagOrg}, "Removes the value of one customer."},
       [](const Call& call) { return stored(call, call.now.without(override_path(call.action))); },
       back_to_override,
       seen_later,
       {},
       writes(override_path)},
      clear_cache_row()};
}

/// A cache of which the plan does not know stands in front of the flags.
Changes hidden_flags(const Context& context, const World& world, const Action& action, Harm harm) {
  if (harm != Harm::cached || has_cache(context, action.service)) return {};
  return hidden_by_cache(context, world, action, {"flags", "overrides"});
}

Outcome read_flag(const Context& context, const World& world, const Operation& operation,
                  const std::string&) {
  if (std::string lost = why_lost(context, world, operation.on); !lost.empty())
    return Outcome::refused(lost);
  if (is_seen(world.record(operation.on), "flags." + operation.subject)) return Outcome::done();
  return Outcome::refused(fmt::format("flag '{}' does not exist", operation.subject));
}

KindRow flags_row() {
  KindRow row;
  row.name = "flags";
  row.help = "Feature flags and their cache.";
  row.fields = {field("flags", ValueType::map, "key: true or false before the deploy."),
                field("overrides", ValueType::map, "org: {key: true}. Values of single customers."),
                field("cache_ttl", ValueType::duration,
                      "How long readers may see an old value (default: no cache)."),
                field("stored_in", ValueType::service, "The database that holds them."),
                field("table", ValueType::string, "The table of that database."),
                field("read_by", ValueType::services, "Apps that read them.")};
  row.verbs = verbs_of_flags();
  row.aliases = {"flag"};
  row.incidental = {"seen"};
  row.features.is_flags = true;
  row.initial = initial_flags;
  row.operate = read_flag;
  row.harmed = hidden_flags;
  return row;
}

}  // namespace

const Kind& kind_flags() {
  static const std::unique_ptr<const Kind> kKind = make_kind(flags_row());
  return *kKind;
}

}  // namespace backout::services
