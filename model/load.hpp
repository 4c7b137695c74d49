#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "model/catalog.hpp"
#include "model/migration.hpp"
#include "model/plan.hpp"

namespace backout::model {

/// What is wrong with an input, all of it, with the texts to print the places from.
struct LoadError {
  std::shared_ptr<Sources> sources;
  std::vector<Mistake> mistakes;  ///< sorted by place, at least one
};

/// Reads and checks the plan at `path` (YAML 1.2 or JSON). Files that it names must lie below its
/// folder. Without `read_migrations` a plan that names a folder of migrations does not load.
tl::expected<Plan, LoadError> load_plan(const std::string& path, const Catalog& catalog,
                                        const ReadMigrations& read_migrations = {});

/// The same from memory; `folder` is where the files that it names are looked for (empty: none may
/// be named).
tl::expected<Plan, LoadError> load_plan_text(std::string name, std::string text,
                                             const std::string& folder, const Catalog& catalog,
                                             const ReadMigrations& read_migrations = {});

/// The JSON Schema (draft 2020-12) of plans, made from the same tables as the loader's checks.
/// Pretty-printed.
std::string plan_schema(const Catalog& catalog);

/// The nearest of `known` by edit distance when it is near enough to be a typing mistake, else
/// empty.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace backout::model
