// Part of runbook-fixed-sleep: a database is used that may not answer yet.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool starts_something(const Command& command) {
  const catalogue::Known& known = command.known();
  return known.path == "up" || known.does == "start" || known.does == "restart" ||
         is(command, {"docker", "run"});
}

/// What needs a server that answers: clients of databases, and migrations.
bool needs_server(const Command& command) {
  static const std::set<std::string_view> kClients = {
      "psql", "pg_restore", "pg_dump", "mysql", "mongorestore", "redis-cli", "createdb", "dropdb"};
  const catalogue::Known& known = command.known();
  const bool client =
      std::ranges::any_of(kClients, [&](std::string_view tool) { return runs(command, tool); });
  const bool own = effect_of(command) == Effect::restore && has(command.low_line(), "docker");
  return (client || own || known.does == "migrate" || known.does == "migrate_down") &&
         (effect_of(command) != Effect::look || command.is_fed());
}

/// What a pipe ends in: `gunzip -c shop.sql.gz | psql shop`.
std::size_t end_of_pipe(const std::vector<Command>& commands, std::size_t at) {
  while (at + 1 < commands.size() &&
         commands[at].context.pipe_position + 1 < commands[at].context.pipe_length)
    ++at;
  return at;
}

}  // namespace

void look_at_sleeps_before_use(const Block& block, Findings& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 1; i + 1 < commands.size(); ++i) {
    if (commands[i].name() != "sleep" || commands[i].context.loops > 0) continue;
    std::size_t before = i - 1;
    while (before > 0 && effect_of(commands[before]) == Effect::say) --before;
    std::size_t next = i + 1;
    while (next + 1 < commands.size() && effect_of(commands[next]) == Effect::say) ++next;
    next = end_of_pipe(commands, next);
    if (!starts_something(commands[before]) || !needs_server(commands[next]) ||
        commands[next].context.function != commands[i].context.function)
      continue;
    model::Finding made = finding(model::Severity::warning, commands[i].span,
                                  fmt::format("a fixed time stands for waiting: where the start "
                                              "takes longer, '{}' finds no server and fails",
                                              text_of(commands[next])),
                                  "ask until it answers, with a bound (`until pg_isready -q; do "
                                  "sleep 1; done`, `docker compose up -d --wait db`)");
    made.related.push_back({commands[next].span, "needs the server"});
    add_once(found, std::move(made));
  }
}

}  // namespace backout::analyzer::documents
