#pragma once

#include <string>
#include <string_view>

namespace backout::postgres {

/// The MD5 of the bytes of `text` as 32 hexadecimal digits, as md5(text) gives it. Source: RFC
/// 1321.
std::string md5(std::string_view text);

}  // namespace backout::postgres
