#pragma once
// How much of a document is read.

#include <cstddef>
#include <string>
#include <string_view>

namespace backout::importers {

/// A document is read up to so many lines and bytes: what it costs is bounded, and no runbook that
/// people follow is longer.
inline constexpr std::size_t kMostLines = 4000;
inline constexpr std::size_t kMostText = 512 << 10;

/// How many bytes of `text` are read: whole lines, or part of one that is longer than all that is
/// read.
std::size_t readable(std::string_view text);

/// "only the first 4000 of 5120 lines were read"; empty where all of `text` is read.
std::string part_read(std::string_view text);

}  // namespace backout::importers
