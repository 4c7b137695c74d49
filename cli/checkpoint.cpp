#include "cli/checkpoint.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "cli/output_file.hpp"
#include "model/files.hpp"
#include "reports/report.hpp"
#include "simulator/campaign/version.hpp"

namespace backout::cli {

tl::expected<simulator::CampaignOutcome, std::string> Checkpoint::load(
    const simulator::CampaignOutcome& nothing) const {
  std::error_code error;
  if (!std::filesystem::exists(file_, error)) return nothing;
  const auto text = model::read_file(file_);
  if (!text) return tl::unexpected("it " + text.error());
  auto known = simulator::from_json(*text);
  if (!known) return tl::unexpected(known.error());
  if (const std::string version = simulator::version_of(*text);
      version != reports::tool_version()) {
    return tl::unexpected(
        fmt::format("it is of version {}, and this is {}", version, reports::tool_version()));
  }
  if (auto same = simulator::merge({nothing, *known}); !same)
    return tl::unexpected("it is of another campaign: " + same.error());
  const bool mine =
      known->done.empty() ||
      (known->done.size() == 1 && known->done[0].first == first_ && known->done[0].second <= last_);
  if (!mine) return tl::unexpected(std::string("it is of other runs of this campaign (--shard)"));
  return known;
}

bool Checkpoint::save(const Invocation& invocation,
                      const simulator::CampaignOutcome& outcome) const {
  return write_output(invocation, file_, [&](std::ostream& out) {
    out << simulator::to_json(outcome, reports::tool_version());
  });
}

void Checkpoint::forget() const {
  std::error_code error;
  std::filesystem::remove(file_, error);
}

}  // namespace backout::cli
