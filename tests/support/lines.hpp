#pragma once
// Texts of several lines, looked at by whole lines: a part of a line would hold, too, when the rest
// of it says something else.

#include <string>
#include <string_view>

#include <gmock/gmock.h>

namespace backout::tests {

/// A text of which `lines`, one or more whole ones behind each other, are a part.
MATCHER_P(HasLines, lines, "has the lines\n" + std::string(lines)) {
  const std::string text = "\n" + std::string(arg) + "\n";
  return text.find("\n" + std::string(lines) + "\n") != std::string::npos;
}

}  // namespace backout::tests
