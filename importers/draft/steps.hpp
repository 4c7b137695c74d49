#pragma once
// The steps of a draft: each step of the document as a group of the actions that its commands stand for.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "importers/draft/draft.hpp"
#include "importers/draft/services.hpp"

namespace backout::importers {

/// One action: a typed one of a service, a command, or something that a person does.
struct DraftAction {
  std::string id;
  std::vector<std::pair<std::string, std::string>> keys;  ///< of the typed action, as YAML, `do` first
  std::string command;   ///< as written; empty for what a person does
  std::string source;
  bool typed = false;    ///< false: written as `run`, or as a task
  bool is_sql = false;   ///< `command` is the statements themselves, which the typed action holds too
};

struct DraftStep {
  std::string id;
  std::string title;
  std::string takes;     ///< as YAML; empty when the text does not say
  std::string source;
  std::vector<DraftAction> actions;
  std::vector<std::string> checks;  ///< as YAML maps
  std::uint32_t way = kNowhere;     ///< the section whose way back it belongs to; kNowhere: to none of its own
  bool deploys = false;
  bool is_optional = false;
};

/// The document's steps in order, those of its templates left out. Blocks that stand under a method and in no step
/// are a step of that method.
std::vector<DraftStep> draft_steps(const DraftInput& input, DraftServices& services, Ids& ids);

/// The section whose way back a section belongs to: its method; else the section that the steps stand in.
std::uint32_t way_of(const Document& document, std::uint32_t section);

/// `file:line` of a place.
std::string source_of(const DraftInput& input, const model::Span& span);

}  // namespace backout::importers
