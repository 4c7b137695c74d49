#pragma once
// Campaigns and scenarios for people.

#include <iosfwd>

#include "reports/report.hpp"
#include "simulator/campaign/outcome.hpp"
#include "simulator/scenario/player.hpp"

namespace backout::reports {

/// Times by path, failures with the command that shows them, decisions, faults.
void print_campaign_text(const simulator::CampaignOutcome& outcome, const Style& style,
                         std::ostream& out);

/// A scenario's run, step by step with the world's changes, and what came of it.
void print_played_text(const std::vector<simulator::TraceLine>& lines,
                       const simulator::Played& played, const Style& style, std::ostream& out);

}  // namespace backout::reports
