#pragma once
// What a subcommand accepts, as data. The one source of `--help`, of the man pages and of the shell
// completions: the description that the subcommand hands to parse_arguments.

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/program_options.hpp"

namespace backout::cli {

/// One option of a subcommand.
struct Option {
  std::string name;           ///< without dashes
  std::string short_name;     ///< one letter, or empty
  std::string value;          ///< what stands for its value: "FILE"; empty for a flag
  std::string default_value;  ///< empty when it has none
  std::string description;
  std::vector<std::string>
      choices;  ///< its values, when the description begins with them: "dot|svg: …"
  bool repeatable = false;
};

/// A subcommand's description.
struct CommandLine {
  std::string synopsis;     ///< "backout check [OPTIONS] PLAN|DIR..."
  std::string explanation;  ///< the paragraphs below the synopsis
  std::vector<Option> options;
  std::string
      positional;  ///< what its arguments are, in lower case: "plan"; empty when it takes none
};

/// Reads a usage text ("Usage: SYNOPSIS\n\nEXPLANATION") and options as data.
CommandLine describe_options(const std::string& usage,
                             const boost::program_options::options_description& options,
                             const char* positional);

/// What --help prints: the synopsis, the explanation and the options, in lines of at most `width`
/// columns that break between words.
void print_help(const std::string& usage,
                const boost::program_options::options_description& options, std::size_t width,
                std::ostream& out);

/// What `command` accepts; it does nothing else. Every subcommand calls parse_arguments first,
/// which makes this work.
CommandLine describe(const Command& command);

/// The words that stand for an argument or value of this name: rules, subcommands, shells, fault
/// kinds. Empty when any word may stand there.
std::vector<std::string> words_for(const std::string& name);

}  // namespace backout::cli
