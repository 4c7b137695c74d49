#include <nlohmann/json.hpp>

#include "model/objective.hpp"
#include "reports/html/page_data.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

Json duration_json(const std::optional<model::Duration>& duration) {
  if (!duration) return nullptr;
  return Json{{"low", duration->low_ms},
              {"high", duration->high_ms},
              {"unknown", duration->unknown},
              {"strict", duration->strict},
              {"text", to_string(*duration)}};
}

const char* by_name(model::By by) {
  switch (by) {
    case model::By::unspecified:
      return "";
    case model::By::human:
      return "a person";
    case model::By::ci:
      return "CI";
    case model::By::automatic:
      return "automation";
  }
  return "";
}

/// [low, likely, high] in milliseconds: work, wait and checks; likely is the middle where the plan
/// does not say it.
Json time_json(const model::Plan& plan, model::StepIndex index) {
  const model::Schedule time = schedule_step(plan, index);
  const model::Step& step = plan.steps[index];
  std::int64_t likely = time.low_ms + (time.high_ms - time.low_ms) / 2;
  if (step.takes && step.takes->likely_ms)
    likely = time.low_ms + *step.takes->likely_ms - step.takes->low_ms;
  return Json{{"low", time.low_ms},
              {"likely", likely},
              {"high", time.high_ms},
              {"unknown", !time.unestimated.empty()}};
}

Json undo_json(const model::UndoRef& undo) {
  using Type = model::UndoRef::Type;
  if (undo.type == Type::step) return Json{{"step", undo.step}};
  if (undo.type == Type::automatic) return Json{{"text", "automatic"}};
  if (undo.type == Type::none)
    return Json{{"text", undo.why.empty() ? "none" : "none: " + undo.why}};
  return nullptr;
}

Json step_json(const model::Plan& plan, model::StepIndex index) {
  const model::Step& step = plan.steps[index];
  const model::Place place = plan.sources->place(step.id_span);
  Json json{{"id", step.id},
            {"verb", step.verb},
            {"on", step.target == model::kNone ? "" : plan.services[step.target].name},
            {"needs", predecessors(plan, index)},
            {"time", time_json(plan, index)},
            {"by", by_name(step.by)},
            {"undo", undo_json(step.undo)},
            {"undoes", step.undoes},
            {"note", step.note},
            {"group", step.group},
            {"place", place.file + ":" + std::to_string(place.line)}};
  Json marks = Json::array();
  if (step.gate) marks.push_back("gate");
  if (step.point_of_no_return) marks.push_back("declared point of no return");
  if (step.always) marks.push_back("always runs");
  if (step.optional) marks.push_back("optional");
  if (!step.precheck.empty()) marks.push_back("checked before");
  if (!step.verify.empty()) marks.push_back("verified");
  json["marks"] = std::move(marks);
  return json;
}

Json objectives_json(const model::Plan& plan, const model::RollbackPath& path) {
  Json objectives = Json::array();
  for (const model::Objective& objective : objectives_of(plan, path)) {
    objectives.push_back(
        Json{{"phase", objective.phase}, {"limit", duration_json(objective.limit)}});
  }
  return objectives;
}

Json path_json(const model::Plan& plan, const model::RollbackPath& path) {
  return Json{{"name", path.name},
              {"full", path.full},
              {"when", path.when},
              {"from", path.from},
              {"steps", path.steps},
              {"before", path_predecessors(plan, path)},
              {"stated", duration_json(path.total)},
              {"critical", schedule_path(plan, path).critical_path},
              {"objectives", objectives_json(plan, path)}};
}

}  // namespace

Json structure_json(const PlanReport& report) {
  const model::Plan& plan = *report.plan;
  Json json{{"name", plan.name},
            {"deploy_count", plan.deploy_count},
            {"detect", duration_json(plan.detect)},
            {"respond", duration_json(plan.respond)},
            {"window", duration_json(plan.window)},
            {"rpo", plan.rpo_unknown ? Json("unknown")
                    : plan.rpo       ? Json(to_string(*plan.rpo))
                                     : Json(nullptr)},
            {"deploy_critical", schedule_deploy(plan).critical_path}};
  json["steps"] = Json::array();
  for (model::StepIndex i = 0; i < plan.steps.size(); ++i)
    json["steps"].push_back(step_json(plan, i));
  json["paths"] = Json::array();
  for (const model::RollbackPath& path : plan.paths) json["paths"].push_back(path_json(plan, path));
  json["high"] = Json::array();
  for (const TimeRow& row : report.times) json["high"].push_back(row.schedule.high_ms);
  return json;
}

}  // namespace backout::reports
