// The rollback matrix above a plan's paths: from how many places each works, and what comes of it
// elsewhere.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/lsp/features.hpp"
#include "reports/summary.hpp"
#include "reports/text/layout.hpp"

namespace backout::lsp {

namespace {

/// "RESTORED from 7 of 9 places; STUCK: after 'code', after 'payload'".
std::string verdict_line(const simulator::Matrix& matrix, model::PathIndex path) {
  std::map<simulator::Verdict, std::vector<const simulator::Cell*>> cells;  // worst first
  std::size_t offered = 0;
  for (const simulator::Cell& cell : matrix.cells) {
    if (cell.path != path || !cell.applicable) continue;
    ++offered;
    cells[cell.verdict].push_back(&cell);
  }
  if (offered == 0) return "offered from nowhere";
  std::string line;
  for (const auto& [verdict, list] : cells) {
    line +=
        fmt::format("{}{} from {} of {}", line.empty() ? "" : "; ", simulator::to_string(verdict),
                    list.size(), reports::counted(offered, "place"));
    if (!simulator::is_good(verdict))
      line += fmt::format(" ({}{})", matrix.interruptions[list.front()->interruption].label,
                          list.size() > 1 ? ", …" : "");
  }
  if (matrix.completeness.level != simulator::Completeness::Level::exhaustive)
    line += fmt::format(" (bounded: {})", matrix.completeness.bound);
  return line;
}

Json lens(const Json& range, std::string title) {
  return {{"range", range}, {"command", {{"title", std::move(title)}, {"command", ""}}}};
}

}  // namespace

Answer code_lens(Session& session, OpenDocument& document, const Json&) {
  Json list = Json::array();
  if (document.kind != cli::TextKind::plan) return list;
  // A client that cannot be told to ask again gets its answer now.
  session.look(document, session.client.refreshes_lenses ? Depth::rules : Depth::all);
  if (!document.looked || !document.looked->report || !document.looked->report->matrix) return list;
  const reports::PlanReport& report = *document.looked->report;
  const Lines lines = session.lines(document.text);
  list.push_back(lens(lines.range(0, 0), reports::to_sentence(reports::summarise(report))));
  for (model::PathIndex path = 0; path < document.looked->plan->paths.size(); ++path) {
    const model::Span& span = document.looked->plan->paths[path].span;
    list.push_back(lens(lines.range(span.begin, span.begin), verdict_line(*report.matrix, path)));
  }
  return list;
}

}  // namespace backout::lsp
