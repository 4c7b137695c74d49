// backout completions bash|fish|zsh: a completion script, written from what each subcommand says
// that it accepts.
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/command_line.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace {

constexpr const char* kCompletionsHelp =
    "Usage: backout completions bash|fish|zsh\n\n"
    "Prints the script that teaches the shell to complete backout's commands, options and their "
    "values.\n"
    "bash: source <(backout completions bash). fish: backout completions fish | source.\n"
    "zsh: write it to a file _backout in a folder of $fpath. Packages install all three.\n";

/// What may stand where a value or an argument is expected.
struct Candidates {
  enum class Kind { words, files, folders, anything } kind = Kind::anything;
  std::vector<std::string> words;
};

Candidates candidates_of(const Option& option) {
  if (!option.choices.empty()) return {Candidates::Kind::words, option.choices};
  std::vector<std::string> words = words_for(option.value);
  if (!words.empty()) return {Candidates::Kind::words, std::move(words)};
  if (option.value == "DIR") return {Candidates::Kind::folders, {}};
  return {option.value == "FILE" ? Candidates::Kind::files : Candidates::Kind::anything, {}};
}

Candidates candidates_of_argument(const CommandLine& line) {
  std::vector<std::string> words = words_for(line.positional);
  if (!words.empty()) return {Candidates::Kind::words, std::move(words)};
  if (line.positional == "dir") return {Candidates::Kind::folders, {}};
  return {line.positional.empty() ? Candidates::Kind::anything : Candidates::Kind::files, {}};
}

/// `text` between single quotes of bash, zsh or fish.
std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string option_words(const CommandLine& line) {
  std::string words;
  for (const Option& option : line.options)
    words += fmt::format("{}--{}", words.empty() ? "" : " ", option.name);
  return words;
}

std::string in_bash(const Candidates& candidates) {
  switch (candidates.kind) {
    case Candidates::Kind::words:
      return fmt::format("_backout_words '{}'", fmt::join(candidates.words, " "));
    case Candidates::Kind::files:
      return "_backout_paths -f";
    case Candidates::Kind::folders:
      return "_backout_paths -d";
    case Candidates::Kind::anything:
      return ":";
  }
  return {};
}

constexpr const char* kBashHead =
    R"(# bash completion of backout; written by `backout completions bash`.
_backout_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_backout_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
_backout() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
)";

void write_bash(std::ostream& out) {
  std::string values;
  std::string rest;
  for (const Command& command : commands()) {
    const CommandLine line = describe(command);
    for (const Option& option : line.options) {
      if (option.value.empty()) continue;
      values += fmt::format("    {}) {}; return ;;\n",
                            quote(fmt::format("{} --{}", command.name, option.name)),
                            in_bash(candidates_of(option)));
    }
    rest += fmt::format("    {},-*) _backout_words '{}' ;;\n    {},*) {} ;;\n", command.name,
                        option_words(line), command.name, in_bash(candidates_of_argument(line)));
  }
  out << kBashHead
      << fmt::format(
             "  if ((COMP_CWORD == 1)); then _backout_words '{} --help --version'; return; fi\n",
             fmt::join(words_for("command"), " "))
      << "  case \"${COMP_WORDS[1]} $prev\" in\n"
      << values << "  esac\n"
      << "  case \"${COMP_WORDS[1]},$cur\" in\n"
      << rest << "  esac\n}\ncomplete -F _backout backout\n";
}

/// `text` inside [...] or :...: of an _arguments specification.
std::string in_specification(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string in_zsh(const Candidates& candidates) {
  switch (candidates.kind) {
    case Candidates::Kind::words:
      return fmt::format("({})", fmt::join(candidates.words, " "));
    case Candidates::Kind::files:
      return "_files";
    case Candidates::Kind::folders:
      return "_files -/";
    case Candidates::Kind::anything:
      return " ";
  }
  return {};
}

void write_zsh(std::ostream& out) {
  out << "#compdef backout\n# zsh completion of backout; written by `backout completions "
         "zsh`.\n_backout() {\n"
         "  local -a commands=(\n";
  for (const Command& command : commands()) {
    out << "    " << quote(fmt::format("{}:{}", command.name, in_specification(command.summary)))
        << '\n';
  }
  out << "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const Command& command : commands()) {
    const CommandLine line = describe(command);
    out << "    " << command.name << ") _arguments -s";
    for (const Option& option : line.options) {
      std::string value;
      if (!option.value.empty())
        value =
            fmt::format(":{}:{}", in_specification(option.value), in_zsh(candidates_of(option)));
      out << " \\\n      "
          << quote(fmt::format("{}--{}{}[{}]{}", option.repeatable ? "*" : "", option.name,
                               value.empty() ? "" : "=", in_specification(option.description),
                               value));
    }
    if (!line.positional.empty()) {
      out << " \\\n      "
          << quote(fmt::format("*:{}:{}", line.positional, in_zsh(candidates_of_argument(line))));
    }
    out << " ;;\n";
  }
  out << "  esac\n}\nif [[ $funcstack[1] == _backout ]]; then _backout \"$@\"; else compdef "
         "_backout backout; fi\n";
}

std::string in_fish(const Candidates& candidates) {
  switch (candidates.kind) {
    case Candidates::Kind::words:
      return " -a " + quote(fmt::format("{}", fmt::join(candidates.words, " ")));
    case Candidates::Kind::files:
      return " -F";
    case Candidates::Kind::folders:
      return " -a '(__fish_complete_directories (commandline -ct))'";
    case Candidates::Kind::anything:
      return "";
  }
  return {};
}

/// Without -F fish would offer files beside the words.
std::string in_fish_value(const Candidates& candidates) {
  return (candidates.kind == Candidates::Kind::files ? " -r" : " -x") + in_fish(candidates);
}

void write_fish(std::ostream& out) {
  out << "# fish completion of backout; written by `backout completions fish`.\n"
         "function __backout_runs\n  set -l words (commandline -opc)\n"
         "  test (count $words) -gt 1; and test $words[2] = $argv[1]\nend\n"
         "function __backout_runs_nothing\n  test (count (commandline -opc)) -eq 1\nend\n"
         "complete -c backout -f\ncomplete -c backout -n __backout_runs_nothing -l version -d 'the "
         "version'\n"
         "complete -c backout -n __backout_runs_nothing -l help -d 'list the commands'\n";
  for (const Command& command : commands()) {
    const CommandLine line = describe(command);
    const std::string here =
        fmt::format("complete -c backout -n '__backout_runs {}'", command.name);
    out << fmt::format("complete -c backout -n __backout_runs_nothing -a {} -d {}\n", command.name,
                       quote(command.summary));
    for (const Option& option : line.options) {
      const std::string short_name = option.short_name.empty() ? "" : " -s " + option.short_name;
      const std::string value = option.value.empty() ? "" : in_fish_value(candidates_of(option));
      out << fmt::format("{}{} -l {}{} -d {}\n", here, short_name, option.name, value,
                         quote(option.description));
    }
    const std::string argument = in_fish(candidates_of_argument(line));
    if (!argument.empty()) out << here << argument << '\n';
  }
}

}  // namespace

int run_completions(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kCompletionsHelp, {}, "shell");
  if (!values) return kOk;
  std::vector<std::string> shells;
  if (values->count("shell")) shells = (*values)["shell"].as<std::vector<std::string>>();
  if (shells.size() != 1) throw UsageError{"name one shell: bash, fish or zsh"};
  if (shells[0] == "bash")
    write_bash(invocation.out);
  else if (shells[0] == "fish")
    write_fish(invocation.out);
  else if (shells[0] == "zsh")
    write_zsh(invocation.out);
  else
    throw UsageError{fmt::format("no completions for '{}': bash, fish or zsh", shells[0])};
  return kOk;
}

}  // namespace backout::cli
