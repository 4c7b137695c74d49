#pragma once
// What a command prints that is a list or a page.

#include <string_view>

#include "cli/command.hpp"

namespace backout::cli {

/// Writes it to a terminal in lines that break between words; to a file or another program as it
/// is, so that `grep` finds whole lines.
void write_listing(const Invocation& invocation, std::string_view text);

}  // namespace backout::cli
