#pragma once
// The page without its data, embedded by the build: reports/html/build.mjs makes the definitions.

#include <string_view>

namespace backout::reports {

/// Everything before what stands there for browsers that run no script, up to and with the opening
/// tag of its element.
std::string_view page_head();
/// From the closing tag of that element to the opening tag of the JSON's.
std::string_view page_middle();
/// Everything behind the JSON, from the closing tag on.
std::string_view page_tail();

}  // namespace backout::reports
