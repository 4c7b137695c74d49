// Part of misdirected-command: what a function says goes into the variable that was to hold its
// result.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool prints(const Command& command) {
  return command.name() == "echo" || command.name() == "printf";
}

/// Whether what the command prints goes to where everybody's output goes.
bool to_output(const Command& command) {
  if (command.context.pipe_length > 1 &&
      command.context.pipe_position + 1 < command.context.pipe_length) {
    return false;  // into a pipe: `tee` prints it again, and others do not
  }
  return std::ranges::none_of(command.redirects, [](const importers::Redirect& each) {
    return each.op.starts_with('>') || each.op.starts_with("&>");
  });
}

/// Functions that say something on their output, and do nothing else: `log() { echo "[$(date)] $*";
/// }`.
std::set<std::string> messengers(const importers::Script& script) {
  std::set<std::string> all;
  for (const std::string& name : script.functions) {
    bool says = false;
    bool more = false;
    for (const Command& command : script.commands) {
      if (command.context.function != name || command.context.substitution ||
          command.name().empty())
        continue;
      const bool tee = command.name() == "tee";
      if ((prints(command) && to_output(command)) || tee)
        says = true;
      else if (!prints(command) && command.name() != "local" && command.name() != "date" &&
               command.name() != "shift")
        more = true;
    }
    if (says && !more) all.insert(name);
  }
  return all;
}

}  // namespace

void look_at_captured_messages(const Block& block, Findings& found) {
  const importers::Script& script = block.script;
  if (script.functions.empty()) return;
  const std::set<std::string> says = messengers(script);
  std::map<std::string, const Command*>
      talks;  // functions that say something besides what they give back
  std::set<std::string> gives;
  for (std::size_t i = 0; i < script.commands.size(); ++i) {
    const Command& command = script.commands[i];
    const std::string& function = command.context.function;
    if (function.empty() || command.context.substitution || !to_output(command)) continue;
    // What is said before the script ends is read by nobody, and used by nobody either.
    const bool ends = i + 1 < script.commands.size() && (script.commands[i + 1].name() == "exit" ||
                                                         script.commands[i + 1].name() == "return");
    if (!ends && says.contains(std::string(command.name()))) talks.emplace(function, &command);
    const bool value =
        prints(command) && command.words.size() == 2 && command.words[1].text.starts_with('$');
    if (value) gives.insert(function);
  }
  for (const Command& command : script.commands) {
    const std::string name(command.name());
    const auto talk = talks.find(name);
    if (command.context.assigns.empty() || talk == talks.end() || !gives.contains(name) ||
        says.contains(name))
      continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("'{}' gets the messages of '{}', too: both go to the output that is "
                            "caught here, so it holds no name of a file",
                            command.context.assigns, name),
                "let the messages go to standard error (`>&2`)");
    made.related.push_back({talk->second->span, "says something here"});
    add_once(found, std::move(made));
  }
}

}  // namespace backout::analyzer::documents
