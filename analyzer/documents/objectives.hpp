#pragma once
// What the targets of a document are about: recovery times and how much may be lost, of everything
// or of one part.

#include <set>
#include <string>
#include <string_view>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

/// Words of three letters and more that tell components apart, without those that every objective
/// has.
std::set<std::string> component_words(std::string_view text);

/// "Maximum tolerable downtime": the end of everything, and not the target that somebody works to.
bool is_last_bound(const importers::Time& time);

/// Whether a target is the one of everything, by its own words or those of its heading: "##
/// Recovery time objective", "Target: 4 hours".
bool is_of_everything(const Document& document, const importers::Time& time);

/// Whether a title is of what has to be done by then, when all is over: "Short-term actions (within
/// 24 hours)".
bool is_afterwards(std::string_view title);

}  // namespace backout::analyzer::documents
