#pragma once
// What a campaign has found so far, in a file: a run that was killed goes on where it was.

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "cli/command.hpp"
#include "simulator/campaign/outcome.hpp"

namespace backout::cli {

/// A file that holds the outcome of the runs [first, k) of a campaign, in the JSON of a shard. It
/// is replaced as a whole, so that a kill at any moment leaves the one before.
class Checkpoint {
 public:
  /// Of the runs [first, last). `file` need not exist.
  Checkpoint(std::string file, std::uint64_t first, std::uint64_t last)
      : file_(std::move(file)), first_(first), last_(last) {}

  /// What was found before; `nothing`, an outcome of no runs of this campaign, when there is no
  /// file. The error says why the file is not of this campaign.
  tl::expected<simulator::CampaignOutcome, std::string> load(
      const simulator::CampaignOutcome& nothing) const;
  /// False after a message when it cannot be written.
  bool save(const Invocation& invocation, const simulator::CampaignOutcome& outcome) const;
  /// Removes the file: the campaign is done.
  void forget() const;

 private:
  std::string file_;
  std::uint64_t first_;
  std::uint64_t last_;
};

}  // namespace backout::cli
