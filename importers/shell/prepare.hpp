#pragma once
// Makes shell text that people wrote readable by a strict grammar, byte for byte at the same
// places.

#include <string>
#include <string_view>
#include <vector>

#include "importers/shell/shell.hpp"

namespace backout::importers {

struct Prepared {
  std::string text;  ///< as long as the original; what is no shell is blanks
  bool prompts = false;
  struct Piece {
    Language language;
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Piece> foreign;
};

Prepared prepare_shell(std::string_view text);

/// Where a line of a text begins and ends (without its break), and whether it begins outside
/// quotes, here documents and continued lines.
struct TextLine {
  std::size_t begin;
  std::size_t end;
  bool top;
};
std::vector<TextLine> text_lines(std::string_view text);

/// Whether a line, without its indentation, begins a statement of SQL: a verb and a word that may
/// follow it.
bool begins_sql(std::string_view line);

/// Whether a word names a command that people know (git, kubectl, cp, ...).
bool is_known_tool(std::string_view word);

}  // namespace backout::importers
