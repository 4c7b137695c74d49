#pragma once
// What explains backout to a person: the overview and the man pages.

#include <iosfwd>
#include <string>

#include "cli/command.hpp"

namespace backout::cli {

/// All subcommands in a line each, and the exit statuses.
void print_overview(std::size_t width, std::ostream& out);
/// "unknown command 'X' (did you mean 'Y'?)".
std::string unknown_command(const std::string& name);

/// backout(1), as roff: the overview and the prose of docs/man/backout.md.
void write_man(std::ostream& out);
/// backout-<command>(1), as roff: what the command accepts and the prose of docs/man/<command>.md,
/// if there is any.
void write_man(const Command& command, std::ostream& out);

}  // namespace backout::cli
