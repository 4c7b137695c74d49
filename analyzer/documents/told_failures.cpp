// Part of check-cannot-fail: what fails is only said, and what is counted is compared with nothing.
#include <algorithm>
#include <set>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_test(const Command& command) {
  static const std::set<std::string_view> kTests = {
      "curl", "wget", "gunzip",    "gzip",   "pg_isready", "nc",      "test",       "[",
      "[[",   "grep", "sha256sum", "md5sum", "mysqladmin", "mongosh", "pg_restore", "tar"};
  if (command.name() == "gunzip" || command.name() == "gzip" || command.name() == "tar")
    return command.has("-t");
  if (command.name() == "pg_restore") return command.has("--list") || command.has("-l");
  return kTests.contains(command.name()) &&
         (command.name() != "curl" || effect_of(command) == Effect::look);
}

bool says_bad_news(const Command& command) {
  return has_any(
      command.low_line(),
      {"fail", "unhealthy", "error", "❌", "✗", "corrupt", "unreachable", "not ready", "not found",
       "not healthy", "is down", " down", "mismatch", "warning", "⚠", "invalid", "missing"});
}

/// Whether the words around a look say that it finds out what is wrong, or shows what there is to
/// choose from.
bool asks_why(const DocumentFacts& facts, const Block& block, const Command& command) {
  const std::string around =
      lower(block.item + " " + block.lead + " " + block.script.segments[command.segment].title +
            " " + std::string(facts.document.title_of(block.section)));
  return has_any(around, {"detect", "diagnos", "investigat", "identify", "debug", "troubleshoot",
                          "symptom", "current state", "assess", "monitor"});
}

bool proves(const DocumentFacts& facts, const Block& block, const Command& command) {
  const std::string around = lower(block.item + " " + block.script.segments[command.segment].title +
                                   " " + command.comment);
  return facts.document.role(block.section) == Role::verification ||
         has_any(around, {"verif", "integrit", "validat", "confirm", "check the data", "check data",
                          "compare"});
}

}  // namespace

void look_at_told_failures(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    const Role role = facts.document.role(block->section);
    if (runs_as_script(*block) || !is_followed(facts, *block) || role == Role::precheck) continue;
    const auto& commands = block->script.commands;
    for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
      const Command& command = commands[i];
      std::size_t next = i + 1;
      while (next < commands.size() && commands[next].context.after_and) ++next;
      const bool told = next < commands.size() && commands[next].context.after_or &&
                        (commands[next].name() == "echo" || commands[next].name() == "printf") &&
                        says_bad_news(commands[next]);
      const bool stops =
          next + 1 < commands.size() &&
          (commands[next + 1].name() == "exit" || commands[next + 1].name() == "return") &&
          commands[next + 1].context.after_and;
      if (!told || stops || !is_test(command) || command.context.substitution ||
          command.context.condition || asks_why(facts, *block, command))
        continue;
      add_once(found,
               finding(model::Severity::warning, command.span,
                       "when this check fails only a word is printed: the line ends with 0, and "
                       "what is pasted behind it runs all the same",
                       "let it stop (`|| exit 1` in a script), and say what to do when it fails"));
    }
  }
}

void look_at_counts_of_documents(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const bool asks = runs(command, "mongo") || runs(command, "mongosh") ||
                        runs(command, "redis-cli") || runs(command, "mysql") ||
                        runs(command, "sqlite3") || runs(command, "sqlcmd") ||
                        (!command.known().sql.empty() && !runs(command, "psql"));
      const std::string& text = command.low_line();
      const bool counts = has_any(text, {".count(", "countdocuments", "estimateddocumentcount",
                                         "dbsize", "count(*)", "max("}) &&
                          !has_any(text, {"insert", "update ", "delete "});
      if (!asks || !counts || command.context.substitution || command.context.pipe_length > 1 ||
          !proves(facts, *block, command))
        continue;
      const std::string beside = lower(command.comment + " " + block->after);
      if (has_expected_answer(facts.document, command) ||
          has_any(beside,
                  {"expect", "should", "must", "compare", "match", "same as", "equal", "baseline"}))
        continue;
      add_once(
          found,
          finding(
              model::Severity::error, command.span,
              "this check cannot fail: it prints numbers, and nothing says what they have to be",
              "compare with numbers that were recorded before the deploy, and stop when they "
              "differ"));
    }
  }
}

void look_at_loops_that_give_up(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) ||
        has_any(block->content.text,
                {"exit 1", "return 1", "exit $", "return $", "false\n", "set -e"}))
      continue;
    // What is written behind the block says what to do then.
    if (has_any(lower(block->after), {"if ", "after 3", "attempts", "still"})) continue;
    const bool counted =
        has_any(block->content.text, {"for i in", "for attempt", "seq ", "{1..", "-lt ", "-le "});
    if (!counted) continue;
    const Command* test = nullptr;
    for (const Command& command : block->script.commands) {
      const bool asks =
          command.context.loops > 0 &&
          (command.name() == "curl" || command.name() == "pg_isready" ||
           command.name() == "kubectl" || command.name() == "nc" || command.name() == "docker");
      if (asks && test == nullptr &&
          (command.context.condition || command.context.substitution || command.context.and_then))
        test = &command;
      if (command.context.loops == 0) test = nullptr;
      if (command.name() != "break" || test == nullptr) continue;
      add_once(found, finding(model::Severity::warning, test->span,
                              "when every try fails the loop ends like after a good one, and what "
                              "stands behind it runs",
                              "`exit 1` behind the loop, unless a try was good"));
      break;
    }
  }
}

}  // namespace backout::analyzer::documents
