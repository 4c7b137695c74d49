#include "cli/lsp/plan_text.hpp"

#include "cli/load_plan.hpp"

namespace backout::lsp {

PlanText::PlanText(std::string text) {
  sources_.add("plan.yaml", std::move(text));
  document_ = model::parse_yaml(sources_, 0);
  if (document_.root) items_ = items_of(*document_.root, sources_, cli::known_kinds());
}

const PlanItem* PlanText::at(std::size_t offset) const {
  const PlanItem* found = nullptr;
  for (const PlanItem& item : items_) {
    if (item.span.begin > offset || offset > item.span.end) continue;
    if (found == nullptr || item.span.end - item.span.begin <= found->span.end - found->span.begin)
      found = &item;
  }
  return found;
}

const PlanItem* PlanText::find_name(Names names, const std::string& name,
                                    const std::string& service) const {
  if (names == Names::nothing) return nullptr;
  for (const PlanItem& item : items_) {
    if (item.role != PlanItem::Role::name || item.names != names || item.text != name) continue;
    if (names != Names::version || item.service == service) return &item;
  }
  return nullptr;
}

bool same_thing(const PlanItem& a, const PlanItem& b) {
  const bool named = a.names != Names::nothing && a.names != Names::kind &&
                     a.names != Names::verb && a.names != Names::rule;
  if (!named || a.names != b.names || a.text != b.text || a.role == PlanItem::Role::key ||
      b.role == PlanItem::Role::key)
    return false;
  return a.names != Names::version || a.service == b.service;
}

}  // namespace backout::lsp
