#pragma once
// Many timed runs of a plan: where the deploy stops, who decides what, which faults come when, how
// long it all takes.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulator/campaign/deploy_way.hpp"
#include "simulator/campaign/tally.hpp"
#include "simulator/campaign/triggers.hpp"
#include "simulator/campaign/walk.hpp"
#include "simulator/interruptions.hpp"

namespace backout::simulator {

struct CampaignOptions {
  std::uint64_t seed = 1;
  std::int64_t faults = -1;                ///< at once; -1 = the plan's limit
  std::vector<std::string> fault_kinds;    ///< empty = the plan's, or the default set
  std::vector<Predicate> predicates = {};  ///< what must hold besides the plan's invariants
};

/// One run, as a story: what happened where. Enough to take it again.
struct RunRecord {
  std::uint64_t run = 0;
  std::size_t row = 0;        ///< of Deploys::interruptions()
  std::size_t stop = 0;       ///< where the deploy stopped
  model::PathIndex path = 0;  ///< the path that began
  std::uint8_t faults = 0;    ///< how many may befall it
  std::vector<Taken> taken;
  Verdict verdict = Verdict::restored;
  std::string reason;
  std::int64_t total_ms = 0;
};

/// Runs of one campaign, on one thread. Run i is a pure function of plan, options and i.
class Campaign {
 public:
  /// `context` and the plan behind it must outlive this.
  Campaign(const services::Context& context, const services::World& start,
           const CampaignOptions& options);

  /// Why there is nothing to run; empty: there is.
  const std::string& impossible() const { return impossible_; }
  /// Runs [first, last) and adds them to `tally`.
  void run(std::uint64_t first, std::uint64_t last, Tally& tally);
  /// Times of the path, fault-free and without traffic, where the deploy stopped at `row`; empty
  /// where it is not offered.
  Histogram times_from(std::size_t row, model::PathIndex path);
  /// One run again, with its story; nullopt: nobody rolled back in it.
  std::optional<RunRecord> tell(std::uint64_t run);
  /// An empty tally of this campaign: what adds up starts from it.
  Tally blank() const;

  Setting& setting() { return setting_; }
  const Setting& setting() const { return setting_; }
  std::int64_t faults_at_once() const { return faults_; }
  /// Objectives of the path whose limit is known.
  const std::vector<model::Objective>& objectives(model::PathIndex path) const {
    return objectives_[path];
  }
  Course& course() { return course_; }
  Deploys& deploys() { return deploys_; }
  const Timing& timing() const { return timing_; }

 private:
  struct Drawn;

  void prepare();
  bool draw(Draws& draws, Drawn& drawn, DecisionTally* decisions);
  bool choose_path(Draws& draws, Drawn& drawn, DecisionTally* decisions);
  Course::Node start_of(const Drawn& drawn);
  void count(const Drawn& drawn, const WalkEnd& end, Draws& draws);
  /// By phase.
  static std::array<std::int64_t, kPhases.size()> times_of(const Drawn& drawn, const WalkEnd& end);
  void count_times(const Drawn& drawn, const WalkEnd& end, PathTally& path, bool plain);
  void count_loss(const Drawn& drawn, const WalkEnd& end, PathTally& path, Draws& draws);
  std::string missed(const Drawn& drawn, const WalkEnd& end) const;
  const std::vector<DatumId>& lost_writes(Course::Node node);
  /// Events per hour of an operation, by OperationKey::name; nullopt: the plan does not say.
  std::optional<double> rate_of(const std::string& operation) const;

  std::int64_t faults_;
  std::uint64_t seed_;
  Worlds worlds_;
  Setting setting_;
  Course course_;
  Deploys deploys_;
  Timing timing_;
  Walker walker_;
  Triggers triggers_;
  std::string impossible_;
  std::vector<std::vector<model::PathIndex>> offered_;          ///< by row
  std::vector<std::vector<std::size_t>> rows_;                  ///< by path
  std::array<std::vector<std::vector<std::size_t>>, 2> stops_;  ///< without and with faults: by row
  std::vector<model::PathIndex> paths_;                         ///< paths that some row offers
  std::vector<std::vector<model::Objective>> objectives_;       ///< by path
  std::vector<Course::Node> starts_;                            ///< by stop, path, faults
  std::unordered_map<Course::Node, std::vector<DatumId>> lost_;
  std::unordered_map<std::size_t, DeployWay>
      ways_;  ///< by stop, where a write of the deploy may be lost
  std::uint32_t kinds_ = 0;
  std::array<std::uint64_t, kFaultCount> fired_{};
  std::map<std::uint64_t, FailureTally> failures_;  ///< by path, verdict, reason's number
  Tally* tally_ = nullptr;
};

}  // namespace backout::simulator
