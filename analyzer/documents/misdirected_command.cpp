// A command that does not exist, or does something else than it is there for.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/placements.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

using catalogue::Trap;

/// A word that stands for another one: what it is is not known, so it is not said to be absent.
bool is_open(const Command& command) {
  return std::ranges::any_of(command.words, [&](const importers::Word& word) {
    const bool open =
        word.placeholder || !word.literal || has_any(word.text, {"[", "...", "{", "|"});
    return open && has(command.known().hint, "`" + word.text + "`");
  });
}

model::Severity weight_of(const Command& command) {
  static const std::set<std::string_view> kGrave = {"roll_back", "deploy",       "restore",
                                                    "migrate",   "migrate_down", "write",
                                                    "backup",    "run",          "delete"};
  const bool grave = kGrave.contains(command.known().does) ||
                     effect_of(command) == Effect::deploy || effect_of(command) == Effect::restore;
  return grave ? model::Severity::error : model::Severity::warning;
}

/// Other commands of the same chapter that change a schema: then an edit of the history records
/// what they did.
bool schema_changes(const DocumentFacts& facts, const Block& block) {
  const std::uint32_t chapter = chapter_of(facts.document, block.section);
  for (const Block& other : facts.document.blocks) {
    if (chapter_of(facts.document, other.section) != chapter || other.left_out) continue;
    const bool foreign = std::ranges::any_of(
        other.script.foreign,
        [](const importers::Foreign& piece) { return piece.language == importers::Language::sql; });
    if (other.language == importers::Language::sql || foreign) return true;
    for (const Command& command : other.script.commands) {
      const std::string& does = command.known().does;
      if (does == "migrate" || does == "migrate_down" || runs(command, "psql")) return true;
    }
  }
  return false;
}

/// Traps that hold whatever the command stands for; the rest tells of use that is right in its
/// place.
bool is_wrong(const DocumentFacts& facts, const Block& block, const Command& command) {
  static const std::set<std::string_view> kWrong = {"roll_back", "deploy",       "restore",
                                                    "migrate",   "migrate_down", "write",
                                                    "look",      "backup",       "delete"};
  const catalogue::Known& known = command.known();
  if (known.tool == "ln" || known.tool == "xargs") return false;
  // A restart of the same tasks is wrong where an older version is to serve.
  if (known.tool == "aws" && command.has("--force-new-deployment"))
    return section_says(facts.document, block.section,
                        {"rollback", "roll back", "revert", "previous"});
  if (known.does == "record")
    return facts.document.role(block.section) == Role::rollback && !schema_changes(facts, block);
  if (known.tool == "gcloud" && known.path == "run services update") return true;
  return kWrong.contains(known.does) ||
         (known.does == "run" && (known.tool == "npm" || known.tool == "wrangler"));
}

/// Whether functions are deployed behind a checkout: then it is the older code that goes there.
bool deploys_older(const Document& document, const Command& deploy) {
  if (!is(deploy, {"supabase", "functions", "deploy"})) return false;
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    return std::ranges::any_of(block.script.commands, [&](const Command& each) {
      return each.span.begin < deploy.span.begin &&
             (is(each, {"git", "checkout"}) || is(each, {"git", "revert"}) ||
              is(each, {"git", "switch"}));
    });
  });
}

void look_at_catalogue(const DocumentFacts& facts, const Block& block, const Command& command,
                       std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  if (known.existence == catalogue::Existence::does_not_exist && !is_open(command)) {
    add_once(
        found,
        finding(
            weight_of(command), command.span, known.hint,
            "try the command with the version that you have, and write down the one that works"));
  }
  for (const std::string& option : known.unknown_options) {
    add_once(found, finding(weight_of(command), command.span,
                            fmt::format("`{}` has no option {}", known.command, option),
                            fmt::format("see `{} --help`", known.command)));
  }
  // A pipeline that deploys may want what a way back does not: a preview, a revision without
  // traffic yet.
  if (facts.document.is_workflow && facts.document.role(block.section) != Role::rollback) return;
  for (const Trap& trap : known.traps) {
    if (!trap.only_if.empty() || trap.tool == "xargs" || trap.tool == "sudo" ||
        trap.tool == "ssh" || trap.tool == "pg_restore")
      continue;
    // A shell that is opened to look around in the service is one of this machine.
    const std::string_view runs_here = inside(command).name();
    const bool shell = trap.tool == "railway" && trap.kind == Trap::Kind::misdirected &&
                       (runs_here == "bash" || runs_here == "sh") && !inside(command).has("-c");
    const bool empty_cluster = trap.kind == Trap::Kind::partial &&
                               known.path.starts_with("rds restore-db-cluster") &&
                               !document_says(facts.document, {"create-db-instance"});
    const bool chosen = has_any(command.line(), {"schema", "role-only", " -s "});
    const bool wrong = (trap.kind == Trap::Kind::misdirected && is_wrong(facts, block, command)) ||
                       trap.kind == Trap::Kind::refused || shell || empty_cluster ||
                       (trap.kind == Trap::Kind::partial && known.tool == "supabase" && !chosen &&
                        !document_says(facts.document, {"--data-only"}));
    const bool old = trap.kind == Trap::Kind::deprecated;
    if ((!wrong && !old) || deploys_older(facts.document, command)) continue;
    const bool local_drill = !is_followed(facts, block) && trap.kind == Trap::Kind::misdirected;
    if (local_drill) continue;
    add_once(found, finding(old ? model::Severity::warning : weight_of(command), command.span,
                            trap_text(command, trap), trap.instead.empty() ? "" : trap.instead));
  }
}

/// `git checkout <sha>` and then `git push ... main`: what is checked out is not what is pushed.
void look_at_push(const Block& block, std::vector<model::Finding>& found) {
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    const bool moves = is(command, {"git", "checkout"}) || is(command, {"git", "switch"});
    if (moves) {
      const auto words = operands(command, 1);
      const bool branch =
          command.has("-b") || command.has("-B") || command.has("-c") || command.has("--") ||
          words.size() != 1 || !words[0]->placeholder ||
          !has_any(lower(words[0]->text), {"commit", "hash", "sha", "tag", "version"});
      checkout = branch ? nullptr : &command;
    }
    if (checkout == nullptr || !is(command, {"git", "push"})) continue;
    const auto words = operands(command, 1);
    if (words.size() != 2 || has(words[1]->text, ":") || words[1]->text == "HEAD" ||
        has(words[1]->text, "tag"))
      continue;
    model::Finding made = finding(
        model::Severity::error, command.span,
        fmt::format("this pushes the branch '{}' as it stands, not the commit that is checked out",
                    words[1]->text),
        fmt::format("git push {} HEAD:{}", words[0]->text, words[1]->text));
    made.related.push_back({checkout->span, "a commit is checked out here, on no branch"});
    found.push_back(std::move(made));
  }
}

/// A restore of a dump that is called recovery to a point in time.
void look_at_recovery(const DocumentFacts& facts, const Block& block,
                      std::vector<model::Finding>& found) {
  const std::string title = lower(facts.document.title_of(block.section));
  if (!has_any(title, {"point-in-time", "point in time", "pitr"})) return;
  if (has_any(lower(block.content.text), {"recovery_target", "wal", "pgbackrest", "barman",
                                          "restore-db-", "to-point-in-time", "pitr", "clone"}))
    return;
  for (const Command& command : block.script.commands) {
    if (!runs(command, "pg_restore") && !runs(command, "psql")) continue;
    found.push_back(finding(model::Severity::error, command.span,
                            "this is no recovery to a point in time: a dump brings back the moment "
                            "when it was made, and no write since",
                            "replay the write-ahead log (recovery_target_time), or say that the "
                            "dump's time is what comes back"));
    return;
  }
}

/// `railway down`, and then files are copied in the container that is gone.
void look_at_down(const DocumentFacts& facts, const Block& block, const Command& command,
                  std::vector<model::Finding>& found) {
  if (!is(command, {"railway", "down"})) return;
  for (const Block* later : shell_blocks(facts.document)) {
    if (later->section != block.section || later->span.begin < block.span.begin) continue;
    for (const Command& next : later->script.commands) {
      if (next.span.begin < command.span.end) continue;
      if (next.name() != "cp" && next.name() != "sqlite3" && next.name() != "tar") continue;
      model::Finding made =
          finding(model::Severity::error, command.span,
                  "`railway down` removes the deployment: no container is left in which the next "
                  "step could copy anything",
                  "stop the writers inside the service (maintenance mode), restore, then redeploy");
      made.related.push_back({next.span, "needs the container"});
      found.push_back(std::move(made));
      return;
    }
  }
}

void look_at_snapshot(const Command& command, std::vector<model::Finding>& found) {
  const std::string& text = command.low_line();
  if (command.name() != "tar" || !command.has("-x") || !has(text, "qdrant") ||
      !has(text, "snapshot"))
    return;
  found.push_back(finding(model::Severity::error, command.span,
                          "a Qdrant snapshot is recovered through the API, per collection: "
                          "unpacked over the storage folder it mixes old files and new ones",
                          "PUT /collections/NAME/snapshots/recover"));
}

/// A SQLite file copied over one whose write-ahead log stays.
void look_at_sqlite(const Block& block, const Command& command,
                    std::vector<model::Finding>& found) {
  if (command.name() != "cp" || command.words.size() < 3 ||
      has_any(block.content.text, {"-wal", ".restore", "wal_checkpoint"}))
    return;
  const std::string& target = command.words.back().text;
  const std::string& source = command.words[command.words.size() - 2].text;
  const auto is_file = [](std::string_view name) {
    return name.ends_with(".db") || name.ends_with(".sqlite") || name.ends_with(".sqlite3");
  };
  const bool database = is_file(target) || (target.starts_with('$') && is_file(source));
  const std::string comment = lower(block.script.segments[command.segment].title);
  const bool restores =
      has_any(lower(source), {"backup", "bak", "restore"}) ||
      (is_file(source) && has(comment, "restore") &&
       source.starts_with(target.substr(0, target.rfind('.'))) && source != target);
  if (!database || !restores || has_any(lower(target), {"backup", "bak"})) return;
  found.push_back(finding(model::Severity::error, command.span,
                          "the -wal and -shm files of the old database stay: SQLite replays them "
                          "into the copy, and the restore is undone or the file is spoilt",
                          "stop the writers, remove FILE-wal and FILE-shm, then copy; or sqlite3 "
                          "FILE '.restore BACKUP'"));
}

/// A copy of a SQLite file that is in use, kept as its backup.
void look_at_copies(const Block& block, const Command& command,
                    std::vector<model::Finding>& found) {
  if (command.name() != "cp" || command.words.size() < 3 ||
      has_any(block.content.text, {"stop", " down", "wal_checkpoint", "-wal"}))
    return;
  const std::string source = lower(command.words[command.words.size() - 2].text);
  const bool database =
      source.ends_with(".db") || source.ends_with(".sqlite") || source.ends_with(".sqlite3");
  const bool kept = has_any(lower(command.words.back().text), {"backup", "bak", "snapshot"});
  if (!database || !kept || has_any(source, {"backup", "bak"})) return;
  add_once(found, finding(model::Severity::warning, command.span,
                          "a copy of a SQLite file in use lacks what stands in its -wal file, and "
                          "may be of no single moment",
                          "sqlite3 FILE '.backup COPY', or stop the writers first"));
}

/// `docker stop api`, and then `docker run --name api`: the stopped container still has the name.
void look_at_names(const Block& block, std::vector<model::Finding>& found) {
  const Command* stopped = nullptr;
  std::string name;
  for (const Command& command : block.script.commands) {
    const auto words = operands(command, 1);
    if (is(command, {"docker", "stop"}) && words.size() == 1) {
      stopped = &command;
      name = words[0]->text;
    }
    const bool renames = is(command, {"docker", "rename"}) || is(command, {"docker", "rm"}) ||
                         is(command, {"docker", "container"}) || runs(command, "docker-compose");
    if (renames) stopped = nullptr;
    if (stopped == nullptr || !is(command, {"docker", "run"}) ||
        command.value("--name").value_or("") != name)
      continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("the name '{}' is still taken by the stopped container: docker refuses "
                            "to run a second one",
                            name),
                "docker rename the old one first, and remove it when the new one serves");
    made.related.push_back({stopped->span, "stopped, and still there"});
    found.push_back(std::move(made));
    stopped = nullptr;
  }
}

/// `kubectl exec -it pod -- pg_dump > file`: a terminal changes the bytes. `kubectl get all >
/// file`: not all is in it.
void look_at_output(const Command& command, std::vector<model::Finding>& found) {
  const bool writes = std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
    return each.op == ">" || each.op == ">>";
  });
  const bool reads = std::ranges::any_of(
      command.redirects, [](const importers::Redirect& each) { return each.op == "<"; });
  const bool enters = is(command, {"kubectl", "exec"}) || is(command, {"docker", "exec"}) ||
                      is(command, {"docker", "run"}) || is(command, {"podman", "exec"});
  bool terminal = false;
  for (std::size_t i = command.name_index() + 1;
       i < command.words.size() && i < command.name_index() + 8; ++i) {
    const std::string& word = command.words[i].text;
    if (word == "--" || (!word.starts_with('-') && i > command.name_index() + 1)) break;
    terminal = terminal || word == "-t" || word == "-it" || word == "-ti" || word == "--tty";
  }
  if (enters && terminal && writes) {
    add_once(found, finding(model::Severity::error, command.span,
                            fmt::format("`{} exec -t`: the terminal turns every line end into two "
                                        "bytes, so what lands in the file is not what was dumped",
                                        command.name()),
                            "leave out -t"));
  }
  const bool compose =
      runs(command, "docker-compose") ||
      std::ranges::any_of(command.known().wrappers, [](const catalogue::Wrapper& each) {
        return has(each.command, "compose") && has(each.command, "exec");
      });
  const bool dumps =
      effect_of(command) == Effect::save &&
      (writes || (command.context.pipe_length > 1 && command.context.pipe_position == 0));
  if (compose && dumps && !has_any(command.line() + " ", {" -T ", " --no-TTY ", " --no-tty "})) {
    add_once(found,
             finding(model::Severity::warning, command.span,
                     "`docker compose exec` opens a terminal where somebody types it: every line "
                     "end becomes two bytes, so what lands in the file is not what was dumped",
                     "docker compose exec -T"));
  }
  if (compose && reads && !dumps && has_any(command.line(), {" exec "}) &&
      !has_any(command.line() + " ", {" -T ", " --no-TTY ", " --no-tty "})) {
    add_once(found, finding(model::Severity::error, command.span,
                            "`docker compose exec` opens a terminal where somebody types it: a "
                            "file is no terminal, and the command refuses to start",
                            "docker compose exec -T"));
  }
  if (enters && terminal && reads) {
    add_once(
        found,
        finding(model::Severity::error, command.span,
                fmt::format("`{} exec -t`: a file is no terminal, and the command refuses to start",
                            command.name()),
                "-i without -t"));
  }
  const auto words = operands(command, 1);
  const bool all = is(command, {"kubectl", "get"}) && !words.empty() && words[0]->text == "all";
  if (!all || !writes) return;
  add_once(found, finding(model::Severity::warning, command.span,
                          "`kubectl get all` leaves out ConfigMaps, Secrets, Ingresses, volumes "
                          "and custom resources: from this file the system does not come back",
                          "name each kind, or keep the manifests in git"));
}

/// `nginx -t` here, and the nginx that is reloaded runs in a container.
void look_at_nginx(const Block& block, std::vector<model::Finding>& found) {
  const Command* tested = nullptr;
  for (const Command& command : block.script.commands) {
    if (command.name() == "nginx" && command.has("-t") && command.known().wrappers.empty())
      tested = &command;
    const std::string& text = command.line();
    const bool inside = (is(command, {"docker", "exec"}) || is(command, {"kubectl", "exec"}) ||
                         runs(command, "docker-compose") || has(text, "docker exec")) &&
                        has(text, "nginx") && has(text, "reload");
    if (tested == nullptr || !inside) continue;
    model::Finding made = finding(model::Severity::warning, tested->span,
                                  "this tests the configuration of this machine's nginx; the one "
                                  "that is reloaded runs in a container and reads its own",
                                  "docker exec NAME nginx -t");
    made.related.push_back({command.span, "reloaded here"});
    add_once(found, std::move(made));
    return;
  }
}

/// A file of functions that another script reads in, by its own words: what it calls may be defined
/// there.
bool is_read_in(const Block& block) {
  const std::string head = lower(block.content.text.substr(0, 1000));
  if (has_any(head, {"sourced by", "sourced after", "sourced from", "source this", "to be sourced",
                     "meant to be sourced"}))
    return true;
  return !head.starts_with("#!") &&
         std::ranges::all_of(block.script.commands, [](const Command& command) {
           return !command.context.function.empty();
         });
}

/// A script that calls a function which neither it nor another block of the document defines.
void look_at_functions(const DocumentFacts& facts, const Block& block,
                       std::vector<model::Finding>& found) {
  if (!block.script.whole || has_any(block.content.text, {"source ", "\n. ", "\n  . "}) ||
      is_read_in(block))
    return;
  for (const Command& command : block.script.commands) {
    const std::string name(command.name());
    const bool snake = has(name, "_") && std::ranges::all_of(name, [](char c) {
                         return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
                       });
    const bool unknown = command.known().existence == catalogue::Existence::unknown_tool &&
                         command.known().wrappers.empty();
    const bool verb =
        has_any(name, {"restore_", "rollback_", "backup_", "deploy_", "check_", "verify_", "stop_",
                       "start_", "run_", "notify_", "send_", "switch_", "create_", "wait_"});
    if (!snake || !unknown || !verb || command.name_index() != 0) continue;
    const bool defined = std::ranges::any_of(facts.document.blocks, [&](const Block& each) {
      return std::ranges::find(each.script.functions, name) != each.script.functions.end();
    });
    if (defined) continue;
    model::Finding made = finding(model::Severity::error, command.span,
                                  fmt::format("nothing defines '{}': the script ends here with "
                                              "'command not found', or goes on without it",
                                              name),
                                  "the function, or the script that holds it");
    const auto told = std::ranges::find_if(found, [](const model::Finding& each) {
      return each.message.starts_with("nothing defines");
    });
    if (told == found.end())
      found.push_back(std::move(made));
    else
      told->related.push_back({command.span, "nor this"});
  }
}

/// The pattern that stands where a command takes one file: `pg_restore backup-*.dump`, `tar -xzf
/// backup-*.tar.gz`; nullptr for none.
const importers::Word* one_file_of(const Command& command) {
  const auto is_pattern = [](const importers::Word& word) {
    return has(word.text, "*") && !word.quoted && !has(word.text, "://");
  };
  const bool unpacks = command.name() == "tar" && (effect_of(command) == Effect::restore ||
                                                   command.has("-x") || command.has("-t"));
  const bool loads =
      runs(command, "pg_restore") || runs(command, "psql") || runs(command, "sqlite3") || unpacks;
  if (!loads || !command.known().wrappers.empty()) return nullptr;
  for (std::size_t i = command.name_index() + 1; i < command.words.size(); ++i) {
    const std::string& before = command.words[i - 1].text;
    const bool file = before == "-f" || before == "--file" ||
                      (unpacks && i == command.name_index() + 2) ||
                      (runs(command, "pg_restore") && i + 1 == command.words.size());
    if (file && is_pattern(command.words[i])) return &command.words[i];
  }
  return nullptr;
}

/// `aws s3 cp *.json s3://...` takes one source; `>> /tmp/report_*.txt` is no file.
void look_at_globs(const Command& command, std::vector<model::Finding>& found) {
  const bool copies = is(command, {"aws", "s3", "cp"}) || is(command, {"aws", "s3", "mv"});
  for (const importers::Word* word :
       copies ? operands(command, 2) : std::vector<const importers::Word*>()) {
    if (!has(word->text, "*") || word->quoted || has(word->text, "s3://")) continue;
    add_once(
        found,
        finding(model::Severity::error, command.span,
                fmt::format("`aws s3 {}` takes one file: where '{}' is more than one it is refused",
                            operands(command, 1)[0]->text, word->text),
                "--recursive with --exclude '*' --include PATTERN, or the one name"));
  }
  if (const importers::Word* word = one_file_of(command); word != nullptr) {
    add_once(found, finding(model::Severity::error, word->span,
                            fmt::format("`{}` takes one file: as soon as '{}' is more than one it "
                                        "is refused, or reads the wrong one",
                                        command.known().tool, word->text),
                            "the one name, kept in a variable"));
  }
  for (const importers::Redirect& redirect : command.redirects) {
    if (!redirect.op.starts_with('>') || !has(redirect.target, "*")) continue;
    add_once(found, finding(model::Severity::warning, redirect.span,
                            fmt::format("'{}' is a pattern: a shell writes to one file of exactly "
                                        "that name, or refuses when several match",
                                        redirect.target),
                            "the name of the file, kept in a variable"));
  }
}

/// `URL=new` on a line of its own, and then a deploy: the variable is the shell's, and nobody else
/// sees it.
void look_at_unexported(const DocumentFacts& facts, const Block& block,
                        std::vector<model::Finding>& found) {
  if (block.script.whole || facts.document.is_script) return;
  const auto deploy = std::ranges::find_if(block.script.commands, [](const Command& each) {
    return each.known().does == "deploy" &&
           each.known().existence != catalogue::Existence::unknown_command;
  });
  if (deploy == block.script.commands.end() || has_any(block.content.text, {"set -a", "allexport"}))
    return;
  for (const importers::Assignment& each : block.script.assignments) {
    const bool environment =
        each.name.find('_') != std::string::npos &&
        std::ranges::none_of(each.name, [](unsigned char c) { return std::islower(c) != 0; });
    const bool given = std::ranges::any_of(block.script.commands, [&](const Command& command) {
      return command.span.begin <= each.span.begin && each.span.end <= command.span.end;
    });
    if (!environment || given || each.span.end > deploy->span.begin ||
        has_any(block.content.text, {"export " + each.name}))
      continue;
    const bool used = std::ranges::any_of(facts.document.blocks, [&](const Block& other) {
      return uses_variable(other.content.text, each.name) ||
             has(other.content.text, "export " + each.name);
    });
    if (used) continue;
    model::Finding made = finding(
        model::Severity::error, each.span,
        fmt::format("'{}' is set in this shell and not exported: '{}' deploys with the value that "
                    "it had before",
                    each.name, text_of(*deploy)),
        "set it where the platform keeps its variables, or `export` it for a tool of this machine");
    made.related.push_back({deploy->span, "does not see it"});
    add_once(found, std::move(made));
    return;
  }
}

/// `./activate-env.sh production`: what it sets is gone when it ends.
void look_at_environment_scripts(const Block& block, const Command& command,
                                 std::vector<model::Finding>& found) {
  const std::string name = lower(command.name());
  const bool sets = (name.ends_with(".sh") || name == "activate") &&
                    has_any(name, {"activate", "setenv", "set-env", "set_env", "load-env",
                                   "load_env", "export-env"});
  if (!sets || command.name_index() != 0 || command.words[0].text == "source" ||
      command.words[0].text == "." || block.script.whole)
    return;
  add_once(
      found,
      finding(
          model::Severity::error, command.span,
          fmt::format(
              "'{}' is run in a shell of its own: the variables that it sets are gone when it ends",
              command.name()),
          "source FILE, or `. FILE`"));
}

/// A script is told which environment, chooses names by it, and deploys without any of them.
void look_at_environment(const DocumentFacts& facts, const Block& block,
                         std::vector<model::Finding>& found) {
  if (!facts.document.is_script) return;
  const auto chosen =
      std::ranges::find_if(block.script.assignments, [](const importers::Assignment& each) {
        const std::string name = lower(each.name);
        return (has(name, "env") || name == "stage" || name == "target") &&
               each.value.starts_with("${1");
      });
  if (chosen == block.script.assignments.end()) return;
  for (const Command& command : block.script.commands) {
    static const std::set<std::string_view> kTools = {
        "wrangler", "vercel", "netlify", "flyctl", "firebase", "serverless", "heroku", "railway"};
    const catalogue::Known& known = command.known();
    if ((known.does != "deploy" && known.does != "roll_back") || !kTools.contains(known.tool) ||
        !command.environment.empty())
      continue;
    const bool open = std::ranges::any_of(
        command.words, [](const importers::Word& word) { return !word.literal; });
    const bool chooses = command.has("--env") || command.has("-e") || command.has("--app") ||
                         command.has("-a") || command.has("--config") || command.has("--prod");
    if (open || chooses || command.context.branches > 1) continue;
    model::Finding made = finding(
        model::Severity::error, command.span,
        fmt::format(
            "'{}' does not say where to: whatever '{}' is, this goes to the default environment",
            text_of(command), chosen->name),
        "--env, --app or --name with the one that was chosen");
    made.related.push_back({chosen->span, "chosen here"});
    add_once(found, std::move(made));
  }
}

}  // namespace

std::vector<model::Finding> check_misdirected_command(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      look_at_catalogue(facts, *block, command, found);
      look_at_down(facts, *block, command, found);
      look_at_snapshot(command, found);
      look_at_sqlite(*block, command, found);
      look_at_copies(*block, command, found);
      look_at_output(command, found);
      look_at_globs(command, found);
      look_at_environment_scripts(*block, command, found);
      look_at_arguments(command, found);
      look_at_own_database(command, found);
    }
    look_at_push(*block, found);
    look_at_nginx(*block, found);
    look_at_functions(facts, *block, found);
    look_at_environment(facts, *block, found);
    look_at_unexported(facts, *block, found);
    look_at_names(*block, found);
    look_at_servers(*block, found);
    look_at_checked_out(*block, found);
    look_at_old_branches(facts, *block, found);
    look_at_recovery(facts, *block, found);
    look_at_pulls_behind(*block, found);
    look_at_captured_messages(*block, found);
    look_at_fetched_images(facts, *block, found);
    look_at_nested_folders(facts, *block, found);
    look_at_split_commands(*block, found);
    look_at_payloads(*block, found);
    look_at_sorted_sizes(*block, found);
    look_at_relative_mounts(*block, found);
    look_at_untested_configs(*block, found);
  }
  look_at_namespaces(facts, found);
  look_at_compose_files(facts, found);
  look_at_this_machine(facts, found);
  look_at_line_ends(facts, found);
  look_at_automation(facts, found);
  look_at_stopped_containers(facts, found);
  look_at_scaled_down(facts, found);
  look_at_started_in_part(facts, found);
  look_at_same_images(facts, found);
  look_at_patterns(facts, found);
  look_at_names_of_now(facts, found);
  look_at_server_facts(facts, found);
  look_at_reset_copies(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
