// What a command does to the world, as far as its name and subcommands say.
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

Effect psql_effect(const Command& command) {
  const std::string sql = sql_of(command);
  if (has_any(sql, {"drop table", "drop database", "drop schema", "truncate ", "delete from"})) return Effect::destroy;
  if (has_any(sql, {"insert into", "update ", "alter ", "create ", "rename "})) return Effect::change;
  const bool script = command.has("-f") || command.has("--file") || !command.redirects.empty();
  return script ? Effect::change : Effect::look;
}

Effect git_effect(const Command& command) {
  if (is(command, {"git", "push"})) return Effect::deploy;
  if (is(command, {"git", "reset"}) && command.has("--hard")) return Effect::destroy;
  for (const std::string_view change : {"revert", "checkout", "reset", "pull", "merge", "cherry-pick", "switch", "commit", "tag"}) {
    if (is(command, {"git", change})) return Effect::change;
  }
  return Effect::look;
}

Effect kubectl_effect(const Command& command) {
  if (is(command, {"kubectl", "delete"})) return Effect::destroy;
  if (is(command, {"kubectl", "rollout", "undo"}) || is(command, {"kubectl", "set"}) || is(command, {"kubectl", "apply"})) return Effect::deploy;
  for (const std::string_view change : {"scale", "patch", "annotate", "label", "create", "replace", "edit", "cordon", "drain"}) {
    if (is(command, {"kubectl", change})) return Effect::change;
  }
  if (is(command, {"kubectl", "rollout", "restart"}) || is(command, {"kubectl", "rollout", "pause"})) return Effect::change;
  if (is(command, {"kubectl", "rollout", "status"}) || is(command, {"kubectl", "wait"})) return Effect::wait;
  return Effect::look;
}

Effect container_effect(const Command& command) {
  const std::string text = full_of(command) + " ";
  if (has_any(text, {" down ", " rm ", " rmi ", " prune "})) return Effect::destroy;
  if (has_any(text, {" up ", " run "})) return Effect::deploy;
  if (has_any(text, {" stop ", " start ", " restart ", " pull ", " tag ", " kill ", " build ", " push "})) return Effect::change;
  return Effect::look;
}

Effect curl_effect(const Command& command) {
  const std::string method = command.value("-X").value_or(command.value("--request").value_or(""));
  const bool sends = command.has("-d") || command.has("--data") || command.has("--data-raw") || command.has("--data-binary");
  if (method == "DELETE") return Effect::destroy;
  if (method == "POST" || method == "PUT" || method == "PATCH" || (method.empty() && sends)) return Effect::change;
  return Effect::look;
}

}  // namespace

Effect effect_of(const Command& command) {
  static const std::set<std::string_view> kSay = {"echo", "printf", "exit", "return", "set", "export", "local", "true", "false",
                                                  "cd", "pwd", "date", "[", "test", "read", "source", ".", "shift", ":", "trap"};
  static const std::set<std::string_view> kDestroy = {"dropdb", "rm", "rmdir", "truncate", "mkfs", "shred"};
  static const std::set<std::string_view> kRestore = {"pg_restore", "mongorestore"};
  static const std::set<std::string_view> kSave = {"pg_dump", "pg_dumpall", "mysqldump", "mongodump", "pg_basebackup"};
  static const std::set<std::string_view> kChange = {"cp", "mv", "ln", "createdb", "rsync", "scp", "systemctl", "service", "pm2",
                                                     "npm", "alembic", "flyway", "rails", "make", "sed", "kill", "pkill", "killall"};
  const std::string_view name = command.name();
  if (name.empty() || kSay.contains(name)) return Effect::say;
  if (name == "sleep" || name == "wait") return Effect::wait;
  if (kDestroy.contains(name)) return Effect::destroy;
  if (kRestore.contains(name)) return Effect::restore;
  if (kSave.contains(name)) return Effect::save;
  if (name == "psql" || name == "sqlite3" || name == "mysql") return psql_effect(command);
  if (name == "git") return git_effect(command);
  if (name == "kubectl" || name == "oc") return kubectl_effect(command);
  if (name == "docker" || name == "docker-compose" || name == "podman") return container_effect(command);
  if (name == "curl" || name == "wget") return curl_effect(command);
  if (name == "systemctl") {
    return has_any(full_of(command), {" status", " is-active", " list", " show"}) ? Effect::look : Effect::change;
  }
  if (name == "pm2") return has_any(full_of(command), {" list", " status", " logs", " show", " monit"}) ? Effect::look : Effect::change;
  if (name == "helm") {
    if (is(command, {"helm", "uninstall"})) return Effect::destroy;
    return is(command, {"helm", "rollback"}) || is(command, {"helm", "upgrade"}) ? Effect::deploy : Effect::look;
  }
  if (name == "tar") return command.has("-x") ? Effect::restore : Effect::save;
  if (name == "vercel" || name == "railway" || name == "fly" || name == "flyctl" || name == "wrangler" || name == "heroku") {
    return has_any(full_of(command) + " ", {" rollback ", " deploy ", " up ", " rollback:"}) ? Effect::deploy
           : has_any(full_of(command) + " ", {" down ", " scale ", " restart ", " redeploy "}) ? Effect::change : Effect::look;
  }
  const bool asks = has_any(full_of(command), {" status", ":status", " current", "-current", " history", " heads", " list", " show", " --version"});
  if (kChange.contains(name)) return asks ? Effect::look : Effect::change;
  if (name.starts_with("./") || name.ends_with(".sh")) return Effect::change;
  return Effect::look;
}

}  // namespace backout::analyzer::documents
