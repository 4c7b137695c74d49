#pragma once
// What a program printed, for comparisons.

#include <sstream>
#include <string>

namespace backout::tests {

/// Text that was wrapped, with one space wherever it was or might have been broken.
inline std::string on_one_line(const std::string& text) {
  std::istringstream in(text);
  std::string all;
  for (std::string word; in >> word;) all += (all.empty() ? "" : " ") + word;
  return all;
}

}  // namespace backout::tests
