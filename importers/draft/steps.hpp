#pragma once
// The steps of a draft: each step of the document as a group of the actions that its commands stand
// for.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "importers/draft/draft.hpp"
#include "importers/draft/services.hpp"

namespace backout::importers {

inline constexpr std::size_t kLongestText = 2000;  ///< of a command or a text that a draft holds

/// One action: a typed one of a service, a command, or something that a person does.
struct DraftAction {
  std::string id;
  std::vector<std::pair<std::string, std::string>>
      keys;             ///< of the typed action, as YAML, `do` first
  std::string command;  ///< as written; empty for what a person does
  std::string source;
  bool typed = false;            ///< false: written as `run`, or as a task
  std::string contains = {};     ///< what somebody said that the command does; empty for nothing
  bool changes_nothing = false;  ///< a command that touches no service of the plan
  bool is_sql =
      false;  ///< `command` is the statements themselves, which the typed action holds too
};

struct DraftStep {
  std::string id;
  std::string title;
  std::string takes;  ///< as YAML; empty when the text does not say
  std::string source;
  std::vector<DraftAction> actions;
  std::vector<std::string> checks;     ///< as YAML maps
  std::vector<std::string> prechecks;  ///< the same, before its first action
  std::string note;                    ///< what else the text says of it; empty for nothing
  std::uint32_t at = 0;                ///< where it begins in the document
  std::uint32_t way =
      kNowhere;  ///< the section whose way back it belongs to; kNowhere: to none of its own
  bool deploys = false;
  bool is_optional = false;
  bool looks = false;         ///< a command of its looks at something
  bool stands_alone = false;  ///< it is all that its method says, not one of several steps
  /// Looks that belong to every way back below `common`, before or behind its own steps.
  enum class Place { own, front, back };
  Place place = Place::own;
  std::uint32_t common = kNowhere;  ///< the section; kNowhere: the whole document
};

/// What stands in the document beside the ways back: a drill, a message, an alert.
struct DraftNote {
  std::string about;
  std::string text;
  std::vector<std::string> commands;
  std::string takes;  ///< as YAML; empty for none
  std::string source;
};

struct DraftSteps {
  std::vector<DraftStep> steps;
  std::vector<DraftNote> notes;
  std::string total;  ///< of the whole rollback, as YAML; empty when the text does not say
  std::string total_source;
  std::set<const Time*> used;  ///< times that steps take
};

/// The document's steps in order, those of its templates left out. Blocks that stand under a method
/// and in no step are a step of that method; those of a section about rolling back that is neither
/// are a way of their own, or, when they only look, come before or behind those of the sections
/// beside it.
DraftSteps draft_steps(const DraftInput& input, DraftServices& services, Ids& ids);

/// The section whose way back a section belongs to: its method; else the section that the steps
/// stand in.
std::uint32_t way_of(const Document& document, std::uint32_t section);

/// The words of a document's place, cut where they are too long: then "..." stands at their end.
std::string text_at(const DraftInput& input, const model::Span& span);

/// `file:line` of a place.
std::string source_of(const DraftInput& input, const model::Span& span);

}  // namespace backout::importers
