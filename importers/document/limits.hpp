#pragma once
// How much of a document is read.

#include <cstddef>
#include <string_view>

namespace backout::importers {

/// A document is read up to so many lines and bytes: what it costs is bounded, and no runbook that people follow is longer.
inline constexpr std::size_t kMostLines = 4000;
inline constexpr std::size_t kMostText = 512 << 10;

/// How many bytes of `text` are read: whole lines, or part of one that is longer than all that is read.
std::size_t readable(std::string_view text);

}  // namespace backout::importers
