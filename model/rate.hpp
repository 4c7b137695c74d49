#pragma once
// How often something happens, as plans write it: 20/min.

#include <optional>
#include <string_view>

namespace backout::model {

/// Events per hour of a number per s, min, h or d; nullopt for everything else, such as `unknown`.
std::optional<double> per_hour(std::string_view rate);

}  // namespace backout::model
