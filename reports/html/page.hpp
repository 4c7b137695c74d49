#pragma once
// The page without its data, embedded by the build: reports/html/build.mjs makes the definitions.

#include <string_view>

namespace backout::reports {

/// Everything before the JSON, up to and with the opening tag of its script element.
std::string_view page_head();
/// Everything behind the JSON, from the closing tag on.
std::string_view page_tail();

}  // namespace backout::reports
