// Part of destructive-without-backup: what is there now goes before a copy of it is made.
#include <algorithm>
#include <set>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command throws away what is there, to put a copy in its place.
bool clears_ground(const Block& block, const Command& command) {
  const std::string text = command.low_line() + " ";
  if (runs(command, "dropdb") ||
      (runs(command, "psql") && has_any(text, {"drop database", "drop schema"})) ||
      (runs(command, "mysql") && has(text, "drop database")))
    return true;
  if (runs(command, "sqlcmd") && has(text, "restore database") && has(text, "replace")) return true;
  const catalogue::Known& known = command.known();
  if (known.tool == "gcloud" && known.path == "sql backups restore") return true;
  // A dump of MySQL drops each table before it makes it.
  if (runs(command, "mysql") && loads_copy(block, command)) return true;
  if (command.name() == "cp" && command.words.size() > 2) {
    const std::string to = lower(command.words.back().text);
    const bool data = to.ends_with(".db") || to.ends_with(".sqlite") || to.ends_with(".sqlite3") ||
                      to.ends_with(".rdb");
    return data && has(text, "backup") && !has(to, "backup");
  }
  if (runs(command, "mongorestore")) return command.has("--drop");
  return runs(command, "pg_restore") && (command.has("--clean") || command.has("-c")) &&
         !command.has("--list");
}

/// Whether the chapter, or what stands above all chapters, says that what is there is kept.
bool says_kept(const Document& document, std::uint32_t unit) {
  const std::initializer_list<std::string_view> words = {"current state",
                                                         "pre-restore",
                                                         "pre_restore",
                                                         "prerestore",
                                                         "before_restore",
                                                         "before-restore",
                                                         "safety",
                                                         "emergency backup",
                                                         "emergency_backup",
                                                         "backup the current",
                                                         "back up the current",
                                                         "backup current",
                                                         "back up current",
                                                         "backup of the current",
                                                         "rename to",
                                                         "_old",
                                                         "_new",
                                                         "recovery_"};
  if (section_text_says(document, unit, words)) return true;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const std::uint32_t section = document.lines[i].section;
    const bool above = section == importers::kNowhere || document.sections[section].level == 1;
    if (above && has_any(document.low().lines[i], words)) return true;
  }
  return false;
}

/// Whether a command that the catalogue does not know well may be the one that makes a copy:
/// `make backup`. What fetches, unpacks or shows a copy that is there makes none.
bool may_keep(const Command& command) {
  if (!has_any(command.low_line(), {"backup", "snapshot", "dump"})) return false;
  static const std::set<std::string_view> kHandles = {
      "gunzip", "gzip", "zcat", "tar",  "unzip", "ls",   "cd",    "mkdir",  "export", "echo",
      "scp",    "curl", "wget", "find", "du",    "stat", "chmod", "sha256", "rclone", "gsutil"};
  const Effect effect = effect_of(command);
  const std::string_view path = command.known().path;
  const bool fetches =
      command.known().does == "fetch" || (command.known().tool == "aws" && path.starts_with("s3"));
  return effect != Effect::restore && effect != Effect::look && effect != Effect::say && !fetches &&
         !kHandles.contains(command.name());
}

/// Whether the project is fetched in the same chapter before: on a new machine nothing is there.
bool is_new_machine(const Document& document, std::uint32_t unit, const Command& command) {
  return unit != importers::kNowhere &&
         std::ranges::any_of(document.blocks, [&](const Block& block) {
           return document.below(block.section, unit) &&
                  std::ranges::any_of(block.script.commands, [&](const Command& each) {
                    return each.span.begin < command.span.begin && is(each, {"git", "clone"});
                  });
         });
}

/// Whether a copy of what is there is made in the same procedure, before it goes.
bool is_kept(const DocumentFacts& facts, std::uint32_t unit, const Command& command) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!facts.document.below(block->section, unit)) continue;
    for (const Command& each : block->script.commands) {
      if (each.span.begin >= command.span.begin) continue;
      const bool copies = (each.name() == "cp" || each.name() == "mv") &&
                          has_any(each.low_line(), {"backup", ".bak", "old", "before"});
      // What is written over is copied from there first.
      const bool same = (each.name() == "cp" || each.name() == "mv") && command.name() == "cp" &&
                        each.words.size() > 2 &&
                        each.words[each.words.size() - 2].text == command.words.back().text;
      if (effect_of(each) == Effect::save || copies || same || may_keep(each)) return true;
    }
  }
  return says_kept(facts.document, unit);
}

}  // namespace

void look_at_ground_of_restores(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script) return;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    if (!is_followed(facts, *block) || role == Role::deploy ||
        fills_another_environment(document, block->section))
      continue;
    if (starts_from_nothing(document, block->section) ||
        section_says(document, block->section,
                     {"tear", "local", "staging", "development", "migrate to"}) ||
        section_says_word(document, block->section, {"dev", "test", "tests", "testing"})) {
      continue;
    }
    // A step before the options of this one may keep the copy.
    const std::uint32_t unit = chapter_of(document, block->section);
    for (const Command& command : block->script.commands) {
      if (!clears_ground(*block, command) || names_another_database(command) ||
          is_new_machine(document, unit, command) ||
          loads_new_database(document, *block, command) || unit == importers::kNowhere ||
          is_kept(facts, unit, command))
        continue;
      add_once(
          found,
          finding(model::Severity::warning, command.span,
                  "what is there now is thrown away, and no step of this procedure keeps a copy of "
                  "it: when the backup turns out to be bad, nothing is left to go back to",
                  "dump what is there first, or restore beside it and exchange the names"));
    }
  }
}

void look_at_dropped_copies(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  for (const SqlLine& line : sql_lines(document)) {
    const bool copy = line.text.starts_with("drop table") &&
                      has_any(line.text, {"_backup", "_bak", "_old", "backup_"});
    if (!copy || !is_followed(facts, *line.block) ||
        document.role(line.block->section) == Role::verification)
      continue;
    const bool looked = std::ranges::any_of(document.blocks, [&](const Block& other) {
      return other.span.end < line.block->span.begin &&
             document.role(other.section) == Role::verification;
    });
    const bool later =
        std::ranges::any_of(document.sections, [&](const importers::Section& section) {
          return section.span.begin > line.span.end &&
                 (section.role == Role::verification ||
                  has_any(lower(section.title), {"verif", "check"}) ||
                  begins_word(lower(section.title), {"test"}));
        });
    if (looked || !later) continue;
    add_once(found, finding(model::Severity::error, line.span,
                            "the copy is dropped before anything has looked at what came back: "
                            "when that is bad, nothing is left to go back to",
                            "the look first, and the copies last"));
    return;
  }
}

void look_at_new_columns(const DocumentFacts& facts, Findings& found) {
  for (const Block& block : facts.document.blocks) {
    if (block.left_out || block.language != importers::Language::sql ||
        facts.document.role(block.section) != Role::rollback)
      continue;
    const std::vector<BlockLine> lines = lines_of(block);
    const bool copied = std::ranges::any_of(lines, [](const BlockLine& line) {
      const std::string text = lower(line.text);
      return text.starts_with("update ") || text.starts_with("insert into") ||
             text.starts_with("create table") || text.starts_with("copy ") ||
             text.starts_with("\\copy");
    });
    if (copied ||
        section_text_says(facts.document, facts.document.procedure_of(block.section),
                          {"lost", "data loss", "export", "not used", "unused", "empty column"}))
      continue;
    for (const BlockLine& line : lines) {
      const std::string low = lower(line.text);
      if (low.starts_with("--") || !has(low, "drop column")) continue;
      add_once(found, finding(model::Severity::warning, line.span,
                              "what was written into this column since the deploy goes with it: "
                              "nothing copies it to where the older version reads",
                              "UPDATE the older column from the newer one first, in the same "
                              "transaction; or say that the values may go"));
      break;
    }
  }
}

}  // namespace backout::analyzer::documents
