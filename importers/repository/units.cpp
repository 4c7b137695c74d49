// What the readers share: members of maps, images, units.
#include <algorithm>
#include <array>
#include <utility>

#include "importers/document/words.hpp"
#include "importers/repository/readers.hpp"
#include "model/yaml.hpp"

namespace backout::importers {

std::vector<model::Node> documents_of(const ReadFile& file, Repository& repository,
                                      const std::string& runner) {
  model::DocumentStream stream = model::parse_yaml_stream(*repository.sources, file.source);
  if (stream.mistake && file.text.find("{{") == std::string::npos) {
    repository.unread.push_back(std::move(*stream.mistake));
    if (!runner.empty()) repository.open_runners.insert(runner);
  }
  return std::move(stream.documents);
}

const model::Node* member(const model::Node* map, const std::string& key) {
  if (map == nullptr || map->type != model::Node::Type::map) return nullptr;
  if (const model::Node* own = map->find(key)) return own;
  const model::Node* merged = map->find("<<");
  if (merged == nullptr) return nullptr;
  if (merged->type == model::Node::Type::map) return member(merged, key);
  for (const model::Node& one : merged->items) {
    if (const model::Node* found = member(&one, key)) return found;
  }
  return nullptr;
}

std::string text_of(const model::Node* map, const std::string& key) {
  const model::Node* value = member(map, key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

bool says_production(const std::string& path) {
  static constexpr std::array kNames = {"prod", "production", "prd", "live"};
  const std::string low = lower(path);
  for (std::size_t begin = 0; begin < low.size(); ++begin) {
    const std::size_t end = std::min(low.find_first_of("/.-_", begin), low.size());
    if (std::ranges::find(kNames, std::string_view(low).substr(begin, end - begin)) != kNames.end())
      return true;
    begin = end;
  }
  return false;
}

std::string image_name(const std::string& image) {
  const std::string whole = image.substr(0, image.find('@'));
  const std::size_t colon = whole.rfind(':');
  return colon == std::string::npos || whole.find('/', colon) != std::string::npos
             ? whole
             : whole.substr(0, colon);
}

std::string store_of_image(const std::string& image) {
  // The last part of the repository's name, without tag and digest.
  std::string name = image.substr(0, image.find('@'));
  name = name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
  name = name.substr(0, name.find(':'));
  static constexpr std::array<std::pair<const char*, const char*>, 34> kStores = {{
      {"postgres", "postgres"},
      {"postgresql", "postgres"},
      {"postgis", "postgres"},
      {"timescaledb", "postgres"},
      {"timescaledb-ha", "postgres"},
      {"pgvector", "postgres"},
      {"spilo-15", "postgres"},
      {"mysql", "mysql"},
      {"mariadb", "mysql"},
      {"percona", "mysql"},
      {"mongo", "mongodb"},
      {"mongodb", "mongodb"},
      {"redis", "redis"},
      {"redis-stack", "redis"},
      {"redis-stack-server", "redis"},
      {"valkey", "redis"},
      {"keydb", "redis"},
      {"memcached", "memcached"},
      {"kafka", "kafka"},
      {"cp-kafka", "kafka"},
      {"redpanda", "kafka"},
      {"zookeeper", "zookeeper"},
      {"cp-zookeeper", "zookeeper"},
      {"pgbouncer", "pgbouncer"},
      {"rabbitmq", "rabbitmq"},
      {"nats", "nats"},
      {"elasticsearch", "elasticsearch"},
      {"opensearch", "opensearch"},
      {"meilisearch", "meilisearch"},
      {"clickhouse-server", "clickhouse"},
      {"minio", "minio"},
      {"qdrant", "qdrant"},
      {"weaviate", "weaviate"},
      {"cassandra", "cassandra"},
  }};
  const auto found =
      std::ranges::find_if(kStores, [&](const auto& store) { return name == store.first; });
  return found == kStores.end() ? std::string() : found->second;
}

void add_unit(Repository& repository, Unit unit) {
  unit.store = store_of_image(unit.image);
  if (!unit.store.empty()) unit.purpose = Purpose::store;
  repository.units.push_back(std::move(unit));
}

}  // namespace backout::importers
