#pragma once
// What simulate, replay and merge share: scenarios played and campaigns reported.

#include <string>

#include "cli/options.hpp"
#include "simulator/campaign/outcome.hpp"

namespace backout::cli {

/// How campaigns are reported.
inline const ReportChoice kCampaignReports{"text", {"text", "json"}, false};

/// Whether the file says `scenario:` at the start of a line before anything else.
bool is_scenario(const std::string& file);

/// Plays a scenario file; the result is the exit status: 0 it came as expected (or nothing is
/// expected and it is restored), 1 it did not, 3 it cannot be read or asks for what cannot happen.
/// `steps` prints each step with the world's changes; otherwise only what came of it is printed.
int play_scenario(const Invocation& invocation, const std::string& file, bool steps);

/// Writes a campaign's reports, text or json. False after a message when a file cannot be written.
bool write_campaign(const Invocation& invocation, const ReportOptions& options,
                    const simulator::CampaignOutcome& outcome);

/// The exit status of a campaign: 1 when a run failed (an error), 4 when it is partial or a run's
/// verdict is UNKNOWN. `part` says that it is a shard, which is never the whole.
int campaign_status(const ReportOptions& options, const simulator::CampaignOutcome& outcome,
                    bool part);

}  // namespace backout::cli
