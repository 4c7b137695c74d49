#pragma once
// One timed run of a rollback: a walk over the course in virtual time.

#include <string>
#include <vector>

#include "simulator/campaign/timing.hpp"
#include "simulator/circle_watch.hpp"

namespace backout::simulator {

/// A transition that a run took, by name, so that a file can hold it and another build can take it
/// again.
struct Taken {
  Move::Kind kind = Move::Kind::task;
  std::string name;  ///< the task, or the operation; empty for the run's own faults and its end
  std::optional<Fault> fault;
  std::size_t part = 0;    ///< Fault::half: how much went through
  std::int64_t at_ms = 0;  ///< since the rollback began
};

/// The faults slow and nobody multiply a time by this.
inline constexpr std::int64_t kSlowness = 10;

/// What befalls a run, drawn before it begins.
struct FaultScript {
  std::uint8_t left = 0;    ///< faults still to come
  std::uint32_t kinds = 0;  ///< bit per Fault: those that may come
};

/// How a run went.
struct WalkEnd {
  Course::Node node = 0;  ///< where it ended
  Verdict verdict = Verdict::restored;
  std::uint32_t why = 0;
  std::int64_t time_ms = 0;    ///< of the rollback itself, from its first step on
  std::int64_t verify_ms = 0;  ///< the checks on its critical path
  std::uint32_t transitions = 0;
};

/// Runs of one plan. Not for use from two threads.
class Walker {
 public:
  Walker(Setting& setting, Course& course, const Timing& timing)
      : setting_(setting), course_(course), timing_(timing) {}

  /// Runs from `start`, which must be the begin of a path. `taken` (may be null) gets the
  /// transitions.
  WalkEnd run(Course::Node start, FaultScript faults, Draws& draws, std::vector<Taken>* taken);

  /// Of the last run: the tasks on the critical path of the path that ended, the faults that fired
  /// in order, and the operations that were served with the states before and after.
  const std::vector<std::uint16_t>& critical() const { return critical_; }
  const std::vector<Fault>& fired() const { return fired_; }
  struct ServedAt {
    Course::Node before = 0;
    Course::Node after = 0;
    std::int64_t at_ms = 0;
    std::uint32_t which = 0;  ///< of the operations of `before`: Course::operation
  };
  const std::vector<ServedAt>& served() const { return served_; }

 private:
  struct Flight {
    std::int64_t end_ms = 0;
    std::int64_t check_ms = 0;
    std::int32_t enabler = -1;  ///< the record that let it start
    std::uint16_t task = 0;
    std::uint8_t part = 0;
    bool whole = false;  ///< its further attempts are counted in
    std::optional<Fault> fault;
  };
  struct Record {
    std::int32_t enabler = -1;
    std::uint16_t task = 0;
    std::uint16_t path = 0;  ///< the one that `task` is a position of
    std::int64_t check_ms = 0;
  };
  enum class Due { flight, traffic, late, killed, none };

  bool may(Fault fault) const { return (faults_.kinds >> static_cast<unsigned>(fault) & 1U) != 0; }
  void start_ready();
  void launch(std::size_t task);
  void plan_events(FaultScript faults);
  Due next_due(std::size_t& flight) const;
  void land(std::size_t flight);
  void serve();
  void go(Course::Edge edge, Move::Kind kind, const std::string& name, const Flight* flight);
  void finish();
  void remove(std::size_t flight);
  void drop_flights();
  void count_fault(Fault fault);
  std::int64_t attempt_ms(std::size_t task, std::optional<Fault> fault, std::int64_t& check_ms);
  void trace_back();

  Setting& setting_;
  Course& course_;
  const Timing& timing_;
  Draws* draws_ = nullptr;
  std::vector<Taken>* taken_ = nullptr;

  Course::Node node_ = 0;
  std::int64_t now_ms_ = 0;
  FaultScript faults_;
  std::size_t target_ = 0;  ///< the task that the next fault is to befall
  std::vector<Flight> flights_;
  TaskMask in_flight_;
  std::vector<Record> records_;
  std::int32_t last_record_ = -1;
  std::vector<std::int64_t> traffic_ms_;  ///< times of operations to come, latest first
  std::int64_t late_ms_ = 0;
  std::int64_t taken_over_ms_ = 0;  ///< when a person takes over a run that stopped
  std::int64_t killed_ms_ = kNever;
  bool second_run_ = false;
  CircleWatch<Course::Node> circles_;
  WalkEnd end_;
  std::vector<std::uint16_t> critical_;
  std::vector<Fault> fired_;
  std::vector<ServedAt> served_;

  static constexpr std::int64_t kNever = INT64_MAX;
};

}  // namespace backout::simulator
