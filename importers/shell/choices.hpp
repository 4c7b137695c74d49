#pragma once
// The ways through a script, for rules that ask which of them does what. Nothing is run.

#include <functional>
#include <string_view>
#include <vector>

#include "importers/shell/nodes.hpp"
#include "importers/shell/shell.hpp"

namespace backout::importers {

/// The arms of a text that was read, an outer one before those in it. What nests deeper than can be
/// read is left out. `span` says where bytes of `text` stand in the file.
std::vector<Arm> arms_of(TSNode root, std::string_view text,
                         const std::function<model::Span(std::size_t, std::size_t)>& span);

}  // namespace backout::importers
