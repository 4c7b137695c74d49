// Part of misdirected-command: something else undoes the command, or it goes to another place than
// the one beside it.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/containers.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

void look_at_automation(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  // What heals itself may be a pipeline that rolls back: by Git it is only where something syncs.
  const bool syncs =
      document_begins_word(document, {"argo", "flux", "gitops", "fleet"}) ||
      document_says(document, {"auto-sync", "autosync", "auto sync", "automated sync"});
  const bool automated =
      syncs && document_says(document, {"selfheal", "self-heal", "self heal", "auto-sync",
                                        "autosync", "auto sync", "automated sync", "syncpolicy",
                                        "flux reconcil", "kind: kustomization"});
  const bool held = document_says(
      document, {"sync-policy none", "sync-policy=none", "disable auto", "pause auto", "suspend",
                 "turn off auto", "disable self", "disable sync", "auto-sync off"});
  if (!automated || held || document.is_script) return;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    if (!is_followed(facts, *block) || role == Role::deploy || role == Role::verification) continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const bool cluster = known.tool == "kubectl" || known.tool == "helm";
      // An abort leaves what Git says as it is.
      if (has(known.path, "abort")) continue;
      const bool changes = known.does == "roll_back" ||
                           (cluster && (known.path == "set image" || known.path == "patch" ||
                                        known.path == "scale" || known.path == "edit"));
      if (known.tool == "argocd" && known.does == "roll_back") {
        add_once(
            found,
            finding(model::Severity::error, command.span,
                    "`argocd app rollback` is refused while the application syncs by itself, and "
                    "the document says that it does",
                    "argocd app set APP --sync-policy none first; or git revert, and let it sync"));
      } else if (cluster && changes) {
        add_once(
            found,
            finding(
                model::Severity::error, command.span,
                fmt::format("'{}' is undone by itself: what syncs the cluster with Git puts back "
                            "what Git says",
                            text_of(command)),
                "git revert, and let it sync; or hold the sync for as long as this is to last"));
      }
    }
  }
}

namespace {

/// Where a client of PostgreSQL or MySQL goes: host and port, empty where it does not say.
std::pair<std::string, std::string> server_of(const Command& whole) {
  const Command command = inside(whole);
  const auto one = [&](std::string_view a, std::string_view b) {
    return command.value(a).value_or(command.value(b).value_or(""));
  };
  return {one("-h", "--host"), one("-p", "--port")};
}

}  // namespace

void look_at_servers(const Block& block, Findings& found) {
  const Command* dropped = nullptr;
  for (const Command& command : block.script.commands) {
    if (!runs(command, "psql") && !runs(command, "pg_restore") && !runs(command, "dropdb") &&
        !runs(command, "createdb"))
      continue;
    if (command.known().wrappers.size() > 1) continue;
    const std::string& text = command.low_line();
    const bool drops = runs(command, "dropdb") || has(text, "drop database");
    if (drops) {
      dropped = &command;
      continue;
    }
    const bool loads =
        runs(command, "pg_restore") || command.context.pipe_position > 0 ||
        inside(command).has("-f") ||
        std::ranges::any_of(command.redirects, [](const auto& each) { return each.op == "<"; });
    if (dropped == nullptr || !loads) continue;
    const auto [host, port] = server_of(*dropped);
    const auto [to_host, to_port] = server_of(command);
    const bool elsewhere = (is_plain(port) && is_plain(to_port) && port != to_port) ||
                           (is_plain(host) && is_plain(to_host) && host != to_host);
    if (!elsewhere) continue;
    model::Finding made =
        finding(model::Severity::error, dropped->span,
                fmt::format("the database is dropped on one server ({}) and loaded on another "
                            "({}): the one that is loaded was never emptied",
                            port.empty() ? host : port, to_port.empty() ? to_host : to_port),
                "the same host and port in both commands");
    made.related.push_back({command.span, "loaded here"});
    add_once(found, std::move(made));
    dropped = nullptr;
  }
}

void look_at_checked_out(const Block& block, Findings& found) {
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    if (is(command, {"git", "checkout"})) {
      const auto words = operands(command, 1);
      const bool head = command.has("--") && !words.empty() && words[0]->text == "HEAD";
      if (head && checkout != nullptr) {
        model::Finding made = finding(model::Severity::warning, command.span,
                                      "HEAD is the commit that was checked out before: this brings "
                                      "back files that are there already",
                                      "name the commit that held the files that are wanted");
        made.related.push_back({checkout->span, "HEAD has moved here"});
        add_once(found, std::move(made));
      }
      const bool branch = command.has("-b") || command.has("-B") || words.empty() ||
                          words[0]->text == "main" || words[0]->text == "master";
      checkout = branch || command.has("--") ? nullptr : &command;
    }
    const bool pages = is(command, {"wrangler", "pages", "deploy"}) ||
                       is(command, {"wrangler", "pages", "publish"});
    if (!pages || checkout == nullptr || command.value("--branch")) continue;
    model::Finding made = finding(model::Severity::error, command.span,
                                  "the commit is checked out on no branch: this makes a preview, "
                                  "and production keeps serving what it serves",
                                  "--branch with the name of the production branch");
    made.related.push_back({checkout->span, "checked out here"});
    add_once(found, std::move(made));
  }
}

/// `pkill -f "api\|worker"`: among extended expressions that is one name with a bar in it.
void look_at_bars(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const BlockLine& line : lines_of(*block)) {
      if (!has(line.text, "\\|")) continue;
      const auto command = std::ranges::find_if(block->script.commands, [&](const Command& each) {
        const bool extended = each.name() == "pkill" || each.name() == "pgrep" ||
                              each.name() == "egrep" || (each.name() == "grep" && each.has("-E"));
        return extended && each.span.begin >= line.span.begin && each.span.end <= line.span.end &&
               has(line.text.substr(each.span.begin - line.span.begin,
                                    each.span.end - each.span.begin),
                   "\\|");
      });
      if (command == block->script.commands.end()) continue;
      add_once(found, finding(model::Severity::error, command->span,
                              fmt::format("{} reads `\\|` as a bar of the name and not as 'or': "
                                          "this matches nothing",
                                          command->name()),
                              "`|` without the backslash"));
    }
  }
}

void look_at_patterns(const DocumentFacts& facts, Findings& found) {
  look_at_bars(facts, found);
  for (const SqlLine& line : sql_lines(facts.document)) {
    const bool changes = line.text.starts_with("delete ") || line.text.starts_with("update ");
    const std::size_t at = line.text.find(" like '");
    if (!changes || at == std::string::npos || has_any(line.text, {"escape", "\\_"})) continue;
    const std::string pattern = line.text.substr(at + 7, line.text.find('\'', at + 7) - at - 7);
    if (pattern.find('_') == std::string::npos) continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            fmt::format("in '{}' the underscore stands for any character: rows of "
                                        "other names are changed, too",
                                        pattern),
                            "LIKE 'name\\_%' ESCAPE '\\'"));
  }
}

void look_at_arguments(const Command& command, Findings& found) {
  static const std::set<std::string_view> kSwitches = {"--publicly-accessible",
                                                       "--multi-az",
                                                       "--apply-immediately",
                                                       "--storage-encrypted",
                                                       "--deletion-protection",
                                                       "--skip-final-snapshot",
                                                       "--auto-minor-version-upgrade",
                                                       "--copy-tags-to-snapshot",
                                                       "--force",
                                                       "--overwrite",
                                                       "--recursive",
                                                       "--force-new-deployment",
                                                       "--with-decryption",
                                                       "--enable-iam-database-authentication"};
  static const std::map<std::string_view, std::string_view> kServices = {
      {"config", "configservice"},
      {"alb", "elbv2"},
      {"cloudwatch-logs", "logs"},
      {"eventbridge", "events"},
      {"parameter-store", "ssm"}};
  if (command.name() == "aws") {
    const std::size_t first = command.name_index() + 1;
    for (std::size_t i = first; i + 1 < command.words.size(); ++i) {
      const std::string& value = command.words[i + 1].text;
      if (!kSwitches.contains(command.words[i].text) || (value != "true" && value != "false"))
        continue;
      const std::string off = "--no-" + command.words[i].text.substr(2);
      add_once(
          found,
          finding(
              model::Severity::error, command.words[i].span,
              fmt::format("`aws` refuses this: {} takes no value, and '{}' is an argument too many",
                          command.words[i].text, value),
              value == "true" ? command.words[i].text + " alone" : off));
    }
    const auto service = command.words.size() > first + 1
                             ? kServices.find(command.words[first].text)
                             : kServices.end();
    if (service != kServices.end() && !command.words[first + 1].text.starts_with('-')) {
      add_once(found, finding(model::Severity::error, command.span,
                              fmt::format("`aws` has no service `{}`", service->first),
                              fmt::format("aws {}", service->second)));
    }
  }
  if (is(command, {"git", "revert"})) {
    for (const importers::Word* word : operands(command, 1)) {
      if (!word->text.starts_with("HEAD..") || word->text.starts_with("HEAD...")) continue;
      add_once(found, finding(model::Severity::error, word->span,
                              fmt::format("'{}' holds what is in the older commit and not in HEAD: "
                                          "nothing, so that nothing is reverted",
                                          word->text),
                              fmt::format("{}..HEAD", word->text.substr(6))));
    }
  }
  if (is(command, {"gh", "workflow", "run"})) {
    const std::string ref = command.value("--ref").value_or(command.value("-r").value_or(""));
    const bool hex = ref.size() >= 7 && ref.size() <= 40 &&
                     ref.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (hex || has_any(lower(ref), {"sha>", "commit>", "_sha", "-sha", "<sha", "<commit"})) {
      add_once(found, finding(model::Severity::error, command.span,
                              fmt::format("`gh workflow run --ref` takes a branch or a tag: '{}' "
                                          "is a commit, and is refused",
                                          ref),
                              "git tag NAME COMMIT, push it, and give its name"));
    }
  }
  if (is(command, {"vercel", "env", "add"})) {
    static const std::set<std::string_view> kValues = {"true", "false", "0",   "1",
                                                       "on",   "off",   "yes", "no"};
    const auto words = operands(command, 2);
    if (words.size() == 2 && kValues.contains(words[1]->text)) {
      add_once(found, finding(model::Severity::error, words[1]->span,
                              fmt::format("`vercel env add` takes '{}' for the environment: the "
                                          "value comes on standard input",
                                          words[1]->text),
                              fmt::format("echo {} | vercel env add {} production", words[1]->text,
                                          words[0]->text)));
    }
  }
  if (command.name() == "find" && command.has("-mtime") &&
      command.value("-type").value_or("") == "d" && !command.has("-mindepth") &&
      (command.has("-delete") || has(command.line(), "rm "))) {
    add_once(found, finding(model::Severity::warning, command.span,
                            "find begins with the folder itself: when nothing was added to it for "
                            "as long, it is deleted with every backup in it",
                            "-mindepth 1"));
  }
}

void look_at_own_database(const Command& command, Findings& found) {
  if (!runs(command, "psql")) return;
  const Command inner = inside(command);
  const std::string sql = lower(inner.value("-c").value_or(inner.value("--command").value_or("")));
  const std::size_t at = sql.find("drop database ");
  if (at == std::string::npos) return;
  std::string name = sql.substr(at + 14);
  if (name.starts_with("if exists ")) name = name.substr(10);
  name = name.substr(0, name.find_first_of("; \n"));
  std::erase(name, '"');
  std::string connected = inner.value("-d").value_or(inner.value("--dbname").value_or(""));
  for (std::size_t i = inner.name_index() + 1; connected.empty() && i < inner.words.size(); ++i) {
    const std::string& before = inner.words[i - 1].text;
    const bool value = before.size() == 2 && before[0] == '-' &&
                       std::string_view("hpUdcfvo").find(before[1]) != std::string_view::npos;
    if (!inner.words[i].text.starts_with('-') && !value && !before.starts_with("--"))
      connected = inner.words[i].text;
  }
  if (connected.empty())
    connected = inner.value("-U").value_or(inner.value("--username").value_or(""));
  if (!is_plain(name) || lower(connected) != name) return;
  add_once(
      found,
      finding(model::Severity::error, command.span,
              fmt::format(
                  "this is connected to '{}' itself, and a database that is open cannot be dropped",
                  name),
              "-d postgres"));
}

namespace {

/// The containers or services that a command stops, and no more.
std::vector<std::string> stopped_by(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "docker-compose" && known.path == "stop")
    return arguments_of(command, "service");
  std::vector<std::string> names;
  if (is(command, {"docker", "stop"})) {
    for (const importers::Word* word : operands(command, 1)) names.push_back(word->text);
  } else if (is(command, {"docker", "exec"}) &&
             has_any(command.line(), {"nginx -s stop", "nginx -s quit"})) {
    const auto words = operands(command, 1);
    if (!words.empty()) names.push_back(words[0]->text);
  }
  return names;
}

/// Whether some command of the document speaks of a database among the services of the compose
/// file.
bool runs_database(const Document& document) {
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "docker-compose" && !enters_compose(command)) continue;
      if (has_word(command.low_line(), {"postgres", "postgresql", "db", "database", "mysql",
                                        "mariadb", "mongo", "mongodb"}))
        return true;
    }
  }
  return false;
}

/// Whether a command speaks to a database of this machine, or within a service that is looked into.
bool asks_database(const Command& command, bool in_compose) {
  static const std::set<std::string_view> kClients = {
      "psql",  "pg_dump",   "pg_restore",   "dropdb",    "createdb", "pg_isready",
      "mysql", "mysqldump", "mongorestore", "mongodump", "mongosh"};
  if (enters_compose(command)) return true;
  if (!in_compose || !kClients.contains(command.name())) return false;
  const std::string host = command.value("-h").value_or(command.value("--host").value_or(""));
  return host == "localhost" || host == "127.0.0.1";
}

}  // namespace

void look_at_stopped_containers(const DocumentFacts& facts, Findings& found) {
  std::map<std::string, const Command*> stopped;
  const bool in_compose = runs_database(facts.document);
  const Command* down = nullptr;
  const Command* told = nullptr;  // the one of the last finding
  std::uint32_t downs = importers::kNowhere;
  std::uint32_t unit = importers::kNowhere;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    const std::uint32_t here = facts.document.procedure_of(block->section);
    if (here != unit) stopped.clear();
    unit = here;
    const std::uint32_t chapter = chapter_of(facts.document, block->section);
    if (chapter != downs) down = nullptr;
    downs = chapter;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      if (known.tool == "docker-compose" && known.path == "down" &&
          arguments_of(command, "service").empty())
        down = &command;
      if (known.path == "up" || known.does == "start" || known.does == "restart" ||
          known.does == "deploy" ||
          (is_own_script(command) &&
           has_any(command.low_line(), {"start", "up", "deploy", "run"}) &&
           !has(command.low_line(), "restore")))
        down = nullptr;
      if (down != nullptr && down != &command && asks_database(command, in_compose)) {
        if (told == down) {
          found.back().related.push_back({command.span, "here, too"});
          continue;
        }
        told = down;
        model::Finding made =
            finding(model::Severity::error, command.span,
                    fmt::format("'{}' has no database to speak to: `docker compose down` has "
                                "removed it with all the others",
                                inside(command).name()),
                    "stop what writes only (`docker compose stop app worker`), or `docker compose "
                    "up -d --wait db` first");
        made.related.push_back({down->span, "removed here"});
        found.push_back(std::move(made));
        continue;
      }
      const std::string container = entered_by(command);
      for (const auto& [name, stop] : stopped) {
        if (container.empty() || !is_of(container, name) || has(command.line(), "-s stop"))
          continue;
        model::Finding made =
            finding(model::Severity::error, command.span,
                    fmt::format("'{}' is stopped by then: nothing can be run in it", container),
                    fmt::format("docker compose run --rm {} COMMAND, or start it first", name));
        made.related.push_back({stop->span, "stopped here"});
        add_once(found, std::move(made));
        break;
      }
      const bool starts = known.does == "start" || known.does == "restart" || known.path == "up" ||
                          known.does == "deploy";
      if (starts) stopped.clear();
      for (const std::string& name : stopped_by(command)) stopped.emplace(name, &command);
    }
  }
}

void look_at_old_branches(const DocumentFacts& facts, const Block& block, Findings& found) {
  const Command* made_here = nullptr;
  for (const Command& command : block.script.commands) {
    const auto words = operands(command, 1);
    const bool creates =
        (is(command, {"git", "checkout"}) && (command.has("-b") || command.has("-B"))) ||
        (is(command, {"git", "switch"}) && command.has("-c"));
    if (creates) {
      const std::size_t named = static_cast<std::size_t>(std::ranges::count_if(
          command.words, [](const importers::Word& word) { return !word.text.starts_with('-'); }));
      made_here = named > 3 && !has_any(command.words.back().text, {"main", "master", "origin/"})
                      ? &command
                      : nullptr;
    }
    if (is(command, {"git", "revert"}) || is(command, {"git", "commit"}) ||
        is(command, {"git", "cherry-pick"}) || is(command, {"git", "reset"}))
      made_here = nullptr;
    if (made_here == nullptr || !is(command, {"git", "push"}) || has(command.line(), ":")) continue;
    const std::string around = lower(block.content.text + " " + block.after);
    const bool merges = has_any(around, {"merge", "pull request", "gh pr", " pr "}) &&
                        !has_any(around, {"revert", "--strategy"});
    if (!merges || facts.document.role(block.section) == Role::deploy) continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                "main holds this commit already: a merge of the branch changes nothing, and the "
                "bad version stays",
                "git revert of the bad commits on a branch from main, then the merge");
    made.related.push_back({made_here->span, "the branch begins at an older commit"});
    add_once(found, std::move(made));
    made_here = nullptr;
  }
}

}  // namespace backout::analyzer::documents
