#pragma once
// What migrations take for granted and a platform usually brings: roles, extensions.

#include <optional>
#include <string>
#include <string_view>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// Adds the role or the extension that a refusal missed; what was taken for granted (`role "app"
/// exists`), or nothing.
std::optional<std::string> assume(Database& database, std::string_view sqlstate,
                                  std::string_view message);

/// Between double quotes after `before` in `message`; empty when it does not say so.
std::string quoted_after(std::string_view message, std::string_view before);

}  // namespace backout::postgres
