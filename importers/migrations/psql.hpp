#pragma once
// Meta-commands of psql in migrations: lines such as `\set ON_ERROR_STOP on`, which no server
// understands.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/migration.hpp"

namespace backout::importers {

/// What takes the place of the bytes [begin, end) of a script.
struct Replacement {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

/// Puts replacements, ascending and apart from each other, into `script`; places behind them stay.
void replace_bytes(model::SqlText& script, const std::vector<Replacement>& replacements);

/// Replaces every meta-command of `script`: those that only change what psql prints by blanks,
/// others by a statement that no engine follows, `DO LANGUAGE psql`, so that what comes after it is
/// in doubt, and a note. Places stay. Backslashes inside strings, quoted names, dollar quotes and
/// comments are no commands.
void replace_meta_commands(model::SqlText& script, std::vector<model::Mistake>& notes);

}  // namespace backout::importers
