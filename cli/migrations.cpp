// backout migrations DIR...: is each down migration honest? No plan and no database needed.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

#include "analyzer/migrations/judge.hpp"
#include "analyzer/migrations/postgres_world.hpp"
#include "analyzer/migrations/rules.hpp"
#include "cli/changed_migrations.hpp"
#include "cli/command.hpp"
#include "cli/finding_options.hpp"
#include "cli/options.hpp"
#include "cli/output_file.hpp"
#include "cli/parallel.hpp"
#include "importers/migrations/import.hpp"
#include "importers/migrations/psql.hpp"
#include "model/render.hpp"
#include "model/source.hpp"
#include "reports/migrations/migrations_report.hpp"

namespace backout::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kUsage =
    "Usage: backout migrations [OPTIONS] DIR...\n\n"
    "Replays every up migration on a PostgreSQL model and says of each pair whether the down runs, restores the schema,\n"
    "keeps the data and accepts the rows that the new schema allows.\n";

struct Settings {
  ReportOptions reports;
  std::vector<std::string> folders;
  std::vector<std::string> schema;
  std::string since;
  bool together = false;
  FindingOptions findings;
};

ReportChoice migrations_reports() {
  ReportChoice choice{"text", {}, false};
  for (const reports::MigrationsFormat& each : reports::all_migrations_formats()) choice.formats.emplace_back(each.name);
  return choice;
}

std::optional<Settings> read_settings(const Invocation& invocation) {
  po::options_description options("Migrations");
  options.add_options()
      ("schema", po::value<std::vector<std::string>>()->composing()->value_name("FILE"),
       "SQL file with what the database holds before the first migration")
      ("since", po::value<std::string>()->value_name("VERSION|REF"),
       "judge only migrations after this version or id, or those that differ from this git commit")
      ("together", "the folders hold one chain, ordered by version");
  const ReportChoice choice = migrations_reports();
  options.add(finding_options(false)).add(report_options(choice));
  const auto values = parse_arguments(invocation, kUsage, options, "dir");
  if (!values) return std::nullopt;
  if (!values->count("dir")) throw UsageError{"no folder of migrations given"};
  Settings settings{read_report_options(*values, choice), (*values)["dir"].as<std::vector<std::string>>(), {}, {}, false, {}};
  settings.findings = read_finding_options(*values, settings.folders.front());
  read_defaults(*values, settings.findings.config.fail_on, settings.findings.config.unknown, settings.reports);
  if (values->count("schema")) settings.schema = (*values)["schema"].as<std::vector<std::string>>();
  if (values->count("since")) settings.since = (*values)["since"].as<std::string>();
  settings.together = values->count("together") > 0;
  return settings;
}

/// The SQL files of --schema as scripts whose places are known.
std::optional<std::vector<model::SqlText>> read_schema(const std::vector<std::string>& files, importers::MigrationImport& imported, std::ostream& err) {
  model::Sources& sources = *imported.sources;
  std::vector<model::SqlText> scripts;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      err << fmt::format("backout: cannot read '{}'\n", file);
      return std::nullopt;
    }
    std::ostringstream text;
    text << in.rdbuf();
    model::SqlText script{text.str(), {}};
    model::Span span;
    span.file = sources.add(file, script.text);
    span.begin = 0;
    span.end = script.text.size();
    script.pieces.push_back({0, span});
    importers::replace_meta_commands(script, imported.notes);
    scripts.push_back(std::move(script));
  }
  return scripts;
}

/// Which migrations come after `since`; nothing when no migration is called so.
std::optional<std::vector<bool>> judged_after(const model::MigrationSet& set, const std::string& since) {
  const auto named = [&](const model::Migration& migration) { return migration.version == since || migration.id == since; };
  const auto last = std::find_if(set.migrations.rbegin(), set.migrations.rend(), named);
  if (last == set.migrations.rend()) return std::nullopt;
  std::vector<bool> judged(set.migrations.size(), false);
  std::fill(judged.end() - (last - set.migrations.rbegin()), judged.end(), true);
  return judged;
}

/// Which migrations are judged: those after the version `since`, or those that differ from that commit; empty: all.
GitResult<std::vector<bool>> judged_since(const model::MigrationSet& set, const model::Sources& sources,
                                          const std::string& since) {
  if (since.empty()) return std::vector<bool>{};
  if (auto judged = judged_after(set, since)) return std::move(*judged);
  return changed_since(set, sources, since);
}

bool write(const Invocation& invocation, const ReportOptions& options, const reports::MigrationsReport& report) {
  for (const ReportTarget& target : options.targets) {
    const reports::Style style = style_of(invocation, options, target.file);
    const auto print = [&](std::ostream& out) { reports::find_migrations_format(target.format->name)->write(report, style, out); };
    if (!write_output(invocation, target.file, print)) return false;
  }
  return true;
}

int status_of(const reports::MigrationsReport& report, const ReportOptions& options) {
  bool unknown = false;
  for (const reports::JudgedChain& chain : report.chains) {
    for (const model::Finding& finding : chain.findings) {
      if (options.fail_on && finding.severity >= *options.fail_on) return kFindings;
    }
    unknown = unknown || std::ranges::any_of(chain.judgement.judgements, [](const analyzer::Judgement& judgement) {
                return judgement.verdict == analyzer::Verdict::unknown;
              });
  }
  return unknown && options.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

}  // namespace

int run_migrations(const Invocation& invocation) {
  const auto settings = read_settings(invocation);
  if (!settings) return kOk;
  auto imported = importers::import_migrations(settings->folders);
  if (!imported) {
    for (const model::Mistake& mistake : imported.error().mistakes) {
      invocation.err << model::render(mistake, *imported.error().sources) << '\n';
    }
    return kInvalidInput;
  }
  if (settings->together) importers::join_chains(*imported);
  auto schema = read_schema(settings->schema, *imported, invocation.err);
  if (!schema) return kInvalidInput;
  reports::MigrationsReport report;
  report.sources = imported->sources.get();
  report.notes = imported->notes;
  std::vector<model::Finding> left_out = analyzer::folder_findings(imported->notes);
  for (const model::MigrationSet& set : imported->sets) {
    const auto judged = judged_since(set, *imported->sources, settings->since);
    if (!judged) {
      invocation.err << fmt::format("backout: --since: no migration of '{}' is called '{}'; {}\n", set.folder, settings->since,
                                    judged.error().message);
      return kInvalidInput;
    }
    auto judgement = analyzer::judge_chain(set, *imported->sources, {*schema, *judged, for_each_in_parallel}, analyzer::postgres_world());
    auto findings = analyzer::migration_findings(judgement);
    findings.insert(findings.begin(), left_out.begin(), left_out.end());
    left_out.clear();
    settings->findings.selection.apply(findings, set.folder);
    report.chains.push_back({set.folder, set.convention, std::move(judgement), std::move(findings)});
  }
  if (!write(invocation, settings->reports, report)) return kOutput;
  return status_of(report, settings->reports);
}

}  // namespace backout::cli
