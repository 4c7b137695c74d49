#pragma once
// `migrations --locks`: what the statements of the downs lock, write anew and scan.

#include <iosfwd>

#include "cli/migration_input.hpp"

namespace backout::cli {

/// A line for each statement of each judged down, newest migration first, as a rollback runs them.
void print_locks(const MigrationInput& input, std::ostream& out);

}  // namespace backout::cli
