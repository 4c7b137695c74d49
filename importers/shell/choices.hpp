#pragma once
// The ways through a script: read for rules that ask which of them does what. Nothing is run.

#include <cstdint>
#include <vector>

#include "importers/shell/shell.hpp"

namespace backout::importers {

/// One way through an `if` or a `case`: what stands in its span runs on that way only.
struct Arm {
  std::uint32_t choice = 0;  ///< the `if` or `case`: all of its arms have the same number
  bool rest = false;         ///< `else` or `*)`: what no other arm takes
  std::string condition;     ///< what leads here, as written; empty for `else`
  model::Span span;
};

/// The arms of a text, an outer one before those in it. What nests deeper than can be read is left out.
std::vector<Arm> read_arms(const Located& text);

}  // namespace backout::importers
