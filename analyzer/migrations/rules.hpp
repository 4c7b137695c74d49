#pragma once
// Findings for CI on top of the verdicts. docs/rules/<id>.md explains each.

#include <string_view>
#include <vector>

#include "analyzer/migrations/chain_judge.hpp"
#include "model/finding.hpp"

namespace backout::analyzer {

/// A rule about migrations, for `backout explain` and for the check of suppressions.
struct MigrationRule {
  const char* id;
  model::Severity severity;
  const char* summary;
  const char* fix;  ///< what to write, where a finding does not know better; empty: it always does
};

const std::vector<MigrationRule>& migration_rules();
/// What was left out when the folders were read.
std::vector<model::Finding> folder_findings(const std::vector<model::Mistake>& notes);
/// nullptr when there is none of this id.
const MigrationRule* find_migration_rule(std::string_view id);

/// The findings of a judged chain. Suppressed ones are left out; a suppression that matches
/// nothing, that names no rule or that gives no reason is itself a finding. `Finding::step` is the
/// migration's id. Sorted by place.
std::vector<model::Finding> migration_findings(const ChainJudgement& chain);

}  // namespace backout::analyzer
