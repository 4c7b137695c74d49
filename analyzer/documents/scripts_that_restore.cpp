// Part of destructive-without-backup: a script overwrites data, keeps no copy of it, or did not
// look whether the other one can be read.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

bool drops(const Command& command) {
  const std::string text = command.low_line() + " ";
  if (runs(command, "dropdb")) return true;
  if (runs(command, "psql") || runs(command, "mysql"))
    return has_any(text, {"drop database", "drop schema"});
  // What is unpacked into the place of a folder of data.
  const bool data = has_any(
      text, {"/data", "data/", "_data", "uploads", "storage", "volume", "media", "/var/lib/"});
  return command.name() == "rm" && command.has("-r") && data &&
         !has_any(text, {"/tmp", "tmp/", "temp", "backup", "old", "cache", "log"});
}

/// A file that an engine keeps its data in, also as the default of a variable:
/// `${SHOP_DB:-data/shop.sqlite}`.
bool is_data_file(std::string path) {
  while (!path.empty() && path.back() == '}') path.pop_back();
  return path.ends_with(".db") || path.ends_with(".sqlite") || path.ends_with(".sqlite3") ||
         path.ends_with(".rdb");
}

/// Whether it is a database that goes, and no folder of files.
bool is_of_database(const Command& command) {
  return command.name() != "rm" && command.name() != "cp";
}

/// Whether the command itself throws away what it loads over.
bool overwrites(const Block& block, const Command& command, bool said) {
  if (runs(command, "pg_restore"))
    return (command.has("--clean") || command.has("-c")) && !command.has("--list") &&
           !command.has("-l");
  if (runs(command, "mongorestore")) return command.has("--drop");
  if (restores_in_place(command) || (runs(command, "mysql") && loads_copy(block, command)))
    return true;
  if (command.name() == "cp" && command.words.size() > 2) {
    const std::string to = lower(resolved(block, command.words.back().text));
    const std::string from = lower(command.words[command.words.size() - 2].text);
    const bool comes_back = has_any(from, {"backup", "restore", "bak"}) ||
                            has(lower(block.content.text.substr(0, 300)), "restor");
    return is_data_file(to) && comes_back && !has_any(to, {"backup", "bak", "/tmp"});
  }
  return said && runs(command, "psql") && loads_copy(block, command);
}

bool loads(const Block& block, const Command& command) {
  return loads_copy(block, command) || loads_archive(command) ||
         (command.name() == "tar" && command.has("-x"));
}

/// Whether it goes into a database beside the one that is used, also by the value of a variable:
/// `DB="${2:-shop_restore_test}"`.
bool goes_beside(const Block& block, const Command& command) {
  if (names_another_database(command)) return true;
  return std::ranges::any_of(block.script.assignments, [&](const importers::Assignment& each) {
    const bool other = has_any(lower(each.value), {"staging", "restore_", "_restore", "restored",
                                                   "scratch", "verify"}) ||
                       begins_word(lower(each.value), {"test"});
    const bool database = has_any(lower(each.name), {"db", "database", "target"}) &&
                          !has_any(lower(each.name), {"dir", "file", "path", "backup"});
    return other && database &&
           std::ranges::any_of(command.words, [&](const importers::Word& word) {
             return uses_variable(word.text, each.name);
           });
  });
}

/// Whether files that are there are kept under another name.
bool keeps_files(const Command& command) {
  const std::string& text = command.low_line();
  const bool file = command.name() == "cp" || command.name() == "mv" || command.name() == "tar" ||
                    command.name() == "rsync" || runs(command, "sqlite3");
  return file && has_any(text, {"backup", ".bak", "_old", ".old", "before", "pre-", "pre_",
                                "safety", "snapshot", "previous", "rollback", ".prev"});
}

/// Whether a database is kept: by a dump, a snapshot, another name or a script that is called a
/// backup; not by an archive of the code.
bool keeps_database(const Command& command) {
  static constexpr std::string_view kFiles[] = {"tar", "cp", "mv", "rsync", "zip", "gzip"};
  const std::string& text = command.low_line();
  if (std::ranges::find(kFiles, command.name()) != std::end(kFiles))
    return keeps_files(command) &&
           has_any(text, {".sql", ".dump", ".db", "pgdata", "data", "volume", "mysql", "postgres"});
  if (effect_of(command) == Effect::save || (runs(command, "psql") && has(text, "rename to")))
    return true;
  return is_own_script(command) && has_any(text, {"backup.", "backup-", "backup_", "dump"}) &&
         !has_any(text, {"restore", "verify", "list", "check"});
}

bool tests(const Command& command) {
  const std::string text = command.low_line() + " ";
  static constexpr std::string_view kSums[] = {"sha256sum", "md5sum", "sha1sum", "shasum",
                                               "file",      "stat",   "wc"};
  if (std::ranges::find(kSums, command.name()) != std::end(kSums)) return true;
  if (has_any(text, {"integrity_check", "quick_check", " --list ", " -l ", "verify", "validat"}))
    return true;
  const bool packs = command.name() == "gzip" || command.name() == "gunzip" ||
                     command.name() == "zcat" || command.name() == "zstd" || command.name() == "xz";
  if (packs)
    return command.has("-t") || command.has("--test") ||
           std::ranges::any_of(
               command.redirects,
               [](const importers::Redirect& each) { return each.target == "/dev/null"; }) ||
           command.context.condition;
  return (command.name() == "tar" &&
          (command.has("-t") || has(text, " tzf ") || has(text, " tf "))) ||
         ((command.name() == "[" || command.name() == "[[" || command.name() == "test") &&
          has(text, "-s "));
}

bool is_trial(const DocumentFacts& facts, const Block& block) {
  const std::string name = file_name_of(facts);
  return says_test(name) ||
         has_any(name, {"drill", "verify", "staging", "local", "dev", "seed", "demo", "reset"}) ||
         has_any(lower(block.content.text.substr(0, 400)),
                 {"drill", "local development", "staging refresh"});
}

}  // namespace

void look_at_scripts_that_restore(const DocumentFacts& facts, Findings& found) {
  if (!facts.document.is_script) return;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!runs_as_script(*block) || is_trial(facts, *block)) continue;
    const std::string& low = block->content.text;
    const bool said =
        has_any(lower(low),
                {"overwrit", "replace all", "will be replaced", "erase", "wipe", "destroy",
                 "drop and", "all existing data", "all current data", "data will be lost",
                 "replace the current", "replaces the current", "replace current", "replace your"});
    // Test brackets are no commands of the reader: `[ -s "$FILE" ]` stands in the text.
    bool kept = false, files_kept = false, tested = has_any(low, {"-s \"$", "-s $"});
    const Command* dropped = nullptr;
    bool told = false;
    const Run run(*block);
    for (const Ran& ran : run.commands) {
      const Command& command = *ran.command;
      if (only_tells(command)) continue;
      kept = kept || keeps_database(command);
      files_kept = files_kept || keeps_files(command);
      tested = tested || tests(command);
      const bool goes = drops(command) || overwrites(*block, command, said);
      if (goes && !kept && !(files_kept && !is_of_database(command)) && !told &&
          !goes_beside(*block, command)) {
        add_once(found,
                 finding(model::Severity::warning, command.span,
                         "what is there now is thrown away, and the script keeps no copy of it: "
                         "when the backup turns out to be bad, nothing "
                         "is left to go back to",
                         "dump what is there first, or restore beside it and exchange the names"));
        told = true;
      }
      if (drops(command) && !tested && dropped == nullptr && !goes_beside(*block, command))
        dropped = &command;
      if (dropped == nullptr || !loads(*block, command)) continue;
      model::Finding made = finding(model::Severity::warning, command.span,
                                    "nothing has looked whether this copy can be read before what "
                                    "was there was thrown away: where it is empty or cut short, "
                                    "both are gone",
                                    "test it first: `gzip -t`, `pg_restore --list`, `tar -t`, or "
                                    "the checksum that was kept with it");
      made.related.push_back({dropped->span, "thrown away here"});
      add_once(found, std::move(made));
      dropped = nullptr;
      tested = true;
    }
  }
}

}  // namespace backout::analyzer::documents
