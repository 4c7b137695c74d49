#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Operators of jsonb on known values: @>, <@, ?, ?|, ?&, - (of a text, a number, an array of
/// texts) and #-; nothing for other operators and values. Refuses as PostgreSQL does: 22023.
/// Source: PostgreSQL manual, 9.16, and jsonb_op.c.
std::optional<Checked<Typed>> json_operator(std::string_view name, const Typed& left,
                                            const Typed& right);

/// Whether a document has no array where a step of the path is no number: 22P02; 22023 when it is a
/// scalar, in which nothing can be set or deleted (`verb`).
Checked<void> json_path_fits(const std::string& json, const std::vector<std::string>& path,
                             std::string_view verb);

}  // namespace backout::postgres
