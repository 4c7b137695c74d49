// JSON Lines: per plan, a line per finding, then one line with all the rest. docs/json.md.
#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/json.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

void write_line(const char* kind, const Json& content, std::ostream& out) {
  Json line{{"kind", kind}};
  line.update(content);
  out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

void write_jsonl(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  for (const PlanReport& report : reports) {
    Json plan = plan_json(report);
    for (const Json& finding : plan["findings"]) write_line("finding", finding, out);
    plan.erase("findings");
    write_line("plan", plan, out);
  }
}

}  // namespace backout::reports
