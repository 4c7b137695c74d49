#pragma once
// What plain words mean: the core schema of YAML 1.2, and UTF-8.

#include <cstddef>
#include <string_view>

#include "model/node.hpp"

namespace backout::model {

/// The type of an unquoted scalar by the YAML 1.2 core schema (section 10.3.2 of the
/// specification).
Node::Type plain_scalar_type(std::string_view text);

/// The first byte that is not UTF-8 (overlong forms and surrogates included); text.size() when all
/// is well.
std::size_t first_invalid_utf8(std::string_view text);

}  // namespace backout::model
