#pragma once
// Texts in double quotes, as JSON and YAML both read them.

#include <string>

namespace backout::cli {

/// `text` as a double-quoted scalar; bytes that are no UTF-8 are replaced.
std::string quoted(const std::string& text);

}  // namespace backout::cli
