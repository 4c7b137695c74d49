#include "simulator/search.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <span>
#include <thread>
#include <type_traits>
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
  /// Works out all of them, on as many threads as the table is for.
  virtual void work_out(std::span<const std::pair<SituationId, Progress>> roots) = 0;
  /// The transition that stands at `ordinal` among those that this search follows from a state, which is merged or not.
  virtual Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) = 0;
  virtual std::uint64_t states() const = 0;
  virtual std::uint64_t transitions() const = 0;
  virtual std::uint64_t bytes() const = 0;
  /// Adds how often each fault befell the transitions since the last call.
  virtual void count(Setting& setting) = 0;

  std::atomic<bool> limit_reached = false;
};

namespace {

/// A run has no more transitions than this: a path has at most kMaxSteps tasks, which run at most twice, and every fault
/// and every operation adds a few. What is longer jumps back again and again while something, such as the list of an
/// app's releases, grows without end.
constexpr std::size_t kLongestRun = 2000;

/// What a search is made of.
struct Parts {
  Relation& relation;
  Judge& judge;
  const Independence* independence;  ///< null: all orders
  bool merges;
  std::uint64_t max_states;
};

/// Depth first, each worker with a stack of its own over one table. A state's transitions are worked out together, so
/// that all their places in the table are on their way before the first is looked at.
///
/// Several workers need a graph without circles: then what a state is worth depends on nothing but the state, and it
/// makes no difference who works it out. A worker that meets a state which another one has begun works it out as well,
/// going through its transitions in another order, so that the two meet each other's answers behind it. The first
/// answer counts.
template <std::size_t kWords, typename Lock>
class DepthFirst final : public Search::Table {
 public:
  DepthFirst(const Parts& parts, std::size_t threads)
      : relation_(parts.relation),
        independence_(parts.independence),
        merges_(parts.merges),
        max_states_(parts.max_states),
        circle_{parts.judge.endless()},
        unexplored_{parts.judge.unexplored()} {
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(*this, i));
  }

  Value worst(SituationId id, const Progress& progress) override { return workers_.front()->worst(id, progress); }

  void work_out(std::span<const std::pair<SituationId, Progress>> roots) override {
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> failures(workers_.size());
    const auto work = [&](std::size_t at) {
      try {
        for (std::size_t i = next++; i < roots.size() && !gave_up(); i = next++) {
          workers_[at]->worst(roots[i].first, roots[i].second);
        }
      } catch (...) {
        failures[at] = std::current_exception();
      }
    };
    {
      std::vector<std::jthread> others;
      for (std::size_t at = 1; at < workers_.size(); ++at) others.emplace_back(work, at);
      work(0);
    }
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
    if (kShared && known_.size() > max_states_) limit_reached = true;  // workers count in batches
  }

  Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) override {
    Ordinal found;
    std::uint32_t at = 0;
    expand(id, progress, [&](SituationId, const Progress&, std::uint32_t, const Move& move, std::uint32_t way) {
      if (at++ == ordinal) found = {move, way};
    });
    return found;
  }

  std::uint64_t states() const override { return known_.size(); }
  std::uint64_t transitions() const override {
    std::uint64_t all = 0;
    for (const auto& worker : workers_) all += worker->transitions;
    return all;
  }
  std::uint64_t bytes() const override { return known_.bytes(); }
  void count(Setting& setting) override {
    Setting::FaultCounts all = setting.fired();
    for (const auto& worker : workers_) {
      for (std::uint32_t i = 0; i < worker->fired.size(); ++i) {
        for (std::size_t kind = 0; kind < all.size(); ++kind) all[kind] += relation_.fired(i)[kind] * worker->fired[i];
      }
      worker->fired.clear();
    }
    setting.set_fired(all);
  }

 private:
  static constexpr bool kShared = !std::is_same_v<Lock, NoLock>;
  using State = PackedState<kWords>;
  struct Ahead {
    State state;
    std::uint64_t hash;
    std::uint32_t fired;  ///< on the way there: Relation::fired
  };
  struct Frame {
    State state;
    std::uint64_t hash;
    std::size_t first;   ///< in ahead_: the states behind it
    std::uint32_t seen;  ///< how many of them were looked at
    std::uint32_t turn;  ///< at which of them the look began
    Worst best;
  };

  class Worker {
   public:
    Worker(DepthFirst& search, std::size_t number) : search_(search), number_(number) {}

    Value worst(SituationId id, const Progress& from) {
      Progress progress = from;
      if (search_.merges_) search_.relation_.merge(id, progress);
      const State root(id, progress);
      if (const auto known = meet(root, root.hash())) return *known;
      push(root, root.hash());
      while (true) {
        Frame& frame = frames_.back();
        const auto count = static_cast<std::uint32_t>(ahead_.size() - frame.first);
        if (frame.seen < count && !(kShared && search_.gave_up())) {
          const Ahead next = ahead_[frame.first + at(frame, count)];
          if (const auto known = meet(next.state, next.hash)) join(frame, *known, count);
          else push(next.state, next.hash);
          continue;
        }
        const Value value = frame.best.value();
        finish(frame, count, value);
        frames_.pop_back();
        if (frames_.empty()) return value;
        join(frames_.back(), value, static_cast<std::uint32_t>(ahead_.size() - frames_.back().first));
      }
    }

    std::uint64_t transitions = 0;
    std::vector<std::uint64_t> fired;  ///< by Relation::fired

   private:
    static std::uint32_t at(const Frame& frame, std::uint32_t count) {
      const std::uint32_t sum = frame.turn + frame.seen;
      return kShared && sum >= count ? sum - count : sum;
    }
    static void join(Frame& frame, const Value& after, std::uint32_t count) {
      frame.best.join(after, at(frame, count));
      ++frame.seen;
    }

    /// The value of a state; nullopt when it must be worked out.
    std::optional<Value> meet(const State& state, std::uint64_t hash) {
      if (frames_.size() > kLongestRun) return search_.circle_;
      if (!kShared && search_.met_ >= search_.max_states_) {
        const std::uint64_t word = search_.known_.find(state, hash);
        if (word == 0) search_.limit_reached = true;
        return word == 0 ? search_.unexplored_ : search_.value_of(word);
      }
      const bool final = state.final();
      const std::uint64_t fresh = final ? ValueWord::pack(search_.end_of(state)) : ValueWord::kBegun;
      const std::uint64_t word = search_.known_.find_or_add(state, hash, fresh);
      if (word == 0) count_state();
      else if (!kShared || ValueWord::is_done(word)) return search_.value_of(word);
      if (final) return ValueWord::unpack(fresh);
      return std::nullopt;
    }
    void count_state() {
      if constexpr (!kShared) {
        ++search_.met_;
      } else if (++met_ == kBatch) {
        met_ = 0;
        if ((search_.met_ += kBatch) > search_.max_states_) search_.limit_reached = true;
      }
    }

    void push(const State& state, std::uint64_t hash) {
      const SituationId id = state.situation();
      const Progress progress = state.progress();
      Frame& frame = frames_.emplace_back(Frame{state, hash, ahead_.size(), 0, 0, {}});
      frame.best.begin(search_.relation_.judge(id, progress));
      search_.expand(id, progress, [&](SituationId to, const Progress& after, std::uint32_t with, const Move&,
                                       std::uint32_t) {
        Progress next = after;
        // A person starts over: other orders may do so elsewhere.
        if (progress.phase == Phase::stopped && next.round != progress.round) frame.best.escape();
        if (search_.merges_) search_.relation_.merge(to, next);
        const State ahead(to, next);
        const std::uint64_t ahead_hash = ahead.hash();
        search_.known_.prefetch(ahead, ahead_hash);
        ahead_.push_back({ahead, ahead_hash, with});
      });
      if constexpr (kShared) {
        const std::size_t count = ahead_.size() - frame.first;
        if (number_ > 0 && count > 0) frame.turn = static_cast<std::uint32_t>((hash >> 32) * number_ % count);
      }
    }

    /// Keeps the value and counts what the state was expanded for, unless another worker did.
    void finish(const Frame& frame, std::uint32_t count, const Value& value) {
      const bool mine = !ValueWord::is_done(search_.known_.exchange(frame.state, frame.hash, ValueWord::pack(value)));
      if (!kShared || mine) {
        transitions += count;
        for (std::size_t i = frame.first; i < ahead_.size(); ++i) {
          if (ahead_[i].fired != 0) note(ahead_[i].fired);
        }
      }
      ahead_.resize(frame.first);
    }
    void note(std::uint32_t with) {
      if (with >= fired.size()) fired.resize(search_.relation_.fired_count());
      ++fired[with];
    }

    static constexpr std::uint64_t kBatch = 1024;
    DepthFirst& search_;
    std::size_t number_;
    std::uint64_t met_ = 0;  ///< new states that the search does not know of yet
    std::vector<Frame> frames_;
    std::vector<Ahead> ahead_;
  };

  /// Several workers stop at the limit of states: what they worked out by then is another thing each time.
  bool gave_up() const { return kShared && limit_reached.load(std::memory_order_relaxed); }

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

  Relation& relation_;
  const Independence* independence_;
  bool merges_;
  std::uint64_t max_states_;
  Value circle_;
  Value unexplored_;
  StateTable<State, Lock> known_;
  std::conditional_t<kShared, std::atomic<std::uint64_t>, std::uint64_t> met_ = 0;  ///< states
  std::vector<std::unique_ptr<Worker>> workers_;
};

template <std::size_t kWords>
std::unique_ptr<Search::Table> make_table(const Parts& parts, std::size_t threads) {
  if (threads == 1) return std::make_unique<DepthFirst<kWords, NoLock>>(parts, 1);
  return std::make_unique<DepthFirst<kWords, SpinLock>>(parts, threads);
}

std::unique_ptr<Search::Table> make_table(const Setting& setting, const Parts& parts, std::size_t threads) {
  std::size_t tasks = 0;
  for (const Playbook& path : setting.books().paths) tasks = std::max(tasks, path.tasks.size());
  switch (words_for(tasks)) {
    case 2: return make_table<2>(parts, threads);
    case 3: return make_table<3>(parts, threads);
    default: return make_table<6>(parts, threads);
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
      threads_(relation_.has_circles() ? 1 : std::max<std::size_t>(mode.threads, 1)),
      all_(make_table(setting, {relation_, judge_, nullptr, mode.reduction, max_states}, threads_)) {}

Search::~Search() = default;

std::uint64_t Search::states() const {
  return forgotten_states_ + all_->states() + (reduced_ ? reduced_->states() : 0);
}
std::uint64_t Search::transitions() const {
  return forgotten_transitions_ + all_->transitions() + (reduced_ ? reduced_->transitions() : 0);
}
std::uint64_t Search::bytes() const { return all_->bytes() + (reduced_ ? reduced_->bytes() : 0); }
bool Search::limit_reached() const { return incomplete_; }

Value Search::answer(Table& table, const RunState& state) {
  const auto [id, progress] = relation_.split(state);
  const Value value = table.worst(id, progress);
  table.count(setting_);
  return value;
}

void Search::begin_anew() {
  independence_ = std::make_unique<Independence>(setting_, runner_);
  if (reduced_) forgotten_states_ += reduced_->states();
  if (reduced_) forgotten_transitions_ += reduced_->transitions();
  reduced_ = make_table(setting_, {relation_, judge_, independence_.get(), true, max_states_}, threads_);
}

bool Search::may_reduce(const RunState& state) {
  // Made late: the more of live operations was seen, the less often it must be made anew.
  if (mode_.reduction && !independence_) independence_ = std::make_unique<Independence>(setting_, runner_);
  return mode_.reduction && independence_->is_useful(state.path);
}

void Search::work_out(Table& table, const std::vector<RunState>& begins) {
  std::vector<std::pair<SituationId, Progress>> roots;
  for (const RunState& begin : begins) roots.push_back(relation_.split(begin));
  table.work_out(roots);
  table.count(setting_);
}

bool Search::prepare(const std::vector<RunState>& begins) {
  do {
    if (reduced_ && independence_->is_outdated()) begin_anew();
    std::vector<RunState> few;
    std::vector<RunState> every;
    for (const RunState& begin : begins) (may_reduce(begin) ? few : every).push_back(begin);
    if (!few.empty()) {
      if (!reduced_) begin_anew();
      work_out(*reduced_, few);
      if (threads_ > 1 && reduced_->limit_reached) return false;
      if (independence_->is_outdated()) continue;
    }
    for (const RunState& begin : few) {
      const Value value = answer(*reduced_, begin);
      if (!is_sure(value) || wants_shortest(value)) every.push_back(begin);
    }
    work_out(*all_, every);
    if (threads_ > 1 && all_->limit_reached) return false;
  } while (reduced_ && independence_->is_outdated());
  return true;
}

bool Search::is_sure(const Value& value) const { return !value.escapes || value.judgement.verdict == Verdict::stuck; }

bool Search::wants_shortest(const Value& value) const {
  return mode_.shortest && is_worse(value.judgement.verdict, Verdict::restored_with_residue);
}

bool Search::is_reduced(const RunState& state) {
  if (!may_reduce(state)) return false;
  if (!reduced_ || independence_->is_outdated()) begin_anew();
  Value value = answer(*reduced_, state);
  while (independence_->is_outdated()) {
    begin_anew();
    value = answer(*reduced_, state);
  }
  if (!is_sure(value)) return false;
  if (reduced_->limit_reached) incomplete_ = true;
  if (!wants_shortest(value)) return true;
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
