// A variable that nothing sets, where an empty text does harm.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// Names that a loop, `read` or an option reader sets: they stand as plain words.
bool is_named(const Block& block, std::string_view name) {
  for (const Command& command : block.script.commands) {
    const bool sets = command.name() == "read" || command.name() == "export" || command.name() == "local" || command.name() == "declare" ||
                      command.name() == "readonly" || command.name() == "getopts" || command.name() == "mapfile" || command.name() == "readarray";
    const auto names = [&](const importers::Word& word) { return word.text == name || word.text.starts_with(std::string(name) + "="); };
    if (sets && std::ranges::any_of(command.words, names)) return true;
  }
  const std::string text = block.content.text;
  return has(text, "for " + std::string(name) + " in") || has(text, "source ") || has(text, "\n. ") || has(text, std::string(name) + "=") ||
         has(text, "${" + std::string(name) + ":");
}

}  // namespace

std::vector<model::Finding> check_runbook_undefined_variable(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  std::set<std::string> set_elsewhere;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const importers::Assignment& each : block->script.assignments) set_elsewhere.insert(each.name);
  }
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    std::set<std::string> own;
    for (const importers::Assignment& each : block->script.assignments) own.insert(each.name);
    for (const importers::Use& use : block->script.uses) {
      if (own.contains(use.name) || is_named(*block, use.name)) continue;
      // A script of its own has a shell of its own: what another block sets is not there.
      const bool elsewhere = block->script.whole && set_elsewhere.contains(use.name);
      const Command* harmed = nullptr;
      for (const Command& command : block->script.commands) {
        const bool holds = command.span.begin <= use.span.begin && use.span.end <= command.span.end;
        if (holds && command.name() == "rm" && (command.has("-r") || command.has("-R"))) harmed = &command;
      }
      const bool unset = harmed != nullptr && !set_elsewhere.contains(use.name) && use.name != "HOME" && use.name != "PWD" && use.name != "TMPDIR";
      if (!elsewhere && !unset) continue;
      own.insert(use.name);
      found.push_back(finding(model::Severity::error, use.span,
                              unset ? fmt::format("nothing sets '{}': where it is empty, '{}' deletes from the folder above", use.name, text_of(*harmed))
                                    : fmt::format("'{}' is set in another block only: this script has a shell of its own, and reads it as empty", use.name),
                              fmt::format("${{{}:?}} stops when it is not set", use.name)));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
