#pragma once
// What a workflow of GitHub Actions says besides its commands.

#include <string_view>

#include "importers/document/document.hpp"
#include "model/node.hpp"

namespace backout::importers {

/// Reads inputs and references to outputs. `text` is the file that `root` was read from. Of what a
/// reusable workflow or an action puts out nothing is known: only names that no job and no step has
/// are undeclared.
Pipeline read_pipeline(const model::Node& root, std::string_view text, std::uint32_t file);

/// Adds a step that an action takes.
void add_use(Pipeline& pipeline, const model::Node& step, std::string_view text,
             std::uint32_t file);

}  // namespace backout::importers
