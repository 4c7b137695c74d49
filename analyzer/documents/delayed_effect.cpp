// A change that is not there yet: a cache hides it, what runs does not read it again, or nobody
// waits for it.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using catalogue::Trap;

/// Whether a command puts other settings or another image in place: `cp .env.backup .env`, `docker
/// pull`.
bool replaces_settings(const Command& command) {
  const std::string_view name = command.name();
  const std::string& does = command.known().does;
  if (does == "fetch" &&
      (command.known().tool == "docker" || command.known().tool == "docker-compose"))
    return true;
  static constexpr std::string_view kEditors[] = {"nano", "vim", "vi", "emacs"};
  const bool edits = std::ranges::find(kEditors, name) != std::end(kEditors) &&
                     command.words.size() > 1 && has(command.words.back().text, ".env");
  if (edits) return true;
  const bool writes = name == "cp" || name == "mv" || (name == "sed" && command.has("-i"));
  if (!writes || command.words.size() < 3) return false;
  const std::string target = lower(command.words.back().text);
  const bool settings = has_any(target, {".env", "compose.y", "environment"});
  return settings && !has_any(target, {"backup", ".bak", ".failed", ".old", ".broken", ".save"});
}

/// The last command up to the end of the block that puts settings in place; `replaced` is the one
/// in the blocks before it.
const Command* replaced_behind(const Block& block, const Command* replaced) {
  for (const Command& command : block.script.commands) {
    if (replaces_settings(command) && command.known().does != "fetch") replaced = &command;
    const bool anew = command.known().does == "deploy" || command.known().path == "up" ||
                      command.known().does == "start";
    if (anew) replaced = nullptr;
  }
  return replaced;
}

/// New settings, and then a restart that keeps the old ones; `replaced` is what a block before put
/// in place.
void look_at_restarts(const Block& block, const Command* replaced,
                      std::vector<model::Finding>& found) {
  for (const Command& command : block.script.commands) {
    if (replaces_settings(command)) replaced = &command;
    const catalogue::Known& known = command.known();
    const Trap* partial = known.find(Trap::Kind::partial);
    if (replaced == nullptr || known.does != "restart" || partial == nullptr ||
        !partial->only_if.empty())
      continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("{}: what '{}' put in place has no effect",
                            trap_text(command, *partial), text_of(*replaced)),
                known.tool == "docker-compose" ? "docker compose up -d --force-recreate SERVICE"
                : partial->instead.empty()     ? "make the container anew"
                                               : partial->instead);
    made.related.push_back({replaced->span, "put in place here"});
    found.push_back(std::move(made));
    replaced = nullptr;
  }
}

/// "# Edit the .env file", and then a restart that keeps the environment.
void look_at_told_edits(const Block& block, std::vector<model::Finding>& found) {
  for (const importers::Comment& comment : block.script.comments) {
    const std::string low = lower(comment.text);
    const bool edits = has(low, ".env") && begins_word(low, {"edit", "update", "set ", "change",
                                                             "modify", "editar", "actualiz"});
    if (!edits || has_any(low, {"backup", "back up", "verify", "check"})) continue;
    for (const Command& command : block.script.commands) {
      const catalogue::Known& known = command.known();
      if (command.span.begin < comment.span.end) continue;
      if (replaces_settings(command) || known.path == "up" || known.does == "deploy") break;
      const Trap* partial = known.find(Trap::Kind::partial);
      if (known.does != "restart" || partial == nullptr || !partial->only_if.empty()) continue;
      model::Finding made = finding(
          model::Severity::error, command.span,
          fmt::format("{}: what is edited in .env has no effect", trap_text(command, *partial)),
          known.tool == "docker-compose" ? "docker compose up -d --force-recreate SERVICE"
                                         : partial->instead);
      made.related.push_back({comment.span, "edited here"});
      add_once(found, std::move(made));
      break;
    }
  }
}

/// `export NAME=value`, and then a restart by something that keeps the environment of its first
/// start.
void look_at_exports(const Block& block, std::vector<model::Finding>& found) {
  std::vector<const importers::Assignment*> exported;
  for (const importers::Assignment& each : block.script.assignments) {
    if (block.content.text.find("export " + each.name + "=") != std::string::npos)
      exported.push_back(&each);
  }
  if (exported.empty()) return;
  const importers::Assignment* set = nullptr;
  for (const Command& command : block.script.commands) {
    for (const importers::Assignment* each : exported) {
      if (each->span.end <= command.span.begin &&
          (set == nullptr || set->span.begin < each->span.begin))
        set = each;
    }
    const catalogue::Known& known = command.known();
    const bool keeps =
        (known.tool == "pm2" && !command.has("--update-env")) || known.tool == "systemctl" ||
        known.tool == "service" || known.tool == "supervisorctl" ||
        (known.tool == "docker" && known.path == "restart") || known.path == "rollout restart";
    if (set == nullptr || known.does != "restart" || !keeps) continue;
    const bool used = std::ranges::any_of(
        block.script.uses, [&](const importers::Use& use) { return use.name == set->name; });
    if (used) continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("'{}' is set in this shell only: what '{}' starts again keeps the "
                            "environment that it had",
                            set->name, text_of(command)),
                known.tool == "pm2"
                    ? "pm2 restart NAME --update-env"
                    : "set it where the service reads it (its unit, its .env file), then restart");
    made.related.push_back({set->span, "set here"});
    add_once(found, std::move(made));
    set = nullptr;
  }
}

/// The code goes back in the working copy, and compose starts the image that was built from the bad
/// code.
void look_at_images(const Block& block, std::vector<model::Finding>& found) {
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    const catalogue::Known& known = command.known();
    if ((is(command, {"git", "checkout"}) || is(command, {"git", "reset"}) ||
         is(command, {"git", "revert"})) &&
        !command.has("--"))
      checkout = &command;
    if (known.does == "build" || known.does == "fetch" || is_own_script(command))
      checkout = nullptr;
    const bool starts =
        known.tool == "docker-compose" && (known.path == "up" || known.path == "restart");
    if (checkout == nullptr || !starts || command.has("--build") || command.has("--pull") ||
        !command.environment.empty())
      continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("'{}' changes files; this starts the image that was built before, and "
                            "nothing builds it anew",
                            text_of(*checkout)),
                "docker compose up -d --build, or the tag of the image that served before");
    made.related.push_back({checkout->span, "the code goes back here"});
    found.push_back(std::move(made));
    checkout = nullptr;
  }
}

bool waits(const Command& command) {
  const std::string& text = command.low_line();
  return effect_of(command) == Effect::wait ||
         has_any(text,
                 {"wait", "rollout status", "stabil", "--watch", " -w", "verify", "health"}) ||
         command.context.loops > 0;
}

/// Where the last command of each chapter stands that waits for something.
std::map<std::uint32_t, std::uint32_t> last_waits(const Document& document) {
  std::map<std::uint32_t, std::uint32_t> last;
  for (const Block& block : document.blocks) {
    std::uint32_t& at = last[chapter_of(document, block.section)];
    for (const Command& command : block.script.commands) {
      if (command.span.begin > at && waits(command)) at = command.span.begin;
    }
  }
  return last;
}

/// A rollback of pods or tasks that returns at once, and nobody waits for it. `waited` is
/// last_waits.
void look_at_rollouts(const DocumentFacts& facts, const Block& block,
                      const std::map<std::uint32_t, std::uint32_t>& waited,
                      std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const catalogue::Known& known = commands[i].known();
    static const std::set<std::string_view> kTools = {"helm",   "kubectl", "aws",
                                                      "docker", "flyctl",  "gcloud"};
    static const std::set<std::string_view> kGoes = {"roll_back", "deploy", "restart", "restore"};
    const Trap* trap = known.find(Trap::Kind::delayed);
    if (trap == nullptr || !kTools.contains(known.tool) || !kGoes.contains(known.does) ||
        known.path == "apply")
      continue;
    if (waited.at(chapter_of(facts.document, block.section)) > commands[i].span.end) continue;
    add_once(found,
             finding(model::Severity::warning, commands[i].span, trap_text(commands[i], *trap),
                     trap->instead.empty()
                         ? "wait for it with a bound, and then look at the version that answers"
                         : trap->instead));
  }
}

/// The code goes back in a working copy, and nothing sends or builds it.
void look_at_code(const DocumentFacts& facts, const Block& block,
                  std::vector<model::Finding>& found) {
  const std::uint32_t chapter = chapter_of(facts.document, block.section);
  if (facts.document.role(block.section) != Role::rollback || facts.document.is_script) return;
  for (const Command& command : block.script.commands) {
    if (!is(command, {"git", "revert"}) || command.has("--abort") || command.has("--continue") ||
        command.has("--no-commit"))
      continue;
    // Another way back of the chapter may restart something; what is pushed is said once.
    if (section_text_says(facts.document, chapter, {"push", "merge", "pull request"}) ||
        section_text_says(facts.document, facts.document.procedure_of(block.section),
                          {"deploy", "build", "restart", "pipeline", "ci ", "up -d", "pr "}))
      continue;
    add_once(found, finding(model::Severity::error, command.span,
                            "`git revert` changes the branch on this machine: no step sends it, "
                            "builds it or restarts what serves",
                            "git push, and wait for the deploy that it starts"));
  }
}

void look_at_caches(const Document& document, std::vector<model::Finding>& found) {
  for (const importers::Method& clears : document.methods) {
    const Block* clearing = nullptr;
    for (const Block& block : document.blocks) {
      const std::string text = lower(block.content.text);
      if (block.section == clears.section && has(text, "cache") &&
          has_any(text, {"clear", "purge", "flush", "invalidate"}))
        clearing = &block;
    }
    if (clearing == nullptr) continue;
    for (const importers::Method& method : document.methods) {
      if (method.parent != clears.parent || method.section == clears.section ||
          section_text_says(document, method.section, {"cache", "ttl"}))
        continue;
      for (const SqlLine& line : sql_lines(document)) {
        if (line.block->section != method.section || !line.text.starts_with("update ")) continue;
        model::Finding made =
            finding(model::Severity::error, line.span,
                    fmt::format("'{}' clears a cache behind the same change, '{}' does not: "
                                "nothing is seen of it until the cache expires",
                                clears.title, method.title),
                    "clear the cache here, too, and count its lifetime otherwise");
        made.related.push_back({clearing->span, "clears the cache"});
        found.push_back(std::move(made));
        break;
      }
    }
    return;
  }
}

/// `kubectl port-forward ... &`, and the next line asks it.
void look_at_tunnels(const Block& block, std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    const std::string& text = commands[i].low_line();
    const bool serves = has_any(
        text, {"port-forward", "cloud_sql_proxy", "cloud-sql-proxy", "ssh -l", "ssh -f", "ssh -n",
               "sql proxy", "db-proxy", "kubectl proxy", "port-forwarding", "cloudflared"});
    if (!serves || !commands[i].context.background) continue;
    const Command& next = commands[i + 1];
    const bool asks = has_any(next.low_line(), {"localhost", "127.0.0.1"}) &&
                      !next.has("--retry-connrefused") && next.context.loops == 0;
    if (!asks) continue;
    model::Finding made = finding(model::Severity::warning, commands[i].span,
                                  fmt::format("'{}' is not there yet when the next line asks it: "
                                              "pasted as it stands, the connection is refused",
                                              text_of(commands[i])),
                                  "wait until the port answers (`until nc -z localhost PORT; do "
                                  "sleep 1; done`, with a bound), and end the tunnel afterwards");
    made.related.push_back({next.span, "asks it at once"});
    add_once(found, std::move(made));
  }
}

/// Where the image of `docker run` stands among the words of the command; behind the last where it
/// is not known.
std::size_t image_word(const Command& command) {
  const catalogue::Known& known = command.known();
  std::vector<catalogue::Argument> all;
  for (const catalogue::Wrapper& each : known.wrappers)
    all.insert(all.end(), each.args.begin(), each.args.end());
  for (const catalogue::Effect& each : known.effects)
    all.insert(all.end(), each.args.begin(), each.args.end());
  const auto image = std::ranges::find(all, "image", &catalogue::Argument::name);
  const std::size_t before = command.environment.size();
  return image == all.end() || image->word < static_cast<int>(before)
             ? command.words.size()
             : static_cast<std::size_t>(image->word) - before;
}

/// Whether `docker run` comes back at once: `-d`, `-dit`, `--detach`. Without, the next command
/// runs when the container has ended. What stands behind the image are the words of the program in
/// it: `docker run postgres psql -d shop`.
bool is_detached(const Command& command) {
  const std::size_t image = image_word(command);
  for (std::size_t i = 0; i < command.words.size() && i < image; ++i) {
    const std::string& text = command.words[i].text;
    if (text == "--detach" || text == "--detach=true") return true;
    if (text.size() > 1 && text[0] == '-' && text[1] != '-' &&
        text.find_first_not_of("ditP", 1) == std::string::npos && has(text, "d"))
      return true;
  }
  return false;
}

/// A start, and the next thing that is done asks it: the application is not up yet, or the old
/// process answers.
void look_at_starts(const Block& block, std::vector<model::Finding>& found) {
  const Command* started = nullptr;
  for (const Command& command : block.script.commands) {
    const catalogue::Known& known = command.known();
    const bool starts =
        (known.tool == "docker-compose" &&
         (known.path == "up" || known.path == "restart" || known.path == "start") &&
         !command.has("--wait")) ||
        (known.tool == "systemctl" && (known.path == "restart" || known.path == "start")) ||
        (known.tool == "pm2" &&
         (known.path == "restart" || known.path == "start" || known.path == "reload")) ||
        (is(command, {"docker", "run"}) && is_detached(command)) ||
        is(command, {"docker", "restart"}) || is(command, {"docker", "start"});
    if (starts && !command.context.background && !command.context.substitution) {
      started = &command;
      continue;
    }
    if (started == nullptr) continue;
    const bool asks =
        command.name() == "curl" && has_any(command.line(), {"localhost", "127.0.0.1"});
    const bool patient = command.context.loops > 0 || command.has("--retry") ||
                         command.has("--retry-connrefused") || command.context.or_else ||
                         command.context.condition;
    const Effect effect = effect_of(command);
    if (asks && !patient) {
      model::Finding made = finding(
          model::Severity::warning, command.span,
          fmt::format("this asks while '{}' is still starting: it fails for a good release, or the "
                      "old process answers",
                      text_of(*started)),
          "--retry 30 --retry-connrefused --retry-delay 2, or `docker compose up -d --wait`");
      made.related.push_back({started->span, "started here"});
      add_once(found, std::move(made));
    }
    if (asks || (effect != Effect::look && effect != Effect::say) || command.context.loops > 0 ||
        command.name() == "sleep")
      started = nullptr;
  }
}

/// Whether the line orders a new value for a variable of the environment: "Update `DATABASE_URL` at
/// the workers".
bool orders_setting(const DocumentFacts& facts, const importers::Line& line,
                    const std::string& low) {
  if (line.kind == importers::Line::Kind::paragraph || order_of(line) != Order::act) return false;
  const std::string_view begin =
      std::string_view(low).substr(std::min(low.find_first_not_of(" 0123456789.)-:"), low.size()));
  const bool orders = begin.starts_with("update ") || begin.starts_with("change ") ||
                      begin.starts_with("set ") || begin.starts_with("point ") ||
                      begin.starts_with("swap ") || begin.starts_with("repoint ") ||
                      begin.starts_with("switch ");
  if (!orders) return false;
  if (has_any(low, {"environment variable", "env var", "connection string", "connection url",
                    "database_url", "database url"}))
    return true;
  const std::string_view raw = raw_of(facts, line);
  return has_any(raw, {"_URL`", "_HOST`", "_DSN`", "_URI`", "_KEY`", "_ENDPOINT`", ".env`"});
}

/// A record of DNS in words, and no word on how long the old answer is kept.
void look_at_told_names(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document_says_word(document, {"ttl", "ttls"}) ||
      document_says(document, {"propagat", "dns cache", "seconds for dns", "minutes for dns"}))
    return;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& low = document.low().lines[i];
    const bool names =
        has_word(low, {"dns", "cname", "route53", "a record", "a-record"}) &&
        has_any(low, {"update", "point", "switch", "change", "fail", "repoint", "flip"});
    if (!names || line.kind == importers::Line::Kind::paragraph || order_of(line) != Order::act ||
        !is_procedure(facts, line.section))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "who asked before keeps the old address until its time to live runs "
                            "out, and nothing in this document says how long that is",
                            "lower the TTL beforehand, say what it is, and keep the old place "
                            "answering for as long"));
  }
}

/// The restart behind the line that keeps the environment of the first start, where nothing in the
/// procedure makes the container anew.
const Command* keeping_restart(const Document& document, const importers::Line& line) {
  const Command* found = nullptr;
  for (const Block* block : shell_blocks(document)) {
    if (document.procedure_of(block->section) != document.procedure_of(line.section)) continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      if (known.path == "up" || known.does == "deploy") return nullptr;
      const bool keeps =
          (known.tool == "docker" || known.tool == "docker-compose") && known.does == "restart";
      if (keeps && found == nullptr && command.span.begin > line.span.begin) found = &command;
    }
  }
  return found;
}

/// A new value in words, and no step that starts what reads it anew.
void look_at_told_settings(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    if (!orders_setting(facts, line, document.low().lines[i]) || !is_procedure(facts, line.section))
      continue;
    // A migration is deployed, too, and starts nothing.
    const auto deploys = [](std::string_view low) {
      return has(importers::without(std::string(low), "migrate deploy"), "deploy ");
    };
    const bool anew =
        any_text(document, chapter_of(document, line.section), deploys) ||
        section_text_says(document, chapter_of(document, line.section),
                          {"restart", "redeploy", "re-deploy", "reload", "roll out", "rollout",
                           "recreate", "up -d", "automatically", "start the", "start app",
                           "reinici", "redémarr", "neu start"}) ||
        section_text_says_word(document, chapter_of(document, line.section),
                               {"bounce", "cycle", "recycle"});
    if (const Command* restart = keeping_restart(document, line); restart != nullptr) {
      model::Finding made = finding(model::Severity::error, restart->span,
                                    fmt::format("what '{}' starts again keeps the environment that "
                                                "it had: the new value has no effect",
                                                text_of(*restart)),
                                    "docker compose up -d --force-recreate SERVICE");
      made.related.push_back({line.span, "the new value"});
      add_once(found, std::move(made));
    }
    if (anew) continue;
    add_once(
        found,
        finding(model::Severity::warning, line.span,
                "what runs keeps the value that it was started with, and no step of this chapter "
                "starts it anew",
                "a restart or a deploy of everything that reads the variable, behind the change"));
  }
}

}  // namespace

std::vector<model::Finding> check_delayed_effect(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_caches(facts.document, found);
  look_at_told_settings(facts, found);
  look_at_told_names(facts, found);
  look_at_config_readers(facts, found);
  look_at_lone_exports(facts, found);
  std::map<std::uint32_t, const Command*> replaced;  // by procedure
  const std::map<std::uint32_t, std::uint32_t> waited = last_waits(facts.document);
  for (const Block* block : shell_blocks(facts.document)) {
    const Command*& before = replaced[facts.document.procedure_of(block->section)];
    const Command* replaced_before = std::exchange(before, replaced_behind(*block, before));
    if (!is_followed(facts, *block)) continue;
    look_at_restarts(*block, replaced_before, found);
    look_at_told_edits(*block, found);
    look_at_exports(*block, found);
    look_at_tunnels(*block, found);
    look_at_starts(*block, found);
    look_at_images(*block, found);
    look_at_rollouts(facts, *block, waited, found);
    look_at_code(facts, *block, found);
    look_at_waits_for_some(*block, found);
  }
  return found;
}

}  // namespace backout::analyzer::documents
