#pragma once
// Small things that several formats need.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/finding.hpp"
#include "model/plan.hpp"
#include "simulator/matrix.hpp"

namespace backout::reports {

/// "note", "warning", "error".
const char* to_string(model::Severity severity);
/// "deploy", "interruption", "traffic", ...
const char* to_string(simulator::TraceLine::Actor actor);
/// "DATA LOST", with a star when it takes a fault; "-" where the path is not offered.
std::string cell_word(const simulator::Cell& cell);
/// A finding's identity that survives moved lines: 16 hex digits over rule, file, step, message.
/// `occurrence` tells apart findings that are otherwise alike.
std::string fingerprint(const model::Plan& plan, const model::Finding& finding, std::size_t occurrence);

}  // namespace backout::reports
