// A replica of a database: streaming or logical.
//
// What the real thing does: it follows its primary, changes of the schema and mistakes too, unless its replay is paused or
// delayed: then it is a copy of before, and a promotion makes it the primary without what was written since. After a
// promotion the old primary is on another timeline: it cannot follow, and nothing goes back to it without a resync. A
// logical replica does not get changes of the schema. Sources: PostgreSQL manual 27 "High Availability", pg_wal_replay_pause,
// pg_rewind, 31.6 "Logical replication: Restrictions". What this fake leaves out: lag in bytes, slots, cascades.
//
// Facts: role (replica or primary), replay (running or paused).
#include <fmt/format.h>

#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

Outcome promote(const Call& call) {
  if (call.now.get("role") == "primary") return Outcome::refused("server is not in standby mode");
  return call.becomes(call.now.with("role", "primary").with("replay", "running"));
}

KindRow replica_row() {
  KindRow row;
  row.name = "replica";
  row.help = "A replica of a database, and what a promotion of it makes.";
  row.fields = {field("of", ValueType::service, "The primary.", true),
                choice("mode", {"streaming", "logical"}, "How it follows (default streaming)."),
                field("lag", ValueType::duration, "How far it is behind."),
                field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = {
      {{"pause_replay", {}, "It stays as it is now, while the primary goes on."},
       [](const Call& call) {
         if (call.now.get("role") == "primary") return Outcome::refused("recovery is not in progress");
         return call.becomes(call.now.with("replay", "paused"));
       },
       [](const Call& call) {
         const bool paused = call.now.get("replay") == "paused" || call.now.get("role") == "primary";
         return paused ? nothing_to_undo() : call.back("resume_replay");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.acquires = {"replay of " + context.plan().services[action.service].name};
       }},
      {{"resume_replay", {}, "It follows again, and is no copy of before any more."},
       [](const Call& call) {
         if (call.now.get("role") == "primary") return Outcome::refused("recovery is not in progress");
         return call.becomes(call.now.with("replay", "running"));
       },
       [](const Call& call) {
         return call.now.get("replay") == "paused" ? no_undo("what it held from before has been replaced") : nothing_to_undo();
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.releases = {"replay of " + context.plan().services[action.service].name};
       }},
      {{"promote", {}, "It is the primary from now on, without what it had not replayed."}, promote,
       [](const Call& call) {
         return call.now.get("role") == "primary" ? nothing_to_undo() : no_undo("the old primary is on another timeline and cannot follow without a resync");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.destroys = "what '" + context.plan().services[action.service].fields.text("of") + "' accepted and the replica had not replayed";
         traits.not_repeatable = "the second time it is the primary already";
       }},
      {{"resync", {}, "It is made anew from its primary (pg_rewind, pg_basebackup): a replica again."},
       [](const Call& call) { return call.becomes(call.now.with("role", "replica").with("replay", "running")); },
       [](const Call& call) {
         return call.now.get("role") == "replica" && call.now.get("replay") == "running" ? nothing_to_undo() : no_undo("what it held is replaced");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.destroys = "what '" + context.plan().services[action.service].name + "' held by itself";
         traits.releases = {"replay of " + context.plan().services[action.service].name};
       }}};
  row.aliases = {"standby"};
  row.initial = [](const Context&, ServiceIndex, std::vector<model::Mistake>&) {
    return Record().with("role", "replica").with("replay", "running");
  };
  return row;
}

}  // namespace

const Kind& kind_replica() {
  static const std::unique_ptr<const Kind> kKind = make_kind(replica_row());
  return *kKind;
}

}  // namespace backout::services
