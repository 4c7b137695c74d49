// Something that needs quiet runs while others write.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a way back sees to it that nobody is connected: a block ends the sessions, or what was
/// stopped before is not started again.
class Sessions {
 public:
  explicit Sessions(const Document& document) : document_(document) {}

  /// Goes on to the next block.
  void enter(const Block& block) {
    const std::uint32_t procedure = document_.procedure_of(block.section);
    if (procedure != procedure_) stopped_ = false;
    procedure_ = procedure;
    ended_ = has_any(lower(block.content.text),
                     {"pg_terminate_backend", "allow_connections", "connection limit"});
  }

  /// Goes on to the next command.
  void meet(const Command& command) {
    if (stops(command)) stopped_ = true;
    if (starts(command)) stopped_ = false;
  }

  bool none() const { return ended_ || stopped_; }

 private:
  const Document& document_;
  std::uint32_t procedure_ = importers::kNowhere;
  bool ended_ = false;
  bool stopped_ = false;
};

bool renames_database(const Command& command) {
  return std::ranges::any_of(command.words, [](const importers::Word& word) {
    return has(lower(word.text), "alter database") && has(lower(word.text), "rename to");
  });
}

void look_at_renames(const Document& document, std::vector<model::Finding>& found) {
  Sessions sessions(document);
  for (const Block* block : shell_blocks(document)) {
    sessions.enter(*block);
    bool told = false;
    for (const Command& command : block->script.commands) {
      sessions.meet(command);
      if (told || sessions.none() || !renames_database(command)) continue;
      told = true;
      found.push_back(finding(model::Severity::error, command.span,
                              "a database with open connections cannot be renamed: this fails "
                              "while the application is up, and half of the exchange may be done",
                              "stop the application, REVOKE CONNECT, pg_terminate_backend, and "
                              "both renames in one script that stops on errors"));
    }
  }
}

void look_at_optional_stops(const Document& document, std::vector<model::Finding>& found) {
  const bool needed = document_says(document, {"will fail if", "cannot rollback if", "fails if"});
  for (const importers::Section& section : document.sections) {
    const std::string title = lower(section.title);
    const bool stops =
        title.starts_with("stop ") || title.starts_with("disable ") || title.starts_with("pause ");
    if (!section.optional || !stops || !needed) continue;
    found.push_back(finding(model::Severity::error, section.span,
                            fmt::format("'{}' is optional, but the document says that the database "
                                        "rollback fails on what is written meanwhile",
                                        section.title),
                            "stop the writers whenever the database is rolled back"));
  }
}

/// A backfill before the code that fills the column, and a constraint behind it.
void look_at_backfills(const Document& document, std::vector<model::Finding>& found) {
  const Command* backfill = nullptr;
  const Command* constraint = nullptr;
  for (const Block* block : shell_blocks(document)) {
    const bool deploys = document.role(block->section) == Role::deploy ||
                         (document.role(block->section) == Role::other &&
                          has_any(lower(document.title), {"deploy", "release"}));
    if (!deploys || section_says(document, block->section, {"staging"})) continue;
    for (const Command& command : block->script.commands) {
      const std::string& text = command.low_line();
      if (has_any(text, {"downgrade", " down"})) continue;
      if (has(text, "backfill")) backfill = &command;
      if (has_any(text, {"constraint", "not_null", "notnull"})) constraint = &command;
      const bool code = is(command, {"git", "checkout"}) || is(command, {"git", "pull"}) ||
                        effect_of(command) == Effect::deploy;
      if (!code || backfill == nullptr) continue;
      model::Finding made =
          finding(model::Severity::error, backfill->span,
                  "the backfill runs before the code that fills the column: rows that the old code "
                  "writes in between stay without a value",
                  "deploy code that writes both, then backfill, then the constraint");
      made.related.push_back({command.span, "the code comes only here"});
      found.push_back(std::move(made));
      if (constraint != nullptr) {
        model::Finding early =
            finding(model::Severity::error, constraint->span,
                    "the constraint is in force while the old code still writes: what it inserts "
                    "without a value is refused",
                    "the constraint last, behind the code and a second backfill");
        early.related.push_back({command.span, "the code comes only here"});
        found.push_back(std::move(early));
      }
      return;
    }
  }
}

/// Whether something is stopped or taken down in words or by a command: not `ON_ERROR_STOP`, no
/// download.
bool says_stop(std::string_view low) {
  std::string text(low);
  for (const std::string_view other : {"on_error_stop", "stoponerror", "rollback down",
                                       "migrate down", "migrate:down", "migration:down"}) {
    for (std::size_t at = text.find(other); at != std::string::npos; at = text.find(other))
      text.erase(at, other.size());
  }
  return begins_word(text, {"stop"}) || has_any(text, {"stopp", "downtime", "shutdown"}) ||
         has_word(text, {"down"});
}

/// What a line tells people is no deed: of "Post: 'we perform emergency maintenance'" nothing
/// stops.
std::string without_announcements(std::string_view low) {
  std::string text(low);
  if (!has_any(low, {"post ", "notify", "announce", "status page", "status update", "inform ",
                     "message", "tell ", "email", "e-mail", "communicat"}) ||
      has_any(low, {"maintenance mode", "maintenance page"}))
    return text;
  for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"')) {
    const std::size_t end = text.find('"', at + 1);
    text.erase(at, end == std::string::npos ? end : end - at + 1);
  }
  return importers::without(std::move(text), "maintenance");
}

bool says_quiet(std::string_view whole) {
  const std::string low = without_announcements(whole);
  return says_stop(low) ||
         has_any(low, {"maintenance",  "scale",         "shut",           "read-only",
                       "read only",    "pause",         "terminate",      "suspend",
                       "drain",        "quiesce",       "createdb",       "create database",
                       "new instance", "0 replicas",    "disable",        "detener",
                       "parar",        "mantenimiento", "manutenção",     "arrêt",
                       "anhalten",     "stopp",         "wartung",        "zatrzym",
                       "останов",      "停止",          "停机",           "维护",
                       "إيقاف",        "block writes",  "prevent writes", "freeze",
                       "isolate"});
}

/// Whether the way back, or a part of its chapter that is no way back of its own, says how writers
/// are kept away from a restore.
bool is_quiet(const DocumentFacts& facts, std::uint32_t section) {
  const Document& document = facts.document;
  const std::uint32_t procedure = document.procedure_of(section);
  std::uint32_t chapter = procedure;
  if (chapter != importers::kNowhere &&
      document.sections[chapter].kind != importers::Section::Kind::variant)
    chapter = chapter_of(document, section);
  // Where steps are chapters, an earlier one stops the writers.
  if (chapter != importers::kNowhere &&
      document.sections[chapter].kind == importers::Section::Kind::step)
    chapter = importers::kNowhere;
  const auto [quiet, is_new] =
      document.low().answers.try_emplace(fmt::format("quiet{}:{}", procedure, chapter));
  if (!is_new) return quiet->second;
  quiet->second = is_said_where(
      document,
      [&](std::uint32_t at) {
        const bool near = chapter == importers::kNowhere ||
                          (at != importers::kNowhere && document.below(at, chapter));
        return near && belongs(facts, procedure, at);
      },
      says_quiet);
  return quiet->second;
}

/// Data comes back by a step in words, or by a task of the project's own, while the application
/// goes on.
void look_at_told_restores(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  const auto report = [&](model::Span span) {
    add_once(found, finding(model::Severity::warning, span,
                            "nothing keeps the application from writing while the data goes back: "
                            "what it writes meanwhile is lost or collides",
                            "stop the application and its workers first, and start them when the "
                            "restore has been looked at"));
  };
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string text = lower(line.text);
    const bool moment =
        has(text, "restore to point in time") || has(text, "restore to a point in time");
    const bool data = has_any(text, {"database", " db", "data", "backup", "snapshot", "dump",
                                     "point in time", "point-in-time", "base de datos", "banco",
                                     "base de donn", "datenbank", "数据", "قاعدة"}) ||
                      is_click_on_data(document, line);
    const bool restores = line.kind != importers::Line::Kind::paragraph &&
                          (moment || (order_of(line) == Order::restore && data));
    if (!restores || has_items(document, i) || !is_procedure(facts, line.section) ||
        has_word(text, {"test"}) ||
        has_any(text, {"staging", "verify", "configuration", "config ", " if ", "terraform",
                       ".yaml", ".yml", ".env", ".conf", ".json", ".toml"}))
      continue;
    // Where the whole site is gone nobody writes.
    if (starts_from_nothing(document, line.section)) continue;
    if (!is_quiet(facts, line.section)) report(line.span);
  }
  for (const Block* block : shell_blocks(document)) {
    if (document.is_script || !is_procedure(facts, block->section) ||
        is_quiet(facts, block->section))
      continue;
    for (const Command& command : block->script.commands) {
      // A script may stop the application itself, a task of a framework does not.
      const std::string_view tool = command.known().tool;
      const bool cloud =
          (tool == "aws" || tool == "gcloud" || tool == "az" || tool == "doctl") &&
          has_any(command.low_line(), {" rds ", " sql ", "postgres", "mysql", "databases"});
      const bool own = effect_of(command) == Effect::restore &&
                       (command.known().existence == catalogue::Existence::unknown_command ||
                        (cloud && !restores_in_place(command) &&
                         !starts_from_nothing(document, block->section)));
      if (own && !has_any(command.low_line(), {"config", "media", "static", "staging"}))
        report(command.span);
    }
  }
}

/// A standby takes over, and nothing keeps the old primary from taking writes, too.
void look_at_promotions(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  if (document_says(facts.document,
                    {"fence", "fencing", "stonith", "isolate the", "stop the old", "stop old",
                     "shut down the old", "shutdown the old", "pg_rewind", "split-brain",
                     "split brain", "power off", "demote", "patroni", "network policy"})) {
    return;
  }
  for (std::size_t i = 0; i < facts.document.lines.size(); ++i) {
    const importers::Line& line = facts.document.lines[i];
    const std::string& low = facts.document.low().lines[i];
    const bool told = has_any(low, {"promote the", "promote a", "promote read"}) &&
                      has_any(low, {"replica", "standby", "secondary database", "slave"});
    if (!told || line.kind == importers::Line::Kind::paragraph ||
        !is_procedure(facts, line.section))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "nothing keeps the old primary from taking writes when it comes back: "
                            "two primaries, and one of the two histories is lost",
                            "fence it first (stop it, or cut it off), and build it anew or "
                            "pg_rewind it before it joins again"));
  }
  const auto report = [&](model::Span span) {
    add_once(found, finding(model::Severity::error, span,
                            "nothing keeps the old primary from taking writes when it comes "
                            "back: two primaries, and one of the two histories is lost",
                            "fence it first (stop it, or cut it off), and build it anew or "
                            "pg_rewind it before it joins again"));
  };
  // What stands in a client that was opened before.
  for (const SqlLine& line : sql_lines(facts.document)) {
    if (is_followed(facts, *line.block) && has(line.text, "pg_promote(") &&
        !has_any(lower(line.block->content.text), {"stop", "shutdown"}))
      report(line.span);
  }
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const std::string& text = command.low_line();
      const bool promotes = ((command.name() == "pg_ctl" || command.name() == "pg_ctlcluster") &&
                             text.ends_with("promote")) ||
                            (command.name() == "redis-cli" && has(text, "no one")) ||
                            has(text, "rds promote-read-replica") ||
                            has(text, "reset replica all") || has(text, "reset slave all");
      if (!promotes || has_any(lower(block->content.text), {"stop", "shutdown"})) continue;
      report(command.span);
    }
  }
}

/// A restore into the database that the application is using.
void look_at_restores(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    if (!is_followed(facts, *block) || role == Role::deploy || role == Role::verification ||
        starts_from_nothing(document, block->section))
      continue;
    for (const Command& command : block->script.commands) {
      const bool fed = std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
        return each.op == "<" && has_any(lower(each.target), {"backup", "dump"});
      });
      const auto file = inside(command).value("-f");
      const bool titled = file && section_says(document, block->section, {"restor"}) &&
                          !has_any(lower(*file), {"migration", "rollback", "down", "schema"});
      const bool loads = (runs(command, "psql") || runs(command, "mysql")) &&
                         (fed || titled || has_any(lower(file.value_or("")), {"backup", "dump"}));
      const bool restores = loads || loads_archive(command) || loads_copy(*block, command) ||
                            restores_in_place(command);
      if (!restores || names_another_database(command)) continue;
      if (is_quiet(facts, block->section)) continue;
      add_once(found, finding(model::Severity::error, command.span,
                              "the restore runs while the application writes: what it writes "
                              "meanwhile is lost or collides with what comes back",
                              "stop the application and its workers first, and start them when the "
                              "restore has been looked at"));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_writers_not_stopped(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_renames(facts.document, found);
  look_at_optional_stops(facts.document, found);
  look_at_backfills(facts.document, found);
  look_at_restores(facts, found);
  look_at_told_restores(facts, found);
  look_at_promotions(facts, found);
  look_at_escape_clauses(facts, found);
  look_at_runs_at_once(facts, found);
  for (const Block* block : shell_blocks(facts.document)) look_at_open_files(*block, found);
  return found;
}

}  // namespace backout::analyzer::documents
