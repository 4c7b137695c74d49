#pragma once
// What people answered to the questions of `backout ask`: backout.answers.yaml beside the document.

#include <filesystem>
#include <map>
#include <string>

#include "cli/command.hpp"

namespace backout::cli {

inline constexpr const char* kAnswersFile = "backout.answers.yaml";

/// Answers by their place in the plan (`rollback.paths.full.total`), as YAML values.
using Answers = std::map<std::string, std::string>;

/// The answers about `document` in the file beside it; none where there is no such file.
/// Throws InvalidInput, with every mistake of the file, when it holds anything else.
Answers answers_of(const std::filesystem::path& document);

/// Writes `answers` about `document` into the file beside it, those about other documents kept.
/// False when it cannot, which is said then.
bool save_answers(const Invocation& invocation, const std::filesystem::path& document,
                  const Answers& answers);

}  // namespace backout::cli
