#pragma once
// Parts of runbook-names-absent: what stands in words, and what compose reads. Each adds to
// `found`.

#include "analyzer/documents/parts.hpp"
#include "importers/repository/resolve.hpp"

namespace backout::analyzer::documents {

/// Links to files that are not there.
void look_at_links(const DocumentFacts& facts, const importers::Repository& repository,
                   Findings& found);
/// Scripts that a sentence names by their path.
void look_at_paths(const DocumentFacts& facts, const importers::Repository& repository,
                   Findings& found);
/// Compose without a file, where no file stands at the root.
void look_at_compose_place(const DocumentFacts& facts, const importers::Repository& repository,
                           Findings& found);
/// A variable that is to choose the image, and no compose file reads it.
void look_at_compose_variables(const DocumentFacts& facts, const importers::Repository& repository,
                               Findings& found);

/// Workflows that a sentence names as the list of workflows does: 'Run the "Rollback" workflow'.
void look_at_workflow_names(const DocumentFacts& facts, const importers::Repository& repository,
                            Findings& found);

}  // namespace backout::analyzer::documents
