#pragma once
// What all runs of one exploration share: worlds, playbooks, faults, and the account of data that
// must survive.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/faults.hpp"
#include "simulator/playbook.hpp"
#include "simulator/worlds.hpp"

namespace backout::simulator {

/// At most so many operations of live traffic in one run without faults, and in one with faults.
inline constexpr std::uint8_t kTrafficPlain = 2;
inline constexpr std::uint8_t kTrafficWithFaults = 1;

class Setting {
 public:
  Setting(Worlds& worlds, std::vector<Fault> faults);

  /// A copy in which the tasks of `path` run in this order and no other.
  Setting with_order(model::PathIndex path, const std::vector<std::size_t>& order) const;

  Worlds& worlds() { return worlds_; }
  const Worlds& worlds() const { return worlds_; }
  const model::Plan& plan() const { return worlds_.plan(); }
  const Playbooks& books() const { return books_; }
  bool considers(Fault fault) const;
  const std::vector<Fault>& faults() const { return faults_; }
  /// The same for steps of the deploy: there `unhealthy` is considered by default, too.
  bool considers_in_deploy(Fault fault) const;
  void count(Fault fault) { ++fired_[static_cast<std::size_t>(fault)]; }
  std::uint64_t fired(Fault fault) const { return fired_[static_cast<std::size_t>(fault)]; }
  using FaultCounts = std::array<std::uint64_t, kFaultCount>;
  const FaultCounts& fired() const { return fired_; }
  void set_fired(const FaultCounts& counts) { fired_ = counts; }

  Sets& sets() { return sets_; }
  const Sets& sets() const { return sets_; }

  /// The data that must be there after a rollback, before anything happened: that of the start.
  SetId expected_at_start() const { return expected_at_start_; }
  /// The expectation after `served` was accepted in `before`: what it wrote joins, and what the
  /// version before the deploy would have written in its place (the ghost world); what it replaced
  /// leaves.
  SetId expect(SetId expected, WorldId before, const Served& served);
  /// A datum that is expected and not there.
  struct Lost {
    DatumId datum = 0;
    bool never_written =
        false;  ///< only the version before the deploy would have, or it says that something was
                ///< NULL: a rollback that keeps the new version does not owe it
  };
  /// Expected data that nobody finds in `world`.
  std::vector<Lost> lost(SetId expected, WorldId world);
  /// Live operations that `world` refuses and the start did not.
  const Sets::Members& refused(WorldId world);
  /// Of which live operation that meets the formats of what is there nobody knows what it does, in
  /// words, though the start says it; empty: of none.
  std::string unknown(WorldId world);
  /// The message with which `world` refuses `operation`; empty when it does not.
  std::string refusal(WorldId world, OperationId operation);

 private:
  /// What people find of the data of `world`: what readers take for a miss they do not.
  WorldId found(WorldId world);
  bool counts(DatumId datum);
  bool is_written_otherwise(OperationId operation, DatumId cell, const Sets::Members& added) const;
  /// What the version before the deploy would have written in the operation's place, on the start
  /// world.
  const Sets::Members& ghost_data(OperationId operation);
  const Sets::Members& spoiled_data(OperationId operation);

  Worlds& worlds_;
  std::vector<Fault> faults_;
  Playbooks books_;
  Sets sets_;
  FaultCounts fired_{};
  std::vector<std::string> known_;  ///< paths of facts and data before the deploy, sorted
  std::map<DatumId, bool> counts_;
  std::unordered_map<OperationId, Sets::Members> ghost_data_;
  std::unordered_map<OperationId, Sets::Members> spoiled_data_;
  SetId expected_at_start_ = 0;
  Sets::Members refused_at_start_;
  Sets::Members opaque_at_start_;
  bool may_miss_ = false;  ///< services::may_miss() of any service
  std::unordered_map<WorldId, WorldId> found_;
  std::unordered_map<WorldId, Sets::Members> refused_;
};

}  // namespace backout::simulator
