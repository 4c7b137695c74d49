#pragma once
// What a campaign found, for files and people: names instead of numbers, failing runs as scenarios.

#include "simulator/campaign/campaign.hpp"
#include "simulator/campaign/outcome.hpp"
#include "simulator/scenario/shrink.hpp"

namespace backout::simulator {

/// What the campaign of `runs` runs is of. `plan_file` as the user names it.
CampaignHead head_of(const Campaign& campaign, const CampaignOptions& options, std::uint64_t runs,
                     const std::string& plan_file);

/// Runs [0, runs) on this thread, for reports that need the times; without counterexamples.
CampaignOutcome outcome_of(Campaign& campaign, const CampaignOptions& options, std::uint64_t runs,
                           const std::string& plan_file);

/// Fills in the percentiles of the matrix's cells. The matrix must be of the same plan and fault
/// kinds.
void add_times(Matrix& matrix, Campaign& campaign);

/// A counterexample for each failure of the outcome that can have one.
void add_counterexamples(CampaignOutcome& outcome, Campaign& campaign);

/// The run as a scenario of the plan in `plan_file`, times included, nothing expected.
Scenario scenario_of(Campaign& campaign, const RunRecord& record, const std::string& plan_file);

/// A small scenario that fails as the run does, with what to expect; nullopt for runs that nobody
/// rolled back in and for those whose only fault is that they are too slow, because a scenario has
/// no durations.
std::optional<Scenario> counterexample(Campaign& campaign, std::uint64_t run,
                                       const std::string& plan_file);

}  // namespace backout::simulator
