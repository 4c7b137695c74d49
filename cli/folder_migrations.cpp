#include "cli/folder_migrations.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_database.hpp"
#include "cli/migration_input.hpp"
#include "cli/migration_output.hpp"
#include "cli/server.hpp"
#include "model/render.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// One name for a folder, however it was given.
fs::path place_of(const std::string& folder) {
  std::error_code error;
  return fs::weakly_canonical(folder, error);
}

std::string normal(const std::string& path) {
  return fs::path(path).lexically_normal().generic_string();
}

/// Where every migration of a chain lacks a down, that is said once, at the newest.
void say_once(const reports::JudgedChain& chain, std::vector<model::Finding>& findings) {
  const auto missing = [](const model::Finding& each) {
    return each.rule == "migrations-missing-down";
  };
  const auto count = std::ranges::count_if(findings, missing);
  if (count < 2 || count != std::ssize(chain.judgement.judgements)) return;
  model::Finding newest = *std::find_if(findings.rbegin(), findings.rend(), missing);
  newest.message =
      fmt::format("none of the {} migrations of '{}' has a down", count, normal(chain.folder));
  std::erase_if(findings, missing);
  findings.push_back(std::move(newest));
}

/// The chain as a report of its own: its folder's name, then the files that its findings are in.
ChainReport report_of(const reports::JudgedChain& chain, const model::Sources& sources) {
  ChainReport made{std::make_unique<model::Plan>(), {}};
  made.plan->sources = std::make_shared<model::Sources>();
  made.plan->sources->add(normal(chain.folder), "");
  std::map<std::uint32_t, std::uint32_t> moved;
  const auto move = [&](model::Span& span) {
    const auto [known, is_new] = moved.try_emplace(span.file);
    if (is_new)
      known->second =
          made.plan->sources->add(normal(sources[span.file].name()), sources[span.file].text());
    span.file = known->second;
  };
  made.report.plan = made.plan.get();
  made.report.findings = chain.findings;
  for (model::Finding& finding : made.report.findings) {
    move(finding.span);
    for (model::RelatedPlace& place : finding.related) move(place.span);
  }
  return made;
}

}  // namespace

FolderMigrations examine_migrations(const std::string& folder, const InputFilter& filter,
                                    const std::vector<std::string>& planned,
                                    const std::string& since, const Selection& selection,
                                    Watch* watch, std::ostream& err) {
  FolderMigrations all;
  auto imported = importers::import_migrations({folder});
  if (!imported) {
    using Why = importers::ImportError::Why;
    const importers::ImportError& error = imported.error();
    if (error.why == Why::nothing) return all;
    for (const model::Mistake& mistake : error.mistakes)
      err << model::render(mistake, *error.sources) << '\n';
    return {{}, true, false, error.why == Why::unreadable};
  }
  MigrationOptions options;
  options.since = since;
  const auto input = chains_of(std::move(*imported), options, err);
  if (!input) return {{}, true, false, true};
  const std::vector<std::string> known = files_of(folder, filter);
  MigrationOutput output(*input, selection);
  for (const ChainInput& chain : input->chains) {
    const std::string name = normal(chain.set.folder);
    if (std::ranges::none_of(known, [&](const std::string& file) {
          return file.starts_with(name == "." ? "" : name + "/");
        }))
      continue;
    all.found = true;
    const bool judged_elsewhere = std::ranges::any_of(
        planned, [&](const std::string& each) { return place_of(each) == place_of(name); });
    const bool unchanged =
        !chain.judged.empty() && std::ranges::find(chain.judged, true) == chain.judged.end();
    if (judged_elsewhere || unchanged) continue;
    output.add(chain, analyzer::judge_chain(chain.set, *input->sources, judge_options(chain, watch),
                                            analyzer::postgres_database(empty_database())));
  }
  for (const reports::JudgedChain& chain : output.report().chains) {
    all.incomplete = all.incomplete || has_unknown(chain);
    all.chains.push_back(report_of(chain, *input->sources));
    if (since.empty()) say_once(chain, all.chains.back().report.findings);
  }
  return all;
}

}  // namespace backout::cli
