#pragma once
// Meta-commands of psql in migrations: lines such as `\set ON_ERROR_STOP on`, which no server understands.

#include <vector>

#include "model/migration.hpp"

namespace backout::importers {

/// Replaces every meta-command of `script` by blanks, so that offsets stay, and notes what is thereby left out. Commands that
/// only change what psql prints are not worth a note. Backslashes inside strings, quoted names, dollar quotes and
/// comments are no commands.
void blank_meta_commands(model::SqlText& script, std::vector<model::Mistake>& notes);

}  // namespace backout::importers
