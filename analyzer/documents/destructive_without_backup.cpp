// Data is destroyed, and the document makes no backup.
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

bool makes_backup(const Document& document) {
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      if (effect_of(command) == Effect::save) return true;
      const std::string text = lower(full_of(command));
      if (has_any(text, {"snapshot create", "create-db-snapshot", "backups create", "backup create", "backup.sh", "create-backup", "backup-", ":backup", "db:dump"})) {
        return true;
      }
      if (command.name() == "cp" && has_any(text, {"backup", ".bak"})) return true;
    }
  }
  return false;
}

/// Commands that the catalogue knows to destroy data: volumes, caches with queues in them, all tables.
void look_at_commands(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kData = {"docker-compose", "redis-cli", "alembic", "kubectl", "terraform", "prisma", "migrate", "typeorm", "sequelize", "manage.py",
                                                   "rails", "aws", "dropdb", "supabase", "knex", "goose", "sqitch", "flyway"};
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::precheck) continue;
    if (section_says(facts.document, block->section, {"tear", "destroy", "clean", "uninstall", "decommission", "development", "local"})) continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const catalogue::Trap* trap = known.find(catalogue::Trap::Kind::destroys);
      if (trap == nullptr || !trap->only_if.empty() || !kData.contains(known.tool) || has(trap->says, "--rmi") || known.tool == "dropdb") continue;
      if (known.path == "db reset") continue;
      add_once(found, finding(model::Severity::error, command.span, fmt::format("{}, and no command of the document makes a backup first", trap_text(command, *trap)),
                              "make a backup before, and look at it"));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_destructive_without_backup(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  if (makes_backup(facts.document)) return found;
  for (const SqlLine& line : sql_lines(facts.document)) {
    const Role role = facts.document.role(line.block->section);
    if (role == Role::drill || role == Role::prevention) continue;
    const bool record = has_any(line.text, {"schema_migrations", "alembic_version", "_prisma_migrations", "flyway_schema", "migrations where"});
    const bool destroys = line.text.starts_with("drop table") || line.text.starts_with("drop schema") || line.text.starts_with("truncate ") ||
                          line.text.starts_with("delete from") || line.text.starts_with("drop database");
    if (!destroys || record) continue;
    const bool cascade = has(line.text, "cascade");
    found.push_back(finding(model::Severity::error, line.span,
                            cascade ? "this destroys data, and whatever depends on it with it (CASCADE), and no command of the document makes a backup first"
                                    : "this destroys data, and no command of the document makes a backup first",
                            cascade ? "dump the tables before, look at what depends on them, and drop without CASCADE" : "dump the rows before, and check the dump"));
    break;
  }
  look_at_commands(facts, found);
  if (!found.empty()) return found;
  for (const importers::Line& line : facts.document.lines) {
    const std::string text = lower(line.text);
    const bool backup = has(text, "backup") && has_any(text, {"create ", "take ", "make "}) && has_any(text, {"database", " db", "data"});
    if (line.kind != importers::Line::Kind::checkbox || !backup || facts.document.blocks.empty() || line.block_before != importers::kNowhere) continue;
    if (!document_says(facts.document, {"migration"}) || facts.document.role(line.section) == Role::prevention) continue;
    found.push_back(finding(model::Severity::error, line.span,
                            "a backup is only ticked off: no command makes it, nothing tests it, and no step restores it",
                            "the command, a test restore, and the step that goes back to it"));
    break;
  }
  return found;
}

}  // namespace backout::analyzer::documents
