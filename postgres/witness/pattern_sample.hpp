#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace backout::postgres {

/// A text that matches a POSIX regular expression, another one for most other numbers. Nothing for
/// what has no simple sample (back references, look-around) and for patterns that want more than
/// 2,000 characters.
std::optional<std::string> sample_of_regex(std::string_view pattern, long number);

/// A text that matches a LIKE pattern.
std::string sample_of_like(std::string_view pattern, long number);

}  // namespace backout::postgres
