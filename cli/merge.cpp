// backout merge FILE...: the shards of a campaign as one.
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/scenarios.hpp"
#include "model/files.hpp"
#include "reports/report.hpp"
#include "simulator/campaign/version.hpp"

namespace backout::cli {

int run_merge(const Invocation& invocation) {
  ReportChoice merged = kCampaignReports;
  merged.default_format = "json";
  const auto values = parse_arguments(invocation,
                                      "Usage: backout merge [OPTIONS] FILE...\n\n"
                                      "Adds up results of `simulate --shard I/N --format json`. "
                                      "The shards of a campaign, in any order,\n"
                                      "give the bytes of the unsharded run.\n",
                                      report_options(merged), "file");
  if (!values) return kOk;
  if (!values->count("file")) throw UsageError{"name the results to merge"};
  const ReportOptions options = read_report_options(*values, merged);
  std::vector<simulator::CampaignOutcome> parts;
  for (const std::string& file : (*values)["file"].as<std::vector<std::string>>()) {
    const auto text = model::read_file(file);
    auto part = text ? simulator::from_json(*text) : tl::unexpected("it " + text.error());
    if (!part) {
      invocation.err << fmt::format("backout: {}: {}\n", file, part.error());
      return kInvalidInput;
    }
    if (const std::string version = simulator::version_of(*text);
        version != reports::tool_version()) {
      invocation.err << fmt::format(
          "backout: {}: it is of version {}, and this is {}: run that shard again\n", file, version,
          reports::tool_version());
      return kInvalidInput;
    }
    parts.push_back(std::move(*part));
  }
  const auto whole = simulator::merge(std::move(parts));
  if (!whole) {
    invocation.err << fmt::format("backout: these results cannot be merged: {}\n", whole.error());
    return kInvalidInput;
  }
  if (!write_campaign(invocation, options, *whole)) return kOutput;
  return campaign_status(options, *whole, false);
}

}  // namespace backout::cli
