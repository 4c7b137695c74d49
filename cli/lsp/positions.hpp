#pragma once
// Positions of the protocol: a line and a column, both from 0, in the units that client and server
// agreed on.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/lsp/json.hpp"

namespace backout::lsp {

/// What a column counts.
enum class Encoding { utf8, utf16, utf32 };
const char* to_string(Encoding encoding);
/// The first of the client's that is known; UTF-16, which every client has, when none is or none is
/// named.
Encoding agreed_encoding(const Json& offered);

struct Position {
  std::size_t line = 0;
  std::size_t character = 0;
};

/// The lines of one text. A line ends with LF, CR LF or CR. The text must outlive it.
class Lines {
 public:
  Lines(std::string_view text, Encoding encoding);

  /// The byte at a position: beyond a line its end, beyond the text the end of it, inside a
  /// character its begin.
  std::size_t offset(const Position& position) const;
  /// The position of a byte; inside a character that of the character.
  Position position(std::size_t offset) const;
  /// A range of bytes as the protocol has it.
  Json range(std::size_t begin, std::size_t end) const;
  /// Bytes where the line begins, and ends without its break. Beyond the last line the end of the
  /// text.
  std::size_t begin_of(std::size_t line) const;
  std::size_t end_of(std::size_t line) const;
  std::size_t line_of(std::size_t offset) const;

 private:
  std::string_view text_;
  Encoding encoding_;
  std::vector<std::size_t> starts_;
};

/// A position of a client; nullopt when it is none.
std::optional<Position> read_position(const Json& value);
Json to_json(const Position& position);

}  // namespace backout::lsp
