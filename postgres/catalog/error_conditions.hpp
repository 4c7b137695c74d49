#pragma once
// Conditions that a handler of PL/pgSQL names.

#include <string_view>

namespace backout::postgres {

/// The SQLSTATE of an exception condition, by name or as written; "none" when it has no such name.
std::string_view sqlstate_of(std::string_view condition);

}  // namespace backout::postgres
