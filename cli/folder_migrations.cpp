#include "cli/folder_migrations.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_world.hpp"
#include "analyzer/migrations/rules.hpp"
#include "cli/migration_input.hpp"
#include "cli/parallel.hpp"
#include "importers/migrations/import.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// One name for a folder, however it was given.
fs::path place_of(const std::string& folder) {
  std::error_code error;
  return fs::weakly_canonical(folder, error);
}

std::string normal(const std::string& path) { return fs::path(path).lexically_normal().generic_string(); }

/// Where every migration of a chain lacks a down, that is said once, at the newest.
void say_once(const model::MigrationSet& set, std::vector<model::Finding>& findings) {
  const auto missing = [](const model::Finding& each) { return each.rule == "migrations-missing-down"; };
  if (std::ranges::any_of(set.migrations, [](const model::Migration& each) { return each.down.has_value(); })) return;
  const auto last = std::find_if(findings.rbegin(), findings.rend(), missing);
  if (last == findings.rend()) return;
  model::Finding newest = *last;
  const auto count = std::ranges::count_if(findings, missing);
  if (count > 1) newest.message = fmt::format("none of the {} migrations of '{}' has a down", count, normal(set.folder));
  std::erase_if(findings, missing);
  findings.push_back(std::move(newest));
}

/// The findings with their files one further on.
void shift(std::vector<model::Finding>& findings) {
  for (model::Finding& finding : findings) {
    ++finding.span.file;
    for (model::RelatedPlace& place : finding.related) ++place.span.file;
  }
}

}  // namespace

std::vector<ChainReport> examine_migrations(const std::string& folder, const InputFilter& filter, const std::vector<std::string>& planned,
                                            const std::string& since, const Selection& selection, std::ostream& err) {
  std::vector<ChainReport> all;
  if (!importers::import_migrations({folder})) return all;  // there are none
  MigrationOptions options;
  options.folders = {folder};
  options.since = since;
  const auto input = read_migrations(options, err);
  if (!input) return all;
  const std::vector<std::string> known = files_of(folder, filter);
  for (const ChainInput& chain : input->chains) {
    const std::string name = normal(chain.set.folder);
    const bool left_out = std::ranges::none_of(known, [&](const std::string& file) { return file.starts_with(name == "." ? "" : name + "/"); });
    const bool judged_elsewhere = std::ranges::any_of(planned, [&](const std::string& each) { return place_of(each) == place_of(name); });
    const bool unchanged = !chain.judged.empty() && std::ranges::find(chain.judged, true) == chain.judged.end();
    if (left_out || judged_elsewhere || unchanged) continue;
    const analyzer::ChainJudgement judged = analyzer::judge_chain(chain.set, *input->sources, {chain.schema, chain.judged, for_each_in_parallel, 64, {}}, analyzer::postgres_world());
    ChainReport made{std::make_unique<model::Plan>(), {}, false};
    made.plan->sources = std::make_shared<model::Sources>();
    made.plan->sources->add(name, "");
    for (std::uint32_t file = 0; file < input->sources->size(); ++file) made.plan->sources->add(normal((*input->sources)[file].name()), (*input->sources)[file].text());
    made.report.plan = made.plan.get();
    made.report.findings = analyzer::migration_findings(judged);
    say_once(chain.set, made.report.findings);
    shift(made.report.findings);
    selection.apply(made.report.findings, name);
    made.unknown = std::ranges::any_of(judged.judgements, [](const analyzer::Judgement& each) { return each.verdict == analyzer::Verdict::unknown; });
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace backout::cli
