// What can be done about a finding: the edit that its fix stands for, where it is certain; or to
// accept it with a reason.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/lsp/diagnostics.hpp"
#include "cli/lsp/features.hpp"
#include "cli/lsp/suppress.hpp"

namespace backout::lsp {

namespace {

/// Lines of a request, first and last.
struct LineRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

/// The edits by the files that they change.
Json workspace_edit(const Session& session, const OpenDocument& document,
                    const std::vector<model::Edit>& edits, Places& places) {
  std::map<std::string, Json> by_file;
  for (const model::Edit& edit : edits) {
    by_file.emplace(places.uri(edit.span), Json::array())
        .first->second.push_back({{"range", places.range(edit.span)}, {"newText", edit.text}});
  }
  if (!session.client.versioned_edits) return {{"changes", by_file}};
  Json files = Json::array();
  for (auto& [uri, list] : by_file) {
    Json file = {{"uri", uri}, {"version", nullptr}};
    if (uri == document.uri) file["version"] = document.version;
    files.push_back({{"textDocument", file}, {"edits", list}});
  }
  return {{"documentChanges", files}};
}

Json action(std::string title, Json edit, const Json& diagnostic) {
  return {{"title", std::move(title)},
          {"kind", "quickfix"},
          {"diagnostics", Json::array({diagnostic})},
          {"edit", std::move(edit)}};
}

std::string title_of_suppression(const model::Finding& finding) {
  if (finding.step.empty()) return fmt::format("Accept '{}' here, with a reason", finding.rule);
  return fmt::format("Accept '{}' of step '{}', with a reason", finding.rule, finding.step);
}

bool wants_quickfix(const Json& params) {
  const Json& only = member(params, "context", "only");
  if (!only.is_array()) return true;
  const Json wanted = {"quickfix", ""};
  return std::ranges::any_of(
      only, [&](const Json& kind) { return std::ranges::find(wanted, kind) != wanted.end(); });
}

void add_actions(Session& session, const OpenDocument& document, const model::Finding& finding,
                 Places& places, Json& all) {
  const Json diagnostic = to_diagnostic(session, finding, places);
  if (!finding.edits.empty()) {
    std::string title = finding.fix.empty() ? fmt::format("Mend '{}'", finding.rule) : finding.fix;
    Json made = action(std::move(title), workspace_edit(session, document, finding.edits, places),
                       diagnostic);
    made["isPreferred"] = true;
    all.push_back(std::move(made));
  }
  if (const auto edit = suppression(session, document, finding)) {
    all.push_back(action(title_of_suppression(finding),
                         workspace_edit(session, document, {*edit}, places), diagnostic));
  }
}

}  // namespace

Answer code_action(Session& session, OpenDocument& document, const Json& params) {
  const auto start = read_position(member(params, "range", "start"));
  const auto end = read_position(member(params, "range", "end"));
  if (!start || !end)
    return tl::unexpected(Failure{Code::invalid_params, "a range has a start and an end"});
  Json all = Json::array();
  if (document.kind == cli::TextKind::neither || !wants_quickfix(params)) return all;
  session.look(document, Depth::rules);
  if (!document.looked || !document.looked->report) return all;
  const LineRange asked{start->line, std::max(start->line, end->line)};
  Places places(session, document, *document.looked->sources);
  for (const model::Finding& finding : document.looked->report->findings) {
    if (finding.span.file != 0) continue;
    const Lines& lines = places.lines(0);
    if (lines.line_of(finding.span.begin) > asked.last ||
        lines.line_of(finding.span.end) < asked.first)
      continue;
    add_actions(session, document, finding, places, all);
  }
  return all;
}

}  // namespace backout::lsp
