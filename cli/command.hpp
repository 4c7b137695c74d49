#pragma once
// One subcommand = one file in cli/ that defines `int run_<name>(const Invocation&)` and one line
// in commands.inc.

#include <iosfwd>
#include <string>
#include <vector>

namespace backout::cli {

/// Exit statuses, one meaning each. Other programs rely on them (README, "Exit statuses").
enum ExitStatus : int {
  kOk = 0,            ///< nothing at or above --fail-on
  kFindings = 1,      ///< findings at or above --fail-on
  kUsage = 2,         ///< wrong command line
  kInvalidInput = 3,  ///< input cannot be read or is invalid
  kIncomplete = 4,    ///< a limit was reached or the verdict is UNKNOWN, and --unknown=fail
  kInternal = 70,     ///< a bug of backout
  kOutput = 74,       ///< output cannot be written: a full disk, a folder that is not there
};

/// A wrong command line. Thrown by the option parsing of a subcommand, caught in main (and by
/// --watch): prints the message and a pointer to --help on stderr, exits with kUsage.
struct UsageError {
  std::string message;
};

/// An input beside those that are checked (backout.toml, a baseline) that cannot be read or is
/// wrong. Caught likewise: prints the message, which ends its lines itself, and exits with
/// kInvalidInput.
struct InvalidInput {
  std::string message;
};

struct CommandLine;

/// What a subcommand is given. Streams are those of the process in production and string streams in
/// tests.
struct Invocation {
  std::vector<std::string> arguments;  ///< after the subcommand's name
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool colour = false;  ///< `out` is a terminal and NO_COLOR is not set
  CommandLine* description =
      nullptr;  ///< when set, parse_arguments fills it in and the subcommand does nothing else
  std::string name = {};   ///< the subcommand's own
  std::size_t width = 80;  ///< columns of the terminal that `out` is; 80 when it is none
  bool links = false;      ///< `out` is a terminal that shows links
};

/// A subcommand as commands.inc lists it.
struct Command {
  const char* name;
  const char* summary;  ///< one line for `backout help`
  int (*run)(const Invocation&);
};

/// All subcommands, in the order of commands.inc.
const std::vector<Command>& commands();

}  // namespace backout::cli
