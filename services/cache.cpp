// A cache in memory: Redis, Valkey, Memcached.
//
// What the real thing does: it keeps what apps wrote, in their formats, until it expires, is
// evicted or flushed. The version that goes back finds the entries of the newer one
// (rails/rails#35836, bankid-saml-idp#259). FLUSHALL cannot be undone; what sits behind the cache
// bears the load until it is warm (Slack 2022-02-22; facts: cold). Without persistence a restart
// empties it; with RDB or AOF it reads its file, and an older engine refuses the file of a newer
// one: "Can't handle RDB format version 12" (redis#14064; redis.io, "Redis persistence"). When its
// memory is full it throws other entries away, whoever wrote them, or takes no more (redis.io, "Key
// eviction": `allkeys-*`, `volatile-*` of entries that expire, `noeviction`); what fills it the
// plan says. What this fake leaves out: keys, how much fits, replicas, clusters.
//
// Facts: running, engine, file (the format of its dump), eviction, entries.*; copy.* are not
// essential.
#include <fmt/format.h>

#include "services/cache_engine.hpp"
#include "services/entries.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kCacheFormat{"format", "Only entries of this format (default all)."};
constexpr TextArg kCachePolicy = TextArg("policy", "What goes when the memory is full.")
                                     .required()
                                     .among({"none", "volatile", "all", "unknown"});

Record initial_cache(const Context& context, ServiceIndex self,
                     std::vector<model::Mistake>& mistakes) {
  const model::Service& service = context.plan().services[self];
  check_held_formats(service, mistakes);
  Record record = with_copies_of_entries(
      context.plan(), self, with_entries(context.plan(), self, Record().with("running", "true")));
  if (service.fields.has("fills") || has_step(context.plan(), self, "set_eviction"))
    record = record.with("eviction", service.fields.text_or("eviction", "unknown"));
  return with_cache_engine(service, record);
}

Outcome started_again(const Call& call) {
  if (persistence_of(call.self) == "none") return emptied_cache(call, "");
  if (persistence_of(call.self) == "unknown" && !formats_in(call.now).empty()) {
    return Outcome::opaque(
        fmt::format("whether '{}' keeps its entries over a restart, the plan does not say "
                    "(`persistence`)",
                    call.self.name));
  }
  return Outcome::done();
}

bool fills(const model::Service& self, const std::string& format) {
  return holds(self.fields.strings("fills"), format);
}

/// Whether what is written when the memory is full takes the place of other entries.
bool makes_room(const model::Service& self, const Record& now) {
  return now.get("eviction") == "all" ||
         (now.get("eviction") == "volatile" && self.fields.has("ttl"));
}

/// What a write does besides where entries of the plan fill the memory.
Outcome write_when_full(const Context& context, const World& world, const Operation& operation,
                        const std::string& tag) {
  const model::Service& self = context.plan().services[operation.on];
  const Record& now = world.record(operation.on);
  if (self.fields.is_unknown("fills")) {
    return Outcome::opaque(
               fmt::format("what fills the memory of '{}', the plan does not say", self.name))
        .set(operation.on, now.with("seen_unknown", "true"));
  }
  const std::vector<std::string> before = formats_in(now);
  const bool is_full =
      std::ranges::any_of(before, [&](const std::string& each) { return fills(self, each); });
  if (is_full && !makes_room(self, now) && now.get("eviction") != "unknown")
    return Outcome::refused("OOM command not allowed when used memory > 'maxmemory'");
  Outcome outcome = use_entries(context, world, operation, tag);
  if (!outcome.ok() || !(is_full || fills(self, operation.subject))) return outcome;
  if (now.get("eviction") == "unknown") {
    outcome.result = Outcome::Result::opaque;
    outcome.message = fmt::format(
        "what '{}' throws away when its memory is full, the plan does not say (`eviction`)",
        self.name);
    return outcome;
  }
  Record next = with_changes(world, outcome.changes).record(operation.on);
  if (!fills(self, operation.subject) || !makes_room(self, now)) return outcome;
  for (const std::string& format : before) {
    if (!fills(self, format)) next = without_entries(next, format);
  }
  return outcome.set(operation.on, next);
}

/// The policy, which brings nothing back that was thrown away.
VerbRow eviction_row() {
  return {
      {"set_eviction", {kCachePolicy}, "CONFIG SET maxmemory-policy."},
      [](const Call& call) {
        return call.becomes(call.now.with("eviction", call.arg(kCachePolicy)));
      },
      [](const Call& call) {
        Undo back = call.back("set_eviction", {{kCachePolicy.name(), call.now.get("eviction")}});
        if (makes_room(call.self, call.now.with("eviction", call.arg(kCachePolicy)))) {
          back.kind = Undo::Class::conditional;
          back.why = "what it threw away meanwhile does not come back";
        }
        return back;
      },
      no_traits};
}

std::vector<VerbRow> verbs_of_cache() {
  const auto switched = [](const char* to) {
    return [to](const Call& call) {
      if (call.now.get("running") == to) return Outcome::done();
      Outcome outcome = std::string(to) == "true" ? started_again(call) : Outcome::done();
      const World after = with_changes(call.world, outcome.changes);
      return outcome.set(call.action.service,
                         after.record(call.action.service).with("running", to));
    };
  };
  return {
      {{"flush", {kCacheFormat}, "FLUSHALL, or the keys of one format."},
       [=](const Call& call) {
         return while_it_runs(call,
                              [](const Call& c) { return emptied_cache(c, c.arg(kCacheFormat)); });
       },
       [](const Call& call) {
         if (call.self.fields.flag(kRebuilds))
           return Undo{Undo::Class::conditional,
                       "it fills again by itself, and what is behind it bears the load",
                       {}};
         return no_undo("what was flushed is gone");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         const model::Service& self = context.plan().services[action.service];
         if (!self.fields.flag(kRebuilds)) traits.destroys = "the entries of " + self.name;
       }},
      {{"wait_expiry", {}, "Waits until what no live version writes any more has expired (`ttl`)."},
       [](const Call& call) {
         if (!call.self.fields.has("ttl") || call.self.fields.is_unknown("ttl"))
           return Outcome::opaque(fmt::format(
               "when the entries of '{}' expire, the plan does not say (`ttl`)", call.self.name));
         std::vector<std::string> gone = formats_in(call.now);
         for (const std::string& format :
              written_now(call.context, call.world, call.action.service))
           std::erase(gone, format);
         return gone.empty() ? Outcome::done() : call.becomes(settled_entries(call.now, gone));
       },
       changes_nothing,
       no_traits,
       {},
       [](const Context& context, const Action& action) {
         return itself_and(context, action, {users_of(context, action.service), {}});
       }},
      {{"restart", {}, "Stops and starts it: without persistence it is empty then."},
       [=](const Call& call) { return while_it_runs(call, started_again); },
       [](const Call& call) {
         return persistence_of(call.self) == "none" ? no_undo("what it held is gone") : Undo{};
       },
       no_traits},
      {{"stop", {}, "Stops it."},
       switched("false"),
       [](const Call& call) {
         if (call.now.get("running") != "true") return nothing_to_undo();
         if (persistence_of(call.self) == "none") return no_undo("what it held is gone");
         return Undo{Undo::Class::conditional,
                     "it keeps its entries over a restart",
                     {same_service(call.action, "start", {})}};
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.acquires = {"run of " + context.plan().services[action.service].name};
       }},
      {{"start", {}, "Starts it; with persistence it reads its file."},
       switched("true"),
       [](const Call& call) {
         return call.now.get("running") == "true" ? nothing_to_undo() : call.back("stop");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.releases = {"run of " + context.plan().services[action.service].name};
       }},
      cache_upgrade_row(),
      eviction_row(),
      {{"warm", {}, "Fills it before users come."},
       [=](const Call& call) {
         return while_it_runs(call, [](const Call& c) { return c.becomes(c.now.without("cold")); });
       },
       changes_nothing,
       no_traits},
      {{"backup", {kCopyFile}, "BGSAVE, and a copy of the dump."},
       [=](const Call& call) {
         return while_it_runs(call, [](const Call& c) {
           const std::string file = c.arg(kCopyFile);
           return c.becomes(copy_area(c.now, "entries", "copy." + file)
                                .with("copies." + file, c.now.get("file")));
         });
       },
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.takes_backup = kCopyFile.in(action.args);
       }},
      {{kRestoreVerb, {kCopyFrom}, "Starts it on the dump of a copy."},
       [](const Call& call) {
         const std::string from = call.arg(kCopyFrom);
         if (!call.now.has("copies." + from))
           return Outcome::refused(fmt::format("{}: No such file or directory", from));
         const std::string made_by = call.now.get("copies." + from);
         const bool known = call.now.has("file") && made_by != "before" && !made_by.empty();
         if (known && !reads_dump(call, made_by))
           return Outcome::refused(fmt::format("Can't handle RDB format version {}", made_by));
         return call.becomes(copy_area(call.now, "copy." + from, "entries")
                                 .with("running", "true")
                                 .without("cold"));
       },
       [](const Call&) { return no_undo("what it held is gone unless it was copied before"); },
       [](const Context&, const Action& action, Traits& traits) {
         traits.restores_backup = kCopyFrom.in(action.args);
         traits.destroys = "everything written since the copy";
       }}};
}

KindRow cache_row() {
  KindRow row;
  row.name = "cache";
  row.help = "A cache in memory whose entries have formats: Redis, Valkey, Memcached.";
  row.fields = entry_fields(
      {"fails", "miss"}, "What a reader does with a format that it does not read (default fails).",
      {field("ttl", ValueType::duration, "How long an entry lives."),
       choice("eviction", {"none", "volatile", "all", "unknown"},
              "What goes when its memory is full: nothing, what expires, or anything."),
       field("fills", ValueType::strings, "Formats whose entries fill its memory."),
       field("bears_cold", ValueType::integer,
             "Share of the users, in percent, that what is behind it bears while it is empty."),
       choice("persistence", {"none", "rdb", "aof", "unknown"}, "What it keeps over a restart."),
       field("engine", ValueType::string, "Version of the engine before the deploy."),
       field("file_formats", ValueType::map,
             "engine: format of its files, the oldest engine first."),
       field("provider", ValueType::string, "Who runs it."),
       field("location", ValueType::string, "Failure domain that it lives in.")});
  row.verbs = verbs_of_cache();
  row.aliases = {"redis", "valkey", "memcached"};
  row.incidental = entry_areas();
  row.incidental.insert(row.incidental.end(), {"copy", "copies", "was", "cold"});
  row.initial = initial_cache;
  row.operate = [](const Context& context, const World& world, const Operation& operation,
                   const std::string& tag) {
    if (world.record(operation.on).get("running") != "true")
      return Outcome::refused("Could not connect: Connection refused");
    const bool may_fill = context.plan().services[operation.on].fields.has("fills");
    return may_fill && operation.type == Operation::Type::write
               ? write_when_full(context, world, operation, tag)
               : use_entries(context, world, operation, tag);
  };
  row.data = [](const Plan& plan, ServiceIndex self, const Record& record) {
    return plan.services[self].fields.flag(kRebuilds) ? std::vector<Datum>{} : entry_data(record);
  };
  return row;
}

}  // namespace

const Kind& kind_cache() {
  static const std::unique_ptr<const Kind> kKind = make_kind(cache_row());
  return *kKind;
}

}  // namespace backout::services
