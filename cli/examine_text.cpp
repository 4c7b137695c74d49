#include "cli/examine_text.hpp"

#include "cli/documents.hpp"
#include "cli/inputs.hpp"
#include "cli/load_plan.hpp"

namespace backout::cli {

TextKind kind_of(const std::string& file, const std::string& text) {
  if (is_document(file))
    return is_about_rollback(file, text) ? TextKind::document : TextKind::neither;
  return is_plan_name(file) && is_plan_text(text) ? TextKind::plan : TextKind::neither;
}

ExaminedText examine_loaded(tl::expected<model::Plan, model::LoadError> loaded,
                            const PipelineSettings& settings) {
  if (!loaded)
    return {loaded.error().sources, nullptr, std::nullopt, std::move(loaded.error().mistakes)};
  ExaminedText examined;
  examined.plan = std::make_unique<model::Plan>(std::move(*loaded));
  examined.sources = examined.plan->sources;
  if (!settings.suppressions) examined.plan->ignore.clear();
  reports::PlanReport report = examine(*examined.plan, settings, examined.mistakes);
  if (examined.mistakes.empty()) examined.report = std::move(report);
  return examined;
}

ExaminedText examine_text(const std::string& file, std::string text,
                          const PipelineSettings& settings) {
  if (!is_document(file)) return examine_loaded(load_plan_text(file, std::move(text)), settings);
  ExaminedText examined;
  examined.plan = std::make_unique<model::Plan>();
  examined.plan->sources = std::make_shared<model::Sources>();
  examined.plan->sources->add(file, std::move(text));
  examined.sources = examined.plan->sources;
  examined.report = examine_document(*examined.plan, settings);
  return examined;
}

}  // namespace backout::cli
