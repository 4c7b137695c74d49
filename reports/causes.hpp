#pragma once
// Findings as causes: what follows from another finding stands under it, the worst come first.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "model/finding.hpp"

namespace backout::reports {

/// A finding and the findings of the search that follow from it.
struct Cause {
  const model::Finding* finding = nullptr;
  std::vector<const model::Finding*> consequences;
  std::vector<const model::Finding*> elsewhere =
      {};  ///< findings that say the same of other places
  bool operator==(const Cause&) const = default;
};

/// Fills in `because`: for each finding of the search (matrix-*) the finding of a rule that says
/// why, at the same step, unless that counts for less: then it is a related place only. And `fix`,
/// where the search itself found none: what to write against a verdict of that kind.
void link_consequences(std::vector<model::Finding>& findings);

/// The causes among `findings`, in order of harm: errors first; then what loses data, what does not
/// come back, what breaks or is late; then by place. They look at `findings`, which has to outlive
/// them.
std::vector<Cause> causes_of(std::span<const model::Finding> findings);

/// Whether `one` is to be fixed before `other`: errors first, then by harm. Places do not matter.
bool is_worse(const Cause& one, const Cause& other);

}  // namespace backout::reports
