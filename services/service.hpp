#pragma once
// The meaning of actions, written once. A service kind is a pure, deterministic state machine over
// immutable states: it says what an action changes. When it lands, and whether anyone hears of it,
// is the simulator's business.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/catalog.hpp"
#include "model/plan.hpp"

namespace backout::services {

using model::Args;
using model::Operation;
using model::Plan;
using model::ServiceIndex;

/// The state of one service. Immutable; shared between worlds.
class State {
 public:
  virtual ~State() = default;
  virtual std::size_t hash() const = 0;
  /// `other` is of the same kind.
  virtual bool equals(const State& other) const = 0;
};
using StatePtr = std::shared_ptr<const State>;

/// The state of most kinds: named facts. Keys are dotted paths in lower case, e.g. "live.version".
class Record final : public State {
 public:
  Record() = default;
  explicit Record(std::map<std::string, std::string> facts) : facts_(std::move(facts)) {}

  const std::map<std::string, std::string>& facts() const { return facts_; }
  /// The fact's value; empty when it is absent.
  const std::string& get(const std::string& key) const;
  bool has(const std::string& key) const { return facts_.contains(key); }
  Record with(const std::string& key, std::string value) const;
  Record without(const std::string& key) const;
  StatePtr share() const { return std::make_shared<const Record>(*this); }

  std::size_t hash() const override;
  bool equals(const State& other) const override;

 private:
  std::map<std::string, std::string> facts_;
};

/// A sequence of states whose copies share what they have in common: a plan may have thousands of
/// services, and every step makes a world.
class States {
 public:
  std::size_t size() const { return size_; }
  const StatePtr& operator[](std::size_t at) const {
    if (read_ != nullptr) (*read_)[at] = true;
    return (*(*chunks_)[at / kChunk])[at % kChunk];
  }
  void push_back(StatePtr state);
  void set(std::size_t at, StatePtr state);
  /// The first place from `from` on where the two, of one size, do not share a state; size() when
  /// there is none.
  std::size_t next_difference(const States& other, std::size_t from) const;
  /// Reads of this and of copies made of it from now on set the flag of the state in `read`, which
  /// has size() flags and outlives them: an answer that was worked out so depends on those states
  /// only.
  void note_reads(std::vector<bool>* read) { read_ = read; }

 private:
  static constexpr std::size_t kChunk = 128;
  using Chunk = std::shared_ptr<const std::vector<StatePtr>>;
  std::shared_ptr<const std::vector<Chunk>> chunks_ = std::make_shared<const std::vector<Chunk>>();
  std::size_t size_ = 0;
  std::vector<bool>* read_ = nullptr;
};

/// One state per service of the plan, by ServiceIndex.
struct World {
  States states;

  /// The record of a service whose kind uses Record states (asserts otherwise).
  const Record& record(ServiceIndex service) const;
  friend bool operator==(const World& a, const World& b);
};
std::size_t hash_of(const World& world);

/// A typed action on one service: a step's, or one that a kind made (the undo of an action, a part
/// of one).
struct Action {
  ServiceIndex service = model::kNone;
  std::string verb;
  Args args;
  model::Span span;                    ///< where it was written; for messages
  std::string label;                   ///< the step's id, or what this is ("undo of 'm001'")
  std::vector<ServiceIndex> via = {};  ///< services that must answer for it to run
};

/// New states of some services.
using Changes = std::vector<std::pair<ServiceIndex, StatePtr>>;

/// What happened to the world, and what the one who ran the action was told. The two differ where
/// real tools lie: `psql -f` exits 0 after errors, a rename may half succeed, `git push` may push
/// nothing.
struct Outcome {
  enum class Result {
    done,     ///< it did what it says
    refused,  ///< the real thing refuses; what was changed before that is in `changes`
    noop,     ///< it ran, reported success, and changed nothing although it should have
    opaque,   ///< the fake cannot say what it does: the states in `changes` are guesses, verdicts
              ///< become UNKNOWN
  };
  Result result = Result::done;
  bool reported_ok = true;  ///< the exit status or answer that the runner sees
  std::string message;  ///< refused, noop, opaque: why, in the real thing's words where it has some
  Changes changes;

  bool ok() const { return result == Result::done; }
  static Outcome done() { return {}; }
  static Outcome refused(std::string why) { return {Result::refused, false, std::move(why), {}}; }
  static Outcome noop(std::string why) { return {Result::noop, true, std::move(why), {}}; }
  static Outcome opaque(std::string why) { return {Result::opaque, true, std::move(why), {}}; }
  Outcome& set(ServiceIndex service, StatePtr state);
  Outcome& set(ServiceIndex service, const Record& record) { return set(service, record.share()); }
};

/// What an action reads and writes, as resource paths: "db.tables.dev.calls", "hook.payload". A
/// path covers all paths below it. Sorted, unique.
struct Footprint {
  std::vector<std::string> reads;
  std::vector<std::string> writes;
};
/// Whether `a` and `b` name the same resource or one holds the other.
bool overlaps(std::string_view a, std::string_view b);
/// Whether running the two in either order may differ: a write of one meets a read or write of the
/// other.
bool conflict(const Footprint& a, const Footprint& b);

/// How an action is taken back, from a given state.
struct Undo {
  enum class Class {
    exact,        ///< gives the state back
    conditional,  ///< gives it back unless `why`
    lossy,        ///< gives the shape back but loses `why`
    none,         ///< cannot be taken back: `why`
    unknown,
  };
  Class kind = Class::unknown;
  std::string why;
  std::vector<Action> actions;  ///< empty for none and unknown
};

/// Plain facts of an action that rules read. Each is about the class of action, never about one
/// plan.
struct Traits {
  /// Data or state that it discards for good: "rows of dev.calls", "the running container". Empty:
  /// nothing.
  std::string destroys;
  /// It cannot be unsent or unsaid: "a message to #alerts". Empty: no.
  std::string irrevocable;
  /// Writers that must be stopped or drained before it: why. Empty: none.
  std::string needs_quiesce;
  /// Resources that it takes and something must give back: "maintenance of maint", "writers of
  /// worker", "pin of web".
  std::vector<std::string> acquires;
  std::vector<std::string> releases;
  /// The target that it goes (back) to is not pinned: "`HEAD` need not be the bad commit". Empty:
  /// pinned or no target.
  std::string unpinned_target;
  /// A person must answer, or it has no bound: "prompts for a confirmation", "vendor support
  /// answers when it answers".
  std::string waits_for;
  bool is_interactive = false;
  /// The command does not do what it is used for: "`railway run` runs on this machine". Empty: it
  /// does.
  std::string misdirected;
  /// Failure of it is not seen by the runner: "psql -f exits 0 after errors". Empty: it is.
  std::string hides_failure;
  /// Running it twice is not the same as once: why. Empty: harmless.
  std::string not_repeatable;
  /// Backup taken or read: name of the backup; empty: none.
  std::string takes_backup;
  std::string restores_backup;
  /// It makes what the service holds from another one, as the version of then makes it.
  bool makes_anew = false;
  /// Services that it goes through besides its target (an API of the app itself, a monitor behind
  /// the app).
  std::vector<ServiceIndex> via;
  /// Other services that change as a side effect: a push to a branch that they deploy from.
  std::vector<ServiceIndex> triggers;
  /// It takes effect only later or only after something else: "until its cache expires (5m) or is
  /// cleared".
  std::string delayed_effect;
  /// How long at most. With delayed_effect 0 is for ever; without it some keep the old answer for
  /// so long, and nothing can be done.
  std::int64_t delayed_ms = 0;
  /// What a way back from it relies on and what ends by itself: "the version before stays valid for
  /// 1h". Empty: nothing does.
  std::string expires;
  std::int64_t expires_low_ms = 0;   ///< after how long at the earliest, when `expires` is set
  std::int64_t expires_high_ms = 0;  ///< and at the latest
  /// What the real thing leaves behind or does not restore, known from manuals and experiments.
  std::vector<std::string> leaves;
  /// The artefact that must be at hand ("image v1.2.3"), and the one that it fetches. Empty: none.
  std::string needs_artefact;
  std::string provides_artefact;
  /// It changes which version of an app serves.
  bool changes_version = false;
  /// It only looks and changes nothing.
  bool read_only = false;
};

/// A fact of a service as reports print it and residues name it. `essential` facts must be restored
/// by a rollback; others (messages sent, backups kept, histories) may differ.
struct Fact {
  std::string path;
  std::string value;
  bool essential = true;
};

/// A piece of data that a service holds: a row, a cell, a point, a queued job. Used by the
/// data-loss oracle. `id` includes a digest of the content for cells; `path` is the fact path that
/// it belongs to.
struct Datum {
  std::string id;
  std::string path;

  friend bool operator==(const Datum&, const Datum&) = default;
  friend auto operator<=>(const Datum&, const Datum&) = default;
};

/// What a check says of a world.
struct CheckResult {
  enum class Value { pass, fail, unknown };
  Value value = Value::unknown;
  std::string why;
};

/// What may be wrong with a service before an action finds out, or without its finding out.
enum class Harm {
  gone,          ///< the copy that it restores, or the image that it starts, is no longer there
  corrupt,       ///< the copy that it restores is damaged: it cannot be read to its end
  stale,         ///< the copy that it restores is an older one, from before the deploy
  wrong_format,  ///< the copy that it restores is of a format that its tool does not read
  connected,     ///< sessions that the plan does not know of are open
  cached,        ///< those who read what it changes go on with the old value until they are told
  lingering,     ///< an instance of the version that it replaces goes on serving
  unhealthy,     ///< the app that it starts, or sends traffic to, runs and does not serve
  unreachable,   ///< what it goes through (`via`) does not answer, now and later
};

class Kind;

/// What unknown fields of a plan may be: services/field_readings.hpp.
class Readings;
/// A plan with its kinds: what every function here is given. Cheap to copy.
class Context {
 public:
  /// `plan` must outlive the context. Asserts that every service's kind is known.
  explicit Context(const Plan& plan);
  const Plan& plan() const { return *plan_; }
  const Kind& kind(ServiceIndex service) const { return *tables_->kinds[service]; }
  /// The services whose kind may keep work from apps, in plan order.
  const std::vector<ServiceIndex>& barriers() const { return tables_->barriers; }
  /// Whether some service of the plan acts by itself (`reconciles`).
  bool has_reconcilers() const { return tables_->has_reconcilers; }
  /// The services of kind config that `app` reads, in plan order.
  const std::vector<ServiceIndex>& configurations(ServiceIndex app) const {
    return tables_->configurations[app];
  }
  /// The services that say what they hold is encrypted with (services/sealed.hpp), in plan order.
  const std::vector<ServiceIndex>& sealed() const { return tables_->sealed; }
  /// What unknown fields of the plan may be: services/field_readings.hpp.
  Readings& readings() const { return *readings_; }

 private:
  struct Tables {
    std::vector<const Kind*> kinds;
    std::vector<ServiceIndex> barriers;
    bool has_reconcilers = false;
    std::vector<ServiceIndex> sealed;
    std::vector<std::vector<ServiceIndex>> configurations;  ///< by app
  };
  const Plan* plan_;
  std::shared_ptr<const Tables> tables_;
  std::shared_ptr<Readings> readings_;
};

/// A service kind. All functions are pure; the same arguments give the same result.
class Kind {
 public:
  virtual ~Kind() = default;
  virtual const model::KindSpec& spec() const = 0;

  /// The state before the deploy, from the service's fields. Mistakes that only the kind can see
  /// (SQL that does not parse) are appended to `mistakes`.
  virtual StatePtr initial(const Context& context, ServiceIndex self,
                           std::vector<model::Mistake>& mistakes) const = 0;
  virtual Outcome apply(const Context& context, const World& world, const Action& action) const = 0;
  /// The atomic pieces of the action, in order; running them one after the other is the action.
  /// Default: one piece.
  virtual std::vector<Action> parts(const Context& context, const World& world,
                                    const Action& action) const;
  virtual Footprint footprint(const Context& context, const Action& action) const;
  /// How `action`, applied to `before`, is taken back. Default: unknown.
  virtual Undo undo(const Context& context, const World& before, const Action& action) const;
  virtual Traits traits(const Context& context, const Action& action) const;
  /// The states that are other ones when something is wrong with what the action relies on, and
  /// nobody knew. Empty: that cannot be, or would change nothing. Default: empty.
  virtual Changes harmed(const Context& context, const World& world, const Action& action,
                         Harm harm) const;
  virtual std::vector<Fact> facts(const Context& context, ServiceIndex self,
                                  const State& state) const;
  virtual std::vector<Datum> data(const Context& context, ServiceIndex self,
                                  const State& state) const;

  /// What happens when a live version runs `operation` on this service (the operation's `on`).
  /// Default: refused. `tag` names the write; the same tag writes the same row.
  virtual Outcome operate(const Context& context, const World& world, const Operation& operation,
                          const std::string& tag) const;
  /// Apps: the versions that serve now, each with the reason why more than one. Empty: it is down
  /// or no app.
  virtual std::vector<std::string> live_versions(const Context& context, const World& world,
                                                 ServiceIndex self) const;
  /// Whether this service lets work through (a maintenance switch that is on, a balancer that does
  /// not route): empty = yes, else why not. Asked for every service that fronts an app.
  virtual bool may_block() const { return false; }
  virtual std::string blocks(const Context& context, const World& world, ServiceIndex self,
                             ServiceIndex app) const;
  /// A check whose first service is this one (http, fact, version, sql, rows). Default: looks at
  /// facts.
  virtual CheckResult check(const Context& context, const World& world,
                            const model::Check& check) const;
};

/// All kinds, in the order of kinds.inc.
const std::vector<const Kind*>& all_kinds();
const Kind* find_kind(std::string_view name);
/// Their tables, for the loader and the schema.
model::Catalog catalog();

/// The world before the deploy.
World initial_world(const Context& context, std::vector<model::Mistake>& mistakes);
/// The action of a step. Steps without a target (verbs of `manual`) belong to the plan's implicit
/// service: see run().
Action action_of(const Plan& plan, const model::Step& step);
/// apply() of the action's kind, changes applied to a copy of the world.
struct Applied {
  World world;
  Outcome outcome;
};
/// `world` with these states.
World with_changes(const World& world, const Changes& changes);
Applied run(const Context& context, const World& world, const Action& action);

/// Traits, harm, footprint, parts and undo of an action; steps without a target have neutral ones.
Traits traits_of(const Context& context, const Action& action);
/// Kind::harmed of the action's kind. A copy that was read back in this world is neither gone nor
/// corrupt.
Changes harmed(const Context& context, const World& world, const Action& action, Harm harm);
Footprint footprint_of(const Context& context, const Action& action);
std::vector<Action> parts_of(const Context& context, const World& world, const Action& action);
Undo undo_of(const Context& context, const World& before, const Action& action);

/// All facts of a world, paths prefixed with the service's name, sorted by path.
std::vector<Fact> facts_of(const Context& context, const World& world);
/// What differs between two worlds: one line per essential fact that differs, e.g.
/// "db.tables.dev.calls.columns.call_sid: absent -> text". `residue` paths are left out.
std::vector<std::string> differences(const Context& context, const World& before,
                                     const World& after, const std::vector<model::Residue>& residue,
                                     bool essential_only = true);
/// A datum in people's words: "conversation_id of a row of db.tables.dev.calls",
/// "db.rows.sessions".
std::string describe(const Datum& datum);
/// What kind of thing is gone with a datum, for people who know the business and not the paths of
/// facts: "rows of dev.calls in 'db'", "conversation_id of dev.calls in 'db'", "points 'old' in
/// 'vectors'". Data of one kind read alike.
std::string kind_in_words(const Datum& datum);
/// All data of a world, sorted; paths prefixed with the service's name.
std::vector<Datum> data_of(const Context& context, const World& world);
CheckResult evaluate(const Context& context, const World& world, const model::Check& check);

/// A live operation: what a serving version does to another service.
struct LiveOperation {
  ServiceIndex app = model::kNone;
  std::string version;
  const Operation* operation = nullptr;
  std::string refusal;  ///< why the app itself answers with an error; empty: it goes to work
};
/// The operations of all versions that serve in this world, in plan order.
std::vector<LiveOperation> live_operations(const Context& context, const World& world);
/// Runs one of them. Refused = the version does not work on this world (the message says why).
Applied run_operation(const Context& context, const World& world, const LiveOperation& operation);
/// What the version before the deploy would have done in the place of `operation`, in a world where
/// the deploy never happened: its operation of the same name, on the same data. Nullopt when it has
/// none, or is that version itself.
std::optional<Applied> run_in_ghost_world(const Context& context, const World& start,
                                          const LiveOperation& operation);

}  // namespace backout::services
