#pragma once
// The transition relation as a graph that grows where runs go: each state is kept once, each
// transition worked out once by the Runner, each state judged once. Runs of a campaign are walks
// over it.

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/judge.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// A set of positions of tasks, walked from the lowest.
class TaskMask {
 public:
  void set(std::size_t i) { words_[i >> 6] |= std::uint64_t{1} << (i & 63); }
  void reset(std::size_t i) { words_[i >> 6] &= ~(std::uint64_t{1} << (i & 63)); }
  bool test(std::size_t i) const { return (words_[i >> 6] >> (i & 63) & 1) != 0; }
  bool none() const {
    std::uint64_t all = 0;
    for (const std::uint64_t word : words_) all |= word;
    return all == 0;
  }
  /// The lowest member; the set must not be empty.
  std::size_t first() const {
    std::size_t word = 0;
    while (words_[word] == 0) ++word;
    return word * 64 + static_cast<std::size_t>(__builtin_ctzll(words_[word]));
  }
  /// How many members lie below `i`.
  std::size_t rank(std::size_t i) const {
    std::size_t below = static_cast<std::size_t>(
        __builtin_popcountll(words_[i >> 6] & ((std::uint64_t{1} << (i & 63)) - 1)));
    for (std::size_t word = 0; word < i >> 6; ++word)
      below += static_cast<std::size_t>(__builtin_popcountll(words_[word]));
    return below;
  }
  TaskMask without(const TaskMask& other) const {
    TaskMask rest;
    for (std::size_t word = 0; word < kWords; ++word)
      rest.words_[word] = words_[word] & ~other.words_[word];
    return rest;
  }

 private:
  static constexpr std::size_t kWords = kMaxSteps / 64;
  std::uint64_t words_[kWords] = {};
};

/// An attempt of a transition: the position of its task and the fault that befell it.
struct AttemptNote {
  std::uint16_t task = 0;
  std::optional<Fault> fault;

  friend bool operator==(const AttemptNote&, const AttemptNote&) = default;
};

class Course {
 public:
  using Node = std::uint32_t;
  static constexpr std::uint16_t kNoMove = 0xffff;
  static constexpr Node kUnknownNode = 0xffffffff;

  /// What a walk needs to know about a state.
  struct Info {
    TaskMask ready;     ///< tasks that may run
    TaskMask may_skip;  ///< those of them that are optional
    std::uint32_t first_edge = 0;
    std::uint32_t first_operation = 0;  ///< of its serve moves, see operation()
    std::uint16_t first_serve =
        kNoMove;  ///< moves [first_serve, first_serve + serves) are operations of traffic
    std::uint16_t serves = 0;
    std::uint16_t late = kNoMove;  ///< positions of other moves
    std::uint16_t killed = kNoMove;
    std::uint16_t second_run = kNoMove;
    std::uint16_t finish = kNoMove;  ///< or deadlock
    std::uint16_t take_over = kNoMove;
    std::uint16_t path = 0;
    Verdict verdict = Verdict::restored;  ///< of the state as users see it, or of the end
    bool final = false;
    std::uint32_t why = 0;

    /// The move that runs (skips) `task`, which must be ready (and optional).
    std::size_t run(std::size_t task) const { return ready.rank(task) + may_skip.rank(task); }
    std::size_t skip(std::size_t task) const { return run(task) + 1; }
  };

  /// Where a transition leads and what was attempted on the way.
  struct Edge {
    Node to = 0;
    std::uint32_t attempts = 0;  ///< see attempts(); 0: one, of the move's task, without a fault
  };

  explicit Course(Setting& setting) : setting_(setting), runner_(setting), judge_(setting) {}

  Runner& runner() { return runner_; }
  Judge& judge() { return judge_; }

  Node at(const RunState& state);
  const Info& info(Node node) const { return infos_[node]; }
  const RunState& state(Node node) const { return states_[node]; }
  std::size_t size() const { return infos_.size(); }
  /// Forgets everything; nodes become invalid.
  void clear();

  /// The move taken without a fault.
  Edge plain(Node node, std::size_t move) {
    const Edge edge = edges_[infos_[node].first_edge + move];
    return edge.to != kUnknownNode ? edge : work_out(node, move);
  }
  /// The move of a task with a fault of its first attempt; `part` says how much of the task fault
  /// half lets through, 0 the least. The fault must be one of faults(node, task).
  Edge faulty(Node node, std::size_t move, Fault fault, std::size_t part);
  /// Faults that may befall the task's attempt here; empty also when the run's budget is used up.
  std::span<const Fault> faults(Node node, std::size_t task);
  /// After how many different pieces the task may stop here.
  std::size_t parts(Node node, std::size_t task);
  /// The operation that the node's n-th serve move runs.
  OperationId operation(Node node, std::size_t serve) const {
    return operations_[infos_[node].first_operation + serve];
  }
  std::span<const AttemptNote> attempts(const Edge& edge) const { return attempts_[edge.attempts]; }

  /// The answers with which a chooser makes Runner::next take the move so.
  Choices choices(Node node, std::size_t move, std::optional<Fault> fault, std::size_t part);

 private:
  Info describe(const RunState& state);
  Edge work_out(Node node, std::size_t move);
  Edge take(Node node, const Choices& choices);
  std::size_t task_of(Node node, std::size_t move);

  Setting& setting_;
  Runner runner_;
  Judge judge_;
  std::vector<Info> infos_;
  std::deque<RunState> states_;
  std::unordered_map<RunState, Node, RunStateHash> ids_;
  std::vector<Edge> edges_;
  std::vector<OperationId> operations_;
  std::unordered_map<std::uint64_t, Edge> faulty_;
  std::unordered_map<std::uint64_t, std::vector<Fault>> faults_;
  std::vector<std::vector<AttemptNote>> attempts_ = {{}};
};

}  // namespace backout::simulator
