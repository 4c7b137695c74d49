#pragma once
#include <memory>

#include <backout/services.hpp>

/// The kind `warehouse`: shelves that robots fill by a layout.
std::unique_ptr<const backout::services::Kind> make_warehouse();
