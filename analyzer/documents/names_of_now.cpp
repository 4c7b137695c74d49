// Part of misdirected-command: a copy is named by the moment at which the line runs, and a folder
// is copied into itself.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the text holds the time of day at which it is read: `$(date +%Y%m%d_%H%M%S)`.
bool holds_now(std::string_view text) {
  for (std::size_t at = text.find("date +"); at != std::string_view::npos;
       at = text.find("date +", at + 1)) {
    const std::size_t end = std::min(text.find_first_of(")`", at), text.size());
    const std::string_view format = text.substr(at, end - at);
    if (has_any(format, {"%S", "%s", "%M", "%T", "%N"})) return true;
  }
  return false;
}

/// The words that a command reads from: what `cp`, `tar -x`, `psql <` take a copy from.
std::vector<const importers::Word*> sources_of(const Command& command) {
  std::vector<const importers::Word*> all;
  const bool copies = command.name() == "cp" || command.name() == "mv" || command.name() == "rsync";
  static const std::set<std::string_view> kReads = {"pg_restore", "gunzip", "zcat", "mongorestore",
                                                    "unzip"};
  if (!copies && !kReads.contains(command.name())) return all;
  all = operands(command, 0);
  if (copies && !all.empty()) all.pop_back();
  return all;
}

/// The variable of the block whose value holds the time of day, and that the word begins with.
std::string clock_variable(const Block& block, std::string_view word) {
  for (const importers::Assignment& each : block.script.assignments) {
    if (holds_now(each.value) && uses_variable(word, each.name)) return each.name;
  }
  return {};
}

/// Whether something before the command puts a file where the variable points to.
bool is_filled_before(const Block& block, const Command& command, std::string_view variable) {
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    if (each.span.begin >= command.span.begin || !uses_variable(each.line(), variable)) {
      const bool redirected =
          each.span.begin < command.span.begin &&
          std::ranges::any_of(each.redirects, [&](const importers::Redirect& redirect) {
            return uses_variable(redirect.target, variable);
          });
      if (!redirected) return false;
    }
    static const std::set<std::string_view> kAsks = {"[", "[[", "test", "ls", "echo", "stat"};
    const std::vector<const importers::Word*> read = sources_of(each);
    return !kAsks.contains(each.name()) &&
           std::ranges::none_of(read, [&](const importers::Word* word) {
             return uses_variable(word->text, variable);
           });
  });
}

/// Whether a command before makes something of that very name, a moment earlier.
bool is_made_before(const Block& block, const Command& command, const std::string& text) {
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    if (each.span.begin >= command.span.begin) return false;
    return has(each.line(), text) ||
           std::ranges::any_of(each.redirects, [&](const importers::Redirect& redirect) {
             return redirect.target == text;
           });
  });
}

void look_at_sources(const Block& block, Findings& found) {
  for (const Command& command : block.script.commands) {
    std::vector<std::pair<std::string, model::Span>> sources;
    for (const importers::Word* word : sources_of(command))
      sources.emplace_back(word->text, word->span);
    for (const importers::Redirect& each : command.redirects) {
      if (each.op == "<") sources.emplace_back(each.target, each.span);
    }
    for (const auto& [text, span] : sources) {
      const std::string variable = clock_variable(block, text);
      const bool filled = variable.empty() ? is_made_before(block, command, text)
                                           : is_filled_before(block, command, variable);
      if ((!holds_now(text) && variable.empty()) || filled) continue;
      add_once(found, finding(model::Severity::error, span,
                              "this is the name of a copy that is made at this very moment: no "
                              "earlier backup is called so, and nothing is brought back",
                              "choose the copy: list what is there, and put its name into a "
                              "variable"));
    }
  }
}

/// `mkdir -p kept/$(date +%H%M%S)`, and the next line asks the clock once more.
void look_at_two_clocks(const Block& block, Findings& found) {
  const Command* made = nullptr;
  std::string folder;
  for (const Command& command : block.script.commands) {
    if (command.name() == "mkdir" && command.words.size() > 1 &&
        holds_now(command.words.back().text)) {
      made = &command;
      folder = command.words.back().text;
      continue;
    }
    if (made == nullptr || command.words.empty() || !command.words.back().text.starts_with(folder))
      continue;
    model::Finding told =
        finding(model::Severity::warning, command.words.back().span,
                "the clock is asked anew here: a second later this is another folder than the one "
                "that was made",
                "the name in a variable once: `KEPT=kept/$(date +%Y%m%d_%H%M%S)`");
    told.related.push_back({made->span, "made here"});
    add_once(found, std::move(told));
    made = nullptr;
  }
}

/// `cp -r . backup/`: cp says that it cannot, and ends with 1.
void look_at_own_folder(const Block& block, Findings& found) {
  for (const Command& command : block.script.commands) {
    if (command.name() != "cp" || command.context.elsewhere) continue;
    const bool whole = command.has("-r") || command.has("-R") || command.has("-a") ||
                       command.has("--recursive") || command.has("--archive");
    const std::vector<const importers::Word*> words = operands(command, 0);
    if (!whole || words.size() != 2) continue;
    const std::string& from = words[0]->text;
    const std::string& to = words[1]->text;
    const bool here = from == "." || from == "./" || from == "*" || from == "./*";
    if (!here || to.empty() || to.starts_with("/") || to.starts_with("~") || to.starts_with("..") ||
        to.starts_with("$"))
      continue;
    const bool ends = command.context.errexit || command.context.and_then;
    add_once(found,
             finding(ends ? model::Severity::error : model::Severity::warning, command.span,
                     fmt::format("cp refuses to copy a folder into itself and ends with 1{}",
                                 ends ? ": what stands behind it is not reached"
                                      : ": whether the rest was copied nobody knows"),
                     "a folder beside this one (`../kept`), or `rsync -a --exclude kept . kept/`"));
  }
}

}  // namespace

void look_at_names_of_now(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    look_at_sources(*block, found);
    look_at_two_clocks(*block, found);
    look_at_own_folder(*block, found);
    // A runner holds the one copy that the run has made.
    if (!facts.document.is_workflow) look_at_first_copies(*block, found);
  }
}

}  // namespace backout::analyzer::documents
