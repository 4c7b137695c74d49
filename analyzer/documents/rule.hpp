#pragma once
// Rules that read a document (a runbook, a script) and no plan: analyzer/documents/<id>.cpp +
// docs/rules/<id>.md + fixtures/documents/<id>/{bad,good}_*.md + one line in rules.inc.

#include <functional>
#include <string_view>
#include <vector>

#include "importers/document/document.hpp"
#include "importers/repository/repository.hpp"
#include "model/finding.hpp"
#include "model/source.hpp"

namespace backout::analyzer {

/// What a document rule is given.
struct DocumentFacts {
  const importers::Document& document;
  const model::Sources& sources;
  /// The project that the document belongs to, read when a rule asks; nullptr or no function: there
  /// is none to look into.
  std::function<const importers::Repository*()> repository = {};
  std::string folder = {};  ///< of the document, relative to the project's root
};

struct DocumentRule {
  const char* id;     ///< "runbook-..."; that of a plan rule where the class is the same
  const char* group;  ///< class of the taxonomy
  model::Severity severity;
  const char* summary;  ///< one sentence
  std::vector<model::Finding> (*check)(const DocumentFacts& facts);
};

const std::vector<DocumentRule>& document_rules();
const DocumentRule* find_document_rule(std::string_view id);

/// Every finding of a document, its `backout: ignore` comments applied: one that hides nothing is
/// itself a finding of rule "unused-suppression". Sorted. `more` are findings that were made
/// elsewhere, of the plan that the document describes; comments suppress them too. Where its ways
/// back were not `searched`, nobody knows whether a comment about what the search says hides
/// nothing.
std::vector<model::Finding> document_findings(const DocumentFacts& facts,
                                              std::vector<model::Finding> more = {},
                                              bool searched = true);

}  // namespace backout::analyzer
