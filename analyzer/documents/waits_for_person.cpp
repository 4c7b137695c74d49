// A script that asks, where nobody answers.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_interactive(const Command& command) {
  if (command.name() == "read") return true;
  if (is(command, {"kubectl", "edit"}) || is(command, {"git", "rebase", "-i"})) return true;
  if (is(command, {"git", "rebase"}) && command.has("-i")) return true;
  static const std::set<std::string_view> kEditors = {"nano", "vim", "vi", "emacs", "less", "more"};
  if (kEditors.contains(command.name())) return true;
  // A terminal asks for the rest only now and then: a pager, a password, an unknown host.
  static const std::set<std::string_view> kSometimes = {"aws",   "ssh",       "scp",     "sudo",
                                                        "rsync", "systemctl", "apt-get", "vercel"};
  const catalogue::Known& known = command.known();
  const catalogue::Trap* asks = known.find(catalogue::Trap::Kind::asks);
  return asks != nullptr && asks->only_if.empty() && asks->tool == known.tool &&
         !kSometimes.contains(known.tool) && command.context.pipe_position == 0;
}

bool is_login(const Command& command) {
  const auto argv = command.argv();
  static constexpr std::string_view kTools[] = {"vercel", "supabase", "railway",  "heroku",  "fly",
                                                "flyctl", "netlify",  "firebase", "wrangler"};
  for (const std::string_view tool : kTools) {
    if (argv.size() > 1 && argv[0] == tool && argv[1] == "login" && !command.has("--token"))
      return true;
  }
  return false;
}

/// Scripts of the document that a script which nobody watches calls by their names.
std::set<std::string_view> called_by_nobody(const DocumentFacts& facts) {
  std::set<std::string_view> called;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const std::string_view script : {"rollback-database", "rollback-application"}) {
      if (has(block->content.text, script) &&
          section_says(facts.document, block->section, {"automat"}))
        called.insert(script);
    }
  }
  return called;
}

bool is_automated(const DocumentFacts& facts, const Block& block,
                  const std::set<std::string_view>& called) {
  if (section_says(facts.document, block.section, {"manual"})) return false;
  if (section_says(facts.document, block.section,
                   {"automat", "pipeline", "ci/cd", "cron", "pre-deployment", "safety measures"}))
    return true;
  if (has_any(lower(block.content.text.substr(0, 300)),
              {"automated", "pre-deployment", "triggered by", "ci job"}))
    return true;
  if (called.contains(section_says(facts.document, block.section, {"database"})
                          ? "rollback-database"
                          : "rollback-application"))
    return true;
  return facts.document.is_script &&
         has_any(lower(block.content.text.substr(0, 300)), {"cron", "automated"});
}

/// A script that asks, with no option or variable that answers for it.
void look_at_questions(const Block& block, std::vector<model::Finding>& found) {
  if (!block.script.whole || !found.empty()) return;
  if (has_any(block.content.text,
              {"--yes", "-y)", "-y|", "--force", "FORCE", "ASSUME_YES", "AUTO_APPROVE",
               "AUTO_CONFIRM", "NONINTERACTIVE", "INTERACTIVE", "-t 0", "$CI", "${CI",
               "--no-confirm", "SKIP_CONFIRM", "SKIP_PROMPT", "AUTO_YES", "--auto", "BATCH"})) {
    return;
  }
  for (const Command& command : block.script.commands) {
    const bool fed = command.context.loops > 0 || !command.redirects.empty() ||
                     command.context.pipe_length > 1 || command.has("-t");
    if (command.name() != "read" || fed) continue;
    if (found.empty()) {
      found.push_back(finding(
          model::Severity::warning, command.span,
          "the script asks, and no option answers for a person: called by an alert, a job or "
          "another script it hangs here, or takes end-of-file for a no",
          "an option such as --yes; without it, and without a terminal, stop with a failure"));
    } else {
      found.back().related.push_back({command.span, "here, too"});
    }
  }
}

/// Whether a command opens a shell or a prompt, and nothing is fed to it.
bool opens_prompt(const Command& command) {
  if (command.is_fed() || command.context.pipe_length > 1 || command.context.substitution ||
      command.context.background)
    return false;
  return std::ranges::any_of(command.known().traps, &catalogue::Trap::opens_prompt);
}

/// `ssh host`, `psql`, `sudo su -` in a script, and lines behind it that were meant for what it
/// opens.
void look_at_opened_prompts(const Block& block, std::vector<model::Finding>& found) {
  if (!runs_as_script(block) || has(block.content.text, "\\\r\n"))
    return;  // a line that goes on behind a carriage return is cut there
  const std::vector<Command>& commands = block.script.commands;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    const importers::Context& here = commands[i].context;
    const importers::Context& next = commands[i + 1].context;
    const bool goes_on =
        here.function == next.function && next.branches <= here.branches && !next.after_or;
    if (!goes_on || here.branches > 0 || here.after_or || !opens_prompt(commands[i])) continue;
    // What stands in the text of another command is fed by that one, or not.
    const bool inner = std::ranges::any_of(commands, [&](const Command& other) {
      return &other != &commands[i] && other.span.begin <= commands[i].span.begin &&
             commands[i].span.end <= other.span.end;
    });
    if (inner) continue;
    model::Finding made =
        finding(model::Severity::error, commands[i].span,
                "this opens a shell or a prompt for a person: the lines behind it run here once "
                "that is closed, and not in it",
                "give it what it is to do: a command behind it, `-c`, or a here document");
    made.related.push_back({commands[i + 1].span, "runs here"});
    found.push_back(std::move(made));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_waits_for_person(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const std::set<std::string_view> by_nobody = called_by_nobody(facts);
  const bool called = document_says(
      facts.document, {"automated emergency", "automatic rollback", "automated rollback"});
  for (const Block* block : shell_blocks(facts.document)) {
    const bool timed = !facts.document.methods.empty();
    for (const Command& command : block->script.commands) {
      const bool loop_read =
          command.name() == "read" && (command.context.loops > 0 || !command.redirects.empty() ||
                                       command.context.pipe_length > 1 || command.has("-t"));
      // A pipeline has no terminal: tools take their default there, and a pager shows nothing; nor
      // has a substitution one.
      const bool nobody =
          facts.document.is_workflow || (command.context.substitution && command.name() != "read");
      if (is_interactive(command) && !loop_read && !nobody && block->script.whole &&
          (is_automated(facts, *block, by_nobody) ||
           (called && !section_says(facts.document, block->section, {"manual"})))) {
        found.push_back(finding(model::Severity::error, command.span,
                                "this waits for an answer: run by an alert, a job or another "
                                "script, the rollback hangs here or is cancelled",
                                "take the answer as an option (--yes), and stop at once when it is "
                                "missing and nobody is at a terminal"));
      }
      if (is_login(command) && timed && facts.document.role(block->section) == Role::rollback) {
        found.push_back(finding(
            model::Severity::warning, command.span,
            "an interactive login stands between the decision and the rollback, and in its time",
            "log in before the deploy, or use a token from the environment"));
      }
    }
  }
  for (const Block* block : shell_blocks(facts.document)) {
    look_at_opened_prompts(*block, found);
    if (facts.document.is_script) look_at_questions(*block, found);
  }
  return found;
}

}  // namespace backout::analyzer::documents
