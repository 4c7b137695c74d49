#include "cli/load_plan.hpp"

#include <filesystem>

#include "cli/server.hpp"
#include "importers/migrations/import.hpp"
#include "services/service.hpp"

namespace backout::cli {
namespace {

using LoadedPlan = tl::expected<model::Plan, model::LoadError>;

LoadedPlan with_server(LoadedPlan plan) {
  if (plan) say_server(*plan);
  return plan;
}

}  // namespace

const model::Catalog& known_kinds() {
  static const model::Catalog kCatalog = services::catalog();
  return kCatalog;
}

tl::expected<model::Plan, model::LoadError> load_plan(const std::string& path) {
  return with_server(model::load_plan(path, known_kinds(), importers::read_migrations));
}

tl::expected<model::Plan, model::LoadError> load_plan_text(const std::string& path,
                                                           std::string text) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return load_plan_text(path, std::move(text), folder.empty() ? "." : folder,
                        importers::read_migrations);
}

tl::expected<model::Plan, model::LoadError> load_plan_text(
    const std::string& name, std::string text, const std::string& folder,
    const model::ReadMigrations& read_migrations) {
  return with_server(
      model::load_plan_text(name, std::move(text), folder, known_kinds(), read_migrations));
}

}  // namespace backout::cli
