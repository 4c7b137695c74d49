#pragma once
// What text of files looks like where people and programs read it.

#include <string>
#include <string_view>

namespace backout::model {

/// `text` on one line, with nothing in it that steers what shows it: control characters (line
/// breaks too), marks that turn the direction of text and characters that cannot be seen become
/// "\u001b", bytes that are no UTF-8 U+FFFD. Tabs stay with `tabs`.
std::string printable(std::string_view text, bool tabs = false);

/// Text of several lines, made so as well; line breaks and tabs stay. What the runners of GitHub,
/// Azure and TeamCity take for a command (a line that starts with "::", "##[", "##vso[") loses its
/// first characters to the same escapes, which JSON and YAML read back. `line` is what stands
/// before `text` on its first line.
std::string screened(std::string_view text, std::string_view line = {});

}  // namespace backout::model
