// A restore from what was never made, has another format, or is a literal of one day.
#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Eight digits that are a day: 20240115.
bool is_dated(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digits = std::isdigit(static_cast<unsigned char>(text[i])) != 0 ? digits + 1 : 0;
    if (digits != 8) continue;
    const std::string_view day = text.substr(i - 7, 8);
    const bool ends =
        i + 1 >= text.size() || std::isdigit(static_cast<unsigned char>(text[i + 1])) == 0;
    if (ends && day.starts_with("20") && day.substr(4, 2) <= "12" && day.substr(6, 2) <= "31")
      return true;
  }
  return false;
}

/// A day or a second that somebody typed: 2026-06-18, or ten digits that count seconds since 1970.
bool is_moment(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool digit = i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (digit) ++digits;
    if (digit) continue;
    if (digits == 10 && (text[i - 10] == '1')) return true;
    const bool year = digits == 4 && text.substr(i - 4, 2) == "20" && i + 5 < text.size() &&
                      ((text[i] == '-' && text[i + 3] == '-') ||
                       (text[i] == '/' && text[i + 3] == '/' && i + 6 < text.size()));
    if (year && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
        std::isdigit(static_cast<unsigned char>(text[i + 4])) != 0)
      return true;
    digits = 0;
  }
  return false;
}

/// The file that pg_restore is given by name; empty when it reads what a pipe brings.
std::string archive_of(const Command& command) {
  if (command.words.size() < 2) return "";
  const std::string& last = command.words.back().text;
  const std::string& before = command.words[command.words.size() - 2].text;
  static const std::set<std::string_view> kValues = {"-d",          "-U",
                                                     "-h",          "-p",
                                                     "-j",          "-n",
                                                     "-N",          "-t",
                                                     "-T",          "-F",
                                                     "-f",          "-L",
                                                     "-S",          "-I",
                                                     "-P",          "--dbname",
                                                     "--username",  "--host",
                                                     "--port",      "--jobs",
                                                     "--schema",    "--exclude-schema",
                                                     "--table",     "--format",
                                                     "--file",      "--use-list",
                                                     "--superuser", "--role",
                                                     "--section"};
  return last.starts_with('-') || last == "pg_restore" || kValues.contains(before) ? "" : last;
}

/// The archive that tar unpacks: not the folder that it goes into.
std::string packed_of(const Command& command) {
  if (const auto file = command.value("-f")) return *file;
  for (const importers::Word* word : operands(command, 0)) {
    if (word->text.find_first_of("./$") != std::string::npos) return word->text;
  }
  return "";
}

/// What a command restores from: a file that it names, or what it reads.
std::string source_of(const Command& command) {
  if (command.name() == "cp" || command.name() == "mv")
    return command.words.size() > 2 ? command.words[command.words.size() - 2].text : "";
  for (const importers::Redirect& redirect : command.redirects) {
    if (redirect.op == "<") return redirect.target;
  }
  if (runs(command, "psql") || runs(command, "mysql"))
    return inside(command).value("-f").value_or("");
  if (command.name() == "tar") return packed_of(command);
  return archive_of(command);
}

bool restores(const Command& command) {
  if (runs(command, "pg_restore")) return true;
  if (runs(command, "mongorestore"))
    return has_any(lower(source_of(command)), {"backup", "dump", "snapshot"});
  if (command.name() == "cp" || command.name() == "mv" || runs(command, "psql") ||
      command.name() == "tar" || runs(command, "mysql")) {
    return has_any(lower(source_of(command)),
                   {"backup", ".dump", "snapshot", "bak", ".saved", ".orig", ".prev"}) &&
           !(command.name() == "tar" && !command.has("-x"));
  }
  return false;
}

/// The last part of a path up to the first date, variable or wildcard, without the ending:
/// `backup_` of `/b/backup_$(date).sql`.
std::string dump_stem_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  name = name.substr(0, name.find_first_of("*$0123456789<{["));
  for (const std::string_view date : {"YYYY", "yyyy", "latest", "LATEST"})
    name = name.substr(0, name.find(date));
  return lower(name);
}

/// What makes a dump of that stem: pg_dump with its format, or any command that writes such a file.
struct Maker {
  const Command* command = nullptr;
  bool archive = false;  ///< pg_dump --format custom, directory or tar
  bool plain = false;
  bool cleans = false;
};

Maker maker_of(const Document& document, const std::string& source) {
  const std::string stem = dump_stem_of(source);
  Maker maker;
  if (stem.size() < 3) return maker;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      if (!runs(command, "pg_dump")) continue;
      const Command inner = inside(command);
      std::string target = inner.value("-f").value_or(inner.value("--file").value_or(""));
      for (const importers::Redirect& redirect : command.redirects) {
        if (redirect.op.starts_with('>')) target = redirect.target;
      }
      if (dump_stem_of(resolved(*block, target)) != stem) continue;
      // `shop_1.sql` is not what `shop_*.dump` comes from.
      const auto is_script = [](std::string_view name) { return has(name, ".sql"); };
      if (is_script(resolved(*block, target)) != is_script(source) &&
          has_any(source, {".dump", ".backup", ".bak", ".custom", ".sql"}))
        continue;
      const std::string text = command.line() + " ";
      const bool archive =
          has_any(text, {" -Fc", " -Fd", " -Ft", "format=c", "format=d", "format=t", "-F c", "-F d",
                         "-F t", "format custom", "format directory"});
      maker = {&command, archive, !archive,
               inner.has("--clean") || inner.has("-c") || inner.has("-C")};
    }
  }
  return maker;
}

/// The command that makes `shop-$(date +%F).dump` where `shop.dump` is to be restored, and no
/// command gives it that name; nullptr for none.
const Command* made_under_another_name(const Document& document, const std::string& source) {
  const std::string name = source.substr(source.rfind('/') + 1);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || dot < 3 || name.find_first_of("$<*{[ ") != std::string::npos)
    return nullptr;
  const std::string stem = name.substr(0, dot);
  const std::string ending = name.substr(dot);
  const Command* maker = nullptr;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      std::vector<std::string> files;
      for (const importers::Word& word : command.words) files.push_back(word.text);
      for (const importers::Redirect& each : command.redirects) files.push_back(each.target);
      for (std::string& file : files) {
        const std::size_t equals = file.starts_with("--") ? file.find('=') : std::string::npos;
        if (equals != std::string::npos) file = file.substr(equals + 1);
        file = file.substr(file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1);
        const bool makes =
            effect_of(command) != Effect::restore && effect_of(command) != Effect::look;
        if (file == name && makes) return nullptr;
        const bool dated =
            file.starts_with(stem) && file.ends_with(ending) && has_any(file, {"$(date", "`date"});
        if (dated && effect_of(command) == Effect::save) maker = &command;
      }
    }
  }
  return maker;
}

/// Whether the document says anywhere else where that file comes from.
bool is_made(const Document& document, const Command& restore, const std::string& source) {
  const std::string name =
      source.substr(source.rfind('/') == std::string::npos ? 0 : source.rfind('/') + 1);
  const std::string folder =
      source.rfind('/') == std::string::npos ? "" : source.substr(0, source.rfind('/'));
  const std::string stem = dump_stem_of(source);
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      if (&command == &restore) continue;
      std::string text;
      for (const importers::Word& word : command.words) text += word.text + " ";
      for (const importers::Redirect& redirect : command.redirects) text += redirect.target + " ";
      for (const importers::Assignment& each : block->script.assignments) text += each.value + " ";
      if (has(text, name) || (stem.size() >= 4 && has(lower(text), stem)) ||
          (folder.size() >= 4 && has(text, folder + "/"))) {
        const Effect effect = effect_of(command);
        if (effect == Effect::save || effect == Effect::look || !command.redirects.empty() ||
            is_own_script(command) || command.name() == "cp" || command.name() == "mv" ||
            command.name() == "mkdir") {
          if (effect != Effect::restore && command.line() != restore.line()) return true;
        }
      }
    }
  }
  return std::ranges::any_of(document.lines, [&](const importers::Line& line) {
    return has(line.text, name) || (folder.size() >= 4 && has(line.text, folder));
  });
}

void look_at_format(const DocumentFacts& facts, const Command& command, const std::string& source,
                    std::vector<model::Finding>& found) {
  const Maker maker = maker_of(facts.document, source);
  const bool script = source.ends_with(".sql") || source.ends_with(".sql.gz");
  if (runs(command, "pg_restore") && (script || maker.plain) && !maker.archive) {
    const std::string why = script ? fmt::format(
                                         "pg_restore reads archives; '{}' is a script by its name: "
                                         "it is refused, and nothing is restored",
                                         source)
                                   : fmt::format(
                                         "pg_restore reads archives; '{}' was dumped as a script: "
                                         "it is refused, and nothing is restored",
                                         source);
    found.push_back(finding(model::Severity::error, command.span, why,
                            "psql -v ON_ERROR_STOP=1 -f FILE.sql, or make the dump with "
                            "--format=custom and call it .dump"));
    if (maker.command != nullptr)
      found.back().related.push_back({maker.command->span, "made here"});
  }
  if (!runs(command, "psql")) return;
  const bool archive = maker.archive || source.ends_with(".dump") || source.ends_with(".custom") ||
                       source.ends_with(".gz");
  if (!archive) return;
  found.push_back(finding(
      model::Severity::error, command.span,
      fmt::format("psql reads scripts; '{}' is {}: not one statement of it runs", source,
                  source.ends_with(".gz") ? "packed" : "an archive"),
      source.ends_with(".gz") ? "gunzip -c FILE | psql -v ON_ERROR_STOP=1"
                              : "pg_restore --exit-on-error --clean --if-exists -d DATABASE FILE"));
}

/// A dump loaded over the tables that are there.
void look_at_ground(const DocumentFacts& facts, const Block& block, const Command& command,
                    const std::string& source, std::vector<model::Finding>& found) {
  const Maker maker = maker_of(facts.document, source);
  const bool loads = runs(command, "psql") ||
                     (runs(command, "pg_restore") && !command.has("--clean") &&
                      !command.has("-c") && !command.has("-C") && !command.has("--create"));
  if (!loads || maker.cleans || !has_any(lower(source), {"backup", "dump", ".sql"}) ||
      has_any(lower(source), {"rollback", "migration", "schema", "down"}))
    return;
  if (command.has("--list") || command.has("-l") || command.has("--data-only") ||
      command.has("-a") || command.has("-t"))
    return;
  // Which database it is, the reader fills in: it may be a new one.
  const bool open = command.context.pipe_position > 0 && has(command.line(), "<");
  if (open || names_another_database(command)) return;
  const std::uint32_t chapter = chapter_of(facts.document, block.section);
  const bool ground =
      section_text_says(
          facts.document, chapter,
          {"dropdb", "drop database", "drop schema", "createdb", "create database", "--clean",
           "truncate", "new database", "fresh database", "replacement host", "replacement server",
           "new host", "fresh host", "new server", "fresh server", "new machine", "from scratch",
           "empty database"}) ||
      document_says(facts.document,
                    {"new project", "nuevo proyecto", "proyecto supabase nuevo", "proyecto nuevo",
                     "new instance", "neue datenbank", "nouvelle base", "nouveau projet"});
  if (ground) return;
  add_once(found,
           finding(model::Severity::error, command.span,
                   "the dump is loaded over the tables that are there: CREATE TABLE is refused, "
                   "rows collide with their keys, and what came after the dump stays",
                   "into a new database, or pg_dump/pg_restore with --clean --if-exists"));
}

/// "Apply WAL logs" behind a restore of a dump: logs belong to the files of a server, not to what
/// pg_restore made.
void look_at_logs(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& low = document.low().lines[i];
    const bool applies = has_any(low, {"apply wal", "apply the wal", "replay wal", "replay the wal",
                                       "apply archived wal"}) &&
                         line.kind != importers::Line::Kind::paragraph;
    if (!applies || line.section == importers::kNowhere ||
        !section_text_says(document, line.section, {"pg_restore", "pg_dump"}))
      continue;
    if (section_text_says(
            document, line.section,
            {"basebackup", "base backup", "wal-g", "pgbackrest", "barman", "snapshot", "physical"}))
      continue;
    add_once(
        found,
        finding(model::Severity::error, line.span,
                "logs cannot be applied to a database that pg_restore has made: they belong to the "
                "files of the server that wrote them, so that what came after the dump is lost",
                "a base backup (pg_basebackup, pgBackRest) with its archive of logs; or say that "
                "the dump is the recovery point"));
  }
}

/// The same by a command: files of a log are put into the folder of a server that a dump was loaded
/// into.
void look_at_copied_logs(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    if (!is_followed(facts, *block) || !has(block->content.text, "/pg_wal")) continue;
    const std::uint32_t chapter = chapter_of(document, block->section);
    if (section_text_says(document, chapter,
                          {"basebackup", "base backup", "base.tar", "wal-g", "pgbackrest", "barman",
                           "recovery.signal", "restore_command", "physical"}))
      continue;
    const bool loaded = std::ranges::any_of(shell_blocks(document), [&](const Block* other) {
      return document.below(other->section, chapter) &&
             std::ranges::any_of(other->script.commands, [&](const Command& each) {
               return runs(each, "pg_restore") || loads_copy(*other, each);
             });
    });
    const auto copies = std::ranges::find_if(block->script.commands, [](const Command& each) {
      return has(each.line(), "/pg_wal") && effect_of(each) != Effect::look && each.name() != "[";
    });
    if (!loaded || copies == block->script.commands.end()) continue;
    add_once(
        found,
        finding(model::Severity::error, copies->span,
                "logs cannot be applied to a database that a dump was loaded into: they belong to "
                "the files of the server that wrote them, so that what came after the dump is lost",
                "a base backup (pg_basebackup, pgBackRest) with its archive of logs; or say that "
                "the dump is the recovery point"));
  }
}

/// A restore of one's own, of a cloud, or a fetch of a copy, that is given a moment that somebody
/// typed once.
void look_at_own(const Command& command, std::vector<model::Finding>& found) {
  const std::string_view tool = command.known().tool;
  const bool own = is_own_script(command) || tool == "sqlcmd" ||
                   command.known().existence == catalogue::Existence::unknown_command ||
                   tool == "aws" || tool == "gcloud" || tool == "az" || tool == "supabase" ||
                   tool == "wrangler";
  const bool fetches = (is(command, {"aws", "s3", "cp"}) || tool == "gsutil" || tool == "rclone") &&
                       has_any(command.low_line(), {"backup", "dump", "snapshot"}) &&
                       !has(command.line(), "date");
  if (command.known().existence == catalogue::Existence::does_not_exist) return;
  if (!fetches && (effect_of(command) != Effect::restore || !own)) return;
  for (const importers::Word& word : command.words) {
    if (!is_dated(word.text) && !is_moment(word.text)) continue;
    found.push_back(finding(model::Severity::warning, word.span,
                            fmt::format("'{}' is a moment of one day: whoever copies this line "
                                        "restores that day and loses every write since",
                                        word.text),
                            "leave it open, and say how the moment is found"));
    return;
  }
}

/// `BACKUP_DIR="backups/2026-02-19"` in a block that restores from it.
void look_at_variables(const Block& block, std::vector<model::Finding>& found) {
  for (const importers::Assignment& each : block.script.assignments) {
    const std::string name = lower(each.name);
    const bool copy = has_any(name, {"backup", "snapshot", "dump", "restore", "archive"});
    if (!copy || (!is_dated(each.value) && !is_moment(each.value)) || has(each.value, "$("))
      continue;
    const bool used = std::ranges::any_of(block.script.commands, [&](const Command& command) {
      const bool takes = std::ranges::any_of(command.words, [&](const importers::Word& word) {
        return has(word.text, "$" + each.name) || has(word.text, "${" + each.name);
      });
      return takes && effect_of(command) != Effect::save &&
             !has_any(command.low_line(),
                      {"verify", "--list", " -t ", "--smoke", "--check", "--dry"});
    });
    const bool restores_here =
        std::ranges::any_of(block.script.commands, [](const Command& command) {
          return effect_of(command) == Effect::restore || restores(command) ||
                 (command.context.pipe_position > 0 &&
                  (runs(command, "psql") || runs(command, "mysql")));
        });
    if (!used || !restores_here) continue;
    const auto told = std::ranges::find_if(found, [](const model::Finding& made) {
      return has(made.message, "is the backup of one day");
    });
    if (told != found.end()) {
      told->related.push_back({each.span, "here, too"});
      continue;
    }
    found.push_back(finding(model::Severity::error, each.span,
                            fmt::format("'{}' is the backup of one day: whoever copies this line "
                                        "restores that day and loses every write since",
                                        each.value),
                            "name the newest backup that was tested, and say how to find it"));
  }
}

bool is_back(const DocumentFacts& facts, const Block& block) {
  const Role role = facts.document.role(block.section);
  return role == Role::rollback || role == Role::other || facts.document.is_script;
}

}  // namespace

std::vector<model::Finding> check_runbook_restore_source(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (facts.document.role(block->section) == Role::drill) continue;
    look_at_variables(*block, found);
    for (const Command& command : block->script.commands) {
      look_at_own(command, found);
      const bool loads = runs(command, "psql") || runs(command, "mysql");
      const std::string piped =
          loads && source_of(command).empty() ? piped_copy(*block, command) : "";
      if (!restores(command) && piped.empty()) continue;
      const std::string source = resolved(*block, piped.empty() ? source_of(command) : piped);
      // What a pipe brings is unpacked.
      if (piped.empty()) look_at_format(facts, command, source, found);
      if (is_back(facts, *block) && !starts_from_nothing(facts.document, block->section))
        look_at_ground(facts, *block, command, source, found);
      const auto same_kind = std::ranges::find_if(found, [](const model::Finding& each) {
        return has(each.message, "is the backup of one day");
      });
      if (!is_dated(source) && is_moment(source) && same_kind != found.end()) {
        same_kind->related.push_back({command.span, "here, too"});
        continue;
      }
      if (is_dated(source) || is_moment(source)) {
        found.push_back(finding(model::Severity::error, command.span,
                                fmt::format("'{}' is the backup of one day: whoever copies this "
                                            "line restores that day and loses every write since",
                                            source),
                                "name the newest backup that was tested, and say how to find it"));
        continue;
      }
      const bool open = source.empty() || source.find_first_of("$<*{[") != std::string::npos ||
                        has(source, "YYYY") || has(source, "://");
      if (open || !is_back(facts, *block)) continue;
      if (const Command* maker = made_under_another_name(facts.document, source)) {
        model::Finding made =
            finding(model::Severity::warning, command.span,
                    fmt::format("no dump is called '{}': the one that this document makes has the "
                                "time in its name",
                                source),
                    "the name that the dump has, in a variable; or one fixed name in both places");
        made.related.push_back({maker->span, "made here, under another name"});
        add_once(found, std::move(made));
        continue;
      }
      if (is_made(facts.document, command, source)) continue;
      add_once(
          found,
          finding(model::Severity::warning, command.span,
                  fmt::format("nothing in this document makes '{}': whoever restores it does not "
                              "know whether it is there, or how old",
                              source),
                  "the command that makes it, and a look at its date and size before the restore"));
    }
  }
  look_at_logs(facts, found);
  look_at_copied_logs(facts, found);
  look_at_logs_on_dumps(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
