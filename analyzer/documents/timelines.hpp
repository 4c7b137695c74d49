#pragma once
// Parts of document rules about what two places say of one thing: timelines, means that are denied.

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

// total-disagrees

/// A timeline that goes back.
void look_at_timelines(const DocumentFacts& facts, Findings& found);

// method-slower-than-objective

/// A timeline whose end comes behind the target.
void look_at_ends_of_timelines(const DocumentFacts& facts, Findings& found);

// relies-on-unbuilt

/// A way back by means that another section says are not there.
void look_at_denied_means(const DocumentFacts& facts, Findings& found);

}  // namespace backout::analyzer::documents
