// Part of restore-loses-writes: a standby that lags, and restores that stand in words.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

bool promotes(const Command& command) {
  const std::string text = command.low_line() + " ";
  return has_any(text, {"promote-read-replica", "failover-db-cluster", "failover-global-cluster",
                        " promote ", "pg_promote(", "patronictl failover", "replicas promote",
                        "sql instances promote-replica", "replicaof no one", "slaveof no one",
                        "reset slave all", "reset replica all", "rs.stepdown"}) &&
         !has_any(text, {"argo rollouts", "argo-rollouts", "vercel", "netlify", "flagger",
                         "deployment promote", "job promote"});
}

}  // namespace

void look_at_lag(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document_says(document,
                    {"lag", "replay_lsn", "seconds_behind", "seconds behind", "caught up",
                     "catch up", "in sync", "synchronous", "data loss", "lost", "last_wal"}))
    return;
  for (const Block* block : shell_blocks(document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      if (!promotes(command)) continue;
      add_once(found, finding(model::Severity::warning, command.span,
                              "what the standby has not received yet is lost for good, and nothing "
                              "looks at how far it is behind",
                              "look at the lag first (ReplicaLag, pg_last_wal_replay_lsn), write "
                              "down what is missing, and say how much may be lost"));
    }
  }
}

void look_at_restores_in_words(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (!found.empty() || document.is_script) return;
  const bool told = says_rpo(document) || any_text(document, importers::kNowhere, speaks_of_loss) ||
                    document_says(document, {"newest", "data-loss", "reconcil", "replay"});
  if (told) return;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& text = document.low().lines[i];
    const bool data =
        has_any(text, {"database", " db", "backup", "snapshot", "dump", "base de datos", "banco",
                       "datenbank", "base de donn", "数据"}) ||
        is_click_on_data(document, line);
    const bool restores =
        line.kind != importers::Line::Kind::paragraph && order_of(line) == Order::restore && data;
    if (!restores || !is_procedure(facts, line.section) ||
        fills_another_environment(document, line.section))
      continue;
    if (has_word(text, {"test"}) ||
        has_any(text, {"if ", "staging", "verify", "configuration", "config ", "terraform"}))
      continue;
    found.push_back(finding(model::Severity::warning, line.span,
                            "every write since the backup is lost, and nothing says how many that "
                            "may be or what becomes of them",
                            "stop the writers first, say how old the backup may be (RPO), and how "
                            "later writes are brought back"));
    return;
  }
}

}  // namespace backout::analyzer::documents
