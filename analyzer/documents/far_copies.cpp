// Part of destructive-without-backup: a copy is made somewhere in the document, and not in the
// procedure that destroys.
#include <algorithm>
#include <string>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

bool says_copy(std::string_view low) {
  return has_any(low, {"backup",       "back up",
                       "backed up",    "pg_dump",
                       "mysqldump",    "mongodump",
                       " dump",        "snapshot",
                       "copy of",      ".bak",
                       "data loss",    "lose data",
                       "will be lost", "is lost",
                       "rename to",    "point-in-time",
                       "pitr",         "export the",
                       "d1 export",    "sauvegarde",
                       "respaldo",     "copia de seguridad",
                       "sicherung",    "kopia",
                       "备份"});
}

/// What people read before any procedure: what stands below the title, prerequisites, checklists, a
/// chapter on copies.
bool is_for_all(const Document& document, std::uint32_t section) {
  if (section == importers::kNowhere || document.sections[section].level == 1 ||
      document.role(section) == Role::precheck)
    return true;
  for (std::uint32_t at = section; at != importers::kNowhere; at = document.sections[at].parent) {
    const std::string& title = document.low().titles[at];
    if (document.sections[at].level > 1 &&
        has_any(title, {"before", "pre-", "prereq", "prepar", "checklist"}))
      return true;
  }
  return false;
}

/// Where a text speaks of a copy.
struct CopyText {
  std::uint32_t section;
  std::uint32_t begin;
  bool for_all;
};
std::vector<CopyText> copy_texts(const Document& document) {
  std::vector<CopyText> all;
  const auto add = [&](std::uint32_t section, std::uint32_t begin) {
    all.push_back({section, begin, is_for_all(document, section)});
  };
  const importers::LowTexts& low = document.low();
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    if (document.sections[i].level > 1 && says_copy(low.titles[i]))
      add(i, document.sections[i].span.begin);
  }
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (says_copy(low.lines[i])) add(document.lines[i].section, document.lines[i].span.begin);
  }
  for (std::size_t i = 0; i < document.blocks.size(); ++i) {
    const Block& block = document.blocks[i];
    if (!block.left_out && says_copy(low.blocks[i])) add(block.section, block.span.begin);
  }
  return all;
}

/// Whether a text of the procedure before `place`, or one that holds for all of them, speaks of a
/// copy.
bool is_covered(const Document& document, const std::vector<CopyText>& copies, std::uint32_t unit,
                model::Span place) {
  return std::ranges::any_of(copies, [&](const CopyText& each) {
    const bool within = unit == importers::kNowhere ||
                        (each.section != importers::kNowhere && document.below(each.section, unit));
    return each.for_all || (within && each.begin <= place.begin);
  });
}

/// The procedure that somebody follows around the block, with the chapter's own words where it is a
/// variant of one.
std::uint32_t unit_of(const Document& document, const Block& block) {
  const std::uint32_t unit = document.procedure_of(block.section);
  return unit == importers::kNowhere ? chapter_of(document, block.section) : unit;
}

bool is_looked_at(const DocumentFacts& facts, const Block& block) {
  const Document& document = facts.document;
  return leads_back(facts, block.section) && is_followed(facts, block) && !document.is_script &&
         !fills_another_environment(document, block.section) &&
         !section_says(document, block.section,
                       {"staging", "local", "development", "tear", "clean up", "cleanup",
                        "uninstall", "decommission"});
}

bool removes_tables(std::string_view text) {
  const bool record =
      has_any(text, {"migration", "alembic_version", "schema_history", "schema_version"});
  const bool verb = text.starts_with("drop table") || text.starts_with("drop schema") ||
                    text.starts_with("drop database") || text.starts_with("truncate ") ||
                    text.starts_with("delete from");
  return verb && !record && !has_any(text, {"_backup", "_bak", "_old", "tmp", "temp"});
}

}  // namespace

void look_at_far_copies(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  const std::vector<CopyText> copies = copy_texts(document);
  for (const SqlLine& line : sql_lines(document)) {
    if (!removes_tables(line.text) || !is_looked_at(facts, *line.block) ||
        is_covered(document, copies, unit_of(document, *line.block), line.span))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "this destroys data, and this procedure keeps no copy of it first: "
                            "what the document backs up, it backs up elsewhere",
                            "the dump as the first step of this procedure, and a look at it"));
  }
  for (const Block* block : shell_blocks(document)) {
    if (!is_looked_at(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const bool known = command.known().does == "migrate_down" && !command.has("--sql") &&
                         !command.has("--pretend") && !command.has("--help");
      if ((!runs_down_task(command) && !known) ||
          is_covered(document, copies, unit_of(document, *block), command.span))
        continue;
      add_once(
          found,
          finding(model::Severity::warning, command.span,
                  "what the migration added goes with all that was written into it since, and this "
                  "procedure keeps no copy of it first",
                  "the dump as the first step of this procedure, or a word that the rows may go"));
    }
  }
}

void look_at_flushes(const DocumentFacts& facts, Findings& found) {
  if (document_says(facts.document, {"cache only", "cache-only", "only a cache", "only cache",
                                     "purely a cache", "nothing but a cache", "no persistent"}))
    return;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) ||
        section_says(facts.document, block->section,
                     {"staging", "local", "development", "redis"}) ||
        has(lower(block->content.text), "dump.rdb"))
      continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Trap* trap = command.known().find(catalogue::Trap::Kind::destroys);
      const bool flushes = command.known().tool == "redis-cli" && trap != nullptr &&
                           has(lower(command.known().path), "flush");
      // A database of its own for the cache.
      if (!flushes || inside(command).has("-n")) continue;
      add_once(found, finding(model::Severity::warning, command.span, trap_text(command, *trap),
                              "delete the keys of the cache by their prefix, or give the cache a "
                              "database of its own"));
    }
  }
}

}  // namespace backout::analyzer::documents
