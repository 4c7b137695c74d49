#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/html/page_data.hpp"
#include "reports/summary.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;
using simulator::Cell;
using simulator::Matrix;
using simulator::TraceLine;

namespace {

/// Values that occur in many places, each written once: places hold its number.
class Pool {
 public:
  std::size_t number_of(Json value) {
    const auto [found, added] = numbers_.try_emplace(
        value.dump(-1, ' ', false, Json::error_handler_t::replace), values_.size());
    if (added) values_.push_back(std::move(value));
    return found->second;
  }
  Json take() { return std::move(values_); }

 private:
  std::map<std::string, std::size_t> numbers_;
  Json values_ = Json::array();
};

Json line_json(const TraceLine& line) {
  return Json::array({to_string(line.actor), line.step, line.text, line.changes});
}

/// Traces of one path share their beginning: each says how many lines it has in common with the one
/// before.
class Traces {
 public:
  Json shared(const std::vector<TraceLine>& trace, Pool& lines) {
    std::vector<std::size_t> numbers;
    for (const TraceLine& line : trace) numbers.push_back(lines.number_of(line_json(line)));
    std::size_t common = 0;
    while (common < std::min(numbers.size(), last_.size()) && numbers[common] == last_[common])
      ++common;
    Json json = Json::array({common});
    for (std::size_t i = common; i < numbers.size(); ++i) json.push_back(numbers[i]);
    last_ = std::move(numbers);
    return json;
  }

 private:
  std::vector<std::size_t> last_;
};

Json row_json(const simulator::Interruption& interruption, const WayBack& way) {
  return Json{{"label", interruption.label},
              {"reach", to_string(way.reach)},
              {"ways", way.paths},
              {"last", interruption.done.empty() ? Json(nullptr) : Json(interruption.done.back())},
              {"half", interruption.half ? Json(*interruption.half) : Json(nullptr)}};
}

/// [low, high, unknown, P50, P95]; percentiles are null without timed runs.
Json times_json(const Cell& cell) {
  const auto nullable = [](const std::optional<std::int64_t>& time) {
    return time ? Json(*time) : Json(nullptr);
  };
  return Json::array({cell.time_low_ms, cell.time_high_ms, cell.time_unknown,
                      nullable(cell.time_p50_ms), nullable(cell.time_p95_ms)});
}

Json order_json(const model::Plan& plan, const Cell& cell) {
  Json ids = Json::array();
  for (const model::StepIndex step : cell.working_order) ids.push_back(plan.steps[step].id);
  return ids;
}

Json stops_json(const Matrix& matrix) {
  Json stops = Json::array();
  for (const simulator::DeployStop& stop : matrix.deploy_stops) {
    stops.push_back(
        Json{{"step", stop.step}, {"reason", stop.reason}, {"needs_traffic", stop.needs_traffic}});
  }
  return stops;
}

}  // namespace

Json matrix_json(const PlanReport& report) {
  if (!report.matrix) return nullptr;
  const Matrix& matrix = *report.matrix;
  Pool lines;
  Pool texts;
  std::vector<Traces> traces(matrix.paths.size());
  Json json{{"paths", matrix.paths}, {"rows", Json::array()}, {"cells", Json::array()}};
  const std::vector<WayBack> ways = ways_back(report);
  for (std::size_t i = 0; i < ways.size(); ++i)
    json["rows"].push_back(row_json(matrix.interruptions[i], ways[i]));
  for (const Cell& cell : matrix.cells) {
    json["cells"].push_back(
        Json::array({cell.applicable, to_string(cell.verdict), to_string(cell.fault_free),
                     texts.number_of(told_reason(cell)), texts.number_of(cell.residue),
                     times_json(cell), traces[cell.path].shared(cell.counterexample, lines),
                     texts.number_of(order_json(*report.plan, cell))}));
  }
  json["lines"] = lines.take();
  json["texts"] = texts.take();
  json["stops"] = stops_json(matrix);
  return json;
}

}  // namespace backout::reports
