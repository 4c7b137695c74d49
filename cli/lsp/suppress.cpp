#include "cli/lsp/suppress.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "cli/load_plan.hpp"
#include "cli/lsp/commands.hpp"
#include "cli/lsp/plan_text.hpp"

namespace backout::lsp {

namespace {

using model::Edit;

Edit insertion(std::size_t at, std::string text) {
  const auto byte = static_cast<std::uint32_t>(at);
  return {{0, byte, byte}, std::move(text)};
}

std::string indent_at(std::string_view text, std::size_t line) {
  const std::size_t first = std::min(text.find_first_not_of(" \t", line), text.size());
  return std::string(text.substr(line, first - line));
}

/// A comment line of its own above the line of a byte.
Edit comment_above(std::string_view text, std::size_t at, const std::string& comment) {
  const std::size_t line = analyzer::line_start(text, at);
  return insertion(line, fmt::format("{}{}\n", indent_at(text, line), comment));
}

/// Where a comment may stand, likeliest first.
std::vector<Edit> edits_of_document(const OpenDocument& document, const model::Finding& finding) {
  const std::string shell = fmt::format("# backout: ignore {} -- {}", finding.rule, kReason);
  const std::string markdown =
      fmt::format("<!-- backout: ignore {} -- {} -->", finding.rule, kReason);
  const importers::Document read = read_document(document);
  const std::size_t begin = finding.span.begin;
  std::vector<Edit> edits;
  for (const importers::Block& block : read.blocks) {
    if (block.span.begin > begin || begin >= block.span.end) continue;
    for (const importers::Command& command : block.script.commands) {
      if (command.span.begin <= begin && begin < command.span.end)
        edits.push_back(comment_above(document.text, command.span.begin, shell));
    }
    if (block.language == importers::Language::shell)
      edits.push_back(comment_above(document.text, begin, shell));
    if (!read.is_script) edits.push_back(comment_above(document.text, block.span.begin, markdown));
  }
  edits.push_back(comment_above(document.text, begin, read.is_script ? shell : markdown));
  if (!read.is_script) edits.push_back(comment_above(document.text, begin, markdown + "\n"));
  return edits;
}

std::string quoted(const std::string& text) { return Json(text).dump(); }

std::string entry_for(const model::Finding& finding, bool json) {
  if (json) {
    const std::string step =
        finding.step.empty() ? "" : fmt::format(R"(, "step": {})", quoted(finding.step));
    return fmt::format(R"({{"rule": {}{}, "reason": {}}})", quoted(finding.rule), step,
                       quoted(kReason));
  }
  const std::string step = finding.step.empty() ? "" : fmt::format(", step: {}", finding.step);
  return fmt::format("{{rule: {}{}, reason: {}}}", finding.rule, step, quoted(kReason));
}

/// An entry more in `ignore`, first in its list; or the list, last in the plan.
std::optional<Edit> edit_of_plan(const OpenDocument& document, const model::Finding& finding) {
  const PlanText text(document.text);
  if (text.root() == nullptr) return std::nullopt;
  const bool json =
      document.text[std::min<std::size_t>(text.root()->span.begin, document.text.size() - 1)] ==
      '{';
  const std::string entry = entry_for(finding, json);
  if (const model::Node* ignore = text.root()->find("ignore")) {
    if (ignore->type != model::Node::Type::list) return std::nullopt;
    const std::size_t begin = ignore->span.begin;
    if (document.text[begin] == '[')
      return insertion(begin + 1, entry + (ignore->items.empty() ? "" : ", "));
    if (document.text[begin] != '-') return std::nullopt;
    return insertion(
        begin, fmt::format("- {}\n{}", entry,
                           std::string(begin - analyzer::line_start(document.text, begin), ' ')));
  }
  if (json) return insertion(text.root()->span.end - 1, fmt::format(", \"ignore\": [{}]", entry));
  return insertion(
      document.text.size(),
      fmt::format("{}ignore:\n  - {}\n", document.text.ends_with('\n') ? "" : "\n", entry));
}

std::size_t count_of(const cli::ExaminedText& examined, std::string_view rule) {
  const auto is = [&](const model::Finding& finding) { return finding.rule == rule; };
  return static_cast<std::size_t>(std::ranges::count_if(examined.report->findings, is));
}

/// Whether the plan with the edit loads and has one suppression more. That this hides the finding
/// needs no look: it has its rule and its step.
bool is_accepted(const OpenDocument& document, const model::Plan& before, const Edit& edit) {
  const auto after = cli::load_plan_text(document.file, analyzer::apply(document.text, {edit}));
  return after && after->ignore.size() == before.ignore.size() + 1;
}

/// Whether the edited document has one finding less of the rule, and none more in all.
bool hides(Session& session, const OpenDocument& document, const OpenDocument& before,
           const model::Finding& finding, const Edit& edit) {
  OpenDocument after;
  after.uri = document.uri;
  after.file = document.file;
  after.text = analyzer::apply(document.text, {edit});
  session.changed(after);
  session.look(after, Depth::rules);
  if (!after.looked || !after.looked->report) return false;
  // What is played through is not found again by rules: it is hidden, or was not there.
  const std::size_t least = count_of(*before.looked, finding.rule) == 0 ? 0 : 1;
  return count_of(*after.looked, finding.rule) + least <= count_of(*before.looked, finding.rule) &&
         after.looked->report->findings.size() + least <= before.looked->report->findings.size();
}

}  // namespace

std::optional<Edit> suppression(Session& session, const OpenDocument& document,
                                const model::Finding& finding) {
  if (document.kind == cli::TextKind::plan) {
    if (finding.rule == "unused-suppression")
      return std::nullopt;  // made when suppressions have been applied
    auto edit = edit_of_plan(document, finding);
    return edit && is_accepted(document, *document.looked->plan, *edit) ? std::move(edit)
                                                                        : std::nullopt;
  }
  OpenDocument before;
  before.uri = document.uri;
  before.file = document.file;
  before.text = document.text;
  session.changed(before);
  session.look(before, Depth::rules);
  if (!before.looked || !before.looked->report) return std::nullopt;
  for (Edit& edit : edits_of_document(document, finding)) {
    if (hides(session, document, before, finding, edit)) return std::move(edit);
  }
  return std::nullopt;
}

}  // namespace backout::lsp
