#include "simulator/search.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/packed_state.hpp"
#include "simulator/state_table.hpp"
#include "simulator/value_word.hpp"

namespace backout::simulator {

class Search::Table {
 public:
  virtual ~Table() = default;
  virtual Value worst(SituationId id, const Progress& progress) = 0;
  /// The transition that stands at `ordinal` among those that this search follows from a state, which is merged or not.
  virtual Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) = 0;
  virtual std::uint64_t states() const = 0;
  virtual std::uint64_t bytes() const = 0;
  /// Adds how often each fault befell the transitions since the last call.
  virtual void count(Setting& setting) = 0;

  std::uint64_t transitions = 0;
  bool limit_reached = false;
};

namespace {

/// What a search is made of.
struct Parts {
  Relation& relation;
  Judge& judge;
  const Independence* independence;  ///< null: all orders
  bool merges;
  std::uint64_t max_states;
};

/// Depth first with a stack of its own. A state's transitions are worked out together, so that all their places in the
/// table are on their way before the first is looked at.
template <std::size_t kWords>
class DepthFirst final : public Search::Table {
 public:
  explicit DepthFirst(const Parts& parts)
      : relation_(parts.relation),
        independence_(parts.independence),
        merges_(parts.merges),
        max_states_(parts.max_states),
        circle_{parts.judge.endless()},
        unexplored_{parts.judge.unexplored()} {}

  Value worst(SituationId id, const Progress& from) override {
    Progress progress = from;
    if (merges_) relation_.merge(id, progress);
    const State root(id, progress);
    if (const auto known = meet({root, root.hash()})) return *known;
    push({root, root.hash()});
    while (true) {
      Frame& frame = frames_.back();
      if (frame.next < ahead_.size()) {
        const Ahead next = ahead_[frame.next];
        if (const auto known = meet(next)) frame.join(*known);
        else push(next);
        continue;
      }
      const Value value = frame.best.value();
      known_.exchange(frame.state, frame.hash, ValueWord::pack(value));
      ahead_.resize(frame.first);
      frames_.pop_back();
      if (frames_.empty()) return value;
      frames_.back().join(value);
    }
  }

  Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) override {
    Ordinal found;
    std::uint32_t at = 0;
    expand(id, progress, [&](SituationId, const Progress&, std::uint32_t, const Move& move, std::uint32_t way) {
      if (at++ == ordinal) found = {move, way};
    });
    return found;
  }

  std::uint64_t states() const override { return states_; }
  std::uint64_t bytes() const override { return known_.bytes(); }
  void count(Setting& setting) override {
    Setting::FaultCounts all = setting.fired();
    for (std::uint32_t i = 0; i < fired_.size(); ++i) {
      for (std::size_t kind = 0; kind < all.size(); ++kind) all[kind] += relation_.fired(i)[kind] * fired_[i];
    }
    fired_.clear();
    setting.set_fired(all);
  }

 private:
  using State = PackedState<kWords>;
  struct Ahead {
    State state;
    std::uint64_t hash;
  };
  struct Frame {
    State state;
    std::uint64_t hash;
    std::size_t first;  ///< in ahead_: the states behind it
    std::size_t next;
    Worst best;

    void join(const Value& after) { best.join(after, static_cast<std::uint32_t>(next++ - first)); }
  };

  /// The value of a state; nullopt when it is new and must be worked out.
  std::optional<Value> meet(const Ahead& ahead) {
    if (frames_.size() > kLongestRun) return circle_;
    if (states_ >= max_states_) {
      const std::uint64_t word = known_.find(ahead.state, ahead.hash);
      if (word == 0) limit_reached = true;
      return word == 0 ? unexplored_ : value_of(word);
    }
    const bool final = ahead.state.final();
    const std::uint64_t fresh = final ? ValueWord::pack(end_of(ahead.state)) : ValueWord::kBegun;
    const std::uint64_t word = known_.find_or_add(ahead.state, ahead.hash, fresh);
    if (word != 0) return value_of(word);
    ++states_;
    if (final) return ValueWord::unpack(fresh);
    return std::nullopt;
  }
  Value end_of(const State& state) {
    const Progress progress = state.progress();
    const Judgement judgement = relation_.judge(state.situation(), progress);
    return {judgement, 0, 0, progress.phase == Phase::stuck && judgement.verdict != Verdict::stuck};
  }
  Value value_of(std::uint64_t word) const { return ValueWord::is_done(word) ? ValueWord::unpack(word) : circle_; }

  template <typename Sink>
  void expand(SituationId id, const Progress& progress, Sink&& sink) {
    if (independence_ != nullptr) {
      const std::size_t task = independence_->enough(relation_.situation(id), progress, [&](std::size_t each) {
        return relation_.may_be_opaque(id, each, progress.faults_left);
      });
      if (task != Independence::kNoTask) return relation_.expand_task(id, progress, task, sink);
    }
    relation_.expand(id, progress, sink);
  }

  void push(const Ahead& from) {
    const SituationId id = from.state.situation();
    const Progress progress = from.state.progress();
    Frame& frame = frames_.emplace_back(Frame{from.state, from.hash, ahead_.size(), ahead_.size(), {}});
    frame.best.begin(relation_.judge(id, progress));
    expand(id, progress, [&](SituationId to, const Progress& after, std::uint32_t fired, const Move&, std::uint32_t) {
      Progress next = after;
      // A person starts over: other orders may do so elsewhere.
      if (progress.phase == Phase::stopped && next.round != progress.round) frame.best.escape();
      if (merges_) relation_.merge(to, next);
      const State state(to, next);
      const std::uint64_t hash = state.hash();
      known_.prefetch(state, hash);
      ahead_.push_back({state, hash});
      if (fired != 0) note(fired);
    });
    transitions += ahead_.size() - frame.first;
  }
  void note(std::uint32_t fired) {
    if (fired >= fired_.size()) fired_.resize(relation_.fired_count());
    ++fired_[fired];
  }

  Relation& relation_;
  const Independence* independence_;
  bool merges_;
  std::uint64_t max_states_;
  Value circle_;
  Value unexplored_;
  StateTable<State, NoLock> known_;
  std::uint64_t states_ = 0;
  std::vector<Frame> frames_;
  std::vector<Ahead> ahead_;
  std::vector<std::uint64_t> fired_;  ///< by Relation::fired
};

std::unique_ptr<Search::Table> make_table(const Setting& setting, const Parts& parts) {
  std::size_t tasks = 0;
  for (const Playbook& path : setting.books().paths) tasks = std::max(tasks, path.tasks.size());
  switch (words_for(tasks)) {
    case 2: return std::make_unique<DepthFirst<2>>(parts);
    case 3: return std::make_unique<DepthFirst<3>>(parts);
    default: return std::make_unique<DepthFirst<6>>(parts);
  }
}

}  // namespace

Search::Search(Setting& setting, std::uint64_t max_states, const SearchMode& mode)
    : setting_(setting),
      max_states_(max_states),
      mode_(mode),
      runner_(setting),
      judge_(setting),
      relation_(setting, runner_, judge_),
      all_(make_table(setting, {relation_, judge_, nullptr, mode.reduction, max_states})) {}

Search::~Search() = default;

std::uint64_t Search::states() const {
  return forgotten_states_ + all_->states() + (reduced_ ? reduced_->states() : 0);
}
std::uint64_t Search::transitions() const {
  return forgotten_transitions_ + all_->transitions + (reduced_ ? reduced_->transitions : 0);
}
std::uint64_t Search::bytes() const { return all_->bytes() + (reduced_ ? reduced_->bytes() : 0); }
bool Search::limit_reached() const { return incomplete_; }

Value Search::answer(Table& table, const RunState& state) {
  const auto [id, progress] = relation_.split(state);
  const Value value = table.worst(id, progress);
  table.count(setting_);
  return value;
}

bool Search::is_reduced(const RunState& state) {
  if (!mode_.reduction) return false;
  // Made late: the more of live operations was seen, the less often it must be made anew.
  if (!independence_) independence_ = std::make_unique<Independence>(setting_, runner_);
  if (!independence_->is_useful(state.path)) return false;
  const auto begin_anew = [&] {
    independence_ = std::make_unique<Independence>(setting_, runner_);
    if (reduced_) forgotten_states_ += reduced_->states();
    if (reduced_) forgotten_transitions_ += reduced_->transitions;
    reduced_ = make_table(setting_, {relation_, judge_, independence_.get(), true, max_states_});
  };
  if (!reduced_ || independence_->is_outdated()) begin_anew();
  Value value = answer(*reduced_, state);
  while (independence_->is_outdated()) {
    begin_anew();
    value = answer(*reduced_, state);
  }
  const Verdict verdict = value.judgement.verdict;
  const bool sure = !value.escapes || verdict == Verdict::stuck;
  if (sure && reduced_->limit_reached) incomplete_ = true;
  if (!sure) return false;
  if (!mode_.shortest || !is_worse(verdict, Verdict::restored_with_residue)) return true;
  answer(*all_, state);
  return all_->limit_reached;
}

Value Search::worst(const RunState& state) {
  if (is_reduced(state)) return answer(*reduced_, state);
  const Value value = answer(*all_, state);
  incomplete_ = incomplete_ || all_->limit_reached;
  return value;
}

RunState Search::replay(RunState state, Log& log) {
  Table& table = is_reduced(state) ? *reduced_ : *all_;
  // Counted, because a run in circles has no last state.
  for (std::uint32_t left = answer(table, state).length; left > 0; --left) {
    state = take(table, state, answer(table, state).ordinal, log);
  }
  return state;
}

RunState Search::take(Table& table, const RunState& state, std::uint32_t ordinal, Log& log) {
  const auto [id, progress] = relation_.split(state);
  auto [move, way] = table.find(id, progress, ordinal);
  if (move.kind == Move::Kind::serve) {
    std::vector<Move> moves = runner_.moves(state);
    std::erase_if(moves, [](const Move& each) { return each.kind != Move::Kind::serve; });
    move = moves.at(std::exchange(way, 0));
  }
  ExhaustiveChooser chooser;
  const Setting::FaultCounts before = setting_.fired();
  for (; way > 0; --way) {
    chooser.rewind();
    runner_.take(state, move, chooser, nullptr);
    chooser.advance();
  }
  setting_.set_fired(before);
  chooser.rewind();
  return runner_.take(state, move, chooser, &log);
}

}  // namespace backout::simulator
