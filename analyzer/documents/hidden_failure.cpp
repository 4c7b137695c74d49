// A command that ends with 0 although it failed.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

bool strict(const Block& block) { return has(block.content.text, "ON_ERROR_STOP"); }

/// Whether all that a here document holds are questions: behind one that fails nothing is left half
/// done.
bool only_asks(const Command& command) {
  if (command.redirects.size() != 1 || command.redirects[0].op != "<<" ||
      command.redirects[0].heredoc.empty())
    return false;
  const std::string text = lower(command.redirects[0].heredoc);
  return has(text, "select") &&
         !has_word(text, {"insert", "update", "delete", "create", "alter", "drop", "truncate",
                          "copy", "grant", "revoke", "call", "do", "vacuum", "reindex", "merge",
                          "refresh", "set", "pg_terminate_backend"}) &&
         !has_any(text, {"\\i", "setval", "pg_restore"});
}

void look_at_sql(const Block& block, const Command& whole, std::vector<model::Finding>& found) {
  if (!runs(whole, "psql") && !runs(whole, "pg_restore")) return;
  const Command command = inside(whole);
  if (only_asks(command)) return;
  const bool reads_file =
      command.has("-f") || command.has("--file") ||
      (!command.redirects.empty() && command.redirects[0].op == "<") ||
      (!command.redirects.empty() && command.redirects[0].op == "<<") ||
      (command.context.pipe_position > 0 && !command.has("-c") && !command.has("--command"));
  if (runs(command, "psql") && reads_file && !strict(block)) {
    const bool at_once = command.has("-1") || command.has("--single-transaction");
    found.push_back(
        finding(model::Severity::error, command.span,
                at_once ? "behind an error in the file the whole transaction is taken back, and "
                          "psql ends with 0: nothing is in, and nobody hears of it"
                        : "psql goes on behind an error in the file and ends with 0: half of the "
                          "script is in, and nobody hears of it",
                "psql -v ON_ERROR_STOP=1 --single-transaction -f FILE"));
  }
  const bool lists = command.has("-l") || command.has("--list") || command.has("-e") ||
                     command.has("--exit-on-error") || command.has("-1") ||
                     command.has("--single-transaction");
  if (runs(command, "pg_restore") && !lists) {
    found.push_back(finding(model::Severity::warning, command.span,
                            "pg_restore goes on behind an error: what it could not restore is "
                            "missing, and the last line is a count",
                            "pg_restore --exit-on-error --single-transaction"));
  }
}

/// Other commands whose status the catalogue knows to be 0 behind a failure.
void look_at_catalogue(const Command& command, std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  static const std::set<std::string_view> kTold = {
      "psql", "pg_restore", "curl", "wget", "jq",      "git",   "find",
      "sed",  "cp",         "make", "npm",  "kubectl", "nginx", "systemctl"};
  static const std::set<std::string_view> kMatters = {"restore",      "backup",    "run",
                                                      "wait",         "deploy",    "migrate",
                                                      "migrate_down", "roll_back", "fetch"};
  if (kTold.contains(known.tool) || !kMatters.contains(known.does)) return;
  for (const catalogue::Trap& trap : known.traps) {
    if (trap.kind != catalogue::Trap::Kind::hides_failure || !trap.only_if.empty() ||
        trap.tool != known.tool)
      continue;
    add_once(found, finding(model::Severity::warning, command.span, trap_text(command, trap),
                            trap.instead));
  }
}

/// curl that sends a change, or fills a file that is kept, and calls a refusal a success.
void look_at_curl(const DocumentFacts& facts, const Command& command,
                  std::vector<model::Finding>& found) {
  if (command.name() != "curl" || command.has("-f") || command.has("--fail") ||
      command.has("--fail-with-body") || command.has("-w") || command.has("--write-out"))
    return;
  if (command.context.substitution || command.context.pipe_length > 1 ||
      has_expected_answer(facts.document, command))
    return;
  const std::string& text = command.low_line();
  if (has_any(text, {"slack", "hooks.", "webhook", "discord", "pagerduty", "statuspage", "telegram",
                     "teams", "notify", "opsgenie", "alert", "purge", "health"}))
    return;
  std::string file = command.value("-o").value_or(command.value("--output").value_or(""));
  for (const importers::Redirect& redirect : command.redirects) {
    if (redirect.op == ">") file = redirect.target;
  }
  const bool released = has_any(text, {"releases/download", "get.helm.sh", "dl.k8s.io", "install"});
  const bool keeps = !released && has_any(lower(file), {"backup", "dump", ".sql", ".tar", ".db",
                                                        "snapshot", "export"});
  if (keeps) {
    add_once(found, finding(model::Severity::error, command.span,
                            "curl without -f keeps an error page as the file and ends with 0: what "
                            "is called a copy may be a 401",
                            "curl -fsS, and a look at the size and the kind of the file"));
  } else if ((effect_of(command) == Effect::change || effect_of(command) == Effect::destroy) &&
             file.empty()) {
    add_once(found, finding(model::Severity::warning, command.span,
                            "curl ends with 0 when the server refuses (4xx, 5xx): a change that "
                            "was not made looks like one that was",
                            "curl -fsS, or compare the status"));
  }
}

/// `cmd="gunzip -c $FILE | psql ..."`: a command kept in a variable.
void look_at_strings(const Block& block, std::vector<model::Finding>& found) {
  if (has(block.content.text, "ON_ERROR_STOP")) return;
  for (const importers::Assignment& each : block.script.assignments) {
    const bool loads = has(each.value, "psql ") && has_any(each.value, {"| psql", " < ", " -f "});
    if (!loads || has(each.value, "$(")) continue;
    add_once(found, finding(model::Severity::error, each.span,
                            "psql goes on behind an error in the file and ends with 0: half of the "
                            "script is in, and nobody hears of it",
                            "psql -v ON_ERROR_STOP=1 --single-transaction -f FILE"));
  }
}

bool matters(Effect effect) {
  return effect == Effect::wait || effect == Effect::change || effect == Effect::destroy ||
         effect == Effect::deploy || effect == Effect::restore || effect == Effect::save;
}

/// `cp "$from"/*.sql "$dir/" || true`, and behind it `if ! ls "$dir"/*.sql; then exit 1`: what is
/// missing is seen there.
bool is_looked_for(const Block& block, const Command& command) {
  if (command.name() != "cp" && command.name() != "mv") return false;
  std::string place = command.words.back().text;
  for (std::size_t i = command.words.size(); i-- > 1;) {
    if (!command.words[i].text.starts_with('-') && !command.words[i].text.starts_with('>')) {
      place = command.words[i].text;
      break;
    }
  }
  while (!place.empty() && place.back() == '/') place.pop_back();
  if (place.size() < 3) return false;
  const auto index = static_cast<std::size_t>(&command - block.script.commands.data());
  for (std::size_t i = index + 1; i < block.script.commands.size(); ++i) {
    const Command& next = block.script.commands[i];
    const bool asks = next.context.condition && (next.name() == "ls" || next.name() == "[" ||
                                                 next.name() == "test" || next.name() == "[[");
    if (asks && next.context.function == command.context.function && has(next.line(), place))
      return true;
  }
  return false;
}

/// `aws s3 cp s3://bucket/shop.sql.gz - | gunzip > shop.sql`: a fetch that fails leaves a file.
bool fetches_into_file(const Block& block, const Command& command) {
  const catalogue::Known& known = command.known();
  const bool fetches = (known.tool == "aws" && known.path == "s3 cp") || known.tool == "gsutil" ||
                       (known.tool == "gcloud" && known.path == "storage cp") ||
                       known.tool == "rclone" || known.tool == "ssh" || command.name() == "curl" ||
                       command.name() == "wget";
  if (!fetches || command.context.pipe_position != 0 ||
      !has_any(command.low_line(), {"backup", "dump", ".sql", "snapshot", ".tar"}))
    return false;
  const auto index = static_cast<std::size_t>(&command - block.script.commands.data());
  const std::size_t last = index + command.context.pipe_length - 1;
  if (last >= block.script.commands.size()) return false;
  return std::ranges::any_of(
      block.script.commands[last].redirects,
      [](const importers::Redirect& each) { return each.op == ">" && each.target != "/dev/null"; });
}

void look_at_status(const Block& block, const Command& command,
                    std::vector<model::Finding>& found) {
  const Effect effect = effect_of(command);
  // What prepares, looks or clears away may fail.
  static const std::set<std::string_view> kPrepare = {"rm",    "mkdir", "chmod", "chown",
                                                      "touch", "kill",  "pkill", "killall"};
  const bool best_effort =
      kPrepare.contains(command.name()) || command.known().does == "test" ||
      has_any(command.line(), {" stop", " kill", "pkill", " delete", " down", "slack", "SLACK",
                               "hooks.", " rmi", " prune", " logout", " audit", " fmt",
                               "xargs chmod", "run lint", "run test", "run format"});
  if (command.context.substitution || clears_away(block, command) ||
      (!matters(effect) && !fetches_into_file(block, command)))
    return;
  // `a || b || true`: what follows `a` does the same another way.
  const std::size_t next = static_cast<std::size_t>(&command - block.script.commands.data()) + 1;
  if (next < block.script.commands.size() && block.script.commands[next].context.after_or &&
      matters(effect_of(block.script.commands[next])))
    return;
  if (command.context.or_else_hides && !best_effort && command.name() != "curl" &&
      !is_looked_for(block, command)) {
    found.push_back(
        finding(model::Severity::warning, command.span,
                fmt::format("what '{}' says is thrown away: a failure looks like a success",
                            text_of(command)),
                "let it end the script, or look at the result behind it"));
  }
  const bool masked =
      command.context.pipe_position + 1 < command.context.pipe_length && !command.context.pipefail;
  if (masked && (effect == Effect::save || effect == Effect::restore || effect == Effect::deploy ||
                 runs(command, "psql") || fetches_into_file(block, command))) {
    found.push_back(finding(
        model::Severity::error, command.span,
        fmt::format("the pipe hides the failure of '{}': its status is that of the last command",
                    text_of(command)),
        "set -o pipefail, or write to a file first"));
  }
}

/// `pg_restore --list FILE | head; echo "status: $?"`: it is the status of `head`.
void look_at_last_status(const Block& block, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kPass = {"head", "tail", "tee",  "cat", "sort",   "awk",
                                                   "sed",  "wc",   "cut",  "tr",  "column", "less",
                                                   "more", "uniq", "gzip", "pv"};
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    const Command& last = commands[i];
    const bool passes = last.context.pipe_length > 1 &&
                        last.context.pipe_position + 1 == last.context.pipe_length &&
                        !last.context.pipefail && !last.context.substitution &&
                        kPass.contains(last.name());
    if (!passes || i + 1 < last.context.pipe_length) continue;
    const Command& next = commands[i + 1];
    const bool asks = std::ranges::any_of(
        next.words, [](const importers::Word& word) { return has(word.text, "$?"); });
    const Command& first = commands[i + 1 - last.context.pipe_length];
    static const std::set<std::string_view> kOwn = {"echo", "printf", "cat", "ls"};
    if (!asks || kOwn.contains(first.name())) continue;
    model::Finding made = finding(
        model::Severity::error, next.span,
        fmt::format("'$?' is how '{}' ended, the last of the pipe: it is 0 although '{}' failed",
                    last.name(), text_of(first)),
        "set -o pipefail, ${PIPESTATUS[0]}, or the command without the pipe");
    made.related.push_back({first.span, "nobody sees how this ends"});
    add_once(found, std::move(made));
  }
}

/// Whether a test of the block calls it good when `name` is 0, or small.
bool wants_nothing(const Block& block, const std::string& name) {
  for (const BlockLine& line : lines_of(block)) {
    if (!has(line.text, "$" + name) && !has(line.text, "${" + name)) continue;
    if (has_any(line.text,
                {"-eq 0", "-eq \"0\"", "-le ", "-lt ", "== 0", "= 0", "== \"0\"", "= \"0\""}))
      return true;
  }
  return false;
}

/// `LEFT=$(kubectl get pods | wc -l)`, and a test that wants none: where the question fails there
/// is none, too.
void look_at_counts(const Block& block, std::vector<model::Finding>& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& first = commands[i];
    const bool begins = first.context.pipe_position == 0 && first.context.pipe_length > 1 &&
                        i + first.context.pipe_length <= commands.size();
    if (!begins || !first.context.substitution || (first.context.pipefail && first.context.errexit))
      continue;
    const Command& last = commands[i + first.context.pipe_length - 1];
    const bool counts = last.name() == "wc" || (last.name() == "grep" && last.has("-c"));
    const std::string& name =
        first.context.assigns.empty() ? last.context.assigns : first.context.assigns;
    static const std::set<std::string_view> kOwn = {"echo", "printf", "ls", "find", "cat", "grep"};
    if (!counts || name.empty() || kOwn.contains(first.name()) || !wants_nothing(block, name))
      continue;
    add_once(found,
             finding(model::Severity::error, first.span,
                     fmt::format("where '{}' fails it counts nothing, and nothing is what the test "
                                 "of '{}' calls good",
                                 text_of(first), name),
                     "set -o pipefail and stop on failure, or test the command before counting"));
  }
}

/// `local target=$(kubectl ...)`: it is `local` that ends, with 0.
void look_at_declared(const Block& block, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kAsks = {
      "kubectl", "gcloud", "aws",       "az",     "docker", "psql",   "mysql",   "curl",      "git",
      "helm",    "ssh",    "redis-cli", "heroku", "flyctl", "vercel", "railway", "terraform", "jq"};
  std::set<std::string> asking;  // functions of the script that ask one of them
  for (const Command& command : block.script.commands) {
    if (!command.context.function.empty() && kAsks.contains(command.name()))
      asking.insert(command.context.function);
  }
  for (const Command& command : block.script.commands) {
    const importers::Context& context = command.context;
    if (!context.errexit || !context.substitution || context.assigns.empty() || context.or_else)
      continue;
    if (!kAsks.contains(command.name()) && !asking.contains(std::string(command.name()))) continue;
    const bool declared = std::ranges::any_of(
        std::initializer_list<std::string_view>{"local ", "declare ", "readonly ", "export "},
        [&](std::string_view word) {
          const std::string begin = std::string(word) + context.assigns + "=";
          return has_any(block.content.text, {begin + "$(", begin + "\"$(", begin + "`"});
        });
    if (!declared) continue;
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                "under `set -e` nobody sees this fail: the line ends with the 0 of `local` or "
                "`export`, and the value is empty",
                "declare the variable on a line of its own, and give it the value on the next"));
  }
}

/// Steps that an action takes and whose failure the job goes on behind.
void look_at_actions(const Document& document, std::vector<model::Finding>& found) {
  for (const importers::Pipeline::Use& use : document.pipeline.uses) {
    const std::string about = lower(use.name + " " + use.action);
    const bool tells = has_any(about, {"test", "smoke", "health", "verif", "deploy", "rollback",
                                       "restore", "migrat"}) &&
                       !has_any(about, {"upload", "download", "artifact", "report", "comment",
                                        "notif", "slack", "cache"});
    if (!use.goes_on || !tells) continue;
    add_once(
        found,
        finding(model::Severity::warning, use.span,
                fmt::format("what '{}' says is thrown away: a failure looks like a success",
                            use.name.empty() ? use.action : use.name),
                "without `continue-on-error`, or a later step that stops on `steps.<id>.outcome`"));
  }
}

/// `run; if [ $? -ne 0 ]` under `set -e`: the branch of the failure is never reached.
void look_at_dead_tests(const Block& block, std::vector<model::Finding>& found) {
  // A function that is tested somewhere runs without `set -e` there.
  const auto is_tested = [&](const std::string& function) {
    return !function.empty() &&
           std::ranges::any_of(block.script.commands, [&](const Command& each) {
             return each.name() == function &&
                    (each.context.condition || each.context.and_then || each.context.or_else);
           });
  };
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    const importers::Context& context = command.context;
    // `$?` behind an `if` is the status of the last command of its branches.
    const bool more =
        i + 1 < commands.size() && context.branches > 0 && commands[i + 1].context.status_tested &&
        commands[i + 1].context.branches == context.branches &&
        commands[i + 1].context.pipe_position == 0 && !commands[i + 1].context.substitution;
    if (more || command.told()) continue;
    const bool ends = context.errexit && context.status_tested && !context.condition &&
                      !context.and_then && !context.or_else && !context.background &&
                      !context.substitution;
    const bool last = context.pipe_position + 1 == context.pipe_length || context.pipefail;
    if (!ends || !last || is_tested(context.function) || command.name().empty()) continue;
    if (context.after_or && (command.name() == "true" || command.name() == ":"))
      continue;  // thrown away, which is said
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                fmt::format("under `set -e` the script ends where '{}' fails: the test of `$?` "
                            "behind it is never reached, and what it says or undoes is left out",
                            text_of(command)),
                "`if ! command; then ... fi`"));
  }
}

}  // namespace

std::vector<model::Finding> check_hidden_failure(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      look_at_sql(*block, command, found);
      look_at_status(*block, command, found);
      look_at_catalogue(command, found);
      if (is_followed(facts, *block)) look_at_curl(facts, command, found);
    }
    look_at_strings(*block, found);
    look_at_fed_restores(*block, found);
    look_at_counts(*block, found);
    if (is_followed(facts, *block)) look_at_last_status(*block, found);
    look_at_said_success(facts, *block, found);
    if (is_followed(facts, *block)) look_at_bounds(*block, found);
    if (is_followed(facts, *block)) look_at_early_success(*block, found);
    if (is_followed(facts, *block)) look_at_idle_ways(facts, *block, found);
    if (is_followed(facts, *block)) look_at_dead_tests(*block, found);
    if (is_followed(facts, *block)) look_at_declared(*block, found);
  }
  look_at_actions(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
