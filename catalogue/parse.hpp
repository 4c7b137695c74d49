#pragma once
// Finds a tool's subcommand and sorts its words into options and arguments. Internal to catalogue/.

#include <optional>

#include "catalogue/tool.hpp"

namespace backout::catalogue {

/// Where the words of a command lead in a tool's file.
struct Parsed {
  std::string path;                  ///< "rollout undo"
  const Command* command = nullptr;  ///< nullptr: the file says nothing of it
  bool exists = true;                ///< false: a whole list does not have `stranger`
  std::string stranger;              ///< the word that is no subcommand, as far as the file knows
  std::string group;                 ///< of the stranger
  Words words;
  std::vector<std::string> unknown_options;
  std::size_t inner = 0;  ///< index in argv of the command that it runs; 0: none
};

/// What stands around the words: assignments in front, and whether something feeds the standard
/// input.
struct Around {
  std::vector<std::string> environment;
  bool has_input = false;
};

/// `argv[tool_word]` is the tool.
Parsed parse(const Tool& tool, std::span<const std::string> argv, std::size_t tool_word,
             const Around& around);

}  // namespace backout::catalogue
