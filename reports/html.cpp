// One self-contained page for reviewers. reports/html/ has its sources; the build bundles them (reports/html/build.sh).
#include <nlohmann/json.hpp>
#include <ostream>

#include "model/render.hpp"
#include "reports/html/page.hpp"
#include "reports/html/page_data.hpp"
#include "reports/json.hpp"
#include "reports/summary.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

Json summary_json(const Summary& summary) {
  return Json{{"answer", to_string(summary.answer)}, {"sentence", to_sentence(summary)}, {"can", summary.can},
              {"where", summary.where},              {"how_long", summary.how_long},     {"lost", summary.lost},
              {"why", summary.why}};
}

Json page_json(const PlanReport& report) {
  Json json = plan_json(report);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    json["findings"][i]["excerpt"] = model::render_carets(report.findings[i].span, *report.plan->sources);
  }
  json["summary"] = summary_json(summarise(report));
  json["structure"] = structure_json(report);
  json["matrix"] = matrix_json(report);
  json["campaign"] = campaign_json(report);
  json["decisions"] = decisions_json(*report.plan);
  return json;
}

/// JSON that may stand inside <script>: ASCII only, and nothing in it ends the element.
std::string script_safe(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') safe += "\\u003c";
    else safe += c;
  }
  return safe;
}

}  // namespace

void write_html(const std::vector<PlanReport>& reports, const Style& style, std::ostream& out) {
  Json data{{"backout", tool_version()}, {"command", style.command}, {"plans", Json::array()}};
  for (const PlanReport& report : reports) data["plans"].push_back(page_json(report));
  out << page_head() << script_safe(data) << page_tail();
}

}  // namespace backout::reports
