#pragma once
// A tool's file as data. Internal to catalogue/ and its tests.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/catalogue.hpp"
#include "model/source.hpp"

namespace backout::catalogue {

/// One test of a condition: "-f", "--input=*.sql", "arg1=HEAD*", "args>1", "env:PGPASSWORD",
/// "input" (something feeds its standard input).
struct Atom {
  enum class Type {
    option,
    argument,
    any_argument,
    more_arguments,
    fewer_arguments,
    environment,
    input
  };
  Type type = Type::option;
  std::string name;        ///< of the option (its canonical name) or the variable
  std::size_t number = 0;  ///< of the argument, from 1
  bool has_glob = false;
  std::string glob;
};
/// True when each group of `when` has an atom that holds and none of `unless` does.
struct Condition {
  std::vector<std::vector<Atom>> when;
  std::vector<std::vector<Atom>> unless;
};

/// Where the value of an argument of an effect comes from.
struct ArgumentFrom {
  enum class Type { argument, arguments_from, option, literal, tool_word };
  std::string name;
  Type type = Type::literal;
  std::size_t number = 0;
  std::string text;  ///< option name or literal
};

struct TrapFact {
  Trap trap;
  Condition condition;
};

/// How a command runs another one.
struct Runs {
  enum class Type { nothing, argv_from, script_from, script_option, option_then_rest };
  Type type = Type::nothing;
  std::size_t number = 0;  ///< first argument of the inner command
  std::string option;
  std::vector<std::string> unless;  ///< options with which it runs nothing (command -v)
  bool elsewhere = false;
  std::size_t input = 0;  ///< with fewer arguments than this, and no text, it takes its standard
                          ///< input for shell text
  bool joins = false;  ///< a first word with blanks is shell text: the words are joined for a shell
};

/// Where the SQL stands that a command hands to a database.
struct Speaks {
  std::string option;      ///< its value
  std::size_t number = 0;  ///< or this argument and what follows
  bool input = false;      ///< its standard input is SQL, too
  bool any() const { return !option.empty() || number > 0 || input; }
};

/// Facts of a command, or of a case of it. Empty: not said here.
struct Facts {
  std::string about, does, where, destroys, source;
  std::string reversible, repeat, exit;
  std::string kind, verb;
  std::vector<ArgumentFrom> args;
  std::vector<TrapFact> traps;
  Condition condition;  ///< of a case
};

struct Command {
  Facts facts;
  std::vector<Facts> cases;  ///< the first one that holds lies over `facts`; its traps are added
  std::set<std::string> values;  ///< options that take a value, canonical
  std::set<std::string> flags;
  std::set<std::string>
      attached;  ///< flags whose value, if they have one, stands in the same word (mysql -pX)
  std::map<std::string, std::string> canonical;  ///< other name of an option -> its canonical name
  bool all_options = false;
  bool arguments = false;  ///< a group that takes other words than its subcommands, too
  Runs runs;
  Speaks sql;
  std::string is;  ///< another tool's name: this is that tool
};

struct Tool {
  std::string name;
  std::string about;
  std::string source;
  std::vector<std::string> also;
  std::string plugins;       ///< how others can add subcommands; empty: they cannot
  bool family = false;       ///< several programs of one kind: the answer has the name as written
  bool plain = false;        ///< it adds nothing to the command behind it: rules look at that one
  bool single_dash = false;  ///< `-name value`: long options with one dash
  Command self;
  std::map<std::string, Command> commands;  ///< by path: "rollout undo"
  std::map<std::string, std::set<std::string>>
      complete;  ///< by group ("" is the tool): names besides `commands`
  std::map<std::string, std::string>
      same;                      ///< other name of a path -> its name ("pg" -> "postgres")
  std::set<std::string> groups;  ///< paths that have subcommands

  std::size_t facts() const;  ///< how many facts it states
};

/// Reads a tool's file. Mistakes: unknown keys, duplicate options, a missing source, conditions
/// that cannot be read.
Tool read_tool(std::string_view name, std::string_view text, std::vector<std::string>& mistakes);

/// The tool of this name or other name, read at its first use; nullptr when no file describes it.
const Tool* find_tool(std::string_view name);

/// Names and texts of the files, sorted by name; and other names. Generated from catalogue/*.yaml
/// at build time.
struct ToolText {
  std::string_view name;
  std::string_view text;
};
std::span<const ToolText> tool_texts();
struct OtherName {
  std::string_view name;
  std::string_view tool;
};
std::span<const OtherName> other_names();
std::span<const std::string_view> plain_wrappers();

/// The words of one command of a tool, behind its subcommands.
struct Words {
  struct Word {
    std::string text;
    int index = 0;          ///< in argv
    std::size_t begin = 0;  ///< of the text in the word
  };
  struct Option {
    std::string name;  ///< canonical
    bool has_value = false;
    Word value;
    Word written;
  };
  std::vector<Option> options;
  std::vector<Word> arguments;
  std::vector<std::string> environment;
  bool has_input = false;

  const Option* find(std::string_view canonical) const;
};
bool holds(const Condition& condition, const Words& words);
/// `*` any text, `?` a character, `[...]` not special. An expansion in `text` matches `*` only.
bool matches(std::string_view glob, std::string_view text);
/// Whether the shell or a person replaces part of the word: `$X`, `<sha>`, `{{x}}`, `$(...)`.
bool is_placeholder(std::string_view word);

}  // namespace backout::catalogue
