#include "cli/migration_input.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/changed_migrations.hpp"
#include "cli/command.hpp"
#include "cli/load_plan.hpp"
#include "cli/options.hpp"
#include "cli/parallel.hpp"
#include "importers/migrations/psql.hpp"
#include "model/files.hpp"
#include "model/render.hpp"

namespace backout::cli {
namespace {

namespace po = boost::program_options;

/// The SQL files of --schema as scripts whose places are known.
std::optional<std::vector<model::SqlText>> read_schema(const MigrationOptions& options,
                                                       importers::MigrationImport& imported,
                                                       std::ostream& err) {
  model::Sources& sources = *imported.sources;
  std::vector<model::SqlText> scripts;
  for (const std::string& file : options.schema) {
    auto text = model::read_file(file);
    if (!text) {
      err << fmt::format("backout: cannot read '{}': it {}\n", file, text.error());
      return std::nullopt;
    }
    model::SqlText script{std::move(*text), {}};
    model::Span span;
    span.file = sources.add(file, script.text);
    span.begin = 0;
    span.end = script.text.size();
    script.pieces.push_back({0, span});
    importers::fill_placeholders(script, "", script.text, options.set);
    importers::replace_meta_commands(script, imported.notes);
    scripts.push_back(std::move(script));
  }
  return scripts;
}

/// Which migrations come after `since`; nothing when no migration is called so.
std::optional<std::vector<bool>> judged_after(const model::MigrationSet& set,
                                              const std::string& since) {
  const auto named = [&](const model::Migration& migration) {
    return migration.version == since || migration.id == since;
  };
  const auto last = std::find_if(set.migrations.rbegin(), set.migrations.rend(), named);
  if (last == set.migrations.rend()) return std::nullopt;
  std::vector<bool> judged(set.migrations.size(), false);
  std::fill(judged.end() - (last - set.migrations.rbegin()), judged.end(), true);
  return judged;
}

/// Which migrations are judged: those after the version `since`, or those that differ from that
/// commit; empty: all.
GitResult<std::vector<bool>> judged_since(const model::MigrationSet& set,
                                          const model::Sources& sources, const std::string& since) {
  if (since.empty()) return std::vector<bool>{};
  if (auto judged = judged_after(set, since)) return std::move(*judged);
  return changed_since(set, sources, since);
}

model::SqlText script_at(const model::Sources& sources, std::uint32_t file) {
  const std::string& text = sources[file].text();
  return {text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
}

/// What a plan says of a database in a way that SQL can make again before its migrations; else why
/// not.
tl::expected<ChainInput, std::string> chain_of(const model::Plan& plan,
                                               const model::ServiceMigrations& migrations) {
  const model::Args& fields = plan.services[migrations.service].fields;
  ChainInput chain{migrations.set, {}, {}};
  std::vector<model::Migration>& all = chain.set.migrations;
  const auto first_new = all.begin() + static_cast<std::ptrdiff_t>(migrations.applied);
  if (const model::Node* file = fields.find("schema")) {
    const auto found = plan.files.find(file->text);
    if (found == plan.files.end()) return tl::unexpected(std::string("its schema is not known"));
    chain.schema.push_back(script_at(*plan.sources, found->second));
  } else {
    std::for_each(all.begin(), first_new, [&](const model::Migration& migration) {
      if (migration.up) chain.schema.push_back(*migration.up);
    });
  }
  all.erase(all.begin(), first_new);
  if (fields.has("tables"))
    return tl::unexpected(std::string("'tables' is no SQL: put them into a 'schema' file"));
  if (const model::Node* sql = fields.find("sql"))
    chain.schema.push_back({sql->text, {{0, sql->span}}});
  return chain;
}

}  // namespace

void add_migration_options(po::options_description& options) {
  options.add_options()("schema",
                        po::value<std::vector<std::string>>()->composing()->value_name("FILE"),
                        "SQL file with what the database holds before the first migration")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
      "value of a placeholder: ${NAME}, {{ .NAME }}, :NAME; repeatable")(
      "since", po::value<std::string>()->value_name("VERSION|REF"),
      "judge only migrations after this version or id, or those that differ from this git commit")(
      "together", "the folders hold one chain, ordered by version");
  add_limit_options(options,
                    "stop after this much time (10s, 5m): what was not looked at is unknown");
}

MigrationOptions read_migration_options(const po::variables_map& values) {
  if (!values.count("dir")) throw UsageError{"no folder of migrations given"};
  MigrationOptions options;
  options.folders = values["dir"].as<std::vector<std::string>>();
  if (values.count("schema")) options.schema = values["schema"].as<std::vector<std::string>>();
  if (values.count("since")) options.since = values["since"].as<std::string>();
  options.together = values.count("together") > 0;
  options.limits = read_limits(values);
  for (const std::string& one : values.count("set") ? values["set"].as<std::vector<std::string>>()
                                                    : std::vector<std::string>()) {
    const std::size_t equal = one.find('=');
    if (equal == std::string::npos || equal == 0)
      throw UsageError{fmt::format("--set wants NAME=VALUE, not '{}'", one)};
    options.set[one.substr(0, equal)] = one.substr(equal + 1);
  }
  return options;
}

analyzer::JudgeOptions judge_options(const ChainInput& chain, Watch* watch) {
  analyzer::JudgeOptions options;
  if (watch != nullptr) options.go_on = [watch] { return watch->go_on(0); };
  options.schema = chain.schema;
  options.judged = chain.judged;
  options.for_each = for_each_in_parallel;
  return options;
}

std::optional<MigrationInput> read_migrations(const MigrationOptions& options, std::ostream& err) {
  auto imported = importers::import_migrations(options.folders, options.set);
  if (imported) return chains_of(std::move(*imported), options, err);
  for (const model::Mistake& mistake : imported.error().mistakes)
    err << model::render(mistake, *imported.error().sources) << '\n';
  return std::nullopt;
}

std::optional<MigrationInput> chains_of(importers::MigrationImport imported,
                                        const MigrationOptions& options, std::ostream& err) {
  if (options.together) importers::join_chains(imported);
  const auto schema = read_schema(options, imported, err);
  if (!schema) return std::nullopt;
  MigrationInput input{imported.sources, {}, imported.notes};
  for (model::MigrationSet& set : imported.sets) {
    auto judged = judged_since(set, *imported.sources, options.since);
    if (!judged) {
      err << fmt::format("backout: --since: no migration of '{}' is called '{}'; {}\n", set.folder,
                         options.since, judged.error().message);
      return std::nullopt;
    }
    input.chains.push_back({std::move(set), *schema, std::move(*judged)});
  }
  return input;
}

std::optional<MigrationInput> read_planned_migrations(const std::string& path, std::ostream& err) {
  const auto plan = load_plan(path);
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes)
      err << model::render(mistake, *plan.error().sources) << '\n';
    return std::nullopt;
  }
  MigrationInput input{plan->sources, {}, {}};
  for (const model::ServiceMigrations& migrations : plan->migrations) {
    auto chain = chain_of(*plan, migrations);
    if (!chain) {
      err << fmt::format("backout: {}: the migrations of '{}' cannot be rehearsed: {}\n", path,
                         plan->services[migrations.service].name, chain.error());
      return std::nullopt;
    }
    input.chains.push_back(std::move(*chain));
    input.notes.insert(input.notes.end(), migrations.notes.begin(), migrations.notes.end());
  }
  if (input.chains.empty()) {
    err << fmt::format("backout: {}: no service of kind postgres names a folder of migrations\n",
                       path);
    return std::nullopt;
  }
  return input;
}

}  // namespace backout::cli
