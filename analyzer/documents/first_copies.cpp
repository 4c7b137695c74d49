// Part of misdirected-command: the first of a list of copies is the oldest.
#include <algorithm>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool lists_copies(const Command& command) {
  if (command.name() != "ls") return false;
  const std::string& low = command.low_line();
  const bool sorted = std::ranges::any_of(command.words, [](const importers::Word& word) {
    return word.text.size() > 1 && word.text[0] == '-' &&
           (word.text[1] == '-' || word.text.find_first_of("trSU") != std::string::npos);
  });
  const std::string& last = command.words.back().text;
  const bool chosen = has(last.substr(std::min(last.rfind('/'), last.size() - 1)), "$");
  return !sorted && !chosen && has(low, "*") &&
         has_any(low, {"backup", "dump", "snapshot", ".sql", ".bak"});
}

bool takes_first(const Command& command) {
  if (command.name() != "head") return false;
  const std::string& line = command.line();
  return has_any(line + " ", {" -1 ", " -n 1 ", " -n1 "});
}

}  // namespace

void look_at_first_copies(const Block& block, Findings& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    const bool piped = commands[i].context.pipe_length == 2 &&
                       commands[i].context.pipe_position == 0 &&
                       commands[i + 1].context.pipe_position == 1;
    if (!piped || !lists_copies(commands[i]) || !takes_first(commands[i + 1]) ||
        (!commands[i].context.substitution && commands[i].context.assigns.empty()))
      continue;
    add_once(found, finding(model::Severity::warning, commands[i].span,
                            "ls sorts by name: the first of several copies with a date in their "
                            "names is the oldest",
                            "the name of the copy that was chosen; or `tail -1` for the newest"));
  }
}

}  // namespace backout::analyzer::documents
