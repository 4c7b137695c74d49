// What a command does to the world: what the catalogue says of it, and what SQL and requests say of
// themselves.
#include <algorithm>
#include <map>
#include <set>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

std::string sql_of(const Command& command) {
  std::string text;
  for (const importers::Word& word : command.words) text += lower(word.text) + " ";
  for (const importers::Redirect& redirect : command.redirects) text += lower(redirect.heredoc);
  return text;
}

Effect sql_effect(const Command& command) {
  const std::string sql = sql_of(command);
  if (runs(command, "sqlcmd") && has(sql, "restore database")) return Effect::restore;
  if (runs(command, "sqlcmd") && has_any(sql, {"backup database", "backup log"}))
    return Effect::save;
  if (has_any(sql, {"drop table", "drop database", "drop schema", "truncate ", "delete from"}))
    return Effect::destroy;
  if (has_any(sql, {"insert into", "update ", "alter ", "create ", "rename "}))
    return Effect::change;
  const bool fed = std::ranges::any_of(command.redirects, [](const importers::Redirect& redirect) {
    return redirect.op.starts_with('<');
  });
  const Command inner = inside(command);
  return inner.has("-f") || inner.has("--file") || fed ? Effect::change : Effect::look;
}

Effect request_effect(const Command& command) {
  const std::string method = command.value("-X").value_or(command.value("--request").value_or(""));
  const bool sends = command.has("-d") || command.has("--data") || command.has("--data-raw") ||
                     command.has("--data-binary");
  if (method == "DELETE") return Effect::destroy;
  if (method == "POST" || method == "PUT" || method == "PATCH" || (method.empty() && sends))
    return Effect::change;
  return Effect::look;
}

/// What a script that is called a restore does besides: `restore.sh wipe`, `backup-restore.sh
/// backup`.
bool is_other_verb(std::string_view word) {
  static const std::set<std::string_view> kVerbs = {
      "backup", "check",  "create", "drill",    "dump",   "help", "list",   "ls",
      "prune",  "rejoin", "save",   "snapshot", "status", "test", "verify", "wipe"};
  return kVerbs.contains(word);
}

/// A script or task of one's own that is called a restore.
bool is_own_restore(const Command& whole) {
  const Command command = inside(whole);
  static const std::set<std::string_view> kTasks = {"manage.py", "rails", "rake",     "artisan",
                                                    "npm",       "pnpm",  "yarn",     "make",
                                                    "just",      "task",  "bin/rails"};
  const catalogue::Known& known = command.known();
  const bool task =
      kTasks.contains(known.tool) &&
      (known.existence == catalogue::Existence::unknown_command || known.does == "run");
  if (!task && !is_own_script(command)) return false;
  const auto named = [](std::string_view word) {
    return has(lower(word), "restore") && !says_test(lower(word)) &&
           !has_any(lower(word), {"verify", "drill", "dry"});
  };
  // `rollback.sh --steps 2 --restore-backup`
  const bool asked = std::ranges::any_of(command.words, [&](const importers::Word& word) {
    return word.text.starts_with("--") && named(word.text) &&
           !has_any(lower(word.text), {"no-", "skip", "without"});
  });
  if (asked && !task) return true;
  for (std::size_t i = command.name_index(); i < command.words.size(); ++i) {
    const std::string& word = command.words[i].text;
    if (i > command.name_index() + 3) break;
    if (word.starts_with('-') ||
        !named(word.substr(word.rfind('/') == std::string::npos ? 0 : word.rfind('/') + 1)))
      continue;
    return i + 1 >= command.words.size() || !is_other_verb(command.words[i + 1].text);
  }
  return false;
}

/// A task of the project that deploys: `npm run deploy:production`, `make deploy`.
bool is_own_deploy(const Command& command) {
  static const std::set<std::string_view> kTasks = {"npm", "pnpm", "yarn", "make", "just", "task"};
  if (!kTasks.contains(command.known().tool)) return false;
  for (std::size_t i = command.name_index() + 1; i < command.words.size(); ++i) {
    if (command.words[i].text == "deploy" || command.words[i].text.starts_with("deploy:") ||
        command.words[i].text.starts_with("deploy-"))
      return true;
  }
  return false;
}

/// Of a script of one's own, or a command that the tool does not have: what it is meant to do, by
/// its name.
Effect named_effect(const Command& command) {
  const std::string text = command.line() + " ";
  const bool asks =
      has_any(text, {" status", ":status", "-status", " current", "-current", " history", " heads",
                     " list", " logs", " show", " --version", "check", "verify", ":test"});
  if (asks) return Effect::look;
  if (is_own_restore(command)) return Effect::restore;
  if (command.known().existence == catalogue::Existence::does_not_exist) {
    if (has_any(text, {" restore", " import"})) return Effect::restore;
    return has_any(text, {" rollback", " deploy", " revert"}) ? Effect::deploy : Effect::look;
  }
  if (is_own_deploy(command)) return Effect::deploy;
  return command.known().does == "run" || is_own_script(command) ? Effect::change : Effect::look;
}

const std::map<std::string_view, Effect>& effects() {
  static const std::map<std::string_view, Effect> kAll = {
      {"look", Effect::look},      {"wait", Effect::wait},           {"notify", Effect::say},
      {"control", Effect::say},    {"backup", Effect::save},         {"restore", Effect::restore},
      {"deploy", Effect::deploy},  {"roll_back", Effect::deploy},    {"delete", Effect::destroy},
      {"local", Effect::change},   {"build", Effect::change},        {"fetch", Effect::change},
      {"migrate", Effect::change}, {"migrate_down", Effect::change}, {"record", Effect::change},
      {"start", Effect::change},   {"stop", Effect::change},         {"restart", Effect::change},
      {"scale", Effect::change},   {"switch", Effect::change},       {"configure", Effect::change},
      {"write", Effect::change},   {"version", Effect::change}};
  return kAll;
}

}  // namespace

namespace {

/// The file that an interpreter runs: `bash scripts/restore.sh`, `node scripts/undo.js`.
std::string script_of(const Command& command) {
  static const std::set<std::string_view> kRuns = {"bash", "sh", "python", "node", "php", "ruby"};
  const catalogue::Known& known = command.known();
  if (known.does != "run" || !kRuns.contains(known.tool)) return {};
  const std::vector<std::string> scripts = arguments_of(command, "script");
  return scripts.empty() ? std::string() : scripts.front();
}

}  // namespace

bool is_own_script(const Command& command) {
  const std::string_view name = command.name();
  return name.starts_with("./") || name.ends_with(".sh") || name.ends_with(".py") ||
         (command.known().does == "run" && !command.known().script.empty()) ||
         !script_of(command).empty();
}

Effect effect_of(const Command& command) {
  const std::string_view name = command.name();
  static const std::set<std::string_view> kSays = {"[",    "[[",   "test",   "source", ".",
                                                   "date", "echo", "printf", "exit",   "return"};
  if (name.empty() || kSays.contains(name)) return Effect::say;
  const catalogue::Known& known = command.known();
  // What a client is asked to do, and not that it is a client; where nothing is asked, it is what
  // the catalogue says.
  const bool keeps = known.does == "backup" || known.does == "restore";
  if (known.speaks_sql && !(keeps && runs(command, "sqlite3"))) return sql_effect(command);
  if (name == "curl" || name == "wget") return request_effect(command);
  const std::string full = known.tool + " " + known.path;
  if (full == "git reset" && command.has("--hard")) return Effect::destroy;
  if (full == "docker-compose down" || full == "docker rmi") return Effect::destroy;
  if (full == "docker run") return Effect::deploy;
  const auto found = effects().find(known.does);
  return found == effects().end() ? named_effect(command) : found->second;
}

}  // namespace backout::analyzer::documents
