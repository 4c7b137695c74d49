#pragma once
// Fixes that are an exact change of the plan's text: for formats that offer them to be applied.

#include <optional>
#include <string>

#include "model/finding.hpp"
#include "model/plan.hpp"

namespace backout::analyzer {

/// Puts `text` in the place of what stands at `span`; an empty span is a place to insert at.
struct Edit {
  model::Span span;
  std::string text;
};

/// The edit that does what the finding's fix says. nullopt where something would have to be guessed, which is nearly
/// everywhere: names, times and commands are for people to find out.
std::optional<Edit> exact_edit(const model::Plan& plan, const model::Finding& finding);

}  // namespace backout::analyzer
