// From a name in a plan to the place that gives it: a step, a service, a path, a version.
#include "cli/lsp/features.hpp"
#include "cli/lsp/plan_text.hpp"

namespace backout::lsp {

Answer definition(Session& session, OpenDocument& document, const Json& params) {
  const auto offset = offset_in(session, document, params);
  if (!offset) return tl::unexpected(offset.error());
  if (document.kind != cli::TextKind::plan) return Json();
  const PlanText text(document.text);
  const PlanItem* item = text.at(*offset);
  if (item == nullptr || item->role == PlanItem::Role::key) return Json();
  const PlanItem* named = text.find_name(item->names, item->text, item->service);
  if (named == nullptr) return Json();
  return Json{{"uri", document.uri},
              {"range", session.lines(document.text).range(named->span.begin, named->span.end)}};
}

}  // namespace backout::lsp
