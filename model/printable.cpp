#include "model/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "model/scalar.hpp"

namespace backout::model {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Characters that change what is seen without being seen. Source: Unicode 15, Bidi_Control, and
/// the format characters (Cf) but for the two joiners, which scripts and emoji need.
constexpr auto kUnseen = std::to_array<Range>({{0x00, 0x1F},
                                               {0x7F, 0x9F},
                                               {0xAD, 0xAD},
                                               {0x061C, 0x061C},
                                               {0x180E, 0x180E},
                                               {0x200B, 0x200B},
                                               {0x200E, 0x200F},
                                               {0x2028, 0x202E},
                                               {0x2060, 0x206F},
                                               {0xFEFF, 0xFEFF},
                                               {0xFFF9, 0xFFFB},
                                               {0xFFFE, 0xFFFF},
                                               {0xE0000, 0xE007F}});

bool is_unseen(std::uint32_t character) {
  return std::ranges::any_of(kUnseen, [&](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

std::string escape_of(std::uint32_t character) {
  if (character < 0x10000) return fmt::format("\\u{:04x}", character);
  const std::uint32_t rest = character - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
}

/// The character at the start of valid UTF-8, and how many bytes it takes.
std::pair<std::uint32_t, std::size_t> first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i)
    character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  return {character, length};
}

/// Hands the characters of `text` to `take` (number and bytes); a byte that is no UTF-8 is U+FFFD.
template <class Take>
void each_character(std::string_view text, const Take& take) {
  std::size_t valid = first_invalid_utf8(text);
  for (std::size_t at = 0; at < text.size();) {
    if (at == valid) {
      take(0xFFFD, "\xEF\xBF\xBD", at);
      ++at;
      valid = at + first_invalid_utf8(text.substr(at));
      continue;
    }
    const auto [character, length] = first_character(text.substr(at));
    take(character, text.substr(at, length), at);
    at += length;
  }
}

/// Whether what starts at the '#' is "##name[", which runners read as a command wherever it stands.
bool is_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  const std::size_t name =
      std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-", 2),
               text.size());
  return name < text.size() && text[name] == '[';
}

}  // namespace

std::string printable(std::string_view text, bool tabs) {
  std::string result;
  result.reserve(text.size());
  each_character(text, [&](std::uint32_t character, std::string_view bytes, std::size_t) {
    if (is_unseen(character) && !(tabs && character == '\t'))
      result += escape_of(character);
    else
      result += bytes;
  });
  return result;
}

std::string screened(std::string_view text, std::string_view line) {
  std::string result;
  result.reserve(text.size());
  const auto blank = [](std::string_view part) {
    return part.find_first_not_of(" \t") == std::string_view::npos;
  };
  bool starts = blank(line);
  each_character(text, [&](std::uint32_t character, std::string_view bytes, std::size_t at) {
    const bool colons = starts && text.substr(at).starts_with("::");
    if (character == '\n' || character == '\t')
      result += bytes;
    else if (is_unseen(character) || colons || (character == '#' && is_command(text.substr(at))))
      result += escape_of(character);
    else
      result += bytes;
    starts = character == '\n' || (starts && (character == '\t' || character == ' '));
  });
  return result;
}

}  // namespace backout::model
