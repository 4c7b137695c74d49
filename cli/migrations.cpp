// backout migrations DIR...: is each down migration honest? No plan and no database needed.
#include <ostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "cli/command.hpp"
#include "cli/finding_options.hpp"
#include "cli/locks.hpp"
#include "cli/migration_input.hpp"
#include "cli/migration_output.hpp"
#include "cli/options.hpp"
#include "cli/parallel.hpp"
#include "cli/server.hpp"
#include "cli/write_downs.hpp"
#include "model/printable.hpp"
#include "reports/migrations/migrations_report.hpp"

namespace backout::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kMigrationsHelp =
    "Usage: backout migrations [OPTIONS] DIR...\n\n"
    "Replays every up migration on a PostgreSQL model and says of each pair whether the down runs, "
    "restores the schema,\n"
    "keeps the data and accepts the rows that the new schema allows.\n";

struct MigrationsSettings {
  ReportOptions reports;
  MigrationOptions input;
  FindingOptions findings;
  bool prechecks = false;
  bool locks = false;
  std::string downs;  ///< the folder of --write-downs
  bool replace = false;
};

std::optional<MigrationsSettings> read_migrations_settings(const Invocation& invocation) {
  po::options_description options("Migrations");
  options.add_options()("prechecks",
                        "print, instead of verdicts, the SELECTs to run before each down, newest "
                        "first: a row is a refusal")(
      "locks",
      "print, instead of verdicts, what each statement of the downs locks, writes anew and scans, "
      "newest first")("write-downs", po::value<std::string>()->value_name("DIR"),
                      "write downs that are missing or broken, judged like any other, into DIR, "
                      "instead of verdicts")("replace",
                                             "with --write-downs: overwrite files that are there");
  add_migration_options(options);
  const ReportChoice choice = migrations_reports();
  options.add(finding_options(false)).add(report_options(choice));
  const auto values = parse_arguments(invocation, kMigrationsHelp, options, "dir");
  if (!values) return std::nullopt;
  MigrationsSettings settings{
      read_report_options(*values, choice), read_migration_options(*values), {},
      values->count("prechecks") > 0,       values->count("locks") > 0,      {},
      values->count("replace") > 0};
  if (values->count("write-downs")) settings.downs = (*values)["write-downs"].as<std::string>();
  settings.findings = read_finding_options(*values, settings.input.folders.front());
  read_defaults(*values, settings.findings.config, settings.reports);
  return settings;
}

/// As SQL for psql: what each SELECT is for stands before it. A rollback begins with the newest.
void print_prechecks(const reports::MigrationsReport& report, std::ostream& out) {
  for (const reports::JudgedChain& chain : report.chains) {
    for (auto judged = chain.judgement.judgements.rbegin();
         judged != chain.judgement.judgements.rend(); ++judged) {
      for (const analyzer::Precheck& one : judged->prechecks) {
        const model::Place place = report.sources->place(one.span);
        out << model::printable(fmt::format("-- {}:{}: {}{}{}", place.file, place.line, one.what,
                                            one.why.empty() ? "" : ": ", one.why))
            << '\n';
        if (!one.select.empty()) out << model::printable(one.select) << '\n';
      }
    }
  }
}

}  // namespace

int run_migrations(const Invocation& invocation) {
  const auto settings = read_migrations_settings(invocation);
  if (!settings) return kOk;
  auto input = read_migrations(settings->input, invocation.err);
  if (!input) return kInvalidInput;
  if (settings->locks) {
    print_locks(*input, invocation.out);
    return kOk;
  }
  if (!settings->downs.empty())
    return write_downs(invocation, *input, settings->input.limits, settings->downs,
                       settings->replace);
  Watch watch(settings->input.limits, invocation.err);
  MigrationOutput output(*input, settings->findings.selection);
  for (const ChainInput& chain : input->chains) {
    output.add(chain,
               analyzer::judge_chain(chain.set, *input->sources, judge_options(chain, &watch),
                                     analyzer::postgres_database(empty_database())));
  }
  if (settings->prechecks) {
    print_prechecks(output.report(), invocation.out);
    return kOk;
  }
  if (!write_migrations(invocation, settings->reports, output.report())) return kOutput;
  return say_stopped(watch, status_of(output.report(), settings->reports), invocation.err);
}

}  // namespace backout::cli
