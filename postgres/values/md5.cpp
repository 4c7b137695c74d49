// md5(text) gives the digest of the bytes in hexadecimal digits (RFC 1321; common/md5.c).
// Left out: md5(bytea), which functions_text.cpp does not hand over, and all other digests.
#include "postgres/values/md5.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace backout::postgres {
namespace {

constexpr std::size_t kBlock = 64;
using State = std::array<std::uint32_t, 4>;

std::uint32_t word_at(std::string_view block, std::size_t word) {
  std::uint32_t value = 0;
  for (std::size_t byte = 0; byte < 4; ++byte)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(block[word * 4 + byte]))
             << (8 * byte);
  return value;
}

/// The constant of a step: the whole part of 2^32 times |sin(step + 1)|.
std::uint32_t constant_of(std::size_t step) {
  return static_cast<std::uint32_t>(
      std::floor(std::abs(std::sin(static_cast<double>(step + 1))) * 4294967296.0));
}

void mix(State& state, std::string_view block) {
  constexpr std::array<std::array<int, 4>, 4> kTurns = {
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  auto [a, b, c, d] = state;
  for (std::size_t step = 0; step < kBlock; ++step) {
    std::uint32_t mixed = 0;
    std::size_t word = step;
    switch (step / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = (5 * step + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = (3 * step + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * step % 16;
        break;
    }
    const std::uint32_t turned = std::rotl(a + mixed + constant_of(step) + word_at(block, word),
                                           kTurns[step / 16][step % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::string md5(std::string_view text) {
  std::string padded(text);
  padded += '\x80';
  while (padded.size() % kBlock != kBlock - 8) padded += '\0';
  const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (int byte = 0; byte < 8; ++byte) padded += static_cast<char>(bits >> (8 * byte) & 0xff);
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += kBlock)
    mix(state, std::string_view(padded).substr(at, kBlock));
  std::string digits;
  for (const std::uint32_t word : state) {
    for (int byte = 0; byte < 4; ++byte) digits += fmt::format("{:02x}", word >> (8 * byte) & 0xff);
  }
  return digits;
}

}  // namespace backout::postgres
