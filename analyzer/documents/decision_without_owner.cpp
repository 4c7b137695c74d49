// Something has to be approved or decided, and nobody is said to do it.
#include <algorithm>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a text in lower case names somebody by his role.
bool names_role(std::string_view text) {
  return has_any(text, {"lead",           "manager",   "owner",     "commander",      "on-call",
                        "oncall",         "on call",   "engineer",  "team",           "director",
                        "head of",        "operator",  "admin",     "maintainer",     "committee",
                        "board",          "officer",   "devops",    "stakeholder",    "captain",
                        "responsible",    "architect", "founder",   "principal",      "supervisor",
                        "customer",       "reviewer",  "developer", "release master", "coordinator",
                        "decision maker", "@"}) ||
         has_word(text, {"cto",  "ceo",  "coo",     "ciso",  "cio",      "dba",        "dbas",
                         "sre",  "sres", "ops",     "pm",    "po",       "ic",         "qa",
                         "tl",   "vp",   "product", "legal", "security", "management", "human",
                         "user", "you",  "i",       "my"});
}

/// "Unless explicitly approved", "requires approval": what one is not to do alone.
bool needs_approval(std::string_view text) {
  return has_any(text, {"unless explicitly approved",
                        "unless approved",
                        "explicit approval",
                        "requires approval",
                        "require approval",
                        "approval required",
                        "approval is required",
                        "with approval",
                        "without approval",
                        "after approval",
                        "get approval",
                        "obtain approval",
                        "seek approval",
                        "if approved",
                        "once approved",
                        "explicitly authorized",
                        "explicit authorization",
                        "requires authorization",
                        "get sign-off",
                        "obtain sign-off",
                        "requires sign-off",
                        "after sign-off",
                        "requires explicit approval",
                        "prior approval",
                        "formal approval",
                        "written approval"});
}

/// Whether some text of the document says who approves or decides.
bool says_who(const Document& document) {
  return any_text(document, importers::kNowhere,
                  [](std::string_view text) {
                    return has_any(text, {"approv", "authori", "sign-off", "sign off", "decid",
                                          "decision", "escalat", "responsib", "go/no-go"}) &&
                           names_role(text);
                  }) ||
         std::ranges::any_of(document.tables, [](const importers::Table& table) {
           return std::ranges::any_of(table.header, [](const std::string& cell) {
             return has_any(lower(cell), {"owner", "approv", "role", "responsib", "who", "decid",
                                          "authority", "raci"});
           });
         });
}

bool is_of_way_back(const DocumentFacts& facts, std::uint32_t section) {
  const Role role = facts.document.role(section);
  if (role == Role::drill || role == Role::prevention ||
      section_says(facts.document, section, {"chaos", "test", "exercise"}))
    return false;
  return role == Role::rollback || role == Role::decision || role == Role::triggers ||
         is_procedure(facts, section);
}

/// A list of reasons, and nobody who says that one of them holds. What starts by itself needs no
/// one.
void look_at_reasons(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (!is_about_way_back(facts) || is_note(document) ||
      document_says(document, {"automatic", "escalat", "@", "on-call", "on call", "oncall",
                               "who decides", "who may", "solo ", "anyone", "anybody", "i decide"}))
    return;
  // Where the whole site is gone nobody has to be asked.
  if (has(file_name_of(facts) + lower(document.title), "disaster")) return;
  const bool roles = std::ranges::any_of(document.tables, [](const importers::Table& table) {
    return std::ranges::any_of(table.rows, [](const std::vector<std::string>& row) {
      return std::ranges::any_of(row, [](const std::string& cell) {
        return has_word(lower(cell), {"lead", "manager"});
      });
    });
  });
  if (roles) return;
  const importers::Trigger* first = nullptr;
  std::size_t reasons = 0;
  for (const importers::Trigger& each : document.triggers) {
    if (each.tier != importers::Trigger::Tier::rollback) continue;
    if (first == nullptr) first = &each;
    ++reasons;
  }
  constexpr std::size_t kList = 3;
  if (reasons < kList) return;
  found.push_back(finding(
      model::Severity::warning, first->span,
      "these are reasons to roll back, and nobody in this document is said to decide that one of "
      "them holds: each waits for another, or two begin at once",
      "a role and its deputy who decide alone, and until when after the first sign"));
}

}  // namespace

std::vector<model::Finding> check_decision_without_owner(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook || document.is_aside || says_who(document))
    return found;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& text = document.low().lines[i];
    if (!is_of_way_back(facts, line.section) &&
        !section_says(document, line.section,
                      {"migration rule", "rollback rule", "rollback policy", "data safety"}))
      continue;
    if (needs_approval(text)) {
      add_once(
          found,
          finding(
              model::Severity::warning, line.span,
              "this has to be approved, and nobody in this document is said to approve it",
              "a role and its deputy, how they are reached, and for how long one waits for them"));
    }
    const bool decides =
        has_any(text, {"decide whether", "decide if ", "decide to roll back", "decide on rollback",
                       "decide between", "make the decision", "make a decision", "go/no-go"}) &&
        line.kind != importers::Line::Kind::paragraph;
    if (decides) {
      add_once(found, finding(model::Severity::warning, line.span,
                              "this has to be decided, and nobody in this document is said to "
                              "decide it, nor by what",
                              "a role and its deputy, the value that decides, and until when"));
    }
  }
  const auto consider = std::ranges::find_if(document.triggers, [](const importers::Trigger& each) {
    return each.tier == importers::Trigger::Tier::consider && each.thresholds.empty();
  });
  if (found.empty() && consider != document.triggers.end()) {
    found.push_back(finding(
        model::Severity::warning, consider->span,
        "whether this is a reason is left open, and nobody in this document is said to decide it",
        "a role and its deputy, the value that decides, and until when"));
  }
  if (found.empty()) look_at_reasons(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
