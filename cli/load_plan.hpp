#pragma once

#include <string>

#include "model/load.hpp"

namespace backout::cli {

/// model::load_plan() with all service kinds and everything that plans may name: what every command reads plans with.
tl::expected<model::Plan, model::LoadError> load_plan(const std::string& path);

}  // namespace backout::cli
