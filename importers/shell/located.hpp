#pragma once

#include "importers/shell/shell.hpp"

namespace backout::importers {

/// Whether the lines of the text stand in the file one straight behind the other, as in a script or
/// a block that is not indented: then byte i of the text is byte begins[0] + i of the file. Costs
/// the last line.
bool stands_whole(const Located& text);

}  // namespace backout::importers
