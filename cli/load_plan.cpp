#include "cli/load_plan.hpp"

#include "importers/migrations/import.hpp"
#include "services/service.hpp"

namespace backout::cli {

tl::expected<model::Plan, model::LoadError> load_plan(const std::string& path) {
  static const model::Catalog kCatalog = services::catalog();
  return model::load_plan(path, kCatalog, importers::read_migrations);
}

}  // namespace backout::cli
