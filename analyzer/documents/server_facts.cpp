// Part of misdirected-command: what PostgreSQL no longer has, or never had.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Functions of PostgreSQL about logs, standbys and base backups, of every version since 10.
bool is_function(std::string_view name) {
  static const std::set<std::string_view> kKnown = {"pg_last_wal_receive_lsn",
                                                    "pg_last_wal_replay_lsn",
                                                    "pg_last_committed_xact",
                                                    "pg_last_xact_replay_timestamp",
                                                    "pg_is_in_recovery",
                                                    "pg_is_wal_replay_paused",
                                                    "pg_is_other_temp_schema",
                                                    "pg_wal_replay_pause",
                                                    "pg_wal_replay_resume",
                                                    "pg_wal_lsn_diff",
                                                    "pg_walfile_name",
                                                    "pg_walfile_name_offset",
                                                    "pg_current_wal_lsn",
                                                    "pg_current_wal_insert_lsn",
                                                    "pg_current_wal_flush_lsn",
                                                    "pg_current_snapshot",
                                                    "pg_current_xact_id",
                                                    "pg_current_xact_id_if_assigned",
                                                    "pg_current_logfile",
                                                    "pg_switch_wal",
                                                    "pg_promote",
                                                    "pg_wal_summary_contents",
                                                    "pg_wal_file_gap",
                                                    "pg_is_in_backup"};
  return kKnown.contains(name);
}

/// What took the place of a function that is gone; empty for one that never was.
std::string_view successor_of(std::string_view name) {
  struct Pair {
    std::string_view gone;
    std::string_view now;
  };
  static constexpr Pair kGone[] = {{"pg_switch_xlog", "pg_switch_wal"},
                                   {"pg_current_xlog_location", "pg_current_wal_lsn"},
                                   {"pg_last_xlog_receive_location", "pg_last_wal_receive_lsn"},
                                   {"pg_last_xlog_replay_location", "pg_last_wal_replay_lsn"},
                                   {"pg_xlog_location_diff", "pg_wal_lsn_diff"},
                                   {"pg_xlogfile_name", "pg_walfile_name"},
                                   {"pg_xlog_replay_pause", "pg_wal_replay_pause"},
                                   {"pg_xlog_replay_resume", "pg_wal_replay_resume"},
                                   {"pg_is_xlog_replay_paused", "pg_is_wal_replay_paused"}};
  for (const Pair& pair : kGone) {
    if (pair.gone == name) return pair.now;
  }
  return {};
}

/// Whether all functions with such a name are known here.
bool is_of_known_family(std::string_view name) {
  return name.starts_with("pg_last_") || name.starts_with("pg_is_in_") ||
         name.starts_with("pg_current_wal") || name.starts_with("pg_current_xlog") ||
         name.starts_with("pg_promot") || name.starts_with("pg_switch_");
}

/// Names that are called in the text, each with where it stands: `pg_promote` of `pg_promote()`.
std::vector<std::pair<std::string, std::size_t>> calls_in(std::string_view low) {
  std::vector<std::pair<std::string, std::size_t>> all;
  for (std::size_t at = low.find("pg_"); at != std::string_view::npos;
       at = low.find("pg_", at + 1)) {
    const std::size_t end = low.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at);
    if (end == std::string_view::npos) break;
    if (low[end] == '(') all.emplace_back(std::string(low.substr(at, end - at)), at);
  }
  return all;
}

/// Whether the document is about a version in which the older names still were.
bool is_about_old_version(const Document& document) {
  return document_says(document, {"postgresql 9", "postgres 9", "postgres:9", "postgresql-9",
                                  "postgresql 10", "postgres:10", "postgresql 11", "postgres:11",
                                  "before postgresql 12", "pg < 12", "older than 12", "pg <= 11",
                                  "postgresql < 12", "recovery.signal", "version < 12"});
}

void look_at_functions(const Block& block, Findings& found) {
  for (const BlockLine& line : lines_of(block)) {
    const std::string low = lower(line.text);
    if (low.starts_with("--") || low.starts_with("#")) continue;
    for (const auto& [name, at] : calls_in(low)) {
      const std::string_view now = successor_of(name);
      if (is_function(name) || (now.empty() && !is_of_known_family(name))) continue;
      add_once(found,
               finding(model::Severity::error, line.span,
                       fmt::format("PostgreSQL has no function `{}`: this ends with an error and "
                                   "no value",
                                   name),
                       now.empty() ? "the name as the manual has it (`pg_last_wal_replay_lsn`, "
                                     "`pg_last_xact_replay_timestamp`, `pg_is_in_recovery`)"
                                   : fmt::format("`{}`", now)));
    }
  }
}

/// Whether the command makes or fills a file of that name.
bool writes_file(const Command& command, std::string_view name) {
  const auto is_it = [&](std::string_view path) {
    return path == name || path.ends_with("/" + std::string(name));
  };
  return std::ranges::any_of(command.redirects,
                             [&](const importers::Redirect& each) {
                               return each.op.starts_with('>') && is_it(each.target);
                             }) ||
         ((command.name() == "touch" || command.name() == "tee" || command.name() == "cp" ||
           command.name() == "mv") &&
          command.words.size() > 1 && is_it(command.words.back().text));
}

/// `COPY orders TO '/tmp/x.csv'` where a provider runs the server: nobody may write files there.
void look_at_server_files(const Block& block, Findings& found) {
  for (const BlockLine& line : lines_of(block)) {
    const std::string low = lower(line.text);
    const bool copies = low.starts_with("copy ") || low.starts_with(") to '/");
    if (!copies || !has_any(low, {" to '/", " from '/"})) continue;
    add_once(found,
             finding(model::Severity::error, line.span,
                     "COPY writes and reads files of the database's server: a provider that "
                     "runs it refuses this, and there is no such file here",
                     "`\\copy ... TO 'file'` in psql, which takes the file of this machine"));
  }
}

bool is_run_by_provider(const Document& document) {
  return document_says(document, {"supabase", "aws rds", "amazon rds", "aurora", "cloud sql",
                                  "neon.tech", "heroku", "azure database"});
}

}  // namespace

void look_at_server_facts(const DocumentFacts& facts, Findings& found) {
  const bool is_old = is_about_old_version(facts.document);
  const bool provided = is_run_by_provider(facts.document);
  for (const Block& block : facts.document.blocks) {
    if (block.left_out) continue;
    if (!is_old) look_at_functions(block, found);
    if (provided) look_at_server_files(block, found);
    for (const Command& command : block.script.commands) {
      if (is_old || !writes_file(command, "recovery.conf")) continue;
      add_once(found, finding(model::Severity::error, command.span,
                              "PostgreSQL 12 and later do not start while there is a recovery.conf",
                              "the same settings in postgresql.auto.conf, and an empty file "
                              "recovery.signal beside it"));
    }
  }
}

}  // namespace backout::analyzer::documents
