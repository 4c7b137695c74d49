#pragma once
// One cell of the matrix: the worst run of a path from an interruption, in time and in order.

#include <optional>

#include "simulator/existence.hpp"
#include "simulator/silence.hpp"

namespace backout::simulator {

class Cells {
 public:
  Cells(Setting& setting, Search& search, const Deploys& deploys, std::int64_t faults);

  Cell judge(std::size_t row, model::PathIndex path);
  /// What nobody said of traffic and some cell depends on.
  std::vector<UnsaidTraffic> unsaid_traffic() const { return silence_.all(); }
  /// Whether some cell counts on what may have ended by then.
  bool any_ended() const { return any_ended_; }

 private:
  /// The worst run from the stops of a row.
  struct Worst {
    Judgement judgement;
    std::size_t stop = 0;
    std::size_t length = 0;
    RunState start;
    bool sick = false;  ///< it begins where the version that the deploy brought answers errors
    bool any = false;
  };

  Worst worst(std::size_t row, model::PathIndex path, bool with_faults);
  std::vector<model::StepIndex> working_order(std::size_t row, const Worst& worst);
  void explain(Cell& cell, const Worst& worst);
  std::string sickness(const Worst& worst) const;
  void listen(Cell& cell, const Worst& worst, const Log& log);
  void doubt(Cell& cell, model::StepIndex step, std::string reason);
  void doubt_starts(Cell& cell);
  void doubt_files(Cell& cell, WorldId stopped);
  void doubt_copies(Cell& cell, WorldId stopped);
  void doubt_ended(Cell& cell, const Log& run, const Log& deploy);
  void doubt_points(Cell& cell, const Log& deploy);
  void doubt_caches(Cell& cell, const Log& run);
  void doubt_checks(Cell& cell, const Log& run);
  Log plain_run(RunState now);
  model::StepIndex untold_step(const Interruption& row, const Playbook& path) const;
  std::int64_t elapsed_ms(const Interruption& row, model::StepIndex since) const;
  void time(Cell& cell, const Playbook& path);
  /// Whether the deploy had changed nothing essential where it stopped.
  bool is_unchanged(std::size_t row) const;
  static void add_time(Cell& cell, const std::string& slow);
  void lines(Cell& cell, const Log& log);
  std::string window(const RunState& from, model::StepIndex culprit);
  model::StepIndex culprit(const Log& log, const RunState& last, Verdict verdict);
  bool makes_it_so(const Event& event, const RunState& last, Verdict verdict);

  Setting& setting_;
  Search& search_;
  const Deploys& deploys_;
  Silence silence_;
  std::int64_t faults_;
  bool any_ended_ = false;
  bool any_caches_;                ///< services::has_unsaid_caches()
  bool any_unsaid_;                ///< some check may ask for what the plan calls `unknown`
  bool any_endings_;               ///< something in the plan ends by itself
  std::vector<std::string> slow_;  ///< by path, why it misses an objective
};

/// Whether the plan offers `path` where the deploy stopped.
bool is_offered(const Setting& setting, const Interruption& row, const Playbook& path);

/// The begin of a rollback where the deploy stopped, with at most `faults` faults, those of the
/// deploy included; nullopt: more already happened there than is looked at.
std::optional<RunState> begin_at(const Deploys& deploys, Runner& runner, std::size_t stop,
                                 model::PathIndex path, std::int64_t faults);

}  // namespace backout::simulator
