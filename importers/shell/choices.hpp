#pragma once
// The ways through a script, for rules that ask which of them does what. Nothing is run.

#include <vector>

#include <tree_sitter/api.h>

#include "importers/shell/shell.hpp"

namespace backout::importers {

/// The arms of a text that was read, an outer one before those in it. What nests deeper than can be read is left out.
std::vector<Arm> arms_of(TSNode root, const Located& source);

}  // namespace backout::importers
