#pragma once
// The text of a first plan, with comments that teach.

#include <filesystem>
#include <string>

#include "cli/survey.hpp"

namespace backout::cli {

/// A plan named `name` of what `found` says, with the migrations as its database has them or, where
/// that does not load, with a step whose SQL is not said. `place` is the folder that the plan will
/// stand in. What the files do not say is `unknown`, with a comment.
std::string first_plan(const std::string& name, const Survey& found,
                       const std::filesystem::path& place);

}  // namespace backout::cli
