#include "analyzer/documents/loads.hpp"

#include <algorithm>
#include <set>

namespace backout::analyzer::documents {

namespace {

bool names_copy(std::string_view text) {
  return has_any(lower(text), {"backup", "dump", ".sql.gz", "snapshot"});
}

bool says_restore(std::string_view text) {
  return has_any(lower(text), {"restor", "restaur", "wiederher"});
}

}  // namespace

std::string piped_copy(const Block& block, const Command& command) {
  if (command.context.pipe_position == 0) return {};
  static const std::set<std::string_view> kUnpacks = {"gunzip", "zcat", "gzip",    "cat",  "bzcat",
                                                      "xzcat",  "zstd", "zstdcat", "pigz", "aws",
                                                      "gsutil", "pv",   "openssl", "gpg"};
  const auto index = static_cast<std::size_t>(&command - block.script.commands.data());
  std::size_t parts = 0;
  for (std::size_t i = index; i-- > 0 && parts < command.context.pipe_position;) {
    const Command& before = block.script.commands[i];
    if (before.told()) continue;  // `gunzip -c FILE | ssh host 'psql shop'`
    ++parts;
    if (!kUnpacks.contains(before.name()) || !names_copy(before.line())) continue;
    const auto named = std::ranges::find_if(before.words, [](const importers::Word& word) {
      return names_copy(word.text) && !word.text.starts_with('-');
    });
    return named == before.words.end() ? before.line() : named->text;
  }
  return {};
}

bool loads_copy(const Block& block, const Command& command) {
  if (!runs(command, "psql") && !runs(command, "mysql")) return false;
  // A script that restores is given the copy as an argument.
  const bool script = block.script.whole && says_restore(block.content.text.substr(0, 2000));
  const bool restores = says_restore(command.comment) || says_restore(block.lead);
  const auto feeds = [&](const importers::Redirect& each) {
    if (each.op != "<") return false;
    const std::string from = lower(each.target + " " + resolved(block, each.target));
    // A schema has no rows.
    if (has_any(from, {"schema_backup", "schema-backup", "schema_dump", "schema-dump", "schema.sql",
                       "schema-only", "schema_only"}))
      return false;
    if (names_copy(from)) return true;
    // A migration is no copy.
    return (restores || (script && has(from, "$"))) &&
           !has_any(from, {"migration", "rollback", "down", "schema", "seed"});
  };
  if (std::ranges::any_of(command.redirects, feeds)) return true;
  return !piped_copy(block, command).empty();
}

bool loads_archive(const Command& command) {
  return (runs(command, "pg_restore") && !command.has("-l") && !command.has("--list")) ||
         runs(command, "mongorestore");
}

namespace {

/// The database that a command makes or drops; empty for none.
std::string database_of(const Command& command, std::string_view tool, std::string_view words) {
  if (runs(command, tool)) {
    const Command inner = inside(command);
    const auto names = operands(inner, 0);
    return names.empty() ? std::string() : lower(names.back()->text);
  }
  if (!runs(command, "psql") && !runs(command, "mysql")) return {};
  const std::string& text = command.low_line();
  std::size_t at = text.find(words);
  if (at == std::string::npos) return {};
  at += words.size();
  for (const std::string_view part : {"if not exists ", "if exists "}) {
    if (std::string_view(text).substr(at).starts_with(part)) at += part.size();
  }
  const std::string name = text.substr(at, text.find_first_of(" ;\"'`", at) - at);
  return name;
}

}  // namespace

bool loads_new_database(const Document& document, const Block& block, const Command& command) {
  const std::uint32_t unit = document.procedure_of(block.section);
  std::set<std::string> made;
  for (const Block* each : shell_blocks(document)) {
    if (document.procedure_of(each->section) != unit) continue;
    for (const Command& before : each->script.commands) {
      if (before.span.begin >= command.span.begin) break;
      if (const std::string name = database_of(before, "dropdb", "drop database "); !name.empty())
        return false;
      if (const std::string name = database_of(before, "createdb", "create database ");
          !name.empty())
        made.insert(name);
    }
  }
  const std::string target = target_of(command);
  return std::ranges::any_of(
      made, [&](const std::string& name) { return is_plain(name) && has_word(target, {name}); });
}

bool restores_in_place(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "gcloud" && known.path == "sql backups restore")
    return !names_another_database(command);
  return known.tool == "heroku" && has(known.path, "backups:restore");
}

}  // namespace backout::analyzer::documents
