#pragma once
// What standard output is.

#include <cstddef>

namespace backout::cli {

struct Terminal {
  bool colour = false;
  bool links = false;  ///< it makes a link of text that has an address
  std::size_t width = 80;
};

/// NO_COLOR is stronger than FORCE_COLOR, and both are stronger than what standard output is;
/// FORCE_HYPERLINK is stronger than what is known of the terminal.
Terminal terminal_of_output();

}  // namespace backout::cli
