#pragma once
// The parts of the report for people, each with the blank line that ends it.

#include <iosfwd>
#include <span>
#include <vector>

#include "reports/causes.hpp"
#include "reports/findings.hpp"
#include "reports/text/layout.hpp"

namespace backout::reports {

/// Where a part is written: how, and to what.
struct Page {
  const Style& style;
  const Paint& paint;
  std::ostream& out;
  /// What messages of --verbose are wrapped to: the width of a terminal; elsewhere each is one
  /// line, for problem matchers.
  std::size_t message_width = std::size_t{1} << 20;
};

/// The rollback matrix: runs of equal rows folded into one, paths in groups that fit into the
/// width.
void write_matrix(const simulator::Matrix& matrix, const Page& page);
/// One counterexample per verdict and reason: the shortest, with the paths that share it.
void write_counterexamples(const model::Plan& plan, const simulator::Matrix& matrix,
                           const Page& page);

/// So many causes are told of one file, and of several together.
inline constexpr std::size_t kMostCauses = 10;
/// A cause and the sources that its places are in.
struct CauseOf {
  const model::Sources* sources = nullptr;
  Cause cause;
};
/// The causes among all findings, in order of harm; those that say the same of several places of a
/// file are one.
std::vector<CauseOf> all_causes(std::span<const LocatedFindings> all);
/// "Fix first", and what to fix: at most `most` in five lines each, the others counted by rule. All
/// of them whole when the style is verbose.
void write_causes(std::span<const CauseOf> causes, std::size_t most, const Page& page);

/// How many findings of each rule, the most first.
void write_statistics(std::span<const LocatedFindings> all, const Page& page);

}  // namespace backout::reports
