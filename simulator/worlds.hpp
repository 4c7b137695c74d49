#pragma once
// Worlds as numbers. Every state of a service is kept once, a world is a row of such states, and
// what services say about an action or a world is asked once and remembered: the inner loops of a
// search are table look-ups.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "services/outages.hpp"
#include "simulator/predicate.hpp"
#include "simulator/recall.hpp"

namespace backout::simulator {

using WorldId = std::uint32_t;
using ActionId = std::uint32_t;
using OperationId = std::uint32_t;
using DatumId = std::uint32_t;
/// A set of data or of operations, see Sets.
using SetId = std::uint32_t;
using TextId = std::uint32_t;

inline constexpr std::uint32_t kNoId = 0xffffffff;

/// Sets of numbers, each kept once. Set 0 is the empty one.
class Sets {
 public:
  using Members = std::vector<std::uint32_t>;  ///< sorted

  Sets() { intern({}); }
  SetId intern(Members members);
  const Members& operator[](SetId set) const {
    assert(set < sets_.size());
    return sets_[set];
  }
  bool contains(SetId set, std::uint32_t member) const;

 private:
  std::deque<Members> sets_;
  std::map<Members, SetId> ids_;
};

/// What an action did to a world.
struct Ran {
  WorldId world = 0;
  services::Outcome::Result result = services::Outcome::Result::done;
  bool reported_ok = true;
  TextId message = 0;
};

/// How steps whose effect nobody can tell are taken. Each is taken one way in a whole exploration
/// or run.
struct Reading {
  bool all_idle =
      false;  ///< as if each of them did nothing; else as if each did what it is there for
  std::vector<std::string>
      idle;  ///< ids of steps that are taken to do nothing whatever the others are

  bool does_nothing(const std::string& step) const {
    return all_idle || std::ranges::find(idle, step) != idle.end();
  }
};

/// What a live operation did, or why it was refused.
struct Served {
  OperationId operation = 0;
  Ran ran;
};

/// Whether traffic may run it where the world is `from`: it is not refused and changes something,
/// if only that it was seen. One whose effect nobody can tell and that leaves nothing is not run:
/// see Silence.
inline bool is_served(const Served& served, WorldId from) {
  const auto result = served.ran.result;
  return result != services::Outcome::Result::refused && served.ran.world != from;
}

/// An operation of a version, in plan order.
struct OperationKey {
  services::LiveOperation live;
  std::string name;  ///< "create_call of api@new"
};

/// Everything that a search asks of services, remembered. The same questions always give the same
/// answers.
class Worlds {
 public:
  /// `context` must outlive this. `memoise` false runs every action anew: for the test that it
  /// makes no difference.
  Worlds(const services::Context& context, const services::World& start, bool memoise = true,
         Reading reading = {});

  const services::Context& context() const { return context_; }
  const model::Plan& plan() const { return context_.plan(); }
  static constexpr WorldId start() { return 0; }
  const services::World& world(WorldId id) const { return worlds_[id]; }
  /// The numbers of its states, by service: equal numbers are equal states of that service.
  const Row& row(WorldId id) const { return rows_[id]; }
  WorldId intern(const services::World& world);
  std::size_t count() const { return rows_.size(); }

  ActionId intern(const services::Action& action);
  const services::Action& action(ActionId id) const { return actions_[id]; }
  /// An action whose effect nobody can tell is marked so, and does what the reading says. One that
  /// only looks changes nothing either way: it passes.
  Ran run(WorldId world, ActionId action);
  const Reading& reading() const { return reading_; }
  /// The steps that were run and whose effect nobody can tell, each with the reason, by id.
  const std::map<std::string, std::string>& opaque() const { return opaque_; }
  /// Steps that only look, and whose answer nobody can tell.
  const std::map<std::string, std::string>& unseen() const { return unseen_; }
  /// The world in which something is wrong with what the action relies on; kNoId when that cannot
  /// be.
  WorldId harmed(WorldId world, ActionId action, services::Harm harm);
  /// The pieces of the action in this world; one when it is atomic.
  const std::vector<ActionId>& parts(WorldId world, ActionId action);

  /// The live operations of this world, each with what it would do.
  const std::vector<Served>& operations(WorldId world);
  const OperationKey& operation(OperationId id) const { return operations_[id]; }
  /// The services whose states live operations were seen to look at, by service.
  const std::vector<bool>& observed() const { return observed_; }
  std::size_t operation_count() const { return operations_.size(); }
  /// How many operations were live in some world that was asked for.
  std::size_t operations_run() const {
    return static_cast<std::size_t>(std::ranges::count(ran_, true));
  }

  /// The data of a world, as a sorted list of numbers.
  const Sets::Members& data(WorldId world);
  const services::Datum& datum(DatumId id) const { return data_[id]; }
  /// Whether the version of the key that the datum was encrypted with is there, if it was.
  bool is_readable(WorldId world, const services::Datum& datum) const;
  /// What does not serve in this world.
  const std::vector<services::Outage>& outages(WorldId world);
  /// What `check` says. `check` must belong to the plan.
  const services::CheckResult& check(WorldId world, const model::Check& check);

  /// What must hold besides the plan's invariants: all of it; later calls may only add at the end.
  void require(std::vector<Predicate> predicates) { predicates_ = std::move(predicates); }
  const std::vector<Predicate>& predicates() const { return predicates_; }
  /// What the predicate, by its place in predicates(), says of a world.
  const services::CheckResult& holds(WorldId world, std::size_t predicate);

  TextId text(const std::string& text);
  const std::string& text(TextId id) const { return texts_[id]; }

 private:
  /// What an action or operation does to the states that it changes.
  struct Effect {
    std::vector<std::pair<std::uint32_t, std::uint32_t>>
        changes;  ///< service, number of its new state
    services::Outcome::Result result = services::Outcome::Result::done;
    bool reported_ok = true;
    TextId message = 0;
  };

  /// Adds read_ to what operations look at.
  void observe();
  /// A copy of a world that notes in read_ which states are looked at.
  services::World watched(WorldId world);
  Effect effect_of(WorldId world, const services::Applied& applied);
  services::Applied as_read(WorldId world, const services::Action& action,
                            services::Applied applied);
  /// The worlds between the deploy's steps when nothing goes wrong: before the first, after the
  /// first, ...
  const std::vector<WorldId>& deploy();
  Ran ran(WorldId world, const Effect& effect);
  WorldId intern_row(Row row);
  std::uint32_t intern_state(std::size_t service, const services::StatePtr& state);
  DatumId intern_datum(const services::Datum& datum);
  const Sets::Members& state_data(std::size_t service, std::uint32_t state);

  const services::Context& context_;
  bool memoise_;
  Reading reading_;
  std::map<std::string, std::string> opaque_;
  std::map<std::string, std::string> unseen_;
  std::vector<WorldId> deploy_;
  std::vector<std::vector<services::StatePtr>> states_;  ///< by service
  std::vector<std::unordered_multimap<std::size_t, std::uint32_t>>
      state_ids_;  ///< by service: hash -> number
  std::deque<Row> rows_;
  std::deque<services::World> worlds_;
  std::unordered_map<Row, WorldId, RowHash> row_ids_;
  std::deque<services::Action> actions_;
  std::map<std::string, ActionId> action_ids_;
  std::unordered_map<std::uint64_t, Ran> runs_;
  std::map<std::tuple<WorldId, ActionId, services::Harm>, WorldId> harmed_;
  std::deque<Recall<Effect>> effects_;               ///< by action
  std::deque<Recall<std::vector<ActionId>>> parts_;  ///< by action
  std::vector<bool> read_;
  std::vector<bool> observed_;
  std::vector<bool> ran_;  ///< by operation
  std::vector<OperationKey> operations_;
  std::map<const model::Operation*, OperationId> operation_ids_;
  std::unordered_map<WorldId, std::vector<Served>> served_;
  Recall<std::vector<services::LiveOperation>> live_;
  Recall<std::vector<services::Outage>> outages_;
  std::vector<Recall<Effect>> operation_effects_;  ///< by operation
  std::deque<services::Datum> data_;
  std::map<services::Datum, DatumId> datum_ids_;
  std::vector<std::unordered_map<std::uint32_t, Sets::Members>>
      state_data_;  ///< by service: state -> data
  std::unordered_map<WorldId, Sets::Members> world_data_;
  std::map<const model::Check*, Recall<services::CheckResult>> checks_;
  std::vector<Predicate> predicates_;
  std::map<std::size_t, Recall<services::CheckResult>> held_;  ///< by predicate
  std::deque<std::string> texts_;
  std::map<std::string, TextId> text_ids_;
};

}  // namespace backout::simulator
