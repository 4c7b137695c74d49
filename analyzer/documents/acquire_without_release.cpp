// Something is stopped, switched or put into maintenance and not given back on some way out.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

using Words = std::initializer_list<std::string_view>;

bool is_maintenance(const Command& command, bool on) {
  const std::string& text = command.low_line();
  std::string whole;
  for (const importers::Word& word : command.words) whole += lower(word.text) + " ";
  if (!has(whole, "maintenance")) return false;
  return on ? has_any(whole, {"true", " on", "enable", "artisan down"}) && !has(whole, "false") &&
                  !has(text, "disable")
            : has_any(whole, {"false", " off", "disable"});
}

/// What a command takes: "stop worker", or an empty text.
std::string taken(const Command& command) {
  if (is(command, {"systemctl", "stop"}) || is(command, {"docker", "stop"}) ||
      is(command, {"pm2", "stop"})) {
    const auto words = operands(command, 1);
    return words.empty() ? "" : words[0]->text;
  }
  if (is(command, {"docker", "service", "scale"})) {
    for (const importers::Word* word : operands(command, 2)) {
      if (word->text.ends_with("=0")) return word->text.substr(0, word->text.size() - 2);
    }
    return "";
  }
  if (is(command, {"kubectl", "scale"}) && has(command.line(), "replicas=0")) {
    const auto words = operands(command, 1);
    return words.empty() ? "" : words[0]->text;
  }
  return is_maintenance(command, true) ? "maintenance" : "";
}

/// `docker compose down` in something that is to bring a version back, and nothing brings one up.
std::string stack_taken(const DocumentFacts& facts, const Block& block, const Command& command) {
  if (command.words.empty()) return "";
  const catalogue::Known& known = command.known();
  const std::string& last = command.words.back().text;
  const bool down = known.tool == "docker-compose" &&
                    (known.path == "down" || known.path == "stop") &&
                    (last == known.path || last.starts_with('-'));
  if (!down) return "";
  const bool back = facts.document.is_script && !facts.document.is_workflow
                        ? has(lower(block.content.text), "rollback")
                        : facts.document.role(block.section) == Role::rollback;
  return back ? "what it stopped" : "";
}

/// What a command gives back: looked at once, and asked for each thing that was taken.
struct Return {
  std::size_t at = 0;  ///< number of the command in its block
  const Command* command = nullptr;
  bool ends_maintenance = false;
  bool starts_all = false;
  std::string starts;   ///< its words, where it starts what they name
  std::string removes;  ///< the same where it takes away for good

  bool gives(const std::string& what) const {
    if (what == "maintenance") return ends_maintenance;
    return starts_all || (!starts.empty() && has(starts, what));
  }
};

std::optional<Return> return_of(const Command& command) {
  Return made;
  made.command = &command;
  const std::string full = command.line();
  if (has_any(lower(full), {"delete", " rm ", "uninstall"})) made.removes = full;
  if (command.name() != "echo" && command.name() != "printf") {
    made.ends_maintenance = is_maintenance(command, false);
    const catalogue::Known& known = command.known();
    const std::string text = full + " ";
    const bool starts = has_any(text, {" start ", " restart ", " up ", " run ", " scale ",
                                       " reload ", "replicas="}) &&
                        !has(text, "replicas=0 ");
    made.starts_all =
        (known.tool == "docker-compose" && (known.path == "up" || known.path == "start" ||
                                            known.path == "restart" || known.path == "run")) ||
        (starts && has_any(text, {"docker-compose up", "compose up", "start all", "ecosystem"}));
    if (starts) {
      for (const importers::Word& word : command.words) made.starts += word.text + " ";
    }
  }
  const bool any =
      made.ends_maintenance || made.starts_all || !made.starts.empty() || !made.removes.empty();
  return any ? std::optional(std::move(made)) : std::nullopt;
}

/// Those of the block that give something back, in order.
void add_returns(const Block& block, std::vector<Return>& returns) {
  for (std::size_t at = 0; at < block.script.commands.size(); ++at) {
    if (auto made = return_of(block.script.commands[at])) {
      made->at = at;
      returns.push_back(std::move(*made));
    }
  }
}

/// The first `exit` (not 0) behind command `from` and before `to` that a failed check leads to.
const Command* exit_between(const Block& block, std::size_t from, std::size_t to) {
  for (std::size_t i = from + 1; i < to; ++i) {
    const Command& command = block.script.commands[i];
    const bool fails =
        command.name() == "exit" && !(command.words.size() > 1 && command.words[1].text == "0");
    if (fails && command.context.function == block.script.commands[from].context.function)
      return &command;
  }
  return nullptr;
}

void look_at_script(const Block& block, std::vector<model::Finding>& found) {
  if (has(block.content.text, "trap ")) return;
  const auto& commands = block.script.commands;
  std::vector<Return> returns;
  add_returns(block, returns);
  bool switched = false;
  bool stopped = false;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string what = taken(commands[i]);
    bool& said = what == "maintenance" ? switched : stopped;
    if (what.empty() || said) continue;
    const auto back = std::ranges::find_if(
        returns, [&](const Return& each) { return each.at > i && each.gives(what); });
    const Command* out = back != returns.end() ? exit_between(block, i, back->at) : nullptr;
    if (out == nullptr) continue;
    model::Finding made =
        finding(model::Severity::error, commands[i].span,
                fmt::format("'{}' is not undone when the script leaves early: {} stays {}",
                            text_of(commands[i]), what, what == "maintenance" ? "on" : "stopped"),
                "undo it in a `trap ... EXIT`");
    made.related.push_back({out->span, "leaves here"});
    found.push_back(std::move(made));
    said = true;
  }
}

/// A check behind a change fails, and all that happens is `exit 1`: the change stays.
void look_at_checks(const Block& block, std::vector<model::Finding>& found) {
  if (has(block.content.text, "trap ")) return;
  const auto& commands = block.script.commands;
  const Command* change = nullptr;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Effect effect = effect_of(commands[i]);
    const bool switches =
        effect == Effect::deploy || has(commands[i].line(), "modify-listener") ||
        is(commands[i], {"docker", "run"}) ||
        (effect == Effect::restore && commands[i].name() == "tar") ||
        (is(commands[i], {"kubectl", "patch"}) && has(commands[i].line(), "service"));
    if (switches && commands[i].context.branches == 0) change = &commands[i];
    const bool checks = commands[i].name() == "curl" && commands[i].context.or_else_stops;
    if (change == nullptr || !checks) continue;
    bool only_leaves = true;
    for (std::size_t k = i + 1; k < commands.size() && commands[k].context.after_or; ++k) {
      const Effect next = effect_of(commands[k]);
      only_leaves = only_leaves && (next == Effect::say || commands[k].name() == "curl");
    }
    if (!only_leaves) return;
    model::Finding made =
        finding(model::Severity::error, commands[i].span,
                fmt::format("when this check fails the script only leaves: what '{}' did stays, "
                            "and nothing goes back to what served before",
                            text_of(*change)),
                "undo the change in the failing branch, or say what to do next");
    made.related.push_back({change->span, "changed here"});
    found.push_back(std::move(made));
    return;
  }
}

/// A step that stops something, in a document that nowhere starts it again.
void look_at_steps(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const importers::Step& step : facts.document.steps) {
    const std::string title = lower(step.title);
    const bool stops = title.starts_with("stop new") || title.starts_with("disable ") ||
                       title.starts_with("pause ") || title.starts_with("stop accepting") ||
                       title.starts_with("enable maintenance") ||
                       title.starts_with("stop traffic") ||
                       (title.starts_with("block ") &&
                        !has_any(title, {"user", "account", "org", "attacker", " ip", "address"}));
    if (!stops || step.from_comment) continue;
    const bool released = document_says(
        facts.document,
        {"re-enable", "reenable", "resume", "unpause", "disable maintenance",
         "turn off maintenance", "maintenance off", "enable new", "restart", "exit maintenance",
         "remove maintenance", "re-open", "unblock", "restore traffic"});
    const bool maintenance_only = document_says(
        facts.document, {"resume", "re-enable", "reenable", "unpause", "disable maintenance"});
    if (maintenance_only || (released && !title.starts_with("stop new"))) continue;
    found.push_back(
        finding(model::Severity::error, step.span,
                fmt::format("no step takes this back: what '{}' stops stays stopped", step.title),
                "a last step that starts it again, also when the rollback is broken off"));
  }
}

/// What a block that is pasted takes, and no command of the document gives back.
void look_at_blocks(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const std::vector<const Block*> blocks = shell_blocks(facts.document);
  std::vector<Return> returns;
  for (const Block* block : blocks) add_returns(*block, returns);
  for (const Block* block : blocks) {
    if (!is_followed(facts, *block) || facts.document.role(block->section) == Role::deploy)
      continue;
    for (const Command& command : block->script.commands) {
      std::string what = taken(command);
      if (what.empty()) what = stack_taken(facts, *block, command);
      if (what.empty() || what.find_first_of("<[{$") != std::string::npos) continue;
      const std::string part =
          what.substr(what.rfind('/') == std::string::npos ? 0 : what.rfind('/') + 1);
      const bool back = std::ranges::any_of(returns, [&](const Return& each) {
        return each.command != &command &&
               (each.gives(part) || (!each.removes.empty() && has(each.removes, part)));
      });
      const std::string name = lower(part);
      const bool meant =
          has_any(name, {"canary", "green", "new", "bad"}) ||
          has_any(command.low_line(), {"preview", "canary"}) ||
          has_any(lower(command.comment), {"canary", "green", "new version", "bad", "preview"});
      const bool told =
          document_says(facts.document, {"scale up", "scale back", "start the worker",
                                         "restart worker", "resume", "re-enable", "bring back up"});
      if (back || meant || told ||
          (part != "maintenance" && starts_in_words(facts.document, command.span.end)))
        continue;
      add_once(found,
               finding(model::Severity::error, command.span,
                       fmt::format("no step takes this back: {} stays {}", part,
                                   part == "maintenance" ? "on" : "stopped"),
                       "a last step that starts it again, also when the rollback is broken off"));
    }
  }
}

/// `DISABLE ROW LEVEL SECURITY`, `DISABLE TRIGGER`, `REVOKE` with no statement that takes it back.
void look_at_statements(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  struct Pair {
    std::string_view takes, gives, what;
  };
  static constexpr Pair kPairs[] = {
      {"disable row level security", "enable row level security",
       "row level security stays off: every row is open to whoever can connect"},
      {"disable trigger", "enable trigger", "the triggers stay off"},
      {"revoke ", "grant ", "nobody who lost the right gets it back"},
      {"allow_connections false", "allow_connections true", "nobody can connect any more"}};
  for (const Block& block : facts.document.blocks) {
    if (block.left_out ||
        (block.language != importers::Language::sql &&
         block.language != importers::Language::shell) ||
        !is_followed(facts, block))
      continue;
    for (const BlockLine& line : lines_of(block)) {
      const std::string text = lower(line.text);
      for (const Pair& pair : kPairs) {
        const bool begins =
            pair.takes == "revoke " ? text.starts_with(pair.takes) : has(text, pair.takes);
        if (!begins || text.starts_with("--") || text.starts_with('#') ||
            document_says(facts.document, {pair.gives}))
          continue;
        add_once(found, finding(model::Severity::error, line.span,
                                fmt::format("no step takes this back: {}", pair.what),
                                "the statement that takes it back, as a step of its own"));
      }
    }
  }
}

/// "If readiness fails, maintenance stays enabled", and no step that turns it off.
void look_at_what_stays(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const std::string& text = document.low().lines[i];
    const bool stays =
        has_any(text, {"stays enabled", "remains enabled", "stays on", "remains on",
                       "remains in maintenance", "stays in maintenance", "stays down",
                       "remains down", "left in maintenance", "stays paused"});
    // "While the guard stays on" says when something else is done.
    const bool condition =
        has_any(text, {"while ", "as long as", "solange", "tant que", "mientras"});
    if (!stays || condition || has_any(text, {"until", "manually"}) ||
        document_says(document, {"disable maintenance", "maintenance:off", "maintenance off",
                                 "turn maintenance", "leave maintenance", "maintenance mode off",
                                 "resume", "artisan up"}))
      continue;
    found.push_back(finding(
        model::Severity::warning, document.lines[i].span,
        "the document says that something stays as the failure left it, and no step takes it back",
        "the command that takes it back, and when"));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_acquire_without_release(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (facts.document.role(block->section) == Role::drill || !runs_as_script(*block)) continue;
    look_at_script(*block, found);
    look_at_stops_left(*block, found);
    look_at_replica_counts(*block, found);
    look_at_checks(*block, found);
  }
  if (found.empty()) look_at_blocks(facts, found);
  look_at_statements(facts, found);
  look_at_steps(facts, found);
  look_at_what_stays(facts, found);
  look_at_orders_to_pause(facts, found);
  look_at_switched_variables(facts, found);
  look_at_stopped_services(facts, found);
  look_at_stashes(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
