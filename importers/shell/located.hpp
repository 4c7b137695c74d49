#pragma once

#include <vector>

#include "importers/shell/shell.hpp"

namespace backout::importers {

/// Whether the lines of the text stand in the file one straight behind the other, as in a script or
/// a block that is not indented: then byte i of the text is byte begins[0] + i of the file. Costs
/// the last line.
bool stands_whole(const Located& text);

/// Where the bytes of a text stand in the file; looked for once a line and not once a byte.
class PlacesOf {
 public:
  explicit PlacesOf(const Located& text);
  std::uint32_t at(std::size_t byte) const;
  /// Where byte `place` of the file stands in the text; npos when it stands in no line of it.
  std::size_t offset_of(std::uint32_t place) const;
  model::Span span(std::size_t begin, std::size_t end) const {
    return {text_.file, at(begin), at(end)};
  }

 private:
  const Located& text_;
  std::vector<std::size_t> line_ends_;
};

}  // namespace backout::importers
