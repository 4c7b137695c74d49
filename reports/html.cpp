// One self-contained page for reviewers. reports/html/ has its sources; the build bundles them
// (reports/html/build.sh).
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "model/printable.hpp"
#include "model/render.hpp"
#include "reports/causes.hpp"
#include "reports/difference/difference.hpp"
#include "reports/html/page.hpp"
#include "reports/html/page_data.hpp"
#include "reports/html/plain.hpp"
#include "reports/json.hpp"
#include "reports/screen.hpp"
#include "reports/summary.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

/// How far the best path gets once the deploy is done; `unoffered` when no path is offered there,
/// null when nobody looked.
Json finished_json(const PlanReport& report) {
  const std::vector<WayBack> ways = ways_back(report);
  const auto is_of_the_end = [&](const simulator::Cell& cell) {
    return cell.applicable && cell.interruption + 1 == ways.size();
  };
  if (ways.empty()) return nullptr;
  if (std::ranges::none_of(report.matrix->cells, is_of_the_end)) return "unoffered";
  return to_string(ways.back().reach);
}

Json summary_json(const Summary& summary) {
  return Json{{"answer", to_string(summary.answer)},
              {"sentence", to_sentence(summary)},
              {"can", summary.can},
              {"where", summary.part.empty() ? summary.where : summary.where + "; " + summary.part},
              {"how_long", summary.how_long},
              {"lost", summary.lost},
              {"why", summary.why}};
}

/// Where the findings to mend first stand in the list.
Json first_json(const PlanReport& report) {
  Json first = Json::array();
  for (const model::Finding* each : first_mends(report))
    first.push_back(each - report.findings.data());
  return first;
}

Json page_json(const PlanReport& report) {
  Json json = plan_json(report);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    json["findings"][i]["excerpt"] =
        model::render_carets(report.findings[i].span, *report.plan->sources);
  }
  json["commit"] = report.commit;
  json["change"] = report.change ? Json{{"base", report.change->base},
                                        {"plan", difference_json(report.change->plans.front())}}
                                 : Json(nullptr);
  json["summary"] = summary_json(summarise(report));
  json["summary"]["finished"] = finished_json(report);
  json["first"] = first_json(report);
  json["structure"] = structure_json(report);
  json["matrix"] = matrix_json(report);
  json["campaign"] = campaign_json(report);
  json["decisions"] = decisions_json(*report.plan);
  return json;
}

/// The JSON with every text in it printable: a page shows what it is given.
Json shown(Json json) {
  if (json.is_string()) return model::screened(json.get_ref<const std::string&>());
  if (json.is_object()) {
    Json object = Json::object();
    for (auto& [key, value] : json.items()) object[model::screened(key)] = shown(std::move(value));
    return object;
  }
  if (json.is_array()) {
    for (Json& part : json) part = shown(std::move(part));
  }
  return json;
}

/// JSON that may stand inside <script>: ASCII only, and nothing in it ends the element.
std::string script_safe(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

}  // namespace

std::vector<const model::Finding*> first_mends(const PlanReport& report) {
  constexpr std::size_t kMost = 3;
  std::vector<const model::Finding*> first;
  for (const Cause& cause : causes_of(report.findings)) {
    const std::string& fix = cause.finding->fix;
    if (fix.empty() ||
        std::ranges::any_of(first, [&](const model::Finding* told) { return told->fix == fix; }))
      continue;
    first.push_back(cause.finding);
    if (first.size() == kMost) break;
  }
  return first;
}

void write_html(const std::vector<PlanReport>& reports, const Style& style, std::ostream& out) {
  Json data{{"backout", tool_version()}, {"command", style.command}, {"plans", Json::array()}};
  for (const PlanReport& report : reports) data["plans"].push_back(page_json(report));
  write_own(out, page_head());
  write_plain(reports, out);
  write_own(out, page_middle());
  out << script_safe(shown(std::move(data)));
  write_own(out, page_tail());
}

}  // namespace backout::reports
