#include "cli/lsp/positions.hpp"

#include <algorithm>

namespace backout::lsp {

namespace {

/// How many bytes the character at `at` has; a byte that begins none counts as one.
std::size_t length_at(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() &&
         (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U)
    ++length;
  return length;
}

std::size_t units(std::size_t bytes, Encoding encoding) {
  if (encoding == Encoding::utf8) return bytes;
  return encoding == Encoding::utf16 && bytes == 4 ? 2 : 1;
}

}  // namespace

const char* to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8:
      return "utf-8";
    case Encoding::utf16:
      return "utf-16";
    case Encoding::utf32:
      return "utf-32";
  }
  return "utf-16";
}

Encoding agreed_encoding(const Json& offered) {
  if (!offered.is_array()) return Encoding::utf16;
  for (const Json& each : offered) {
    for (const Encoding known : {Encoding::utf8, Encoding::utf16, Encoding::utf32}) {
      if (each == to_string(known)) return known;
    }
  }
  return Encoding::utf16;
}

Lines::Lines(std::string_view text, Encoding encoding) : text_(text), encoding_(encoding) {
  starts_.push_back(0);
  for (std::size_t at = text.find_first_of("\r\n"); at != std::string_view::npos;
       at = text.find_first_of("\r\n", at)) {
    at += text.substr(at).starts_with("\r\n") ? 2 : 1;
    starts_.push_back(at);
  }
}

std::size_t Lines::begin_of(std::size_t line) const {
  return line < starts_.size() ? starts_[line] : text_.size();
}

std::size_t Lines::end_of(std::size_t line) const {
  if (line + 1 >= starts_.size()) return text_.size();
  std::size_t end = starts_[line + 1] - 1;
  if (end > starts_[line] && text_[end] == '\n' && text_[end - 1] == '\r') --end;
  return end;
}

std::size_t Lines::line_of(std::size_t offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
}

std::size_t Lines::offset(const Position& position) const {
  const std::size_t end = end_of(position.line);
  std::size_t at = begin_of(position.line);
  for (std::size_t character = 0; at < end;) {
    const std::size_t bytes = length_at(text_, at);
    character += units(bytes, encoding_);
    if (character > position.character) break;
    at += bytes;
  }
  return std::min(at, end);
}

Position Lines::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t line = line_of(offset);
  std::size_t character = 0;
  for (std::size_t at = starts_[line]; at < offset;) {
    const std::size_t bytes = length_at(text_, at);
    if (at + bytes > offset) break;
    character += units(bytes, encoding_);
    at += bytes;
  }
  return {line, character};
}

Json Lines::range(std::size_t begin, std::size_t end) const {
  return {{"start", to_json(position(begin))}, {"end", to_json(position(std::max(begin, end)))}};
}

std::optional<Position> read_position(const Json& value) {
  const auto line = integer_of(member(value, "line"));
  const auto character = integer_of(member(value, "character"));
  if (!line || !character || *line < 0 || *character < 0) return std::nullopt;
  return Position{static_cast<std::size_t>(*line), static_cast<std::size_t>(*character)};
}

Json to_json(const Position& position) {
  return {{"line", position.line}, {"character", position.character}};
}

}  // namespace backout::lsp
