#pragma once
// --fix and --diff: the edits that findings offer, applied and looked at again.

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

/// A text, and what was mended in it.
struct Mended {
  std::string text;
  std::vector<std::string> rules;  ///< of the findings that are gone, one for each
};

/// Applies what edits the findings of the text offer, as long as each takes its finding away and
/// brings no error and no warning: the mended text is examined as the first one was. What does not
/// load is left as it is.
Mended mend(const std::string& file, std::string text, const PipelineSettings& settings);

enum class MendMode {
  write,  ///< into the files
  show,   ///< as a diff on standard output
};

/// Mends each file that changes. A file that is another one by the time it would be written stays
/// as it is, with a message. The number of findings mended; nothing after a message when a file
/// cannot be written.
std::optional<std::size_t> mend_files(const Invocation& invocation,
                                      const std::vector<std::string>& files,
                                      const PipelineSettings& settings, MendMode mode);

}  // namespace backout::cli
