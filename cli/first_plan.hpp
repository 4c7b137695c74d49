#pragma once
// The text of a first plan, with comments that teach.

#include <string>

#include "cli/survey.hpp"

namespace backout::cli {

/// How much SQL of the migrations a first plan holds.
enum class SqlDetail {
  before_and_step,  ///< the earlier migrations as the schema before, the last one as the deploy's
                    ///< first step
  step,             ///< the last one as a step, on a schema that is not said
  none,             ///< a step whose SQL is not said
};

/// A plan named `name` of what `found` says. What the files do not say is `unknown`, with a
/// comment.
std::string first_plan(const std::string& name, const Survey& found, SqlDetail detail);

/// The richest first plan that loads and whose SQL parses.
std::string first_plan_that_loads(const std::string& name, const Survey& found);

}  // namespace backout::cli
