// Terraform: the services and stores that its resources make. Read only as far as needed: blocks,
// and plain `key = "text"` in them.
#include <array>

#include "importers/repository/readers.hpp"

namespace backout::importers {

namespace {

/// What a resource is for backout; a store when `store` is set.
struct ResourceSort {
  std::string_view resource;
  const char* kind;
  const char* store;
};
constexpr std::array<ResourceSort, 22> kSorts = {{
    {"aws_ecs_service", "ecs", ""},
    {"aws_lambda_function", "serverless", ""},
    {"google_cloud_run_service", "serverless", ""},
    {"google_cloud_run_v2_service", "serverless", ""},
    {"google_cloudfunctions2_function", "serverless", ""},
    {"azurerm_linux_web_app", "app", ""},
    {"azurerm_container_app", "serverless", ""},
    {"kubernetes_deployment", "kubernetes", ""},
    {"kubernetes_deployment_v1", "kubernetes", ""},
    {"helm_release", "helm", ""},
    {"heroku_app", "heroku", ""},
    {"fly_app", "fly", ""},
    {"aws_db_instance", "", "?"},
    {"aws_rds_cluster", "", "?"},
    {"google_sql_database_instance", "", "?"},
    {"azurerm_postgresql_flexible_server", "", "postgres"},
    {"azurerm_postgresql_server", "", "postgres"},
    {"aws_elasticache_cluster", "", "redis"},
    {"aws_elasticache_replication_group", "", "redis"},
    {"aws_msk_cluster", "", "kafka"},
    {"aws_mq_broker", "", "rabbitmq"},
    {"aws_dynamodb_table", "", "dynamodb"},
}};

/// The text in quotes behind `at`; empty when there is none on the line.
std::string_view quoted_at(std::string_view line, std::size_t at) {
  const std::size_t begin = line.find('"', at);
  const std::size_t end = begin == std::string_view::npos ? begin : line.find('"', begin + 1);
  return end == std::string_view::npos ? std::string_view()
                                       : line.substr(begin + 1, end - begin - 1);
}

/// The value of `key = "text"` at the top of a block; empty for another line, or where something is
/// expanded.
std::string plain_value(std::string_view line, std::string_view key) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos || line.substr(begin, key.size()) != key) return {};
  const std::size_t equals = line.find_first_not_of(" \t", begin + key.size());
  if (equals == std::string_view::npos || line[equals] != '=') return {};
  const std::string_view value = quoted_at(line, equals);
  return value.find("${") == std::string_view::npos ? std::string(value) : std::string();
}

std::string engine_of(const std::string& written) {
  if (written.find("postgres") != std::string::npos ||
      written.find("POSTGRES") != std::string::npos)
    return "postgres";
  if (written.find("mysql") != std::string::npos || written.find("MYSQL") != std::string::npos ||
      written.find("maria") != std::string::npos)
    return "mysql";
  return {};
}

}  // namespace

void read_terraform(const ReadFile& file, Repository& repository) {
  const std::string_view text = file.text;
  const ResourceSort* sort = nullptr;
  Unit unit;
  std::string engine;
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (depth == 0 && line.starts_with("resource ")) {
      const std::string_view resource = quoted_at(line, 8);
      const std::size_t behind = line.find(resource) + resource.size() + 1;
      sort = nullptr;
      for (const ResourceSort& each : kSorts) {
        if (each.resource == resource) sort = &each;
      }
      const std::string_view label = quoted_at(line, behind);
      unit = {.kind = sort == nullptr ? "" : sort->kind,
              .workload = std::string(resource),
              .name = std::string(label),
              .file = file.path};
      unit.span = {file.source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
      engine.clear();
    } else if (depth == 1 && sort != nullptr) {
      for (const char* key : {"name", "function_name", "identifier", "cluster_identifier"}) {
        if (std::string value = plain_value(line, key); !value.empty())
          unit.name = std::move(value);
      }
      for (const char* key : {"engine", "database_version"}) {
        if (std::string value = plain_value(line, key); !value.empty()) engine = engine_of(value);
      }
      if (std::string image = plain_value(line, "image"); !image.empty())
        unit.image = std::move(image);
    }
    const std::size_t comment = line.find('#');
    for (const char c : line.substr(0, comment)) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (depth <= 0 && sort != nullptr) {
      unit.store = std::string_view(sort->store) == "?" ? engine : sort->store;
      unit.purpose = *sort->store != '\0' ? Purpose::store : Purpose::app;
      repository.units.push_back(unit);
      sort = nullptr;
    }
    depth = std::max(depth, 0);
    at = end + 1;
  }
}

}  // namespace backout::importers
