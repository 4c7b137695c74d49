#pragma once
// A script in the order in which it runs: what its functions do stands where they are called.

#include <vector>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

/// A command at one place of a run.
struct Ran {
  const Command* command = nullptr;
  std::vector<std::uint32_t>
      arms;  ///< the branches that lead here, outermost first, those around the calls too
  bool tested = false;  ///< a caller tests how the function ends: `set -e` does not hold in it
};

/// What a block runs from its first line to its last. A function that nothing calls stands nowhere.
struct Run {
  const std::vector<importers::Arm>& arms;  ///< of the block
  std::vector<Ran> commands;

  explicit Run(const Block& block);
  /// Whether one run can come to both: no `if` sends them different ways.
  bool may_meet(const Ran& one, const Ran& other) const;
};

/// Whether the script ends where the command fails, or what stands behind it ends it.
bool ends_script(const Ran& ran);

/// Whether the command leaves the script or the function: `exit`, `return`, or a function of the
/// script that ends it.
bool leaves(const Block& block, const Command& command);

/// Whether it brings something back or changes what serves: what a rollback or a restore is there
/// for.
bool brings_back(const Block& block, const Command& command);

/// Whether it only tells somebody something.
bool only_tells(const Command& command);
/// Whether it tells somebody that the whole of it went well: "Rollback complete", "✅ Restored".
bool says_done(const Command& command);

}  // namespace backout::analyzer::documents
