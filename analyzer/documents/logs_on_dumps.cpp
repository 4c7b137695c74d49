// Part of runbook-restore-source: the log of PostgreSQL is to be replayed onto a logical dump,
// which cannot take it.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a text in lower case orders the log to be replayed: "Apply WAL logs for point-in-time
/// recovery".
bool replays(std::string_view text) {
  const bool log = has_word(text, {"wal", "wals"}) || has_any(text, {"write-ahead log"});
  return log && has_any(text, {"apply", "replay", "roll forward"}) &&
         !has_any(text, {"not ", "no wal", "cannot", "handled by"});
}

/// Whether a command brings a logical dump back.
bool loads_dump(const Command& command) {
  const std::string& text = command.low_line();
  const bool restores = runs(command, "pg_restore") || runs(command, "psql") ||
                        effect_of(command) == Effect::restore ||
                        (is_own_script(command) && has(text, "restore"));
  const bool file = has_any(text, {".sql", ".dump"}) ||
                    std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
                      return each.op == "<" && has_any(lower(each.target), {".sql", ".dump"});
                    });
  return restores && file;
}

/// A copy of the files of the whole server, which the log goes on from.
bool has_physical_copies(const Document& document) {
  return document_says(document, {"pg_basebackup",
                                  "base backup",
                                  "basebackup",
                                  "wal-g",
                                  "wal-e",
                                  "pgbackrest",
                                  "barman",
                                  "physical backup",
                                  "file-level",
                                  "filesystem backup",
                                  "data directory",
                                  "pgdata",
                                  "restore-db-instance",
                                  "restore-db-cluster",
                                  "recovery.conf",
                                  "recovery.signal",
                                  "restore_command",
                                  "disk snapshot",
                                  "volume snapshot",
                                  "cnpg",
                                  "cloudnativepg"});
}

void report(model::Span log, model::Span dump, Findings& found) {
  model::Finding made =
      finding(model::Severity::error, log,
              "logs cannot be applied to what a logical dump (pg_dump) holds: they belong to the "
              "files of the server that wrote them, so that what came after the dump is lost",
              "copies by pg_basebackup, pgBackRest or WAL-G, and recovery_target_time; or say that "
              "a restore goes back to the time of the dump");
  made.related.push_back({dump, "what is restored"});
  add_once(found, std::move(made));
}

/// In a block: the dump, and a command or comment about the log behind it.
void look_at_block(const Block& block, Findings& found) {
  const Command* dump = nullptr;
  for (const Command& command : block.script.commands) {
    if (loads_dump(command)) dump = &command;
  }
  if (dump == nullptr) return;
  for (const importers::Comment& comment : block.script.comments) {
    if (comment.span.begin > dump->span.end && replays(lower(comment.text)))
      return report(comment.span, dump->span, found);
  }
  for (const Command& command : block.script.commands) {
    if (command.span.begin > dump->span.end &&
        has_any(command.low_line(),
                {"apply-wal", "apply_wal", "restore_wal", "replay-wal", "replay_wal"}))
      return report(command.span, dump->span, found);
  }
}

/// In words: "Restore the latest daily backup", "Apply WAL logs", where the backups are dumps.
void look_at_lines(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (!document_says(document, {"pg_dump", ".sql.gz", ".dump", "pg_restore", "logical dump"}))
    return;
  const importers::Line* restore = nullptr;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& text = document.low().lines[i];
    if (restore != nullptr && restore->section != line.section) restore = nullptr;
    if (line.kind == importers::Line::Kind::paragraph) continue;
    // "Restore from the latest logical dump + WAL archives"
    if (order_of(line) == Order::restore && is_procedure(facts, line.section) &&
        has_any(text, {"logical dump", "logical backup", "pg_dump"}) && has_word(text, {"wal"}) &&
        !has_any(text, {"not ", " or "}))
      return report(line.span, line.span, found);
    const bool copy = order_of(line) == Order::restore && has_any(text, {"backup", "dump", "s3"});
    if (copy && is_procedure(facts, line.section) && !replays(text))
      restore = &line;
    else if (restore != nullptr && replays(text))
      return report(line.span, restore->span, found);
  }
}

}  // namespace

void look_at_logs_on_dumps(const DocumentFacts& facts, Findings& found) {
  const bool told = std::ranges::any_of(found, [](const model::Finding& each) {
    return has(each.message, "logs cannot be applied");
  });
  if (told || facts.document.is_script || has_physical_copies(facts.document)) return;
  Findings mine;
  for (const Block* block : shell_blocks(facts.document)) look_at_block(*block, mine);
  look_at_lines(facts, mine);
  for (model::Finding& each : mine) add_once(found, std::move(each));
}

}  // namespace backout::analyzer::documents
