// Data is destroyed, and the document makes no backup.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/placements.hpp"
#include "analyzer/documents/scripts.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

bool makes_backup(const Document& document) {
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      const Effect effect = effect_of(command);
      if (effect == Effect::save) return true;
      // A copy that is looked at, fetched or loaded is not made here.
      if (effect == Effect::look || effect == Effect::restore || command.known().does == "fetch")
        continue;
      const std::string& text = command.low_line();
      if (has_any(text, {"snapshot create", "create-db-snapshot", "backups create", "backup create",
                         "backup.sh", "create-backup", "backup-", ":backup", "db:dump"})) {
        return true;
      }
      if (command.name() == "cp" && has_any(text, {"backup", ".bak"})) return true;
      const std::string name = lower(command.name().substr(command.name().rfind('/') + 1));
      if (is_own_script(command) && has(name, "backup") &&
          !has_any(name, {"restore", "verify", "check", "list", "prune", "clean"}))
        return true;
    }
  }
  return false;
}

/// What stands behind `drop SORT`; empty where nothing does.
std::string dropped(const std::string& text) {
  const std::size_t sort = text.starts_with("drop ") ? text.find_first_not_of(' ', 5) : text.npos;
  const std::size_t gap = sort == text.npos ? text.npos : text.find(' ', sort);
  const std::size_t name = gap == text.npos ? text.npos : text.find_first_not_of(' ', gap);
  return name == text.npos ? std::string() : text.substr(name);
}

/// Commands that the catalogue knows to destroy data: volumes, caches with queues in them, all
/// tables.
void look_at_commands(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kData = {
      "docker-compose", "redis-cli", "alembic",   "kubectl",   "terraform", "prisma",
      "migrate",        "typeorm",   "sequelize", "manage.py", "rails",     "aws",
      "dropdb",         "supabase",  "knex",      "goose",     "sqitch",    "flyway"};
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::precheck)
      continue;
    if (section_says(
            facts.document, block->section,
            {"tear", "destroy", "clean", "uninstall", "decommission", "development", "local"}))
      continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const catalogue::Trap* trap = known.find(catalogue::Trap::Kind::destroys);
      if (runs_down_task(command)) {
        add_once(found, finding(model::Severity::error, command.span,
                                "the down migrations drop what the ups made, with the rows in it, "
                                "and no command of the document makes a backup first",
                                "make a backup before, and look at it"));
        continue;
      }
      if (known.tool == "docker" && (known.path == "volume rm" || known.path == "volume prune")) {
        add_once(found, finding(model::Severity::error, command.span,
                                fmt::format("`{}`: what the volume holds is gone for good, and no "
                                            "command of the document makes a backup first",
                                            known.command),
                                "make a backup before, and look at it"));
        continue;
      }
      if (trap == nullptr || !trap->only_if.empty() || !kData.contains(known.tool) ||
          has(trap->says, "--rmi") || known.tool == "dropdb")
        continue;
      // What is put over files is looked at as such.
      if (known.tool == "aws" && known.path == "s3 sync") continue;
      // What pods keep in emptyDir is gone with every pod that ends; a reset of the local database
      // is another mistake.
      if ((known.path == "db reset" && !command.has("--linked") && !command.has("--db-url")) ||
          known.path == "drain")
        continue;
      add_once(found, finding(model::Severity::error, command.span,
                              fmt::format("{}, and no command of the document makes a backup first",
                                          trap_text(command, *trap)),
                              "make a backup before, and look at it"));
    }
  }
}

/// A migration goes back with the rows in it, and neither its way back nor what belongs to none
/// keeps a copy or says that they may go.
void look_at_downs(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const WayBack& way : ways_back(facts)) {
    for (const Deed& deed : way.downs) {
      const catalogue::Known& known = deed.command->known();
      const bool reported =
          known.find(catalogue::Trap::Kind::destroys) != nullptr || runs_down_task(*deed.command);
      if (reported || deed.command->has("--sql") ||
          facts.document.role(way.section) != Role::rollback)
        continue;
      const bool told = is_said_where(
          facts.document,
          [&](std::uint32_t at) {
            return facts.document.role(at) != Role::deploy &&
                   facts.document.role(at) != Role::triggers && belongs(facts, way.section, at);
          },
          [](std::string_view low) {
            return has_any(low, {"backup", "back up", "snapshot", "dump", "pitr", "point-in-time",
                                 "data loss", "lose data", "lost", "respaldo", "copia de seguridad",
                                 "sauvegarde", "sicherung", "备份"}) ||
                   has_word(low, {"row", "rows"});
          });
      const bool reported_here = std::ranges::any_of(
          found, [&](const model::Finding& each) { return each.span == deed.command->span; });
      if (told || reported_here) continue;
      add_once(found,
               finding(model::Severity::warning, deed.command->span,
                       "what the migration added goes with all that was written into it since, and "
                       "the document neither makes a backup nor says that it may go",
                       "make a backup before, and look at it"));
    }
  }
}

/// A script that writes a configuration anew, and keeps nothing of what was there.
void look_at_overwrites(const Block& block, std::vector<model::Finding>& found) {
  for (const Command& command : block.script.commands) {
    for (const importers::Redirect& redirect : command.redirects) {
      const std::string path = lower(resolved(block, redirect.target));
      const bool config = path.ends_with(".conf") || path.ends_with(".env") ||
                          path.ends_with(".ini") || path.ends_with(".cfg") ||
                          path.ends_with(".service") || path.ends_with(".htaccess");
      // What is pasted line by line is meant to be new, but for one value that replaces all others.
      const bool one_value =
          command.name() == "echo" && (path.ends_with(".env") || path.ends_with(".env.production"));
      if (redirect.op != ">" || !config || (!runs_as_script(block) && !one_value) ||
          has_any(path, {"tmp", "backup", ".bak", ".new"}))
        continue;
      const bool kept = std::ranges::any_of(block.script.commands, [&](const Command& each) {
        const bool copies = each.name() == "cp" || each.name() == "mv" ||
                            each.name() == "install" || each.known().does == "backup";
        return copies && std::ranges::any_of(each.words, [&](const importers::Word& word) {
                 return word.text == redirect.target || lower(word.text) == path;
               });
      });
      if (kept) continue;
      add_once(
          found,
          finding(model::Severity::warning, command.span,
                  runs_as_script(block)
                      ? fmt::format("'{}' is written over, and nothing keeps what it held: where "
                                    "the new content is bad, the script leaves it there",
                                    redirect.target)
                      : fmt::format("'{}' holds nothing but this line afterwards: every other "
                                    "value in it is gone",
                                    redirect.target),
                  runs_as_script(block) ? "copy it first, and put the copy back when the test fails"
                                        : "`>>` adds a line; sed -i replaces one"));
    }
  }
}

/// `git push --force` to a branch of everybody.
void look_at_pushes(const DocumentFacts& facts, const Block& block,
                    std::vector<model::Finding>& found) {
  // A pipeline that deploys moves branches that are its own.
  if (!is_followed(facts, block) ||
      (facts.document.is_workflow && facts.document.role(block.section) != Role::rollback))
    return;
  for (const Command& command : block.script.commands) {
    if (!is(command, {"git", "push"}) || !(command.has("--force") || command.has("-f"))) continue;
    const auto words = operands(command, 1);
    const bool shared = words.size() < 2 ||
                        has_any(words[1]->text, {"main", "master", "prod", "release", "develop"});
    if (!shared) continue;
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                "a forced push removes from the branch whatever others have pushed meanwhile, and "
                "every other copy of the repository brings the bad commits back with its next push",
                "git revert and a plain push; or --force-with-lease=BRANCH:COMMIT with a tag on "
                "the old head"));
  }
}

}  // namespace

std::vector<model::Finding> check_destructive_without_backup(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    // What a pipeline writes lies on a runner that goes away.
    if (!facts.document.is_workflow || block->fence == "ssh") look_at_overwrites(*block, found);
    look_at_pushes(facts, *block, found);
  }
  look_at_new_columns(facts, found);
  look_at_dropped_copies(facts, found);
  look_at_hand_edits(facts, found);
  look_at_optional_copies(facts, found);
  look_at_scripts_that_restore(facts, found);
  look_at_placed_files(facts, found);
  if (makes_backup(facts.document)) {
    look_at_ground_of_restores(facts, found);
    look_at_far_copies(facts, found);
    look_at_flushes(facts, found);
    look_at_downs(facts, found);
    return found;
  }
  model::Finding* first = nullptr;  // the others stand beside it
  for (const SqlLine& line : sql_lines(facts.document)) {
    const Role role = facts.document.role(line.block->section);
    if (role == Role::drill || role == Role::prevention) continue;
    const bool record =
        has_any(line.text, {"schema_migrations", "alembic_version", "_prisma_migrations",
                            "flyway_schema", "migrations where"});
    const bool destroys =
        line.text.starts_with("drop table") || line.text.starts_with("drop schema") ||
        line.text.starts_with("truncate ") || line.text.starts_with("delete from") ||
        line.text.starts_with("drop database");
    // Rows that are made again from what they came from need no copy, where the chapter says so.
    const bool again =
        !line.text.starts_with("drop ") &&
        section_text_says(facts.document, chapter_of(facts.document, line.block->section),
                          {"source of truth", "rebuilt from", "recomputed from", "regenerated from",
                           "replayed from", "delete-then-", "derived data"});
    const std::string name = dropped(line.text);
    const bool aside = begins_word(name, {"test", "scratch"}) ||
                       has_any(name, {"_test", "_check", "restore_", "_restore", "scratch",
                                      "verify", "drill", "_tmp", "_temp"});
    const bool told = std::ranges::any_of(
        found, [&](const model::Finding& each) { return each.span.begin == line.span.begin; });
    if (!destroys || record || again || aside || told) continue;
    if (first != nullptr) {
      first->related.push_back({line.span, "here, too"});
      continue;
    }
    const bool cascade = has(line.text, "cascade");
    found.push_back(finding(
        model::Severity::error, line.span,
        cascade ? "this destroys data, and whatever depends on it with it (CASCADE), and no "
                  "command of the document makes a backup first"
                : "this destroys data, and no command of the document makes a backup first",
        cascade ? "dump the tables before, look at what depends on them, and drop without CASCADE"
                : "dump the rows before, and check the dump"));
    first = &found.back();
  }
  const std::size_t before = found.size();
  look_at_commands(facts, found);
  look_at_downs(facts, found);
  if (found.size() > before) return found;
  Findings ground;
  look_at_ground_of_restores(facts, ground);
  for (model::Finding& each : ground) {
    const bool told = std::ranges::any_of(
        found, [&](const model::Finding& other) { return other.span.begin == each.span.begin; });
    if (!told) found.push_back(std::move(each));
  }
  for (const importers::Line& line : facts.document.lines) {
    const std::string text = lower(line.text);
    const bool backup = has(text, "backup") && has_any(text, {"create ", "take ", "make "}) &&
                        has_any(text, {"database", " db", "data"});
    if (line.kind != importers::Line::Kind::checkbox || !backup || facts.document.blocks.empty() ||
        line.block_before != importers::kNowhere)
      continue;
    if (!document_says(facts.document, {"migration"}) ||
        facts.document.role(line.section) == Role::prevention)
      continue;
    found.push_back(finding(model::Severity::error, line.span,
                            "a backup is only ticked off: no command makes it, nothing tests it, "
                            "and no step restores it",
                            "the command, a test restore, and the step that goes back to it"));
    break;
  }
  return found;
}

}  // namespace backout::analyzer::documents
