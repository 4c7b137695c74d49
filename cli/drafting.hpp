#pragma once
// What `import` and `ask` share: a document or a folder as a drafted plan.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "importers/draft/draft.hpp"

namespace backout::cli {

/// The draft of a Markdown or shell document, with what its project says. Throws UsageError when
/// the file cannot be read.
importers::Draft draft_of(const std::filesystem::path& document);

/// The mistakes that the loader finds in the text of a drafted plan.
std::vector<model::Mistake> mistakes_of(const std::string& text);

/// The runbooks and scripts about rolling back in a folder, sorted. Throws UsageError where there
/// is nothing to read.
std::vector<std::string> documents_in(const std::string& folder);

/// Creates `file`; false when it exists or cannot be written.
bool write_new(const std::string& file, const std::string& text);

}  // namespace backout::cli
