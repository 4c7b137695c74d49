#pragma once

#include <string>

#include "model/load.hpp"

namespace backout::cli {

/// The kinds that plans may name.
const model::Catalog& known_kinds();

/// model::load_plan() with all service kinds and everything that plans may name: what every command
/// reads plans with.
tl::expected<model::Plan, model::LoadError> load_plan(const std::string& path);

/// The same of a text that `path` holds, or would hold; it names files of the folder of `path`.
tl::expected<model::Plan, model::LoadError> load_plan_text(const std::string& path,
                                                           std::string text);
/// The same of a text of that name; it names files of `folder` (empty: none may be named), and
/// migrations where they are read.
tl::expected<model::Plan, model::LoadError> load_plan_text(
    const std::string& name, std::string text, const std::string& folder,
    const model::ReadMigrations& read_migrations);

}  // namespace backout::cli
