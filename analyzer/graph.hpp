#pragma once
// The dependency graph of a plan's steps.

#include <iosfwd>
#include <string>
#include <vector>

#include "analyzer/facts.hpp"

namespace backout::analyzer {

/// `to` depends on `from`, or takes it back.
struct GraphEdge {
  enum class Type {
    order,  ///< `needs`, or the place in the list
    undo,   ///< `undo` or `undoes`: from the deploy step to the rollback step
    data,   ///< `to` reads or writes what `from` wrote last
  };
  model::StepIndex from = model::kNone;
  model::StepIndex to = model::kNone;
  Type type = Type::order;
  std::string label;  ///< data: the resource

  friend bool operator==(const GraphEdge&, const GraphEdge&) = default;
};

/// All edges, by `to`, then `from`, then type. Near-linear in steps and footprints.
std::vector<GraphEdge> dependency_edges(const Facts& facts);

/// The graph in DOT (Graphviz), deploy and rollback as clusters.
void write_dot(const Facts& facts, std::ostream& out);

}  // namespace backout::analyzer
