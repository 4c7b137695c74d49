#pragma once
// The search proper, for states of one width. Search says what it is asked for.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/packed_state.hpp"
#include "simulator/search.hpp"
#include "simulator/shared_table.hpp"
#include "simulator/state_table.hpp"
#include "simulator/value_word.hpp"

namespace backout::simulator {

class Search::Table {
 public:
  virtual ~Table() = default;
  /// What a begin is worth, and the run that shows it.
  struct Answer {
    Value value;
    std::vector<std::uint16_t>
        way;  ///< transitions to the state that is judged so; for RESTORED not kept
  };
  virtual const Answer& answer(SituationId id, const Progress& progress) = 0;
  /// Works out all of them, on as many threads as the table is for.
  virtual void work_out(const std::vector<std::pair<SituationId, Progress>>& roots) = 0;
  /// The transition that stands at `ordinal` among those that this search follows from a state,
  /// which is merged or not.
  virtual Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) = 0;
  virtual std::uint64_t states() const = 0;
  virtual std::uint64_t transitions() const = 0;
  virtual std::uint64_t bytes() const = 0;
  /// Adds how often each fault befell the transitions since the last call.
  virtual void count(Setting& setting) = 0;

  std::atomic<bool> limit_reached = false;
};

/// What a search is made of.
struct SearchParts {
  Relation& relation;
  Judge& judge;
  const Independence* independence;  ///< null: all orders
  bool merges;
  std::uint64_t max_states;
  const GoOn* go_on = nullptr;  ///< null: nobody is asked
};

/// Depth first. A state's transitions are worked out together, so that all their places in the
/// table are on their way before the first is looked at.
///
/// Runs that begin where other deploy steps ran never meet, unless merging forgets what ran. So the
/// search goes from one such *region* to the next and forgets the states of the one before: each
/// region fits into the processor's cache, and several workers share nothing there. What lasts, in
/// a table for all workers, are the states where nothing tells the deploy steps apart, and all
/// states where runs go in circles: there, what a state is worth depends on the way.
///
/// Several workers need a graph without circles: then what a state is worth depends on nothing but
/// the state, and it makes no difference who works it out. A worker that meets a lasting state
/// which another one has begun works it out as well, going through its transitions in another
/// order, so that the two meet each other's answers behind it. The first answer counts.
template <std::size_t kWords, bool kShared>
class DepthFirst final : public Search::Table {
 public:
  DepthFirst(const SearchParts& parts, std::size_t threads)
      : relation_(parts.relation),
        independence_(parts.independence),
        merges_(parts.merges),
        has_regions_(!parts.relation.has_circles()),
        max_states_(parts.max_states),
        go_on_(parts.go_on),
        circle_(ValueWord::pack({parts.judge.endless()})),
        unexplored_(ValueWord::pack({parts.judge.unexplored()})) {
    for (std::size_t i = 0; i < threads; ++i)
      workers_.push_back(std::make_unique<Worker>(*this, i));
  }

  const Answer& answer(SituationId id, const Progress& progress) override {
    return answer(root_of(id, progress));
  }

  void work_out(const std::vector<std::pair<SituationId, Progress>>& all) override {
    std::vector<State> roots;
    for (const auto& [id, progress] : all) roots.push_back(root_of(id, progress));
    std::ranges::stable_sort(roots, {}, [&](const State& root) { return region_of(root); });
    if constexpr (!kShared) {
      for (const State& root : roots) answer(root);
    } else {
      share(roots);
    }
  }

  Ordinal find(SituationId id, const Progress& progress, std::uint32_t ordinal) override {
    Ordinal found;
    std::uint32_t at = 0;
    expand(State(id, progress), [&](State, std::uint32_t, const Move& move, std::uint32_t way) {
      if (at++ == ordinal) found = {move, way};
    });
    return found;
  }

  std::uint64_t states() const override {
    std::uint64_t all = lasting_.size();
    for (const auto& worker : workers_) all += worker->left_states + worker->region_states();
    return all;
  }
  std::uint64_t transitions() const override {
    std::uint64_t all = 0;
    for (const auto& worker : workers_) all += worker->transitions;
    return all;
  }
  std::uint64_t bytes() const override {
    std::uint64_t all = lasting_.bytes();
    for (const auto& worker : workers_) all += worker->region_bytes();
    return all;
  }
  void count(Setting& setting) override {
    Setting::FaultCounts all = setting.fired();
    for (const auto& worker : workers_) {
      for (std::uint32_t i = 0; i < worker->fired.size(); ++i) {
        for (std::size_t kind = 0; kind < all.size(); ++kind)
          all[kind] += relation_.fired(i)[kind] * worker->fired[i];
      }
      worker->fired.clear();
    }
    setting.set_fired(all);
  }

 private:
  using State = PackedState<kWords>;
  using Entry = typename StateTable<State>::Entry;
  struct Found {
    State state;
    std::uint64_t hash;
    std::uint32_t fired;  ///< on the way there: Relation::fired
  };
  struct Ahead {
    Entry* entry;  ///< nullptr: there was no more room for it
    std::uint32_t fired;
  };
  struct Frame {
    Entry* entry;
    std::size_t first;    ///< in ahead_: the states behind it
    std::uint32_t count;  ///< of them
    std::uint32_t seen;   ///< how many of them were looked at
    std::uint32_t turn;   ///< at which of them the look began
    Worst best;
  };

  class Worker {
   public:
    Worker(DepthFirst& search, std::size_t number) : search_(search), number_(number) {}

    Answer answer(const State& root) {
      Answer answer{ValueWord::unpack(worst(root)), {}};
      if (answer.value.judgement.verdict != Verdict::restored && !(kShared && search_.gave_up())) {
        answer.way = way(root, answer.value.length);
      }
      return answer;
    }

    std::uint64_t region_states() const { return region_.size(); }
    std::uint64_t region_bytes() const { return region_.bytes(); }

    std::uint64_t left_states = 0;  ///< of regions that were left
    std::uint64_t transitions = 0;
    std::vector<std::uint64_t> fired;  ///< by Relation::fired

   private:
    std::uint64_t worst(const State& root) {
      if (const SetId region = search_.region_of(root); region != open_ && region != 0) {
        open_ = region;
        left_states += region_.size();
        region_.clear();
      }
      Entry* const entry = add(root, root.hash());
      if (entry == nullptr) return search_.unexplored_;
      if (const std::uint64_t known = word_of(*entry); known != 0) return known;
      push(entry);
      while (true) {
        Frame& frame = frames_.back();
        if (frame.seen < frame.count && !(kShared && search_.gave_up())) {
          const std::uint32_t at = next_of(frame);
          Entry* const next = ahead_[frame.first + at].entry;
          const std::uint64_t known = next == nullptr ? search_.unexplored_ : word_of(*next);
          if (known == 0) {
            push(next);
          } else {
            frame.best.join(known, at);
            ++frame.seen;
          }
          continue;
        }
        const std::uint64_t word = frame.best.word();
        finish(frame, word);
        frames_.pop_back();
        if (frames_.empty()) return word;
        Frame& before = frames_.back();
        before.best.join(word, next_of(before));
        ++before.seen;
      }
    }

    /// The transitions of the run that a root is worth, by the words of the states on it.
    std::vector<std::uint16_t> way(State state, std::uint32_t length) {
      std::vector<std::uint16_t> all;
      while (all.size() < length) {
        const Entry* const entry = look_up(state);
        const auto ordinal = static_cast<std::uint16_t>(ValueWord::unpack(word_of(*entry)).ordinal);
        all.push_back(ordinal);
        State after;
        std::uint32_t at = 0;
        search_.expand(state, [&](State next, std::uint32_t, const Move&, std::uint32_t) {
          if (at++ == ordinal) after = next;
        });
        if (search_.merges_) search_.relation_.merge(after);
        state = after;
      }
      return all;
    }

    static std::uint32_t next_of(const Frame& frame) {
      const std::uint32_t sum = frame.turn + frame.seen;
      return kShared && sum >= frame.count ? sum - frame.count : sum;
    }

    /// What is known of a state; 0: nothing yet.
    std::uint64_t word_of(const Entry& entry) const {
      const std::uint64_t word = load(entry);
      if (ValueWord::is_done(word)) return word;
      if (frames_.size() > kLongestRun) return search_.circle_;
      return kShared || word == 0 ? 0 : search_.circle_;
    }
    static std::uint64_t load(const Entry& entry) {
      if constexpr (!kShared)
        return entry.word;
      else
        return std::atomic_ref(const_cast<Entry&>(entry).word).load(std::memory_order_acquire);
    }

    Entry* look_up(const State& state) {
      return search_.region_of(state) != 0 ? region_.find(state, state.hash())
                                           : search_.lasting_.find(state, state.hash());
    }

    /// The entry of a state that may be new; nullptr: it is, and there are too many.
    Entry* add(const State& state, std::uint64_t hash) {
      if (!kShared && search_.met_ >= search_.max_states_) {
        Entry* const known = look_up(state);
        if (known == nullptr) search_.limit_reached = true;
        return known;
      }
      const std::uint64_t word = state.final() ? search_.end_of(state) : 0;
      const auto [entry, fresh] = search_.region_of(state) != 0
                                      ? region_.find_or_add(state, hash, word)
                                      : search_.lasting_.find_or_add(state, hash, word);
      if (fresh) count_state();
      return entry;
    }
    /// Sets the word of a state and returns the one before.
    std::uint64_t store(Entry& entry, std::uint64_t word) {
      if (!kShared || search_.region_of(entry.state) != 0) return std::exchange(entry.word, word);
      return std::atomic_ref(entry.word).exchange(word, std::memory_order_acq_rel);
    }
    void count_state() {
      if constexpr (!kShared) {
        if (++search_.met_ % kAsk == 0 && search_.is_stopped()) search_.max_states_ = search_.met_;
      } else if (++met_ == kBatch) {
        met_ = 0;
        const std::uint64_t met = search_.met_ += kBatch;
        if (met > search_.max_states_ || (met % kAsk == 0 && search_.is_stopped()))
          search_.limit_reached = true;
      }
    }

    void push(Entry* entry) {
      const State state = entry->state;
      if constexpr (!kShared) entry->word = ValueWord::kBegun;
      Frame& frame = frames_.emplace_back(Frame{entry, ahead_.size(), 0, 0, 0, {}});
      frame.best.begin(search_.relation_.judge(state));
      const bool stopped = state.phase() == Phase::stopped;
      const std::uint8_t round = state.round();
      found_.clear();
      search_.expand(state, [&](State next, std::uint32_t with, const Move&, std::uint32_t) {
        // A person starts over: other orders may do so elsewhere.
        if (stopped && next.round() != round) frame.best.escape();
        if (search_.merges_) search_.relation_.merge(next);
        const std::uint64_t hash = next.hash();
        if (search_.region_of(next) != 0)
          region_.prefetch(hash);
        else
          search_.lasting_.prefetch(hash);
        found_.push_back({next, hash, with});
      });
      for (const Found& each : found_) ahead_.push_back({add(each.state, each.hash), each.fired});
      frame.count = static_cast<std::uint32_t>(found_.size());
      if (kShared && number_ > 0 && frame.count > 0 && search_.region_of(state) == 0) {
        frame.turn = static_cast<std::uint32_t>((state.hash() >> 32) * number_ % frame.count);
      }
    }

    /// Keeps the value and counts what the state was expanded for, unless another worker did.
    void finish(const Frame& frame, std::uint64_t word) {
      if (!ValueWord::is_done(store(*frame.entry, word))) {
        transitions += frame.count;
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
    static constexpr std::uint64_t kAsk = 4096;  ///< states between two questions whether to go on
    DepthFirst& search_;
    std::size_t number_;
    std::uint64_t met_ = 0;  ///< new states that the search does not know of yet
    SetId open_ = 0;         ///< the region whose states are known
    StateTable<State> region_;
    std::vector<Frame> frames_;
    std::vector<Ahead> ahead_;
    std::vector<Found> found_;
  };

  const Answer& answer(const State& root) {
    const auto [found, fresh] = answers_.try_emplace(root);
    if (fresh) found->second = workers_.front()->answer(root);
    return found->second;
  }

  /// Several workers stop at the limit of states: what they worked out by then is another thing
  /// each time.
  bool is_stopped() const { return go_on_ != nullptr && *go_on_ && !(*go_on_)(met_); }
  bool gave_up() const { return kShared && limit_reached.load(std::memory_order_relaxed); }

  State root_of(SituationId id, const Progress& progress) {
    State root(id, progress);
    if (merges_) relation_.merge(root);
    return root;
  }

  /// Where the states behind a state are, or lasting ones; 0: all of them last.
  SetId region_of(const State& state) const { return has_regions_ ? state.deployed() : 0; }

  std::uint64_t end_of(const State& state) {
    const Judgement judgement = relation_.judge(state);
    return ValueWord::pack(
        {judgement, 0, 0, state.phase() == Phase::stuck && judgement.verdict != Verdict::stuck});
  }

  /// Workers take one region after the other; of what lasts, one begin.
  void share(const std::vector<State>& roots) {
    std::vector<std::span<const State>> jobs;
    for (auto first = roots.begin(); first != roots.end();) {
      const SetId region = region_of(*first);
      auto last = first + 1;
      while (region != 0 && last != roots.end() && region_of(*last) == region) ++last;
      jobs.emplace_back(first, last);
      first = last;
    }
    // One begins with the most states, the others with the fewest: the Relation is asked less by
    // two at a time.
    std::mutex taking;
    std::size_t first = 0;
    std::size_t last = jobs.size();
    const auto take = [&](bool largest) {
      const std::lock_guard lock(taking);
      if (first == last) return jobs.size();
      return largest ? --last : first++;
    };
    std::vector<std::exception_ptr> failures(workers_.size());
    std::vector<std::vector<std::pair<State, Answer>>> answers(workers_.size());
    const auto work = [&](std::size_t at) {
      try {
        for (std::size_t i = take(at == 0); i < jobs.size() && !gave_up(); i = take(at == 0)) {
          for (const State& root : jobs[i]) {
            if (!answers_.contains(root))
              answers[at].emplace_back(root, workers_[at]->answer(root));
          }
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
    for (auto& some : answers) {
      for (auto& [root, answer] : some) answers_.try_emplace(root, std::move(answer));
    }
    if (states() > max_states_) limit_reached = true;  // workers count in batches
  }

  template <typename Sink>
  void expand(const State& state, Sink&& sink) {
    if (independence_ != nullptr) {
      const SituationId id = state.situation();
      const std::uint8_t faults = state.faults_left();
      const std::size_t task = independence_->enough(
          relation_.situation(id), state,
          [&](std::size_t each) { return relation_.may_be_opaque(id, each, faults); });
      if (task != Independence::kNoTask) return relation_.expand_task(state, task, sink);
    }
    relation_.expand(state, sink);
  }

  struct Hash {
    std::size_t operator()(const State& state) const { return state.hash(); }
  };

  Relation& relation_;
  const Independence* independence_;
  bool merges_;
  bool has_regions_;
  std::uint64_t max_states_;
  const GoOn* go_on_;
  std::uint64_t circle_;
  std::uint64_t unexplored_;
  std::conditional_t<kShared, SharedTable<State>, StateTable<State>> lasting_;
  std::unordered_map<State, Answer, Hash> answers_;
  std::conditional_t<kShared, std::atomic<std::uint64_t>, std::uint64_t> met_ = 0;  ///< states
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace backout::simulator
