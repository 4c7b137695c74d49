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
  virtual std::uint64_t states() const = 0;
  virtual std::uint64_t bytes() const = 0;
  /// Adds how often each fault befell the transitions since the last call.
  virtual void count(Setting& setting) = 0;

  std::uint64_t transitions = 0;
  bool limit_reached = false;
};

namespace {

/// Depth first with a stack of its own. A state's transitions are worked out together, so that all their places in the
/// table are on their way before the first is looked at.
template <std::size_t kWords>
class DepthFirst final : public Search::Table {
 public:
  DepthFirst(Relation& relation, Judge& judge, std::uint64_t max_states)
      : relation_(relation), max_states_(max_states), circle_{judge.endless()}, unexplored_{judge.unexplored()} {}

  Value worst(SituationId id, const Progress& progress) override {
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
  Value end_of(const State& state) { return {relation_.judge(state.situation(), state.progress()), 0, 0}; }
  Value value_of(std::uint64_t word) const { return ValueWord::is_done(word) ? ValueWord::unpack(word) : circle_; }

  void push(const Ahead& from) {
    const SituationId id = from.state.situation();
    const Progress progress = from.state.progress();
    Frame& frame = frames_.emplace_back(Frame{from.state, from.hash, ahead_.size(), ahead_.size(), {}});
    frame.best.begin(relation_.judge(id, progress));
    relation_.expand(id, progress, [&](SituationId to, const Progress& next, std::uint32_t fired, const Move&, auto) {
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
  std::uint64_t max_states_;
  Value circle_;
  Value unexplored_;
  StateTable<State, NoLock> known_;
  std::uint64_t states_ = 0;
  std::vector<Frame> frames_;
  std::vector<Ahead> ahead_;
  std::vector<std::uint64_t> fired_;  ///< by Relation::fired
};

std::unique_ptr<Search::Table> make_table(Setting& setting, Relation& relation, Judge& judge, std::uint64_t max_states) {
  std::size_t tasks = 0;
  for (const Playbook& path : setting.books().paths) tasks = std::max(tasks, path.tasks.size());
  switch (words_for(tasks)) {
    case 2: return std::make_unique<DepthFirst<2>>(relation, judge, max_states);
    case 3: return std::make_unique<DepthFirst<3>>(relation, judge, max_states);
    default: return std::make_unique<DepthFirst<6>>(relation, judge, max_states);
  }
}

}  // namespace

Search::Search(Setting& setting, std::uint64_t max_states)
    : setting_(setting),
      runner_(setting),
      judge_(setting),
      relation_(setting, runner_, judge_),
      table_(make_table(setting, relation_, judge_, max_states)) {}

Search::~Search() = default;

std::uint64_t Search::states() const { return table_->states(); }
std::uint64_t Search::transitions() const { return table_->transitions; }
std::uint64_t Search::bytes() const { return table_->bytes(); }
bool Search::limit_reached() const { return table_->limit_reached; }

Value Search::worst(const RunState& state) {
  const auto [id, progress] = relation_.split(state);
  const Value value = table_->worst(id, progress);
  table_->count(setting_);
  return value;
}

RunState Search::replay(RunState state, Log& log) {
  // Counted, because a run in circles has no last state.
  for (std::uint32_t left = worst(state).length; left > 0; --left) state = take(state, worst(state).ordinal, log);
  return state;
}

RunState Search::take(const RunState& state, std::uint32_t ordinal, Log& log) {
  const auto [id, progress] = relation_.split(state);
  Move move;
  std::uint32_t way = 0;
  std::uint32_t at = 0;
  relation_.expand(id, progress, [&](SituationId, const Progress&, std::uint32_t, const Move& each, std::uint32_t its) {
    if (at++ != ordinal) return;
    move = each;
    way = its;
  });
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
