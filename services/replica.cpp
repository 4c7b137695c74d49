// A replica of a database: streaming or logical.
//
// What the real thing does: it follows its primary, mistakes too, unless its replay is paused or delayed: then it is a copy
// of before. A promotion makes it the primary, with what it had replayed and no more; whoever used the primary uses it from
// then on (a virtual address, a service name). The old primary is on another timeline then: it cannot follow without
// pg_rewind or a copy. To serve from it again as it is (`resync` of the promoted one) loses what was written since; to let it
// catch up first and then switch over (`fail_back`) loses nothing. A physical restore of the primary (snapshot, point in
// time, xtrabackup) begins a new timeline, too: its standbys stop. A logical replica gets neither changes of the schema nor
// sequences: it stops at the first row that does not fit, until the same change is made on it. A dump that is taken from it
// holds what it had replayed. Sources: PostgreSQL manual 27 "High Availability", 26.3.5 "Timelines", pg_wal_replay_pause,
// pg_rewind, 31.6 "Logical replication: Restrictions"; MySQL manual 17.4 "Replication solutions"; GitHub 2018-10-21.
// What this fake leaves out: lag in bytes, slots, cascades, an old primary that goes on taking writes, how long it takes.
//
// Facts: role (replica or primary), replay (running, paused or broken), ahead (true when its schema was changed first; not essential).
#include "services/replica.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/postgres_state.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

class ReplicaState final : public State {
 public:
  bool primary = false;
  std::string replay = "running";
  bool ahead = false;
  bool paused = false;  ///< its replay was paused and not resumed since, broken or not
  StatePtr held;    ///< what it holds where that is not what the primary holds: it does not follow
  StatePtr former;  ///< what the old primary holds, once this one has been promoted

  std::size_t hash() const override {
    std::size_t seed = std::hash<std::string>{}(replay) + (primary ? 7U : 0U) + (ahead ? 31U : 0U) + (paused ? 127U : 0U);
    for (const StatePtr* each : {&held, &former}) seed = seed * 1'000'003U + (*each == nullptr ? 1U : (*each)->hash());
    return seed;
  }
  bool equals(const State& other) const override {
    const auto& that = static_cast<const ReplicaState&>(other);
    return primary == that.primary && replay == that.replay && ahead == that.ahead && paused == that.paused && same(held, that.held) && same(former, that.former);
  }

 private:
  static bool same(const StatePtr& a, const StatePtr& b) {
    return a == b || (a != nullptr && b != nullptr && a->hash() == b->hash() && a->equals(*b));
  }
};

const ReplicaState& state_of(const World& world, ServiceIndex self) { return static_cast<const ReplicaState&>(*world.states[self]); }
StatePtr share(ReplicaState state) { return std::make_shared<const ReplicaState>(std::move(state)); }
bool is_replica(const Plan& plan, ServiceIndex service) { return service != model::kNone && plan.services[service].kind == "replica"; }
bool is_logical(const Plan& plan, ServiceIndex self) { return plan.services[self].fields.text("mode") == "logical"; }

/// `to` with the copies that `from` knows besides: copies lie elsewhere, and do not come and go with a server's content.
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

Outcome promote(const World& world, const Action& action, ServiceIndex primary) {
  ReplicaState next = state_of(world, action.service);
  if (next.primary) return Outcome::refused("server is not in standby mode");
  Outcome outcome = Outcome::done();
  next.former = world.states[primary];
  if (next.held != nullptr) outcome.set(primary, with_copies_of(next.held, world.states[primary]));
  next.held = nullptr;
  next.primary = true;
  next.paused = false;
  next.replay = "running";
  return outcome.set(action.service, share(std::move(next)));
}

/// A replica again: of the old primary as that is, or of the one that has caught up with it (`catches_up`).
Outcome demote(const World& world, const Action& action, ServiceIndex primary, bool catches_up) {
  const ReplicaState& now = state_of(world, action.service);
  if (catches_up && !now.primary) return Outcome::done();  // the primary serves: there is nothing to switch back from
  Outcome outcome = Outcome::done();
  if (now.primary && !catches_up && now.former != nullptr) outcome.set(primary, with_copies_of(now.former, world.states[primary]));
  return outcome.set(action.service, share({}));
}

/// A dump of what the replica holds, kept where those of its primary are.
Outcome dump(const Context& context, const World& world, const Action& action, ServiceIndex primary) {
  const ReplicaState& now = state_of(world, action.service);
  Action copy{primary, "backup", action.args, action.span, action.label};
  const World seen = now.held == nullptr ? world : with_changes(world, {{primary, now.held}});
  Outcome outcome = context.kind(primary).apply(context, seen, copy);
  if (now.held == nullptr || !outcome.ok()) return outcome;
  return Outcome::done().set(primary, with_copies_of(world.states[primary], with_changes(seen, outcome.changes).states[primary]));
}

model::KindSpec replica_spec() {
  const auto verb = [](std::string name, std::string help) { return model::VerbSpec{std::move(name), {command_field()}, std::move(help)}; };
  return {"replica",
          "A replica of a database, and what a promotion of it makes.",
          false,
          {field("of", ValueType::service, "The primary.", true), choice("mode", {"streaming", "logical"}, "How it follows (default streaming)."),
           field("lag", ValueType::duration, "How far it is behind; not said: nobody knows."), field("provider", ValueType::string, "Who runs it."),
           field("location", ValueType::string, "Failure domain that it lives in.")},
          {verb("pause_replay", "It stays as it is now, while the primary goes on."),
           verb("resume_replay", "It follows again, and is no copy of before any more."),
           verb("apply_schema", "logical: makes the change of the schema on it that its primary gets, before or after."),
           {"backup",
            {field("file", ValueType::string, "Name of the dump.", true), field("location", ValueType::string, "Where it is kept."),
             field("verify", ValueType::boolean, "It is read back."), command_field()},
            "A dump of its primary's content, as far as it has replayed it."},
           verb("promote", "It is the primary from now on, with what it had replayed; who used the primary uses it."),
           verb("fail_back", "The old primary catches up with it and takes over; it is a replica again."),
           verb("resync", "A replica again, of the primary as that is (pg_rewind, pg_basebackup): what it was given as a primary is gone.")},
          {},
          {"standby"}};
}

class ReplicaKind final : public Kind {
 public:
  const model::KindSpec& spec() const override { return spec_; }

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override { return share({}); }

  std::vector<Fact> facts(const Context&, ServiceIndex, const State& state) const override {
    const auto& now = static_cast<const ReplicaState&>(state);
    std::vector<Fact> all;
    if (now.ahead) all.push_back({"ahead", "true", false});
    all.push_back({"replay", now.replay, true});
    all.push_back({"role", now.primary ? "primary" : "replica", true});
    return all;
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const ServiceIndex primary = primary_of(context.plan(), action.service);
    if (primary == model::kNone) return Outcome::opaque("what it is a replica of, the plan does not say");
    if (action.verb == "promote") return promote(world, action, primary);
    if (action.verb == "resync") return demote(world, action, primary, false);
    if (action.verb == "fail_back") return demote(world, action, primary, true);
    if (action.verb == "backup") return dump(context, world, action, primary);
    ReplicaState next = state_of(world, action.service);
    if (next.primary) return Outcome::refused("recovery is not in progress");
    if (action.verb == "pause_replay") {
      if (next.held == nullptr) next.held = world.states[primary];
      if (next.replay == "running") next.replay = "paused";
      next.paused = true;
    } else if (action.verb == "resume_replay") {
      if (next.replay == "broken") return Outcome::refused(why_broken(context, action.service));
      next.held = nullptr;
      next.paused = false;
      next.replay = "running";
    } else if (action.verb == "apply_schema") {
      if (!is_logical(context.plan(), action.service)) return Outcome::refused("cannot execute ALTER TABLE in a read-only transaction");
      next.ahead = next.replay != "broken";
      if (next.ahead) return Outcome::done().set(action.service, share(std::move(next)));
      if (!next.paused) next.held = nullptr;
      next.replay = next.paused ? "paused" : "running";
    } else {
      unhandled(spec(), action, "apply");
    }
    return Outcome::done().set(action.service, share(std::move(next)));
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print = Kind::footprint(context, action);
    const ServiceIndex primary = primary_of(context.plan(), action.service);
    if (primary == model::kNone) return print;
    print.reads.push_back(resource(context, primary));
    if (!is_one_of(action.verb, {"pause_replay", "resume_replay", "apply_schema"})) print.writes.push_back(resource(context, primary));
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const ReplicaState& now = state_of(before, action.service);
    const Undo nothing{Undo::Class::exact, "", {}};
    const auto none = [](std::string why) { return Undo{Undo::Class::none, std::move(why), {}}; };
    if (action.verb == "backup") return nothing;
    if (action.verb == "promote") return now.primary ? nothing : none("the old primary is on another timeline and cannot follow without a resync");
    if (action.verb == "fail_back") return none("the old primary serves, and this one follows it");
    if (action.verb == "resync") return !now.primary && now.replay == "running" ? nothing : none("what it held is replaced");
    if (!is_one_of(action.verb, {"pause_replay", "resume_replay"})) return {};
    if (action.verb == "resume_replay") return now.replay == "paused" ? none("what it held from before has been replaced") : nothing;
    if (now.paused || now.primary) return nothing;
    if (now.replay == "broken") return none("it has stopped, and is not resumed before what stopped it is mended");
    return {Undo::Class::exact, "", {same_service(action, "resume_replay", {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& self = context.plan().services[action.service];
    const std::string replay = "replay of " + self.name;
    if (action.verb == "pause_replay") traits.acquires = {replay};
    if (is_one_of(action.verb, {"resume_replay", "resync", "fail_back"})) traits.releases = {replay};
    if (action.verb == "backup") traits.takes_backup = action.args.text("file");
    if (action.verb == "promote" && is_logical(context.plan(), action.service)) traits.leaves = {"sequences are where they were: set them before anybody writes"};
    return traits;
  }

 private:
  static std::string why_broken(const Context& context, ServiceIndex self) {
    return is_logical(context.plan(), self) ? "logical replication target relation is missing replicated columns"
                                            : "requested starting point is ahead of the WAL flush position of this server";
  }

  model::KindSpec spec_ = replica_spec();
};

/// Whether the action puts files of another timeline in the place of the primary's.
bool is_physical_restore(const World& world, const Action& action, ServiceIndex primary) {
  if (action.service != primary || action.verb != "restore") return false;
  std::string how = action.args.text("tool") + action.args.text("method");
  const auto* record = dynamic_cast<const Record*>(world.states[primary].get());
  if (how.empty() && record != nullptr) how = record->get("copies." + action.args.text("from"));
  return is_one_of(how, {"snapshot", "pitr", "xtrabackup"});
}

/// Whether a change made the columns of some table other ones.
bool changes_schema(const Context& context, ServiceIndex primary, const State& before, const State& after) {
  const auto schema = [&](const State& state) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Fact& fact : context.kind(primary).facts(context, primary, state)) {
      if (fact.path.starts_with("tables.") || fact.path.starts_with("schema.")) all.emplace_back(fact.path, fact.value);
    }
    return all;
  };
  return schema(before) != schema(after);
}

}  // namespace

ServiceIndex primary_of(const Plan& plan, ServiceIndex service) {
  return is_replica(plan, service) ? plan.find_service(plan.services[service].fields.text("of")) : model::kNone;
}

ServiceIndex database_of(const Plan& plan, ServiceIndex service) {
  const ServiceIndex primary = primary_of(plan, service);
  return primary == model::kNone ? service : primary;
}

bool is_promoted(const Context& context, const World& world, ServiceIndex service) {
  return is_replica(context.plan(), service) && state_of(world, service).primary;
}

bool is_following(const Context& context, const World& world, ServiceIndex service) {
  return is_replica(context.plan(), service) && !state_of(world, service).primary && state_of(world, service).held == nullptr;
}

void follow_primaries(const Context& context, const World& world, const Action& action, Outcome& outcome) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (i == action.service || !is_replica(plan, i)) continue;
    const ServiceIndex primary = primary_of(plan, i);
    const auto change = std::ranges::find_if(outcome.changes, [&](const auto& each) { return each.first == primary; });
    if (primary == model::kNone || change == outcome.changes.end()) continue;
    ReplicaState next = state_of(world, i);
    if (next.primary || next.replay == "broken") continue;
    const bool stops = is_logical(plan, i) ? changes_schema(context, primary, *world.states[primary], *change->second)
                                           : is_physical_restore(world, action, primary);
    if (!stops) continue;
    if (!next.ahead) {
      // Paused it holds what it held then, and cannot go on any more.
      if (next.held == nullptr) next.held = world.states[primary];
      next.replay = "broken";
    }
    next.ahead = false;
    outcome.set(i, share(std::move(next)));
  }
}

void add_replicas(const Context& context, const Action& action, Footprint& print) {
  const Plan& plan = context.plan();
  if (action.service == model::kNone) return;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (!is_replica(plan, i) || primary_of(plan, i) != action.service) continue;
    print.reads.push_back(resource(context, i));
    print.writes.push_back(resource(context, i));
  }
}

const Kind& kind_replica() {
  static const ReplicaKind kKind;
  return kKind;
}

}  // namespace backout::services
