#pragma once

#include <initializer_list>
#include <string>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

/// The incompatibilities of operations of these types as findings, placed at the step with which
/// each begins.
std::vector<model::Finding> compatibility_findings(
    const Facts& facts, std::initializer_list<model::Operation::Type> types,
    const std::string& fix);

}  // namespace backout::analyzer
