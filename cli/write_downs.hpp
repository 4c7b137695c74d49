#pragma once
// `migrations --write-downs DIR`: downs that are missing or broken, written anew.

#include <string>

#include "cli/command.hpp"
#include "cli/migration_input.hpp"

namespace backout::cli {

/// Writes into `folder` a down for each migration whose own is missing or broken, where an honest
/// one can be written or one that loses rows only and says so, and beside it the up where it has to
/// keep rows aside. Files that are there stay, unless `replace`. Prints one line each; the exit
/// status.
int write_downs(const Invocation& invocation, MigrationInput& input, const Watch::Limits& limits,
                const std::string& folder, bool replace);

}  // namespace backout::cli
