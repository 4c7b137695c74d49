// A fixed time that stands for waiting until something is ready.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Seconds of `sleep 30`, `sleep 2m`; 0 when it is no number.
long seconds(const Command& command) {
  if (command.name() != "sleep" || command.words.size() < 2) return 0;
  const std::string& text = command.words.back().text;
  const long value = std::strtol(text.c_str(), nullptr, 10);
  return text.ends_with('m') ? value * 60 : value;
}

/// "Waiting for connections to drain" above a sleep: nobody looks whether they did.
bool waits_for_quiet(const Block& block, std::size_t at) {
  const auto& commands = block.script.commands;
  std::string around = lower(commands[at].comment);
  if (at > 0 && (commands[at - 1].name() == "echo" || commands[at - 1].name() == "printf" ||
                 has(commands[at - 1].name(), "log")))
    around += commands[at - 1].low_line();
  return has_any(around, {"drain", "to finish", "to terminate", "to stop", "in-flight",
                          "to complete", "to shut"}) &&
         !has_any(around, {"wait --for"});
}

/// "# Wait until it is healthy", and below it one look.
void look_at_waits_that_look(const Block& block, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kTools = {
      "kubectl", "docker", "docker-compose", "systemctl", "pm2",    "gcloud", "aws",
      "az",      "flyctl", "railway",        "heroku",    "vercel", "render", "doctl",
      "helm",    "argocd", "supabase",       "wrangler",  "oc"};
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    const std::string comment = lower(command.comment);
    const std::size_t first = std::min(comment.find_first_not_of(" #0123456789.)"), comment.size());
    const std::string_view said = std::string_view(comment).substr(first);
    const bool waits = said.starts_with("wait for") || said.starts_with("wait until") ||
                       said.starts_with("wait till");
    // What waits may stand below, or be somebody who looks again.
    const bool loops = command.context.loops > 0 || command.context.condition ||
                       command.context.substitution || command.context.pipe_length > 1 ||
                       has(command.line(), " wait ");
    const bool once = kTools.contains(command.known().tool) && effect_of(command) == Effect::look &&
                      !command.has("-w") && !command.has("--watch") && !command.has("-f") &&
                      !command.has("--follow") && command.known().does != "wait" &&
                      command.known().find(catalogue::Trap::Kind::endless) == nullptr;
    const bool more = i + 1 < commands.size() && (effect_of(commands[i + 1]) == Effect::wait ||
                                                  commands[i + 1].name() == "sleep");
    if (!waits || loops || !once || more || has_any(said, {"repeat", "again", "poll", "re-run"}))
      continue;
    add_once(found,
             finding(model::Severity::warning, command.span,
                     fmt::format("nothing waits here: '{}' looks once, and ends well whatever it "
                                 "shows",
                                 text_of(command)),
                     "a command that waits, with a bound (`docker compose up --wait "
                     "--wait-timeout 120`, `kubectl wait --for=condition=Ready --timeout=120s`)"));
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_fixed_sleep(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  static const std::set<std::string_view> kLooks = {
      "curl", "kubectl",   "docker", "docker-compose", "pg_isready",
      "psql", "systemctl", "pm2",    "wget",           "nc"};
  const std::vector<const Block*> blocks = shell_blocks(facts.document);
  // A step of a workflow that only sleeps, and the next one looks.
  for (std::size_t i = 0; facts.document.is_workflow && i + 1 < blocks.size(); ++i) {
    const auto& waits = blocks[i]->script.commands;
    const auto& next = blocks[i + 1]->script.commands;
    const bool only =
        !waits.empty() && seconds(waits.back()) >= 5 && waits.back().context.loops == 0;
    if (!only || next.empty() || !kLooks.contains(next[0].name()) ||
        effect_of(next[0]) != Effect::look || next[0].context.loops > 0)
      continue;
    model::Finding made =
        finding(model::Severity::warning, waits.back().span,
                "a fixed time stands for waiting: where the start takes longer the check fails on "
                "a good rollback, and one look tells nothing of a crash that comes later",
                "ask again until it answers, with a bound");
    made.related.push_back({next[0].span, "the look"});
    add_once(found, std::move(made));
  }
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    look_at_sleeps_before_use(*block, found);
    look_at_waits_that_look(*block, found);
    const auto& commands = block->script.commands;
    for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
      if (seconds(commands[i]) < 1 || commands[i].context.loops > 0) continue;
      std::size_t next = i + 1;
      while (next + 1 < commands.size() && effect_of(commands[next]) == Effect::say) ++next;
      // A unit is active as soon as its process was started.
      const bool at_once = is(commands[next], {"systemctl", "is-active"});
      if (seconds(commands[i]) < 5 && !at_once) continue;
      if (waits_for_quiet(*block, i)) {
        add_once(
            found,
            finding(model::Severity::warning, commands[i].span,
                    "a fixed time stands for waiting until work in hand is done: what takes longer "
                    "is cut off, and nobody looks whether it is done",
                    "ask for the open connections or jobs until there are none, with a bound"));
        continue;
      }
      const std::string name = lower(commands[next].name());
      const bool own =
          is_own_script(commands[next]) && has_any(name, {"health", "smoke", "verify", "check"});
      const bool looks = (own || (kLooks.contains(commands[next].name()) &&
                                  effect_of(commands[next]) == Effect::look)) &&
                         commands[next].context.loops == 0;
      if (!looks || commands[next].context.function != commands[i].context.function) continue;
      model::Finding made =
          finding(model::Severity::warning, commands[i].span,
                  "a fixed time stands for waiting: where the start takes longer the check fails "
                  "on a good rollback, and one look tells nothing of a crash that comes later",
                  "ask again until it answers, with a bound");
      made.related.push_back({commands[next].span, "the look"});
      add_once(found, std::move(made));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
