#include "cli/migration_output.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/rules.hpp"
#include "cli/output_file.hpp"

namespace backout::cli {

ReportChoice migrations_reports() {
  ReportChoice choice{"text", {}, true};
  for (const reports::MigrationsFormat& each : reports::all_migrations_formats())
    choice.formats.emplace_back(each.name);
  return choice;
}

MigrationOutput::MigrationOutput(const MigrationInput& input, const Selection& selection)
    : selection_(selection), left_out_(analyzer::folder_findings(input.notes)) {
  report_.sources = input.sources.get();
  report_.notes = input.notes;
}

void MigrationOutput::add(const ChainInput& chain, analyzer::ChainJudgement judgement,
                          std::optional<analyzer::Rehearsed> rehearsed) {
  auto findings = analyzer::migration_findings(judgement);
  findings.insert(findings.begin(), left_out_.begin(), left_out_.end());
  left_out_.clear();
  selection_.apply(findings, chain.set.folder);
  report_.chains.push_back({chain.set.folder, chain.set.convention, std::move(judgement),
                            std::move(findings), std::move(rehearsed)});
}

bool write_migrations(const Invocation& invocation, const ReportOptions& options,
                      const reports::MigrationsReport& report) {
  for (const ReportTarget& target : options.targets) {
    const reports::Style style = style_of(invocation, options, target.file);
    const auto print = [&](std::ostream& out) {
      reports::find_migrations_format(target.format->name)->write(report, style, out);
    };
    if (!write_output(invocation, target.file, print)) return false;
  }
  return true;
}

bool has_unknown(const reports::JudgedChain& chain) {
  return std::ranges::any_of(chain.judgement.judgements, [](const analyzer::PairJudgement& each) {
    return each.verdict == analyzer::PairVerdict::unknown;
  });
}

int status_of(const reports::MigrationsReport& report, const ReportOptions& options) {
  bool unknown = false;
  for (const reports::JudgedChain& chain : report.chains) {
    for (const model::Finding& finding : chain.findings) {
      if (options.fail_on && finding.severity >= *options.fail_on) return kFindings;
    }
    unknown = unknown || has_unknown(chain);
  }
  return unknown && options.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

int say_stopped(const Watch& watch, int status, std::ostream& err) {
  if (!watch.stopped()) return status;
  err << fmt::format("backout: {}: what follows from there on is unknown\n", watch.why());
  return status == kOk ? kIncomplete : status;
}

}  // namespace backout::cli
