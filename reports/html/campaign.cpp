#include <nlohmann/json.hpp>

#include "reports/html/page_data.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;
using simulator::Histogram;

namespace {

/// The share of fault-free runs that met the objective on the total; null without one.
Json in_time_json(const simulator::PathHead& head, const simulator::PathTally& tally) {
  const std::uint64_t runs = tally.plain[simulator::kTotal].count();
  for (std::size_t i = 0; i < head.objectives.size() && runs > 0; ++i) {
    if (head.objectives[i].phase == "total")
      return simulator::share_of(tally.in_time[i], runs).value;
  }
  return nullptr;
}

Json path_json(const simulator::PathHead& head, const simulator::PathTally& tally) {
  const Histogram& total = tally.plain[simulator::kTotal];
  Json json{{"runs", tally.runs},
            {"p50", total.percentile_ms(500)},
            {"p95", total.percentile_ms(950)},
            {"p99", total.percentile_ms(990)},
            {"longest", total.max_ms()},
            {"faulty_p95", tally.faulty.percentile_ms(950)},
            {"with_faults", tally.with_faults},
            {"losing", tally.losing},
            {"in_time", in_time_json(head, tally)},
            {"buckets", Json::array()}};
  for (const Histogram::Bucket& bucket : total.buckets()) {
    json["buckets"].push_back(Json::array({bucket.low_ms, bucket.high_ms, bucket.count}));
  }
  return json;
}

}  // namespace

Json campaign_json(const PlanReport& report) {
  if (!report.campaign) return nullptr;
  const simulator::CampaignHead& head = report.campaign->head;
  Json json{{"runs", head.runs},
            {"seed", head.seed},
            {"detect_known", head.detect_known},
            {"respond_known", head.respond_known},
            {"faults", report.campaign->tally.faults},
            {"paths", Json::array()}};
  for (std::size_t i = 0; i < head.paths.size(); ++i) {
    json["paths"].push_back(path_json(head.paths[i], report.campaign->tally.paths[i]));
  }
  return json;
}

}  // namespace backout::reports
