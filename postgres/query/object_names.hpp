#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postgres/catalog/database.hpp"
#include "postgres/values/value.hpp"

namespace backout::postgres {

/// The number of the object that a value of regclass, regtype or regnamespace (`type`) stands for:
/// 42P01 or 3F000 when there is none.
Checked<std::string> number_of_object(const Database& database, std::string_view type,
                                      std::string_view text);

/// Such a value as it is printed: without its schema where search_path finds it; nothing when that
/// is not known.
std::optional<std::string> text_of_object(const Database& database, std::string_view type,
                                          std::string_view text);

/// to_regclass(), to_regtype(), to_regnamespace(), current_schema() and current_schemas(); nothing
/// for other functions.
std::optional<Typed> look_up_name(Database& database, std::string_view function,
                                  std::span<const Typed> arguments);

}  // namespace backout::postgres
