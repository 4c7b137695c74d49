#pragma once
// How `migrations` and `rehearse` end: findings, reports, and an exit status.

#include "cli/migration_input.hpp"
#include "cli/options.hpp"
#include "cli/selection.hpp"
#include "reports/migrations/migrations_report.hpp"

namespace backout::cli {

/// The formats in which migrations are reported.
ReportChoice migrations_reports();

/// Gathers judged chains and the findings that count.
class MigrationOutput {
 public:
  /// Both outlive it.
  MigrationOutput(const MigrationInput& input, const Selection& selection);

  void add(const ChainInput& chain, analyzer::ChainJudgement judgement,
           std::optional<analyzer::Rehearsed> rehearsed = std::nullopt);
  const reports::MigrationsReport& report() const { return report_; }

 private:
  const Selection& selection_;
  std::vector<model::Finding> left_out_;  ///< of the folders, until a chain takes them
  reports::MigrationsReport report_;
};

/// False after a message when a report cannot be written.
bool write_migrations(const Invocation& invocation, const ReportOptions& options,
                      const reports::MigrationsReport& report);

/// Whether a verdict of the chain is unknown.
bool has_unknown(const reports::JudgedChain& chain);

/// What the findings and the unknown verdicts come to under --fail-on and --unknown.
int status_of(const reports::MigrationsReport& report, const ReportOptions& options);
/// The status of a run that may have been stopped before its end, which is told on `err`.
int say_stopped(const Watch& watch, int status, std::ostream& err);

}  // namespace backout::cli
