#pragma once
// What a document means by a step that a rule of plans speaks of.
#include <string_view>

#include "importers/document/document.hpp"

namespace backout::cli {

/// Whether the words around `place` say that it is a rehearsal, a standby or one's own machine:
/// what is stopped there may stay so.
bool is_rehearsed(const importers::Document& document, const model::Span& place);

/// Whether the words around `place` speak of data that comes back, and of no older version: what is
/// started there is the version that was.
bool brings_data_back(const importers::Document& document, const model::Span& place);

/// Whether the command that a message ends with ("'tar x': 'rm y' then destroys ...") removes
/// nothing that anybody could want back.
bool destroys_nothing(std::string_view message);

}  // namespace backout::cli
