// A run goes on behind a failure and destroys, deploys or records on top of it.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

bool acts(Effect effect) {
  return effect == Effect::change || effect == Effect::destroy || effect == Effect::deploy ||
         effect == Effect::restore || effect == Effect::save;
}

bool is_sql(const Command& command, std::initializer_list<std::string_view> words) {
  if (!runs(command, "psql") && !runs(command, "mysql")) return false;
  for (const importers::Word& word : command.words) {
    if (has_any(lower(word.text), words)) return true;
  }
  return false;
}

/// `rm -rf "$TMP_DIR"`: what is thrown away was made to be thrown away.
bool clears_temporary(const Command& command) {
  if (command.name() != "rm") return false;
  const auto paths = operands(command, 0);
  return !paths.empty() && std::ranges::all_of(paths, [](const importers::Word* word) {
    return has_any(lower(word->text), {"tmp", "temp", "scratch"});
  });
}

/// What must not run behind a failure.
bool grave(const Command& command) {
  if (clears_temporary(command)) return false;
  const Effect effect = effect_of(command);
  return effect == Effect::destroy || effect == Effect::restore || effect == Effect::deploy ||
         is_sql(command, {"rename "}) ||
         ((command.name().starts_with("./") || command.name().ends_with(".sh")) &&
          effect != Effect::look);
}

/// What the later one relies on.
bool relied_on(const Command& command) {
  const Effect effect = effect_of(command);
  const bool script = (command.name().starts_with("./") || command.name().ends_with(".sh")) &&
                      effect != Effect::look;
  return effect == Effect::save || effect == Effect::restore || script ||
         (effect == Effect::change && runs(command, "psql"));
}

void look_at_ignored_failures(const Block& block, std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  // By function, and whether only what destroys counts.
  std::map<std::pair<std::string_view, bool>, std::vector<std::size_t>> graves;
  for (std::size_t k = 0; k < commands.size(); ++k) {
    if (!grave(commands[k])) continue;
    graves[{commands[k].context.function, false}].push_back(k);
    if (effect_of(commands[k]) == Effect::destroy)
      graves[{commands[k].context.function, true}].push_back(k);
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& first = commands[i];
    if (!relied_on(first) || !goes_on(first) || first.context.background) continue;
    const std::vector<std::size_t>& behind =
        graves[{first.context.function, first.name() == "tar"}];
    for (auto at = std::ranges::upper_bound(behind, i); at != behind.end(); ++at) {
      const std::size_t k = *at;
      if (commands[k].segment == first.segment) continue;
      model::Finding made =
          finding(model::Severity::error, first.span,
                  fmt::format("when '{}' fails, the script goes on and runs '{}'", text_of(first),
                              text_of(commands[k])),
                  "begin the script with `set -euo pipefail`, or test the result");
      made.related.push_back({commands[k].span, "runs whatever happened before"});
      found.push_back(std::move(made));
      return;
    }
  }
}

/// Whether the command runs the migrations, by a tool or by a task of that name: `pnpm migrate`.
bool migrates(const Command& command) {
  if (command.known().does == "migrate") return !runs(command, "psql");
  const bool task = command.known().does == "run" || command.known().tool == "npm" ||
                    command.known().tool == "pnpm" || command.known().tool == "yarn" ||
                    command.known().tool == "make";
  return task && !command.words.empty() &&
         begins_word(lower(command.words.back().text), {"migrate"}) &&
         !has_any(command.low_line(), {"status", "down", "rollback", "undo"});
}

/// What the later command stands on: a failure of `first` makes `later` destroy or serve the wrong
/// thing. In a block that is pasted as a whole (and is no script) only a build counts: a checkout
/// that fails is seen before the next line is typed.
const char* stands_on(const Command& first, const Command& later, bool in_script, bool in_paste) {
  const Effect before = effect_of(first);
  const Effect after = effect_of(later);
  const std::string& does = first.known().does;
  const bool uploads = (later.known().tool == "aws" && later.known().path == "s3 sync") ||
                       later.known().tool == "rsync" || later.known().tool == "scp";
  const bool serves = after == Effect::deploy || uploads || later.known().does == "restart" ||
                      later.known().does == "start";
  const bool relative = !later.words.empty() && has_any(later.name(), {"rm"}) &&
                        !later.words.back().text.starts_with('/') &&
                        !later.words.back().text.starts_with('$') &&
                        !later.words.back().text.starts_with('~');
  if (first.name() == "cd" && after == Effect::destroy && relative)
    return "deletes in the folder where it stands";
  const bool one_file = later.name() == "rm" && !later.has("-r") && !later.has("-R");
  if (before == Effect::save && ((after == Effect::destroy && !one_file) ||
                                 after == Effect::restore || later.known().does == "migrate_down"))
    return "destroys what the backup was to keep";
  if (before == Effect::restore && first.name() != "tar" && first.name() != "cp" && migrates(later))
    return "changes the schema of a database that is half restored";
  // A container of another store does not serve what was restored.
  const bool store = has_any(later.low_line(), {"redis", "postgres", "mysql", "mongo", "qdrant",
                                                "rabbitmq", "kafka", "minio"});
  if (!store &&
      (before == Effect::restore || does == "migrate_down" ||
       (runs(first, "psql") && before == Effect::change &&
        !is_sql(first, {"alter role", "alter user", "grant ", "revoke ", "create user"}))) &&
      serves)
    return first.name() == "tar" ? "serves what is half unpacked"
                                 : "serves a database that is half restored";
  if (!in_script && !in_paste) return nullptr;
  if (in_script && is(first, {"git", "checkout"}) &&
      (later.known().does == "build" || after == Effect::deploy))
    return "builds or serves the bad version again";
  // Without input `kubectl apply -f -` fails by itself.
  const bool fed =
      later.context.pipe_position > 0 && first.context.pipe_position < later.context.pipe_position;
  const bool builds =
      does == "build" || (does == "run" && has_any(first.line() + " ", {" build ", " build:"}) &&
                          first.known().tool != "docker");
  if (builds && serves && !fed) return "serves what was built before";
  return nullptr;
}

/// The version is written down behind a check that may have failed.
void look_at_records(const Block& block, std::vector<model::Finding>& found) {
  if (runs_as_script(block)) return;
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& look = commands[i];
    const bool looks = look.name() == "curl" && (look.has("-f") || look.has("--fail"));
    if (!looks || !goes_on(look) || look.context.substitution) continue;
    for (std::size_t k = i + 1; k < commands.size(); ++k) {
      const Command& record = commands[k];
      const bool writes =
          record.name() == "echo" && !record.context.status_tested && !record.context.after_and &&
          std::ranges::any_of(record.redirects, [](const importers::Redirect& each) {
            return each.op == ">" && has_any(lower(each.target),
                                             {"deployed", "version", "current", "release", "tag"});
          });
      if (!writes) continue;
      model::Finding made =
          finding(model::Severity::warning, record.span,
                  "the version is recorded as the one that serves, whatever the check above said",
                  "join the two with `&&`");
      made.related.push_back({look.span, "this may have failed"});
      found.push_back(std::move(made));
      return;
    }
  }
}

/// A script, or a block that is pasted as a whole, in which a later command destroys or serves
/// whatever happened before.
void look_at_chain(const DocumentFacts& facts, const Block& block,
                   std::vector<model::Finding>& found) {
  // What is pasted as one block runs on like a script.
  const bool in_paste = facts.document.role(block.section) == Role::rollback ||
                        facts.document.role(block.section) == Role::deploy;
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& first = commands[i];
    if (!goes_on(first) || first.context.background || first.context.substitution ||
        first.context.condition)
      continue;
    for (std::size_t k = i + 1; k < commands.size() && k < i + 12; ++k) {
      const char* harm = stands_on(first, commands[k], runs_as_script(block), in_paste);
      const bool other_way =
          commands[k].segment != first.segment &&
          block.script.segments[commands[k].segment].kind == importers::Segment::Kind::alternative;
      if (harm == nullptr || commands[k].context.function != first.context.function ||
          commands[k].context.status_tested)
        continue;
      if (other_way) break;
      model::Finding made = finding(
          runs_as_script(block) ? model::Severity::error : model::Severity::warning, first.span,
          fmt::format("when '{}' fails, '{}' runs all the same, and {}", text_of(first),
                      text_of(commands[k]), harm),
          "begin with `set -euo pipefail`, or join the two with `&&`");
      made.related.push_back({commands[k].span, "runs whatever happened before"});
      // The same harm in another block is told once.
      const auto same = std::ranges::find_if(found, [&](const model::Finding& each) {
        return !runs_as_script(block) && each.message.ends_with(harm);
      });
      if (same == found.end())
        found.push_back(std::move(made));
      else
        same->related.push_back({first.span, "here, too"});
      return;
    }
  }
}

/// `if ...; else echo WARNING; fi` and then the record of it.
void look_at_warnings(const Block& block, std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string& text = commands[i].low_line();
    const bool warns = commands[i].name() == "echo" &&
                       has_any(text, {"warning", "not found", "no rollback", "missing"});
    if (!warns || commands[i].context.branches == 0 || commands[i].context.errexit ||
        i + 1 >= commands.size())
      continue;
    const bool stops = commands[i + 1].name() == "exit" || commands[i + 1].name() == "return" ||
                       commands[i + 1].name() == "read" || commands[i + 1].name() == "continue";
    if (stops || commands[i + 1].context.branches >= commands[i].context.branches ||
        !acts(effect_of(commands[i + 1])))
      continue;
    model::Finding made =
        finding(model::Severity::error, commands[i].span,
                "what is missing is only said: the script goes on as if it had been done",
                "stop: `exit 1`, or skip what belongs to it");
    made.related.push_back({commands[i + 1].span, "runs all the same"});
    found.push_back(std::move(made));
    if (!is_sql(commands[i + 1], {"delete from"})) continue;
    found.push_back(finding(model::Severity::error, commands[i + 1].span,
                            "the record is deleted whatever the rollback did: it then says 'not "
                            "applied', and the objects are still there",
                            "delete the record in the same transaction as the rollback script"));
  }
}

/// Migrations one after the other in a block with no `&&` and no `set -e`.
void look_at_rows(const Document& document, const Block& block,
                  std::vector<model::Finding>& found) {
  std::vector<const Command*> row;
  for (const Command& command : block.script.commands) {
    const std::string& text = command.low_line();
    const bool migrates =
        has(text, "migrat") &&
        has_any(text, {"python", "node ", "psql", "php ", "ruby", "npx", "prisma", "typeorm",
                       "knex", "sequelize"}) &&
        effect_of(command) != Effect::say && effect_of(command) != Effect::look &&
        !has_any(text, {"status", " list", " current", " --dry", " show", "--help"});
    const bool other_way =
        block.script.segments[command.segment].kind == importers::Segment::Kind::alternative;
    if (!migrates || command.context.loops > 0 || other_way) continue;
    if (goes_on(command)) row.push_back(&command);
  }
  if (row.size() < 2 || section_says(document, block.section, {"staging"})) return;
  const bool back = document.role(block.section) != Role::deploy;
  found.push_back(
      finding(back ? model::Severity::error : model::Severity::warning, row[0]->span,
              fmt::format("{} migrations run one after the other with no check between them: a "
                          "failure leaves half a schema, and the next one runs on it",
                          row.size()),
              "look at the schema after each one, join them with `&&`, and mark the one behind "
              "which there is no way forward again"));
}

/// Statements that belong together, in no transaction.
void look_at_statements_apart(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    const bool followed = role == Role::rollback || role == Role::other;
    if (block.left_out || block.language != importers::Language::sql || !followed ||
        !facts.document.is_runbook)
      continue;
    if (has_any(lower(block.content.text), {"begin", "start transaction", "commit", "concurrently",
                                            "alter system", "-- option", "-- or"}))
      continue;
    std::vector<BlockLine> changes;
    for (const BlockLine& line : lines_of(block)) {
      const std::string text = lower(line.text);
      const bool changes_rows = text.starts_with("update ") || text.starts_with("delete from") ||
                                text.starts_with("insert into") || text.starts_with("drop table") ||
                                (text.starts_with("alter table") &&
                                 has_any(text, {" drop", " rename", " add ", " alter "})) ||
                                text.starts_with("drop column");
      if (changes_rows) changes.push_back(line);
    }
    if (changes.size() < 2) continue;
    model::Finding made =
        finding(model::Severity::warning, changes[0].span,
                fmt::format("{} statements change data one by one, in no transaction: where one "
                            "fails, the ones before it stay",
                            changes.size()),
                "BEGIN before the first, COMMIT behind a look at the result");
    add_once(found, std::move(made));
  }
}

}  // namespace

std::vector<model::Finding> check_failure_ignored(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    const Role role = facts.document.role(block->section);
    if (role == Role::drill || role == Role::prevention) continue;
    const std::size_t before = found.size();
    if (runs_as_script(*block)) look_at_ignored_failures(*block, found);
    if (found.size() == before) look_at_chain(facts, *block, found);
    if (runs_as_script(*block)) look_at_warnings(*block, found);
    look_at_rows(facts.document, *block, found);
    if (role == Role::rollback) look_at_records(*block, found);
  }
  look_at_statements_apart(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
