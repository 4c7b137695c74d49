#pragma once
// Meta-commands of psql in migrations: lines such as `\set ON_ERROR_STOP on`, which no server understands.

#include <vector>

#include "model/migration.hpp"

namespace backout::importers {

/// Replaces every meta-command of `script`: those that only change what psql prints by blanks, others by a statement that
/// no engine follows, `DO LANGUAGE psql`, so that what comes after it is in doubt, and a note. Places stay. Backslashes
/// inside strings, quoted names, dollar quotes and comments are no commands.
void replace_meta_commands(model::SqlText& script, std::vector<model::Mistake>& notes);

}  // namespace backout::importers
