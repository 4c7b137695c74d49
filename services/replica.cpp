// A replica of a database: streaming or logical.
//
// What the real thing does: it follows its primary, mistakes too, unless its replay is paused or
// delayed: then it is a copy of before. A promotion makes it the primary, with what it had replayed
// and no more; whoever used the primary uses it from then on (a virtual address, a service name).
// The old primary is on another timeline then: it cannot follow without pg_rewind or a copy. To
// serve from it again as it is (`resync` of the promoted one) loses what was written since; to let
// it catch up first and then switch over (`fail_back`) loses nothing. A physical restore of the
// primary (snapshot, point in time, xtrabackup) begins a new timeline, too: its standbys stop. A
// logical replica gets neither changes of the schema nor sequences: it stops at the first row that
// does not fit, until the same change is made on it, and once it is promoted its sequences begin
// with numbers that are taken, as those of the old primary do when that takes over again. A dump
// that is taken from it holds what it had replayed. The slot from which a logical one reads is not
// on a standby that is promoted, unless it is kept in step there (`slot_kept`): it stops, and what
// came meanwhile only a new copy brings. Sources: PostgreSQL manual 27 "High Availability", 26.3.5
// "Timelines", pg_wal_replay_pause, pg_rewind, 31.6 "Logical replication: Restrictions", ALTER
// SUBSCRIPTION ... REFRESH SEQUENCES (19), 29.3 "Logical replication failover"; MySQL manual 17.4
// "Replication solutions"; GitHub 2018-10-21. What this fake leaves out: lag in bytes, how full
// slots are, cascades, an old primary that goes on taking writes, how long it takes.
//
// Facts: role (replica or primary), replay (running, paused, broken or without slot), ahead (true
// when its schema was changed first; not essential).
#include "services/replica.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/postgres_sequences.hpp"
#include "services/postgres_state.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kReplicaFile = kCopyFile.saying("Name of the dump.");
constexpr TextArg kReplicaLocation{"location", "Where it is kept."};
constexpr FlagArg kReplicaVerify{"verify", "It is read back."};
constexpr const char* kPromoteVerb = "promote";
constexpr const char* kBroken = "broken";
constexpr const char* kWithoutSlot = "without slot";

class ReplicaState final : public State {
 public:
  bool primary = false;
  std::string replay = "running";
  bool ahead = false;
  bool paused = false;  ///< its replay was paused and not resumed since, broken or not
  StatePtr held;    ///< what it holds where that is not what the primary holds: it does not follow
  StatePtr former;  ///< what the old primary holds, once this one has been promoted
  StatePtr
      sequences;  ///< logical: what the primary held when its sequences were copied; null: never

  std::size_t hash() const override {
    std::size_t seed = std::hash<std::string>{}(replay) + (primary ? 7U : 0U) + (ahead ? 31U : 0U) +
                       (paused ? 127U : 0U);
    for (const StatePtr* each : {&held, &former, &sequences})
      seed = seed * 1'000'003U + (*each == nullptr ? 1U : (*each)->hash());
    return seed;
  }
  bool equals(const State& other) const override {
    const auto& that = static_cast<const ReplicaState&>(other);
    return primary == that.primary && replay == that.replay && ahead == that.ahead &&
           paused == that.paused && same(held, that.held) && same(former, that.former) &&
           same(sequences, that.sequences) && have_same_numbers(former, that.former) &&
           have_same_numbers(sequences, that.sequences);
  }

 private:
  static bool same(const StatePtr& a, const StatePtr& b) {
    return a == b || (a != nullptr && b != nullptr && a->hash() == b->hash() && a->equals(*b));
  }
};

const ReplicaState& replica_state(const World& world, ServiceIndex self) {
  return static_cast<const ReplicaState&>(*world.states[self]);
}
StatePtr share(ReplicaState state) {
  return std::make_shared<const ReplicaState>(std::move(state));
}
bool is_replica(const Plan& plan, ServiceIndex service) {
  return service != model::kNone && plan.services[service].kind == "replica";
}

/// Whether it leads back to a service where it began: a plan that nobody can have.
bool follows_itself(const Plan& plan, ServiceIndex service) {
  ServiceIndex primary = primary_of(plan, service);
  for (std::size_t hops = 0; hops < plan.services.size() && primary != model::kNone; ++hops)
    primary = primary_of(plan, primary);
  return primary != model::kNone;
}

bool is_logical(const Plan& plan, ServiceIndex self) {
  return plan.services[self].fields.text("mode") == "logical";
}

/// `to` with the copies that `from` knows besides: copies lie elsewhere, and do not come and go
/// with a server's content.
StatePtr with_copies_of(const StatePtr& to, const StatePtr& from) {
  if (const auto* postgres = dynamic_cast<const PostgresState*>(to.get())) {
    const auto* other = dynamic_cast<const PostgresState*>(from.get());
    if (other == nullptr || other->dumps.empty()) return to;
    auto next = std::make_shared<PostgresState>(*postgres);
    for (const auto& [name, dump] : other->dumps) next->dumps.insert_or_assign(name, dump);
    next->seal();
    return next;
  }
  const auto* record = dynamic_cast<const Record*>(to.get());
  const auto* other = dynamic_cast<const Record*>(from.get());
  if (record == nullptr || other == nullptr) return to;
  std::map<std::string, std::string> facts = record->facts();
  for (const auto& [key, value] : other->facts()) {
    if (key.starts_with("copy.") || key.starts_with("copies.")) facts.insert_or_assign(key, value);
  }
  return Record(std::move(facts)).share();
}

Outcome promote_replica(const Call& call, ServiceIndex primary) {
  ReplicaState next = replica_state(call.world, call.action.service);
  if (next.primary) return Outcome::refused("server is not in standby mode");
  Outcome outcome = Outcome::done();
  next.former = call.world.states[primary];
  StatePtr content = next.former;
  if (next.held != nullptr) content = with_copies_of(next.held, content);
  if (is_logical(call.context.plan(), call.action.service))
    content = with_sequences_of(content, next.sequences);
  if (content != next.former) outcome.set(primary, content);
  next.held = nullptr;
  next.sequences = nullptr;
  next.primary = true;
  next.paused = false;
  next.replay = "running";
  return outcome.set(call.action.service, share(std::move(next)));
}

/// A replica again: of the old primary as that is, or of the one that has caught up with it
/// (`catches_up`).
Outcome demote(const Call& call, ServiceIndex primary, bool catches_up) {
  const ReplicaState& now = replica_state(call.world, call.action.service);
  if (catches_up && !now.primary)
    return Outcome::done();  // the primary serves: there is nothing to switch back from
  Outcome outcome = Outcome::done();
  if (now.primary && !catches_up && now.former != nullptr)
    outcome.set(primary, with_copies_of(now.former, call.world.states[primary]));
  if (now.primary && catches_up && is_logical(call.context.plan(), call.action.service))
    outcome.set(primary, with_sequences_of(call.world.states[primary], now.former));
  return outcome.set(call.action.service, share({}));
}

/// Its sequences are where those of the primary are now; once it is the primary, those of the old
/// one where its own are.
Outcome copy_sequences(const Call& call, ServiceIndex primary) {
  ReplicaState next = replica_state(call.world, call.action.service);
  if (!is_logical(call.context.plan(), call.action.service))
    return Outcome::refused("cannot execute setval() in a read-only transaction");
  const StatePtr& now = call.world.states[primary];
  (next.primary ? next.former : next.sequences) =
      next.primary ? with_sequences_of(next.former, now) : now;
  return Outcome::done().set(call.action.service, share(std::move(next)));
}

/// A dump of what the replica holds, kept where those of its primary are.
Outcome dump(const Call& call, ServiceIndex primary) {
  const ReplicaState& now = replica_state(call.world, call.action.service);
  Action copy{primary, "backup", call.action.args, call.action.span, call.action.label};
  const World seen =
      now.held == nullptr ? call.world : with_changes(call.world, {{primary, now.held}});
  Outcome outcome = call.context.kind(primary).apply(call.context, seen, copy);
  if (now.held == nullptr || !outcome.ok()) return outcome;
  return Outcome::done().set(primary,
                             with_copies_of(call.world.states[primary],
                                            with_changes(seen, outcome.changes).states[primary]));
}

bool has_stopped(const ReplicaState& replica) {
  return replica.replay == kBroken || replica.replay == kWithoutSlot;
}

std::string why_broken(const Call& call) {
  if (replica_state(call.world, call.action.service).replay == kWithoutSlot)
    return fmt::format("replication slot \"{}\" does not exist", call.self.name);
  return is_logical(call.context.plan(), call.action.service)
             ? "logical replication target relation is missing replicated columns"
             : "requested starting point is ahead of the WAL flush position of this server";
}

Outcome becomes_replica(const Call& call, ReplicaState next) {
  return Outcome::done().set(call.action.service, share(std::move(next)));
}

Outcome pause_replay(const Call& call, ServiceIndex primary) {
  ReplicaState next = replica_state(call.world, call.action.service);
  if (next.held == nullptr) next.held = call.world.states[primary];
  if (next.replay == "running") next.replay = "paused";
  next.paused = true;
  return becomes_replica(call, std::move(next));
}

Outcome resume(const Call& call, ServiceIndex) {
  ReplicaState next = replica_state(call.world, call.action.service);
  if (has_stopped(next)) return Outcome::refused(why_broken(call));
  next.held = nullptr;
  next.paused = false;
  next.replay = "running";
  return becomes_replica(call, std::move(next));
}

Outcome apply_schema(const Call& call, ServiceIndex) {
  ReplicaState next = replica_state(call.world, call.action.service);
  if (!is_logical(call.context.plan(), call.action.service))
    return Outcome::refused("cannot execute ALTER TABLE in a read-only transaction");
  if (next.replay == kWithoutSlot) return Outcome::refused(why_broken(call));
  next.ahead = next.replay != kBroken;
  if (next.ahead) return becomes_replica(call, std::move(next));
  if (!next.paused) next.held = nullptr;
  next.replay = next.paused ? "paused" : "running";
  return becomes_replica(call, std::move(next));
}

using WithPrimary = std::function<Outcome(const Call&, ServiceIndex primary)>;

/// What is done to a replica of something that the plan knows.
std::function<Outcome(const Call&)> of_primary(WithPrimary then) {
  return [then](const Call& call) {
    const ServiceIndex primary = primary_of(call.context.plan(), call.action.service);
    return primary == model::kNone
               ? Outcome::opaque("what it is a replica of, the plan does not say")
               : then(call, primary);
  };
}

/// What is done to its replay, which one that was promoted has no more.
std::function<Outcome(const Call&)> of_replay(WithPrimary then) {
  return of_primary([then](const Call& call, ServiceIndex primary) {
    return replica_state(call.world, call.action.service).primary
               ? Outcome::refused("recovery is not in progress")
               : then(call, primary);
  });
}

/// All of it, and what its primary holds.
Footprint beside_primary(const Context& context, const Action& action) {
  const ServiceIndex primary = primary_of(context.plan(), action.service);
  if (primary == model::kNone) return itself_and(context, action, {});
  return itself_and(context, action, {{resource(context, primary)}, {}});
}

Footprint with_primary(const Context& context, const Action& action) {
  Footprint print = beside_primary(context, action);
  const ServiceIndex primary = primary_of(context.plan(), action.service);
  if (primary != model::kNone) print.writes.push_back(resource(context, primary));
  return print;
}

Undo undo_pause_of_replay(const Call& call) {
  const ReplicaState& now = replica_state(call.world, call.action.service);
  if (now.paused || now.primary) return nothing_to_undo();
  if (has_stopped(now))
    return no_undo("it has stopped, and is not resumed before what stopped it is mended");
  return call.back("resume_replay");
}

std::string replay_of(const Context& context, const Action& action) {
  return "replay of " + context.plan().services[action.service].name;
}
void ends_pause(const Context& context, const Action& action, Traits& traits) {
  traits.releases = {replay_of(context, action)};
}

std::vector<VerbRow> verbs_of_replica() {
  const auto now = [](const Call& call) -> const ReplicaState& {
    return replica_state(call.world, call.action.service);
  };
  return {
      {{"pause_replay", {}, "It stays as it is now, while the primary goes on."},
       of_replay(pause_replay),
       undo_pause_of_replay,
       [](const Context& context, const Action& action, Traits& traits) {
         traits.acquires = {replay_of(context, action)};
       },
       {},
       beside_primary},
      {{"resume_replay", {}, "It follows again, and is no copy of before any more."},
       of_replay(resume),
       [now](const Call& call) {
         return now(call).replay == "paused" ? no_undo("what it held from before has been replaced")
                                             : nothing_to_undo();
       },
       ends_pause,
       {},
       beside_primary},
      {{"apply_schema",
        {},
        "logical: makes the change of the schema on it that its primary gets, before or after."},
       of_replay(apply_schema),
       unknown_undo,
       no_traits,
       {},
       beside_primary},
      {{"copy_sequences",
        {},
        "logical: its sequences are set where those of its primary are; of one that was promoted, "
        "those of the old primary where its own are."},
       of_primary(copy_sequences),
       changes_nothing,
       no_traits,
       {},
       beside_primary},
      {{"backup",
        {kReplicaFile, kReplicaLocation, kReplicaVerify},
        "A dump of its primary's content, as far as it has replayed it."},
       of_primary(dump),
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.takes_backup = kReplicaFile.in(action.args);
       },
       {},
       with_primary},
      {{kPromoteVerb,
        {},
        "It is the primary from now on, with what it had replayed; who used the primary uses it."},
       of_primary(promote_replica),
       [now](const Call& call) {
         return now(call).primary ? nothing_to_undo()
                                  : no_undo(
                                        "the old primary is on another timeline and cannot follow "
                                        "without a resync");
       },
       no_traits,
       {},
       with_primary},
      {{"fail_back",
        {},
        "The old primary catches up with it and takes over; it is a replica again."},
       of_primary(
           [](const Call& call, ServiceIndex primary) { return demote(call, primary, true); }),
       [](const Call&) { return no_undo("the old primary serves, and this one follows it"); },
       ends_pause,
       {},
       with_primary},
      {{"resync",
        {},
        "A replica again, of the primary as that is (pg_rewind, pg_basebackup): what it was given "
        "as a primary is gone."},
       of_primary(
           [](const Call& call, ServiceIndex primary) { return demote(call, primary, false); }),
       [now](const Call& call) {
         return !now(call).primary && now(call).replay == "running"
                    ? nothing_to_undo()
                    : no_undo("what it held is replaced");
       },
       ends_pause,
       {},
       with_primary}};
}

/// What it follows holds data, and is no replica of it.
void check_primary(const Plan& plan, ServiceIndex self, std::vector<model::Mistake>& mistakes) {
  const ServiceIndex primary = primary_of(plan, self);
  if (primary == model::kNone) return;
  const model::Service& named = plan.services[primary];
  const model::Span span = plan.services[self].fields.find("of")->span;
  if (follows_itself(plan, self)) {
    mistakes.push_back({span, fmt::format("'{}' leads back to itself", named.name),
                        "name the primary, which is a replica of nothing"});
  } else if (model::find_verb(find_kind(named.kind)->spec(), "backup") == nullptr) {
    mistakes.push_back({span, fmt::format("'{}' ({}) holds no data", named.name, named.kind),
                        "name the database that it is a replica of"});
  }
}

KindRow replica_row() {
  KindRow row;
  row.name = "replica";
  row.features.copies_any_store = true;
  row.help = "A replica of a database, and what a promotion of it makes.";
  row.fields = {field("of", ValueType::service, "The primary.", true),
                choice("mode", {"streaming", "logical"}, "How it follows (default streaming)."),
                field("lag", ValueType::duration, "How far it is behind; not said: nobody knows."),
                field("slot_kept", ValueType::boolean,
                      "logical: its slot is kept in step on the standby that is promoted (default "
                      "false)."),
                field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = verbs_of_replica();
  row.aliases = {"standby"};
  row.first_state = [](const Context& context, ServiceIndex self,
                       std::vector<model::Mistake>& mistakes) {
    check_primary(context.plan(), self, mistakes);
    return share({});
  };
  row.facts = [](const Context&, ServiceIndex, const State& state) {
    const auto& now = static_cast<const ReplicaState&>(state);
    std::vector<Fact> all;
    if (now.ahead) all.push_back({"ahead", "true", false});
    all.push_back({"replay", now.replay, true});
    all.push_back({"role", now.primary ? "primary" : "replica", true});
    return all;
  };
  return row;
}

/// Whether the action puts files of another timeline in the place of the primary's.
bool is_physical_restore(const World& world, const Action& action, ServiceIndex primary) {
  if (action.service != primary || action.verb != kRestoreVerb) return false;
  std::string how = kCopyTool.in(action.args) + kCopyMethod.in(action.args);
  const auto* record = dynamic_cast<const Record*>(world.states[primary].get());
  if (how.empty() && record != nullptr) how = record->get("copies." + kCopyFrom.in(action.args));
  return is_one_of(how, {"snapshot", "pitr", "xtrabackup"});
}

/// Whether a fact of a database says what its rows are made of: tables, columns and their types. An
/// index, a constraint or a default of the primary does nothing to the rows that it sends, and rows
/// themselves are sent.
bool is_of_rows(const std::string& path) {
  if (!path.starts_with("tables.") && !path.starts_with("schema.")) return false;
  for (const char* beside :
       {".indexes.", ".constraints.", ".triggers.", ".policies.", ".grants.", ".rows."}) {
    if (path.find(beside) != std::string::npos) return false;
  }
  return !path.ends_with(".not_null") && !path.ends_with(".default");
}

/// Whether a change made the columns of some table other ones.
bool changes_schema(const Context& context, ServiceIndex primary, const State& before,
                    const State& after) {
  const auto schema = [&](const State& state) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Fact& fact : context.kind(primary).facts(context, primary, state)) {
      if (is_of_rows(fact.path)) all.emplace_back(fact.path, fact.value);
    }
    return all;
  };
  return schema(before) != schema(after);
}

}  // namespace

ServiceIndex primary_of(const Plan& plan, ServiceIndex service) {
  return is_replica(plan, service) ? plan.find_service(plan.services[service].fields.text("of"))
                                   : model::kNone;
}

ServiceIndex database_of(const Plan& plan, ServiceIndex service) {
  const ServiceIndex primary = primary_of(plan, service);
  return primary == model::kNone ? service : primary;
}

bool is_promoted(const Context& context, const World& world, ServiceIndex service) {
  return is_replica(context.plan(), service) && replica_state(world, service).primary;
}

bool is_following(const Context& context, const World& world, ServiceIndex service) {
  return is_replica(context.plan(), service) && !replica_state(world, service).primary &&
         replica_state(world, service).held == nullptr;
}

namespace {

/// A logical replica of what `action` promotes another replica of, which has no slot for it.
bool loses_slot(const Context& context, const World& world, const Action& action, ServiceIndex self,
                const Outcome& outcome) {
  const Plan& plan = context.plan();
  return action.verb == kPromoteVerb && is_replica(plan, action.service) &&
         is_logical(plan, self) && primary_of(plan, action.service) == primary_of(plan, self) &&
         !plan.services[self].fields.flag("slot_kept") &&
         !is_promoted(context, world, action.service) &&
         is_promoted(context, with_changes(world, outcome.changes), action.service);
}

}  // namespace

void follow_primaries(const Context& context, const World& world, const Action& action,
                      Outcome& outcome) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (i == action.service || !is_replica(plan, i)) continue;
    const ServiceIndex primary = primary_of(plan, i);
    if (primary != model::kNone && !replica_state(world, i).primary &&
        loses_slot(context, world, action, i, outcome)) {
      ReplicaState next = replica_state(world, i);
      if (next.held == nullptr) next.held = world.states[primary];
      next.replay = kWithoutSlot;
      outcome.set(i, share(std::move(next)));
      continue;
    }
    const auto change = std::ranges::find_if(
        outcome.changes, [&](const auto& each) { return each.first == primary; });
    if (primary == model::kNone || change == outcome.changes.end()) continue;
    ReplicaState next = replica_state(world, i);
    if (next.primary || has_stopped(next)) continue;
    const bool stops = is_logical(plan, i) ? changes_schema(context, primary,
                                                            *world.states[primary], *change->second)
                                           : is_physical_restore(world, action, primary);
    if (!stops) continue;
    if (!next.ahead) {
      // Paused it holds what it held then, and cannot go on any more.
      if (next.held == nullptr) next.held = world.states[primary];
      next.replay = kBroken;
    }
    next.ahead = false;
    outcome.set(i, share(std::move(next)));
  }
}

namespace {

/// Whether the action may promote another replica of the same primary.
bool loses_slots_by(const Plan& plan, const Action& action, ServiceIndex self) {
  return action.service != self && action.verb == kPromoteVerb && is_logical(plan, self) &&
         is_replica(plan, action.service) &&
         primary_of(plan, action.service) == primary_of(plan, self);
}

}  // namespace

void add_replicas(const Context& context, const Action& action, Footprint& print) {
  const Plan& plan = context.plan();
  if (action.service == model::kNone) return;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const bool follows = is_replica(plan, i) &&
                         (primary_of(plan, i) == action.service || loses_slots_by(plan, action, i));
    if (!follows) continue;
    print.reads.push_back(resource(context, i));
    print.writes.push_back(resource(context, i));
  }
}

const Kind& kind_replica() {
  static const std::unique_ptr<const Kind> kKind = make_kind(replica_row());
  return *kKind;
}

}  // namespace backout::services
