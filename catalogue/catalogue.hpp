#pragma once
// Facts about commands as people type them: what a command does, where, whether its failure is
// seen, whether it asks, ends, may run twice, and what is wrong with it. One tool, one YAML file
// (README.md); nothing is ever executed.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backout::catalogue {

/// Whether the command is there.
enum class Existence {
  known,            ///< the catalogue describes it
  exists,           ///< it is there; no more is known
  unknown_tool,     ///< no file describes the tool: opaque
  unknown_command,  ///< the tool is described, this subcommand is not and the list of subcommands
                    ///< need not be whole
  does_not_exist,   ///< the list of subcommands is whole and this one is not in it
};

/// A yes or no that may depend on something.
struct Answer {
  enum class Value { unknown, yes, no, depends };
  Value value = Value::unknown;
  std::string why;  ///< empty when a plain yes or no says it all
};

/// A word that an effect names: the image, the database, the file, the revision.
struct Argument {
  std::string name;  ///< the name of the typed action's argument, or what the word is: file, image,
                     ///< host, script
  std::string value;  ///< as written; a literal of the catalogue where `word` is -1
  int word = -1;      ///< index in the argv that was looked up
  /// Of an option that is written in the same word (`--to=v1`): where `value` begins in the word.
  std::size_t begin = 0;
};

/// A typed action of a service kind.
struct Effect {
  std::string kind;  ///< a service kind ("kubernetes"), empty where no kind has this action
  std::string verb;  ///< one of its verbs ("rollout_undo")
  std::vector<Argument> args;
};

/// Something wrong with the command as it is written.
struct Trap {
  enum class Kind {
    hides_failure,   ///< the exit status does not tell
    misdirected,     ///< it does something else, or somewhere else, than its name says
    destroys,        ///< data or state is gone for good
    unpinned,        ///< the target that it goes to moves
    asks,            ///< a person must answer
    endless,         ///< it does not end by itself
    no_timeout,      ///< it waits without a bound
    partial,         ///< it restores or changes only a part
    not_repeatable,  ///< a second run is not the same as one
    delayed,         ///< it returns before the effect is there
    lossy,           ///< what it copies or writes lacks something
    locks,           ///< others wait for it
    refused,         ///< the tool refuses it as it is written
    deprecated,      ///< newer versions have it no more
  };
  Kind kind = Kind::hides_failure;
  std::string says;     ///< one sentence without a full stop, in the words of a report
  std::string only_if;  ///< what the words of the command do not tell: it holds only if this is so;
                        ///< empty: it holds
  std::string instead;  ///< the option or command that mends it; empty when there is none
  std::string source;
  std::string tool;  ///< the tool that it is about: of `sudo psql`, sudo or psql

  /// Whether the command opens a shell, a prompt or a session: lines behind it that were meant for
  /// what it opens do not get there.
  bool opens_prompt() const;
};
std::string_view name_of(Trap::Kind kind);

/// A command around the command: sudo, timeout, ssh, kubectl exec.
struct Wrapper {
  std::string command;         ///< "sudo", "kubectl exec"
  int word = 0;                ///< index of its first word
  bool elsewhere = false;      ///< what it runs, it runs on another machine or in a container
  std::vector<Argument> args;  ///< host, container, service, timeout, user
};

/// What is known of one simple command.
struct Known {
  Existence existence = Existence::unknown_tool;
  std::string tool;     ///< "kubectl"; the word as written when no file describes it
  std::string command;  ///< as written, with its subcommands: "fly releases"
  std::string path;   ///< its subcommands by their own names: "releases"; with `tool` the same for
                      ///< all names of a tool
  int word = 0;       ///< index of the tool's own word, behind wrappers
  std::string about;  ///< one sentence; empty when nothing is known
  std::string hint;   ///< does_not_exist, unknown_command: what to say, with the nearest name
  /// One of the words of README.md's table: look, wait, notify, local, build, fetch, backup,
  /// restore, migrate, migrate_down, record, deploy, roll_back, start, stop, restart, scale,
  /// switch, configure, delete, write, version, run, control. Empty: not known.
  std::string does;
  std::vector<Effect>
      effects;  ///< typed actions; without a kind it still names the words that matter
  Answer reversible;
  Answer repeatable;
  Answer exit_tells;     ///< yes: a failure gives a status other than 0. no, depends: why
  std::string where;     ///< local, remote, either (its options say); empty: not known
  std::string destroys;  ///< what is gone for good; empty: nothing
  std::string script;    ///< shell text that it runs (bash -c, ssh host '...'), as written;
                         ///< `look_up_line` reads it
  int script_word = -1;
  std::size_t script_begin = 0;  ///< where it begins in that word: `--command=...`
  bool reads_script = false;  ///< what feeds its standard input is shell text (bash -s, ssh host)
  bool speaks_sql = false;    ///< what it is given as words or input is SQL
  std::string sql;            ///< the SQL that stands in its words, as written
  std::vector<Trap> traps;
  std::vector<Wrapper> wrappers;             ///< outermost first
  std::vector<std::string> unknown_options;  ///< of commands whose options are all listed
  std::string source;                        ///< manual page and section of the facts above

  /// The first trap of this kind; nullptr when there is none.
  const Trap* find(Trap::Kind kind) const;
  bool changes_nothing() const { return does == "look" || does == "wait"; }
};

/// What is known of a command after the shell has split it into words. Expansions (`$X`, `<sha>`,
/// `$(...)`) stand as written and match nothing that a fact depends on. Assignments before the
/// command (`X=1 psql`) may lead. Wrappers are looked through: the answer is about the command that
/// they run, with `wrappers` and their own traps. `has_input`: its standard input comes from a
/// file, a here-document or a pipe.
Known look_up(std::span<const std::string> argv, bool has_input = false);

/// A simple command of a line.
struct Piece {
  std::vector<std::string> argv;
  bool has_input = false;  ///< a redirection or a pipe feeds it
  std::string
      before;  ///< the operator in front of it: "", ";" (or a line break), "&&", "||", "|", "&"
  bool in_structure =
      false;  ///< it begins, ends or stands in an `if`, a loop, a `case`, a function or a group
};
/// Splits a line the plain way: quotes, backslashes, operators, comments; redirections are left
/// out. For command lines of plans and text in quotes; documents have a shell reader of their own.
std::vector<Piece> split_line(std::string_view line);
/// look_up of every piece, and of pieces of scripts that they hold.
std::vector<Known> look_up_line(std::string_view line);

/// Whether a program of this name adds nothing to the command that it runs, here: sudo, env,
/// timeout.
bool is_plain_wrapper(std::string_view name);

/// The facts as text for people; ends with a line break.
std::string describe(const Known& known);

/// Names of all tools that a file describes, sorted; without other names of them.
std::vector<std::string> tools();

}  // namespace backout::catalogue
