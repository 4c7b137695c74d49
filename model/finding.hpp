#pragma once
// What the tool has to say about a plan: the one currency of rules, search and reports.

#include <optional>
#include <string>
#include <vector>

#include "model/source.hpp"

namespace backout::model {

enum class Severity { note, warning, error };

struct RelatedPlace {
  Span span;
  std::string message;

  friend bool operator==(const RelatedPlace&, const RelatedPlace&) = default;
};

/// The finding that another one follows from: its rule, place and step.
struct Because {
  std::string rule;
  Span span;
  std::string step;  ///< empty when it is about none

  friend bool operator==(const Because&, const Because&) = default;
};

/// A change of a text: `text` in the place of what stands at `span`; an empty span is a place to
/// insert at.
struct Edit {
  Span span;
  std::string text;

  friend bool operator==(const Edit&, const Edit&) = default;
};

/// One finding. `message` says what goes wrong, then what to do; steps are named in single quotes.
struct Finding {
  std::string rule;
  Severity severity = Severity::warning;
  std::string message;
  Span span;
  std::string step;  ///< id of the step it is about; empty when none
  std::vector<RelatedPlace> related;
  std::string fix;  ///< what to do, one sentence; empty when the message says it
  std::vector<Edit>
      edits;  ///< what `fix` says as a change of the text, all of it or none; empty where something
              ///< would have to be guessed: names, times and commands are for people to find out
  std::string
      cause;  ///< what is wrong there, whatever path or cell shows it; empty: the message says
  std::vector<std::string>
      paths;  ///< the rollback paths that show it, in the plan's order; empty: not about paths
  std::vector<std::string>
      also;  ///< messages of the same cause on other paths, where they say more than `message`
  std::optional<Because> because;  ///< the finding that this one follows from

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// Order of a report: by file, place, rule, message.
void sort_findings(std::vector<Finding>& findings);

}  // namespace backout::model
