#include "simulator/relation.hpp"

#include <algorithm>
#include <cassert>
#include <memory>

namespace backout::simulator {
namespace {

constexpr std::uint64_t kKnown = 1ULL << 63;

std::uint64_t pack(const Judgement& judgement) {
  return kKnown | std::uint64_t{judgement.why} << 8 | static_cast<std::uint64_t>(judgement.verdict);
}

/// `served`: an operation of live traffic ran.
Change change_of(const Turn& turn, std::uint16_t task, bool served) {
  Change change;
  change.task = task;
  change.ends = (turn.flags & Turn::kEnds) != 0;
  change.lands = (turn.flags & Turn::kLands) != 0;
  change.minus = std::uint32_t{turn.faults} << SmallBits::kFaultsLeft |
                 std::uint32_t{served} << SmallBits::kTrafficLeft;
  const auto set = [&](bool so, std::uint32_t field, std::uint32_t value) {
    if (so) change.keep &= ~field;
    if (so) change.set |= value;
  };
  const auto raise = [&](bool so, unsigned bit) { set(so, 1U << bit, 1U << bit); };
  raise((turn.flags & Turn::kBegins) != 0, SmallBits::kBegan);
  raise((turn.flags & Turn::kOpaque) != 0, SmallBits::kOpaque);
  raise((turn.flags & Turn::kRestarts) != 0, SmallBits::kRound);
  raise(turn.faults > 0, SmallBits::kFaulted);
  change.stops = (turn.flags & Turn::kStops) != 0;
  set(change.stops && task <= SmallBits::kTask, SmallBits::kTask, task);
  set((turn.flags & Turn::kTurns) != 0, 3U << SmallBits::kPhase,
      static_cast<std::uint32_t>(turn.phase) << SmallBits::kPhase);
  return change;
}

}  // namespace

Relation::Relation(Setting& setting, Runner& runner, Judge& judge)
    : setting_(setting),
      runner_(runner),
      judge_(judge),
      may_kill_(setting.considers(Fault::killed)),
      may_run_twice_(setting.considers(Fault::second_run)) {
  for (const Playbook& book : setting.books().paths) {
    Path& path = paths_.emplace_back();
    for (std::size_t i = 0; i < book.tasks.size(); ++i) {
      const model::Step& rules = rules_of(setting.plan(), book.tasks[i]);
      path.before.push_back(StepBits::of(book.tasks[i].before));
      path.attempts.push_back(
          static_cast<std::uint8_t>(std::clamp<std::int64_t>(rules.retry + 1, 1, 0xff)));
      path.budgets = std::max<std::size_t>(path.budgets, path.attempts.back() + std::size_t{1});
      path.all.add(i);
      if (rules.optional) path.optional.add(i);
      const model::OnFailure::Type reaction = book.tasks[i].reaction.type;
      jumps_ = jumps_ || reaction == model::OnFailure::Type::go_to ||
               reaction == model::OnFailure::Type::rollback;
    }
  }
  choices_.emplace_back();
  fired_.emplace_back();
  const auto one = [&](Fault fault) {
    fired_.emplace_back()[static_cast<std::size_t>(fault)] = 1;
    return static_cast<std::uint32_t>(fired_.size() - 1);
  };
  killed_ = one(Fault::killed);
  twice_ = one(Fault::second_run);
  know(0);
}

SituationId Relation::intern(const Situation& situation) {
  const std::lock_guard lock(making_);
  const auto [found, fresh] = ids_.try_emplace(situation, static_cast<SituationId>(nodes_.size()));
  if (fresh) nodes_.emplace_back().situation = situation;
  return found->second;
}

void Relation::know(SetId deployed) {
  if (deployed < known_deployed_.size() && known_deployed_[deployed]) return;
  known_deployed_.resize(std::max<std::size_t>(known_deployed_.size(), deployed + 1));
  known_deployed_[deployed] = true;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    std::vector<StepBits>& known = paths_[i].left_out;
    known.resize(std::max<std::size_t>(known.size(), deployed + 1));
    RunState state;
    state.path = static_cast<std::uint16_t>(i);
    state.deployed = deployed;
    known[deployed] = StepBits::of(runner_.left_out(state));
    paths_[i].same_left_out.resize(known.size());
    SetId first = 0;
    while (!known_deployed_[first] || known[first] != known[deployed]) ++first;
    paths_[i].same_left_out[deployed] = first;
  }
}

std::pair<SituationId, Progress> Relation::split(const RunState& s) {
  know(s.deployed);
  const Situation situation{s.world, s.expected, s.traffic, s.broken, s.late, s.why, s.path};
  const Progress progress{StepBits::of(s.ended),
                          StepBits::of(s.landed),
                          s.deployed,
                          s.task,
                          s.faults_left,
                          s.traffic_left,
                          s.round,
                          s.phase,
                          s.began,
                          s.faulted,
                          s.opaque};
  return {intern(situation), progress};
}

RunState Relation::join(SituationId id, const Progress& progress) const {
  RunState state = blank(id);
  state.deployed = progress.deployed;
  state.ended = progress.ended.set();
  state.landed = progress.landed.set();
  state.task = progress.task;
  state.faults_left = progress.faults_left;
  state.traffic_left = progress.traffic_left;
  state.round = progress.round;
  state.phase = progress.phase;
  state.began = progress.began;
  state.faulted = progress.faulted;
  state.opaque = progress.opaque;
  return state;
}

RunState Relation::blank(SituationId id) const {
  const Situation& from = situation(id);
  RunState state;
  state.world = from.world;
  state.expected = from.expected;
  state.traffic = from.traffic;
  state.broken = from.broken;
  state.late = from.late;
  state.why = from.why;
  state.path = static_cast<std::uint16_t>(from.path);
  return state;
}

TurnRow* Relation::table(std::atomic<TurnRow*>& rows, std::size_t count) {
  if (TurnRow* known = rows.load(std::memory_order_acquire)) return known;
  const std::lock_guard lock(making_);
  if (TurnRow* known = rows.load(std::memory_order_acquire)) return known;
  auto* made = static_cast<TurnRow*>(memory_.allocate(count * sizeof(TurnRow), alignof(TurnRow)));
  std::uninitialized_value_construct_n(made, count);
  rows.store(made, std::memory_order_release);
  return made;
}

const Turn* Relation::publish(TurnRow& row, std::vector<Turn> turns) {
  assert(row.load(std::memory_order_relaxed) == nullptr && "a row is made once");
  if (turns.empty()) turns.emplace_back().flags = Turn::kNone;
  turns.back().flags |= Turn::kLast;
  auto* kept = static_cast<Turn*>(memory_.allocate(turns.size() * sizeof(Turn), alignof(Turn)));
  std::uninitialized_copy(turns.begin(), turns.end(), kept);
  row.store(kept, std::memory_order_release);
  return kept;
}

/// What changed from one state to the other. Sound for any state in the same situation, because
/// `from` has nothing behind it: what is not noted here the move neither reads nor changes.
Turn Relation::turn(const RunState& from, const RunState& to, std::size_t task,
                    const Setting::FaultCounts& before) {
  Turn turn;
  turn.to = split(to).first;
  turn.phase = to.phase;
  turn.faults = static_cast<std::uint8_t>(from.faults_left - to.faults_left);
  const auto note = [&](bool changed, Turn::Flags flag) {
    if (changed) turn.flags |= flag;
  };
  note(to.round != from.round, Turn::kRestarts);
  note(to.round == from.round && to.ended.test(task) && !from.ended.test(task), Turn::kEnds);
  note(to.landed.test(task) && !from.landed.test(task), Turn::kLands);
  note(to.began && !from.began, Turn::kBegins);
  note(to.opaque && !from.opaque, Turn::kOpaque);
  note(to.phase != from.phase, Turn::kTurns);
  note(to.phase == Phase::stopped && from.phase == Phase::running, Turn::kStops);
  Setting::FaultCounts fired = setting_.fired();
  for (std::size_t i = 0; i < fired.size(); ++i) fired[i] -= before[i];
  setting_.set_fired(before);  // counted where the turn is taken
  turn.change =
      change_of(turn, static_cast<std::uint16_t>(task), from.traffic_left > to.traffic_left);
  while (turn.fired < fired_.size() && fired_[turn.fired] != fired) ++turn.fired;
  if (turn.fired == fired_.size()) fired_.emplace_back() = fired;
  return turn;
}

const Turn* Relation::make_task_row(SituationId id, std::size_t task, std::uint8_t faults) {
  const Path& path = paths_[situation(id).path];
  assert(task < path.count() && faults < path.budgets);
  TurnRow& row = table(nodes_[id].tasks, path.count() * path.budgets)[task * path.budgets + faults];
  const std::lock_guard lock(making_);
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  RunState from = blank(id);
  from.faults_left = faults;
  std::vector<Turn> turns;
  ExhaustiveChooser chooser;
  do {
    chooser.rewind();
    const Setting::FaultCounts before = setting_.fired();
    RunState to = from;
    const bool through = runner_.try_task(to, task, chooser, nullptr);
    const bool alone = through || runner_.fails_alone(from.path, task);
    if (!through && alone) to = runner_.fail_task(to, task, nullptr);
    turns.push_back(turn(from, to, task, before));
    if (alone) continue;
    turns.back().asks = static_cast<std::uint32_t>(choices_.size());
    choices_.emplace_back() = chooser.choices();
  } while (chooser.advance());
  return publish(row, std::move(turns));
}

const Turn* Relation::make_person_row(SituationId id, std::uint16_t task, bool landed,
                                      bool may_fault, bool may_restart) {
  const std::size_t places = paths_[situation(id).path].count() * 8;
  TurnRow& row =
      table(nodes_[id].persons, places)[person_place(task, landed, may_fault, may_restart)];
  const std::lock_guard lock(making_);
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  RunState from = blank(id);
  from.phase = Phase::stopped;
  from.task = task;
  from.landed.set(task, landed);
  from.faults_left = may_fault ? 1 : 0;
  from.faulted = may_restart;
  from.round = may_restart ? 0 : 1;
  std::vector<Turn> turns;
  ExhaustiveChooser chooser;
  do {
    chooser.rewind();
    const Setting::FaultCounts before = setting_.fired();
    const RunState to = runner_.take(from, {Move::Kind::take_over, from.task}, chooser, nullptr);
    turns.push_back(turn(from, to, from.task, before));
  } while (chooser.advance());
  return publish(row, std::move(turns));
}

const Turn* Relation::traffic_row(SituationId id, bool last) {
  TurnRow& row = nodes_[id].traffic[last ? 1 : 0];
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  const std::lock_guard lock(making_);
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  RunState from = blank(id);
  from.phase = Phase::stopped;  // then no task is among the moves
  from.traffic_left = last ? 1 : 2;
  std::vector<Turn> turns;
  for (const Move& move : runner_.moves(from)) {
    if (move.kind != Move::Kind::serve) continue;
    ReplayChooser plain({});
    const Setting::FaultCounts before = setting_.fired();
    turns.push_back(turn(from, runner_.take(from, move, plain, nullptr), 0, before));
  }
  return publish(row, std::move(turns));
}

const Turn* Relation::late_row(SituationId id) {
  TurnRow& row = nodes_[id].late;
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  const std::lock_guard lock(making_);
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  const RunState from = blank(id);
  ReplayChooser plain({});
  const RunState to = runner_.take(from, {Move::Kind::late, 0}, plain, nullptr);
  return publish(row, {turn(from, to, 0, setting_.fired())});
}

const Turn* Relation::deadlock_row(SituationId id) {
  TurnRow& row = nodes_[id].deadlock;
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  const std::lock_guard lock(making_);
  if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  const RunState from = blank(id);
  ReplayChooser plain({});
  const RunState to = runner_.take(from, {Move::Kind::deadlock, 0}, plain, nullptr);
  return publish(row, {turn(from, to, 0, setting_.fired())});
}

bool Relation::may_be_opaque(SituationId id, std::size_t task, std::uint8_t faults_left) {
  for (const Turn* turn = task_row(id, task, faults_left);; ++turn) {
    if ((turn->flags & Turn::kOpaque) != 0) return true;
    if ((turn->flags & Turn::kLast) != 0) return false;
  }
}

std::pair<SituationId, Progress> Relation::ask(const Turn& turn, SituationId id,
                                               const Progress& progress, const Move& move) {
  const std::lock_guard lock(making_);
  const Setting::FaultCounts before = setting_.fired();
  ReplayChooser chooser(choices_[turn.asks]);
  const RunState to = runner_.take(join(id, progress), move, chooser, nullptr);
  setting_.set_fired(before);
  const std::pair<SituationId, Progress> after = split(to);
  if (answers_ != nullptr) answers_->push_back({turn.asks, progress, after.first, after.second});
  return after;
}

Judgement Relation::make_judgement(SituationId id, const Progress& progress,
                                   std::atomic<std::uint64_t>& known) {
  const std::lock_guard lock(making_);
  const RunState state = join(id, progress);
  const Judgement judgement = is_final(progress) ? judge_.end(state) : judge_.visible(state);
  known.store(pack(judgement), std::memory_order_release);
  return judgement;
}

}  // namespace backout::simulator
