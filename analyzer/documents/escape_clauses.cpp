// Steps in words that leave the reader with half an order: two ways and no word on which, "if
// possible", and a door that is opened again and was never closed.
#include <algorithm>
#include <array>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Line;

constexpr std::array kWays = std::to_array<std::string_view>(
    {"redeploy ", "re-deploy ", "revert ", "roll back ", "rollback ", "restore ", "rebuild ",
     "restart ", "promote ", "reset ", "recreate ", "re-apply ", "over existing",
     "over the existing", "in place"});

/// Whether the text says when which of the ways is taken, or that it is all the same.
bool says_which(std::string_view text) {
  return has_any(text, {"if ", "when ", "where ", "depending", "prefer", "unless", "whichever",
                        "fastest", "faster", "recommended", "equivalent", "same effect", "e.g.",
                        "for example", "option ", "as applicable", "as appropriate", "(or "});
}

/// "Redeploy the previous version or revert the commit": two ways that leave different things
/// behind.
bool has_two_ways(std::string_view text) {
  if (!importers::begins_with_any(text, kWays) || says_which(text)) return false;
  for (std::size_t at = text.find(" or "); at != std::string_view::npos;
       at = text.find(" or ", at + 1)) {
    const std::string_view other = text.substr(at + 4);
    if (!importers::begins_with_any(other, kWays)) continue;
    // "Restore or recreate the project" names one thing; "rebuild or redeploy the same artefact"
    // leaves the same behind.
    const std::size_t words = static_cast<std::size_t>(std::ranges::count(text.substr(0, at), ' '));
    if (words > 1) return true;
  }
  return false;
}

std::string_view without_number(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" 0123456789.)-*");
  return begin == std::string_view::npos ? text : text.substr(begin);
}

bool closes(std::string_view text) {
  return has_any(text, {"stop", "maintenance", "drain", "pause", "freeze", "block", "close", "shut",
                        "disable", "read-only", "read only", "scale", "take offline", "offline",
                        "suspend", "halt", "cut ", "down"});
}

}  // namespace

void look_at_undecided_ways(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    if (line.kind != Line::Kind::item || !line.ordered || line.text.size() > 160 ||
        !is_procedure(facts, line.section))
      continue;
    if (!has_two_ways(without_number(document.low().lines[i]))) continue;
    add_once(
        found,
        finding(model::Severity::warning, line.span,
                "two ways in one step, and nothing says which of them is taken when: they take "
                "differently long and leave different things behind",
                "one way; or two steps, each with the condition on which it is the right one"));
  }
}

void look_at_escape_clauses(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook) return;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    const std::string& text = document.low().lines[i];
    const bool maybe = has_any(text, {"if possible", "where possible", "si es posible",
                                      "se possível", "si possible", "wenn möglich"});
    const bool writers =
        has_any(text, {"write", "traffic", "background job", "worker", "jobs", "queue", "consumer",
                       "application", "escritura", "gravaç", "écriture", "schreib"});
    const bool stops =
        begins_word(text, {"stop", "freeze", "pause", "disable", "drain", "block", "halt",
                           "detener", "parar", "arrêter", "stoppe", "anhalten"});
    if (!maybe || !writers || !stops || line.kind == Line::Kind::paragraph ||
        !is_procedure(facts, line.section))
      continue;
    add_once(found,
             finding(model::Severity::warning, line.span,
                     "writers are stopped only if that is possible: nothing says what is done when "
                     "it is not, and what they write meanwhile is lost or collides",
                     "how they are stopped for certain (maintenance mode, zero workers, revoked "
                     "rights), or that nothing is restored while they run"));
  }
}

void look_at_doors(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook || document.is_aside) return;
  const auto opens = [](std::string_view text) {
    return has_any(text,
                   {"reopen traffic", "re-open traffic", "reopening traffic", "re-opening traffic",
                    "traffic is reopened", "resume traffic", "resuming traffic", "lift maintenance",
                    "re-enable writes", "resume writes"});
  };
  const Line* first = nullptr;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const std::string& text = document.low().lines[i];
    const bool step = document.lines[i].kind != Line::Kind::paragraph &&
                      is_procedure(facts, document.lines[i].section);
    if (first == nullptr && step && opens(text)) first = &document.lines[i];
  }
  if (first == nullptr) return;
  const bool closed = any_text(document, importers::kNowhere,
                               [&](std::string_view text) { return !opens(text) && closes(text); });
  if (closed) return;
  add_once(found, finding(model::Severity::warning, first->span,
                          "this is opened again, and no step of this document closes it: users are "
                          "on all the time, and write while things go back",
                          "a first step that keeps users and workers away, and how"));
}

}  // namespace backout::analyzer::documents
