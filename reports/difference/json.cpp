#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/difference/difference.hpp"
#include "reports/json.hpp"

namespace backout::reports {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json findings_json(const std::vector<ListedFinding>& findings) {
  Json list = Json::array();
  for (const ListedFinding& each : findings) {
    list.push_back(Json{{"rule", each.finding.rule},
                        {"severity", to_string(each.finding.severity)},
                        {"message", each.finding.message},
                        {"file", each.place.file},
                        {"line", each.place.line},
                        {"column", each.place.column},
                        {"end_line", each.place.end_line},
                        {"end_column", each.place.end_column},
                        {"step", or_null(each.finding.step)},
                        {"fix", or_null(each.finding.fix)},
                        {"fingerprint", each.fingerprint}});
  }
  return list;
}

}  // namespace

Json difference_json(const PlanDifference& plan) {
  Json cells = Json::array();
  for (const CellChange& cell : plan.cells) {
    cells.push_back(Json{{"change", to_string(cell.kind)},
                         {"interruption", cell.interruption},
                         {"path", cell.path},
                         {"before", or_null(cell.before)},
                         {"after", cell.after},
                         {"reason", cell.reason}});
  }
  return Json{{"plan", plan.plan},
              {"base", to_string(plan.base)},
              {"new", findings_json(plan.added)},
              {"fixed", findings_json(plan.fixed)},
              {"unchanged", plan.unchanged},
              {"cells", std::move(cells)},
              {"point_of_no_return",
               {{"before", or_null(plan.no_return_before)},
                {"after", or_null(plan.no_return_after)},
                {"reason", or_null(plan.no_return_reason)}}}};
}

void print_difference_json(const Difference& difference, std::ostream& out) {
  Json json{{"backout", tool_version()}, {"base", difference.base}, {"plans", Json::array()}};
  for (const PlanDifference& plan : difference.plans)
    json["plans"].push_back(difference_json(plan));
  json["unchanged_plans"] = difference.passed_over;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
