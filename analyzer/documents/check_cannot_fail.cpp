// A look whose answer nobody compares with anything, or whose status is 0 whatever comes back.
#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose_checks.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Check;

bool asks_health(const Command& command) {
  const std::string& text = command.low_line();
  for (const importers::Word& word : command.words) {
    if (has_any(lower(word.text),
                {"health", "ready", "/status", "/ping", "/version", "livez", "healthz"}))
      return true;
  }
  return has(text, "health");
}

/// The answer of a curl is looked at by something behind it: a pipe into grep or jq -e, -w, a test.
bool curl_can_fail(const Command& command, const Block& block, std::size_t index) {
  if (command.has("-f") || command.has("--fail") || command.has("--fail-with-body") ||
      command.has("-w") || command.has("--write-out") || command.has("-fsS") ||
      command.has("-sf")) {
    return true;
  }
  if (command.context.substitution || !command.context.assigns.empty()) return true;
  for (std::size_t i = index + 1; i < block.script.commands.size(); ++i) {
    const Command& next = block.script.commands[i];
    if (next.context.pipe_position == 0) break;
    if (next.name() == "grep" || (next.name() == "jq" && next.has("-e"))) return true;
  }
  return false;
}

/// Another finding of the same block says it already: the place is added to it.
bool said(std::vector<model::Finding>& found, const Block& block, const model::Finding& made) {
  for (model::Finding& each : found) {
    if (each.message != made.message || each.span.begin < block.span.begin ||
        each.span.end > block.span.end)
      continue;
    each.related.push_back({made.span, "here, too"});
    return true;
  }
  return false;
}

bool verifies(const DocumentFacts& facts, const Block& block, const Check& check) {
  const Role role = facts.document.role(block.section);
  return role == Role::verification ||
         has_any(lower(block.script.commands[check.command].comment),
                 {"verif", "test", "check", "health"}) ||
         has_any(lower(block.item), {"verif", "health", "check"}) ||
         (role == Role::rollback && !facts.document.is_script &&
          begins_word(lower(block.lead), {"verify", "verif", "confirm"}));
}

/// Where something acts for the first time.
struct Acts {
  std::optional<std::uint32_t> first;  ///< the end of the first command of the document that acts
  std::map<std::uint32_t, std::uint32_t> sections;  ///< the same by section

  explicit Acts(const importers::Document& document) {
    for (const Block* block : shell_blocks(document)) {
      for (const Command& command : block->script.commands) {
        const Effect effect = effect_of(command);
        if (effect != Effect::change && effect != Effect::destroy && effect != Effect::deploy &&
            effect != Effect::restore)
          continue;
        if (!first) first = command.span.end;
        sections.emplace(block->section, command.span.end);
      }
    }
  }

  /// Whether anything of the document acts before the look: a look before all else finds out what
  /// is wrong.
  bool before(const Command& look) const { return first && *first <= look.span.begin; }
  /// Whether something of the same chapter does.
  bool before(const Command& look, std::uint32_t section) const {
    const auto found = sections.find(section);
    return found != sections.end() && found->second <= look.span.begin;
  }
};

/// A chapter "Health check" before anything is done shows how to look, and verifies nothing.
bool looks_round(const DocumentFacts& facts, const Acts& acts, const Block& block,
                 const Command& look) {
  return !facts.document.is_script && section_says(facts.document, block.section, {"health"}) &&
         !acts.before(look);
}

/// In a branch, an address whose status was compared before: it shows what has passed.
bool shows_what_passed(const Block& block, std::size_t index) {
  const Command& command = block.script.commands[index];
  if (command.context.branches == 0) return false;
  return std::any_of(
      block.script.commands.begin(),
      block.script.commands.begin() + static_cast<std::ptrdiff_t>(index),
      [&](const Command& before) {
        const bool compared = before.name() == "curl" &&
                              (before.context.substitution || !before.context.assigns.empty());
        return compared && std::ranges::any_of(before.words, [&](const importers::Word& word) {
                 return (has(word.text, "://") || word.text.starts_with('$')) &&
                        std::ranges::any_of(command.words, [&](const importers::Word& each) {
                          return each.text == word.text;
                        });
               });
      });
}

/// A scrape of metrics that is only filtered: numbers, and no word on which are good.
void look_at_metrics(const DocumentFacts& facts, const Check& check,
                     std::vector<model::Finding>& found) {
  const Block& block = facts.document.blocks[check.block];
  const Command& command = block.script.commands[check.command];
  if (facts.document.role(block.section) != Role::verification || !check.expectation.empty() ||
      command.context.substitution || runs_as_script(block))
    return;
  if (!has_any(command.low_line(), {"/metrics", "/prometheus"}) ||
      check.command + 1 >= block.script.commands.size())
    return;
  const Command& next = block.script.commands[check.command + 1];
  if (next.context.pipe_position != 1 || next.name() != "grep" || next.has("-q")) return;
  model::Finding made =
      finding(model::Severity::warning, command.span,
              "this check cannot fail: it prints numbers, and nothing says what they have to be",
              "the number that is still good, and the time over which it is counted");
  if (!said(found, block, made)) found.push_back(std::move(made));
}

/// What `curl -I` shows: "301", "HTTP/2 200", "x-vercel-id", "location".
bool names_status_or_header(std::string_view low) {
  const auto digit = [&](std::size_t i) {
    return i < low.size() && std::isdigit(static_cast<unsigned char>(low[i])) != 0;
  };
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (low[i] >= '1' && low[i] <= '5' && digit(i + 1) && digit(i + 2) && !digit(i + 3) &&
        (i == 0 || !digit(i - 1)))
      return true;
  }
  return has_any(low, {"http", "header", "location", "redirect"}) || begins_word(low, {"x-"});
}

void look_at_curl(const DocumentFacts& facts, const Acts& acts, const Check& check,
                  std::vector<model::Finding>& found) {
  const Block& block = facts.document.blocks[check.block];
  const Command& command = block.script.commands[check.command];
  if (effect_of(command) != Effect::look && !verifies(facts, block, check)) return;
  if (curl_can_fail(command, block, check.command) ||
      (!asks_health(command) && !verifies(facts, block, check)))
    return;
  const bool expected = !check.expectation.empty();
  if (shows_what_passed(block, check.command)) return;
  // Somebody else's status page, and a look before anything was done, tell what is wrong: they
  // verify nothing.
  const bool foreign = has_any(command.low_line(), {"//status.", "-status.", "githubstatus"});
  const std::string around =
      lower(block.item + " " + block.lead + " " + block.script.segments[command.segment].title +
            " " + std::string(facts.document.title_of(block.section)));
  const bool asks_why =
      has_any(around, {"diagnos", "investigat", "identify", "debug", "troubleshoot", "pool",
                       "check database", "our issue", "symptom", "current state"});
  if (foreign || (asks_why && !acts.before(command, block.section))) return;
  if (facts.document.role(block.section) != Role::verification && !has(around, "verif") &&
      !acts.before(command))
    return;
  const bool status = names_status_or_header(lower(check.expectation));
  if (expected && !runs_as_script(block) && (!command.has("-I") || status)) return;
  const bool sends = effect_of(command) != Effect::look;
  const std::string what =
      sends ? "the answer of this test is not looked at" : "this check cannot fail";
  model::Finding made = finding(
      command.context.failure_seen() || runs_as_script(block) || !expected || command.has("-I")
          ? model::Severity::error
          : model::Severity::warning,
      command.span,
      fmt::format(
          "{}: curl ends with 0 for 404, 500 and 503, too, {}", what,
          expected ? "and nothing compares the answer" : "and no expected answer stands beside it"),
      "curl -fsS --max-time 10 URL, and say what the answer has to be");
  if (!said(found, block, made)) found.push_back(std::move(made));
}

/// Counts and listings of SQL with no word on what they should be.
void look_at_sql(const DocumentFacts& facts, const Acts& acts, const Check& check,
                 std::vector<model::Finding>& found) {
  const Block& block = facts.document.blocks[check.block];
  const Command& command = block.script.commands[check.command];
  const std::string title = lower(block.script.segments[command.segment].title);
  const bool proves =
      facts.document.role(block.section) == Role::verification ||
      has_any(title, {"verif", "integrit", "validat", "check the data", "check data"});
  if (!proves || looks_round(facts, acts, block, command)) return;
  std::string sql;
  for (const importers::Word& word : command.words) sql += lower(word.text) + " ";
  const bool counts = has_any(sql, {"count(", "max(", "sum("});
  const bool answers = !counts && has_any(sql, {"select version()", "select 1", "select now()"});
  if (!has(sql, "select") || !check.expectation.empty()) return;
  if (command.context.substitution || command.context.pipe_length > 1 ||
      effect_of(command) != Effect::look)
    return;
  // Rows that are looked at before anything was done, or to find out what is wrong, verify nothing.
  if (!counts &&
      (!acts.before(command) || section_says(facts.document, block.section,
                                             {"investigat", "diagnos", "symptom", "troubleshoot",
                                              "issue", "debug", "assess"})))
    return;
  model::Finding made = finding(
      counts ? model::Severity::error : model::Severity::warning, command.span,
      counts    ? "this check cannot fail: it prints numbers, and nothing says what they have to be"
      : answers ? "this check passes on an empty database, too: it asks whether the server answers"
                : "this check cannot fail: it prints rows, and nothing says what they have to show",
      "compare with numbers that were recorded before the deploy, and stop when they differ");
  if (!said(found, block, made)) found.push_back(std::move(made));
}

/// Commands that list a state and end with 0 whatever it is.
bool lists_state(const Command& command) {
  static const std::set<std::string> kLists = {"kubectl get",
                                               "kubectl describe",
                                               "kubectl top",
                                               "docker ps",
                                               "docker-compose ps",
                                               "pm2 list",
                                               "pm2 status",
                                               "pm2 ls",
                                               "helm status",
                                               "helm list",
                                               "flyctl status",
                                               "railway status",
                                               "heroku ps",
                                               "supervisorctl status",
                                               "alembic current",
                                               "supabase migration list",
                                               "systemctl status",
                                               "docker stats",
                                               "service status",
                                               "aws ecs describe-services",
                                               "aws rds describe-db-instances",
                                               "aws elbv2 describe-target-health",
                                               "aws ec2 describe-instances",
                                               "aws autoscaling describe-auto-scaling-groups",
                                               "dig ",
                                               "heroku releases",
                                               "az containerapp show",
                                               "kubectl logs",
                                               "docker-compose logs",
                                               "docker logs",
                                               "gcloud run services describe",
                                               "kubectl rollout history",
                                               "helm history",
                                               "terraform plan",
                                               "vercel ls",
                                               "vercel list",
                                               "vercel inspect",
                                               "nomad status",
                                               "nomad job status",
                                               "consul members",
                                               "argocd app get",
                                               "flux get",
                                               "az webapp show",
                                               "docker service ls",
                                               "docker service ps",
                                               "docker stack ps",
                                               "flyctl logs",
                                               "railway logs",
                                               "wrangler deployments list",
                                               "manage.py showmigrations",
                                               "docker inspect",
                                               "docker images"};
  const catalogue::Known& known = command.known();
  // In the branch of a failure logs are shown to whoever reads it.
  if (known.path == "logs" && command.context.branches > 0) return false;
  if (kLists.contains(known.tool + " " + known.path)) return true;
  const std::string& text = command.line();
  return known.tool == "npm" &&
         has_any(text, {"migrate:status", "migration:status", "db:status", "migrate status"});
}

/// One field is printed, and the text in front says which value it has to have: "the tag that you
/// want", "the previous image".
bool prints_what_is_asked(const Command& command, const std::string& asked) {
  const std::string& text = command.line();
  const bool field =
      has_any(text, {"jsonpath", "custom-columns", "go-template", "--format", "--query"});
  return field &&
         has_any(asked, {"desired", "intended", "expected", "you want", "wanted", "target ",
                         "previous", "known-good", "known good", "restored", "matches"});
}

/// A listing that is to verify, with no word on what it has to show.
void look_at_listing(const DocumentFacts& facts, const Acts& acts, const Check& check,
                     std::vector<model::Finding>& found) {
  const Block& block = facts.document.blocks[check.block];
  const Command& command = block.script.commands[check.command];
  const Role role = facts.document.role(block.section);
  const std::string title = lower(block.script.segments[command.segment].title);
  const std::initializer_list<std::string_view> words = {"verif",   "confirm", "überprüf", "vérif",
                                                         "sprawdź", "провер",  "验证"};
  const std::string item = lower(block.item);
  const bool asked = item.starts_with("check") || has_any(item, words) ||
                     has_any(lower(command.comment), words) || has_any(title, words);
  // "Get the new addresses" asks for something that a later step needs.
  const std::string comment = lower(command.comment);
  const bool fetches = comment.starts_with("get ") || comment.starts_with("list ") ||
                       comment.starts_with("find ") || comment.starts_with("note ") ||
                       comment.starts_with("retrieve ");
  const bool proves = (role == Role::verification || asked) && !fetches &&
                      (role == Role::verification || role == Role::rollback || role == Role::other);
  if (!proves || !lists_state(command) || !check.expectation.empty() ||
      command.context.substitution || command.context.pipe_length > 1)
    return;
  if (command.context.failure_seen() && command.context.condition) return;
  if (!asked && looks_round(facts, acts, block, command)) return;
  if (prints_what_is_asked(command, item + " " + lower(block.lead) + " " + comment + " " + title))
    return;
  for (model::Finding& each : found) {
    if (each.span.begin < block.span.begin || each.span.end > block.span.end ||
        !each.message.ends_with("has to show"))
      continue;
    each.related.push_back({command.span, "here, too"});
    return;
  }
  found.push_back(finding(
      model::Severity::warning, command.span,
      fmt::format("this check cannot fail: nothing says what '{}' has to show", text_of(command)),
      "write the answer beside it (\"all pods Running, image v1.2.3\"), or compare it in the "
      "command"));
}

bool says_failure(std::string_view text) {
  return has_any(lower(text), {"fail", "unhealthy", "error", "✗", "❌", "mismatch", "still running",
                               "not healthy", "not running", "not match", "incomplete", "degraded",
                               "warn", "⚠"});
}

/// Whether the verdict is on `$?` of a command behind whose failure the script ends.
bool is_never_reached(const Block& block, const importers::SpokenCheck& verdict) {
  const Command* before = nullptr;
  for (const Command& command : block.script.commands) {
    if (command.span.end <= verdict.span.begin) before = &command;
  }
  return has(verdict.condition, "$?") && before != nullptr && before->context.errexit &&
         before->context.status_tested;
}

/// A script that looks, and when the answer is bad only says so: it ends with 0 all the same.
void look_at_verdicts(const DocumentFacts& facts, const Block& block,
                      std::vector<model::Finding>& found) {
  if (!runs_as_script(block) || !is_followed(facts, block)) return;
  const auto verifies_by = [](std::string_view text) {
    return has_any(lower(text), {"verif", "health", "check", "smoke", "valid"});
  };
  for (const importers::SpokenCheck& verdict : block.script.verdicts) {
    const std::string condition = lower(verdict.condition);
    const bool looks = has_any(condition, {"curl", "health", "pg_isready", "status", "version",
                                           "running", "ready", "count", "response", "psql", "$?"});
    const bool about = verifies_by(verdict.function) || verifies_by(verdict.said) ||
                       section_says(facts.document, block.section, {"verif", "health"});
    // `-f` in brackets asks for a file, and behind curl for the status.
    const bool choice = has_any(condition, {"$1", "reply", "confirm", "command -v", "which ", "dry",
                                            "[ -f ", "[ -d ", "[ ! -f ", "[ ! -d "}) ||
                        (has(condition, "[") && has_any(condition, {"-z ", "-n "}));
    // What is asked how things are says so, and that is all that it is for.
    const std::string function = lower(verdict.function);
    const bool shows =
        has_any(function, {"status", "show", "info", "menu", "print"}) && !verifies_by(function);
    // `if curl -f ...; then ...; else ...; fi`: the other way is the failure, whatever it says.
    const bool asked = has_any(condition, {"if curl ", "if wget ", "if pg_isready"});
    if (!looks || !about || choice || shows || (!asked && !says_failure(verdict.said)) ||
        is_never_reached(block, verdict))
      continue;
    add_once(found, finding(model::Severity::error, verdict.span,
                            "when this check fails the script only says so: it goes on, and ends "
                            "as if all were well",
                            "end it with a failure (`exit 1`), or undo what was done"));
  }
  // `if pg_restore ...; then ...; else log "failed"; fi`: what was to be done is not.
  for (const importers::SpokenCheck& verdict : block.script.verdicts) {
    const auto deed = std::ranges::find_if(block.script.commands, [&](const Command& command) {
      const Effect effect = effect_of(command);
      return command.context.condition && verdict.span.begin <= command.span.begin &&
             command.span.begin < verdict.span.end && !is_own_script(command) &&
             command.name() != "git" &&
             (effect == Effect::restore || effect == Effect::deploy || effect == Effect::destroy);
    });
    if (deed == block.script.commands.end() || !says_failure(verdict.said) ||
        has_any(verdict.condition, {"--dry-run", "--list"}))
      continue;
    add_once(found, finding(model::Severity::error, verdict.span,
                            fmt::format("when '{}' fails the script only says so: it goes on, and "
                                        "ends as if all were well",
                                        text_of(*deed)),
                            "end it with a failure (`exit 1`), or count the failures and end with "
                            "one behind the loop"));
  }
  for (const Command& command : block.script.commands) {
    const bool health =
        command.name() == "curl" && asks_health(command) && command.context.or_else_hides;
    if (!health || command.context.substitution) continue;
    add_once(found, finding(model::Severity::error, command.span,
                            "when this check fails the script only says so: it goes on, and ends "
                            "as if all were well",
                            "end it with a failure (`exit 1`), or undo what was done"));
  }
}

/// Words of which the opposite ends with the word: `grep -q healthy` finds "unhealthy".
void look_at_words(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  struct Pair {
    std::string_view word, opposite;
  };
  static constexpr Pair kPairs[] = {{"healthy", "unhealthy"},      {"active", "inactive"},
                                    {"ready", "notready"},         {"available", "unavailable"},
                                    {"complete", "incomplete"},    {"valid", "invalid"},
                                    {"stable", "unstable"},        {"reachable", "unreachable"},
                                    {"connected", "disconnected"}, {"success", "unsuccessful"}};
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      if (command.name() != "grep" || command.has("-w") || command.has("-v") || command.has("-x") ||
          command.words.size() < 2)
        continue;
      const auto words = operands(command, 0);
      if (words.empty()) continue;
      const std::string pattern = lower(words[0]->text);
      const bool folds = command.has("-i");
      for (const Pair& pair : kPairs) {
        // "NotReady" holds "Ready" as it is written; the others differ in one letter's case when
        // they are capitalised.
        const bool cased = pair.word != "ready" && !words[0]->text.empty() &&
                           std::isupper(static_cast<unsigned char>(words[0]->text[0])) != 0 &&
                           !folds;
        const bool small = pair.word == "ready" && words[0]->text == "ready" && !folds;
        if (pattern != pair.word || cased || small) continue;
        add_once(
            found,
            finding(model::Severity::error, command.span,
                    fmt::format("this check passes on the opposite, too: '{}' is found in '{}'",
                                words[0]->text, pair.word == "ready" ? "NotReady" : pair.opposite),
                    "grep -w, or compare the whole answer"));
      }
    }
  }
}

/// `docker images | grep -q "$TAG"`: part of another tag, or of the name of another image, is
/// found, too.
void look_at_images(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    const auto& commands = block->script.commands;
    for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
      const Command& next = commands[i + 1];
      const bool lists = is(commands[i], {"docker", "images"}) && next.context.pipe_position == 1 &&
                         next.name() == "grep";
      if (!lists || next.has("-w") || next.has("-x") ||
          !(next.has("-q") || next.context.condition || commands[i].context.condition))
        continue;
      const auto words = operands(next, 0);
      if (words.empty() || words.back()->literal) continue;
      add_once(found, finding(model::Severity::warning, commands[i].span,
                              "this check passes on others, too: the tag is looked for as a part "
                              "of any line, of longer tags and of other images",
                              "docker image inspect NAME:TAG"));
    }
  }
}

/// Tables are counted behind a restore into the database that was there: one is always found.
void look_at_table_counts(const Block& block, std::vector<model::Finding>& found) {
  const std::string& text = block.content.text;
  if (has(lower(text), "restor") && block.script.whole) {
    for (const BlockLine& line : lines_of(block)) {
      if (!has_any(lower(line.text),
                   {"\"select 1;\"", "\"select 1\"", "'select 1;'", "'select 1'"}) ||
          !has_any(line.text, {"psql", "mysql"}))
        continue;
      add_once(found,
               finding(model::Severity::warning, line.span,
                       "this check passes on an empty database, too: it asks whether the server "
                       "answers, not what was restored",
                       "compare the counts of rows with those that were recorded with the backup"));
      return;
    }
  }
  if (!has_any(text, {"information_schema.tables", "pg_tables", "pg_stat_user_tables"}) ||
      !has_any(lower(text), {"restore"}) ||
      has_any(lower(text), {"drop database", "dropdb", "createdb"}))
    return;
  for (const BlockLine& line : lines_of(block)) {
    if (!has(line.text, "COUNT") || !has_any(line.text, {"-gt 0", "> 0", "-ge 1", "-ne 0"}))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "this check passes whatever was restored: the tables were there "
                            "before, so there is always one",
                            "compare with the counts of rows that were recorded with the backup"));
    return;
  }
}

void look_at_pipe(const Command& command, const Block& block, std::size_t index,
                  std::vector<model::Finding>& found) {
  if (command.name() != "wc" || command.context.pipe_length < 2 || !command.context.assigns.empty())
    return;
  const std::string after = lower(block.after);
  if (!has(after, "%") || !has(after, "rate")) return;
  std::size_t first = index;
  while (first > 0 && block.script.commands[first].context.pipe_position > 0) --first;
  found.push_back(
      finding(model::Severity::error,
              {command.span.file, block.script.commands[first].span.begin, command.span.end},
              "a count of lines is compared with a rate: without the number of requests no count "
              "is above or below a percentage",
              "ask the metric for the rate over the last minutes"));
}

bool says_number(std::string_view text) {
  const std::string low = lower(text);
  // "Should be in the ballpark of production": no number decides.
  if (has_any(low, {"ballpark", "look right", "looks right", "look reasonable", "look sane"}))
    return has_any(low, {" = 0", "> 0", "baseline"});
  return has_any(low, {"expect", "should", "must", "compare", "match", "baseline", "having", " = 0",
                       "> 0", "same as", "equal", "esperad", "comparar", "attendu", "comparer",
                       "erwartet", "vergleich"});
}

/// Queries that count, in SQL that verifies, with no number to compare with on their lines, above
/// or below.
void look_at_queries(const DocumentFacts& facts, const Block& block,
                     std::vector<model::Finding>& found) {
  // Typed into the session that a line above opens.
  const bool fed = std::ranges::any_of(block.script.commands, [](const Command& command) {
    return (runs(command, "psql") || runs(command, "mysql")) &&
           std::ranges::any_of(command.redirects,
                               [](const importers::Redirect& each) { return each.op == "<<"; });
  });
  const bool typed =
      block.language == importers::Language::shell && !runs_as_script(block) &&
      (fed || std::ranges::any_of(block.script.foreign, [](const importers::Foreign& each) {
         return each.language == importers::Language::sql;
       }));
  if (block.left_out || (block.language != importers::Language::sql && !typed) ||
      says_number(block.after + block.lead))
    return;
  const Role role = facts.document.role(block.section);
  const std::vector<BlockLine> lines = lines_of(block);
  std::string above;
  bool within = false;  // a statement that began above
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string text = lower(lines[i].text);
    const bool begins = !within;
    const bool comment = text.starts_with("--") || (typed && text.starts_with("#"));
    const bool asked =
        role == Role::verification ||
        ((role == Role::rollback || role == Role::other) &&
         has_any(above + lower(block.item), {"verif", "integrit", "validat", "confirm"}));
    if (text.starts_with("select") && asked) {
      std::string statement = above + text;
      std::size_t end = i;
      while (end + 1 < lines.size() && lines[end].text.find(';') == std::string::npos)
        statement += " " + lower(lines[++end].text);
      for (std::size_t k = end + 1; k < lines.size() && lines[k].text.starts_with("--"); ++k)
        statement += " " + lower(lines[k].text);
      const bool counts = has(statement, "count(");
      const bool prints =
          counts || (begins && has_any(statement, {"select * from", "max(", "pg_stat_"}) &&
                     !has_any(above, {"current", "before"}));
      if (prints && !says_number(statement)) {
        model::Finding made = finding(
            counts ? model::Severity::error : model::Severity::warning, lines[i].span,
            counts
                ? "this check cannot fail: it prints numbers, and nothing says what they have to be"
                : "this check cannot fail: it prints rows, and nothing says what they have to show",
            "compare with numbers that were recorded before the deploy, and stop when they differ");
        if (!said(found, block, made)) found.push_back(std::move(made));
      }
    }
    if (!comment) within = lines[i].text.find(';') == std::string::npos;
    above = comment ? text + " " : "";
  }
}

/// Whether the application is asked in a pod or container to see that a rollback worked: `kubectl
/// exec deploy/shop -- curl ...`. Elsewhere people look there for what is wrong.
bool asks_within(const Document& document, const Block& block, const Command& command) {
  const Role role = document.role(block.section);
  return (role == Role::rollback || role == Role::verification) && runs(command, "curl") &&
         !inside(command).has("-v") && !section_says(document, block.section, {"fail", "error"});
}

}  // namespace

std::vector<model::Finding> check_check_cannot_fail(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Acts acts(facts.document);
  for (const Check& check : facts.document.checks) {
    if (check.command == importers::kNowhere || check.before) continue;
    const Block& block = facts.document.blocks[check.block];
    const Command& command = block.script.commands[check.command];
    // What finds out what is wrong, before anything is done, verifies nothing.
    if (!acts.before(command) &&
        section_says(facts.document, block.section, {"investigat", "diagnos", "triage", "symptom"}))
      continue;
    if (command.name() == "curl") look_at_metrics(facts, check, found);
    if (command.name() == "curl" || asks_within(facts.document, block, command))
      look_at_curl(facts, acts, check, found);
    else if (runs(command, "psql"))
      look_at_sql(facts, acts, check, found);
    else
      look_at_listing(facts, acts, check, found);
  }
  for (const Block* block : shell_blocks(facts.document)) {
    look_at_verdicts(facts, *block, found);
    look_at_table_counts(*block, found);
    for (std::size_t i = 0; i < block->script.commands.size(); ++i)
      look_at_pipe(block->script.commands[i], *block, i, found);
  }
  for (const Block& block : facts.document.blocks) look_at_queries(facts, block, found);
  look_at_words(facts, found);
  look_at_images(facts, found);
  look_at_empty_checks(facts, found);
  look_at_told_failures(facts, found);
  look_at_loops_that_give_up(facts, found);
  look_at_counts_of_documents(facts, found);
  look_at_whole_numbers(facts, found);
  look_at_printed_versions(facts, found);
  look_at_prose_checks(facts, found);
  look_at_vague_lists(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
