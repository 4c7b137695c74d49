#include "reports/common.hpp"

#include <fmt/format.h>

namespace backout::reports {

const char* to_string(model::Severity severity) {
  switch (severity) {
    case model::Severity::note: return "note";
    case model::Severity::warning: return "warning";
    case model::Severity::error: return "error";
  }
  return "error";
}

const char* to_string(simulator::TraceLine::Actor actor) {
  using Actor = simulator::TraceLine::Actor;
  switch (actor) {
    case Actor::deploy: return "deploy";
    case Actor::interruption: return "interruption";
    case Actor::traffic: return "traffic";
    case Actor::fault: return "fault";
    case Actor::rollback: return "rollback";
    case Actor::check: return "check";
    case Actor::end: return "end";
  }
  return "end";
}

std::string cell_word(const simulator::Cell& cell) {
  if (!cell.applicable) return "-";
  std::string word = simulator::to_string(cell.verdict);
  if (cell.verdict != cell.fault_free) word += '*';
  return word;
}

std::string fingerprint(const model::Plan& plan, const model::Finding& finding, std::size_t occurrence) {
  const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}", finding.rule, plan.sources->place(finding.span).file,
                                      finding.step, finding.message, occurrence);
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const unsigned char byte : key) hash = (hash ^ byte) * 1099511628211ULL;
  return fmt::format("{:016x}", hash);
}

}  // namespace backout::reports
