// Every place of a plan that speaks of a step, a service, a path or a version.
#include "cli/lsp/features.hpp"
#include "cli/lsp/plan_text.hpp"

namespace backout::lsp {

Answer references(Session& session, OpenDocument& document, const Json& params) {
  const auto offset = offset_in(session, document, params);
  if (!offset) return tl::unexpected(offset.error());
  if (document.kind != cli::TextKind::plan) return Json();
  const PlanText text(document.text);
  const PlanItem* item = text.at(*offset);
  Json found = Json::array();
  if (item == nullptr) return found;
  const bool with_name = is_true(member(params, "context", "includeDeclaration"));
  const Lines lines = session.lines(document.text);
  for (const PlanItem& each : text.items()) {
    if (!same_thing(*item, each) || (each.role == PlanItem::Role::name && !with_name)) continue;
    found.push_back(
        {{"uri", document.uri}, {"range", lines.range(each.span.begin, each.span.end)}});
  }
  return found;
}

}  // namespace backout::lsp
