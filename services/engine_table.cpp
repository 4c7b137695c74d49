// Sources of the rows.
// - MySQL: "Downgrading MySQL" and "Upgrade Paths" of the manuals 8.0, 8.4 and 26.7: in place
//   within 5.7, within 8.0 from 8.0.35 on, within an LTS series (8.4, 9.7); never between series,
//   nor within an innovation series; up from the LTS series before at the most.
// - MariaDB: "Downgrading between Major Versions", "Upgrading Between Major MariaDB Versions".
// - MongoDB: "Downgrade 6.0 to 5.0", "Downgrade 7.0 to 6.0" (no binary downgrade of Community; of
//   Enterprise only with its support), "Downgrade 8.2 to 8.0" (the same), "Downgrade 8.3 to 8.2"
//   (supported again, to the release before), "setFeatureCompatibilityVersion".
// - Elasticsearch, OpenSearch: NodeMetadata.java ("cannot downgrade a node", "cannot upgrade a
//   node"); OpenSearch "Rolling upgrade" (nodes cannot be downgraded; majors one by one; 3
//   from 2.19).
// - Meilisearch: "Update to the latest version" (a database is for the version that made it).
// - Kafka: "Upgrading"; RabbitMQ: "Feature Flags", "Upgrading".
// - Redis, Valkey: RDB_VERSION of rdb.h; redis#14064, valkey#665 (8.0 went back to 11), valkey#2917
//   (9.0 writes 80).
#include "services/engine_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/mention.hpp"

namespace backout::services {

namespace {

bool same_series(const std::string& a, const std::string& b) {
  return series_of(a, 2) == series_of(b, 2);
}

Reads within_series(const std::string& older, const std::string& newer) {
  return same_series(older, newer) ? Reads::yes : Reads::no;
}

Reads never(const std::string&, const std::string&) { return Reads::no; }

Reads nobody_says(const std::string&, const std::string&) { return Reads::unknown; }

/// MySQL goes by years from 26 on; the numbers in between are MariaDB's.
bool is_mariadb(const std::string& engine) {
  return part_of(engine, 0) >= 10 && part_of(engine, 0) < 26;
}

bool goes_by_years(const std::string& engine) { return part_of(engine, 0) >= 26; }

Reads mysql_back(const std::string& older, const std::string& newer) {
  if (!same_series(older, newer)) return Reads::no;
  const int major = part_of(newer, 0);
  const int minor = part_of(newer, 1);
  if (minor < 0 || goes_by_years(newer)) return Reads::unknown;  // which of them are LTS
  if (is_mariadb(newer) || major <= 5) return Reads::yes;
  if (major == 8 && minor == 0) {
    const int patch = part_of(older, 2);
    return patch < 0 ? Reads::unknown : patch >= 35 ? Reads::yes : Reads::no;
  }
  return (major == 8 && minor == 4) || (major == 9 && minor == 7) ? Reads::yes : Reads::no;
}

Reads mysql_up(const std::string& newer, const std::string& older) {
  if (is_mariadb(newer) || same_series(newer, older)) return Reads::yes;
  if (goes_by_years(newer) || is_mariadb(older)) return Reads::unknown;
  static constexpr std::array kLongLived = {"5.1", "5.5", "5.6", "5.7", "8.0", "8.4", "9.7"};
  std::string before;
  for (const char* series : kLongLived) {
    if (compare_versions(series, newer) < 0) before = series;
  }
  return before.empty() || compare_versions(older, before) >= 0 ? Reads::yes : Reads::no;
}

/// Whether MongoDB `newer` starts with what is of the release `older`: its own or the one before,
/// which of a minor release is the major one, too.
Reads mongodb_up(const std::string& newer, const std::string& older) {
  if (same_series(newer, older)) return Reads::yes;
  const int major = part_of(newer, 0);
  const int minor = part_of(newer, 1);
  if (minor < 0 || part_of(older, 1) < 0) return Reads::unknown;
  static const std::array<std::string, 9> kYearly = {"3.0", "3.2", "3.4", "3.6", "4.0",
                                                     "4.2", "4.4", "5.0", "6.0"};
  const auto place = [&](const std::string& engine) {
    return std::ranges::find(kYearly, series_of(engine, 2)) - kYearly.begin();
  };
  if (major < 5 || (major == 5 && minor == 0))
    return place(newer) == place(older) + 1 ? Reads::yes : Reads::no;
  if (minor > 0)
    return part_of(older, 0) == major && (part_of(older, 1) == 0 || part_of(older, 1) == minor - 1)
               ? Reads::yes
               : Reads::no;
  if (part_of(older, 0) != major - 1) return Reads::no;
  constexpr int kLastMinor = 3;  // 5.3, 6.3, 7.3, 8.3
  if (major > 9 && part_of(older, 1) > 0) return Reads::unknown;
  return part_of(older, 1) == 0 || part_of(older, 1) == kLastMinor ? Reads::yes : Reads::no;
}

std::string mongodb_unsupported(const std::string& older, const std::string& newer) {
  if (same_series(older, newer)) return {};
  if (mongodb_up(newer, older) != Reads::yes)
    return fmt::format("MongoDB goes back by one release alone, and {} ran there", newer);
  if (compare_versions(newer, "7.0") >= 0 && compare_versions(newer, "8.3") < 0)
    return fmt::format(
        "MongoDB supports no way back from {} (Community: none; Enterprise: with its support)",
        newer);
  return {};
}

/// OpenSearch 1 goes on where Elasticsearch 6.8 to 7.10 was.
Reads opensearch_back(const std::string& older, const std::string& newer) {
  const bool was_elasticsearch = part_of(newer, 0) == 6 || part_of(newer, 0) == 7;
  return part_of(older, 0) == 1 && was_elasticsearch && compare_versions(newer, "6.8") >= 0 &&
                 compare_versions(newer, "7.10") <= 0
             ? Reads::yes
             : Reads::no;
}

Reads from_the_major_before(const std::string& newer, const std::string& older,
                            const std::vector<std::string>& at_least) {
  const int apart = part_of(newer, 0) - part_of(older, 0);
  if (apart > 1) return Reads::no;
  for (const std::string& each : at_least) {
    if (apart == 1 && part_of(each, 0) == part_of(older, 0))
      return compare_versions(older, each) < 0 ? Reads::no : Reads::yes;
  }
  return Reads::yes;
}

Reads elasticsearch_up(const std::string& newer, const std::string& older) {
  return from_the_major_before(newer, older, {"5.6", "6.8", "7.17", "8.18"});
}

Reads opensearch_up(const std::string& newer, const std::string& older) {
  return from_the_major_before(newer, older, {"2.19"});
}

/// Of the engine's own series, among `series` with the format of each.
template <std::size_t kSize>
std::optional<int> format_in(const std::array<std::pair<std::string_view, int>, kSize>& series,
                             const std::string& engine) {
  const std::string own = series_of(engine, 2);
  const auto found =
      std::ranges::find_if(series, [&](const auto& each) { return each.first == own; });
  return found == series.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int> redis_format(const std::string& engine) {
  static constexpr std::array<std::pair<std::string_view, int>, 13> kFormats = {{{"3.2", 7},
                                                                                 {"4.0", 8},
                                                                                 {"5.0", 9},
                                                                                 {"6.0", 9},
                                                                                 {"6.2", 9},
                                                                                 {"7.0", 10},
                                                                                 {"7.2", 11},
                                                                                 {"7.4", 12},
                                                                                 {"8.0", 12},
                                                                                 {"8.2", 12},
                                                                                 {"8.4", 12},
                                                                                 {"8.6", 13},
                                                                                 {"8.8", 14}}};
  return format_in(kFormats, engine);
}

std::optional<int> valkey_format(const std::string& engine) {
  static constexpr std::array<std::pair<std::string_view, int>, 4> kFormats = {
      {{"7.2", 11}, {"8.0", 11}, {"8.1", 11}, {"9.0", 80}}};
  return format_in(kFormats, engine);
}

std::string says_mysql(const std::string& older, const std::string& newer) {
  return fmt::format(
      "Cannot boot server version {} on data directory built by version {}. Downgrade is not "
      "supported",
      older, newer);
}

std::string says_mysql_up(const std::string& newer, const std::string& older) {
  return fmt::format("Invalid MySQL server upgrade: Cannot upgrade from {} to {}", older, newer);
}

std::string says_mongodb(const std::string& engine, const std::string& left) {
  return fmt::format(
      "UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document: {} does not run "
      "with {}",
      engine, left);
}

std::string says_node(const std::string& older, const std::string& newer) {
  return fmt::format("cannot downgrade a node from version [{}] to version [{}]", newer, older);
}

std::string says_node_up(const std::string& newer, const std::string& older) {
  return fmt::format("cannot upgrade a node from version [{}] directly to version [{}]", older,
                     newer);
}

std::string says_meilisearch(const std::string& engine, const std::string& left) {
  return fmt::format(
      "Your database version ({}) is incompatible with your current engine version "
      "({})",
      left, engine);
}

std::string says_broker(const std::string& older, const std::string& newer) {
  return fmt::format(
      "{} does not start: what only {} knows is in use (metadata version, feature flags)", older,
      newer);
}

const std::vector<KnownEngine>& table() {
  static const std::vector<KnownEngine> kTable = {
      {.name = "mariadb", .older_reads = within_series, .words_back = says_mysql},
      {.name = "mysql",
       .of_kind = true,
       .older_reads = mysql_back,
       .newer_reads = mysql_up,
       .words_back = says_mysql,
       .words_up = says_mysql_up},
      {.name = "mongodb",
       .of_kind = true,
       .older_reads = within_series,
       .newer_reads = mongodb_up,
       .unsupported = mongodb_unsupported,
       .leaves_series = true,
       .words_back = says_mongodb,
       .words_up = says_mongodb},
      {.name = "opensearch",
       .older_reads = opensearch_back,
       .newer_reads = opensearch_up,
       .words_back = says_node,
       .words_up = says_node_up},
      {.name = "elasticsearch",
       .older_reads = never,
       .newer_reads = elasticsearch_up,
       .words_back = says_node,
       .words_up = says_node_up},
      {.name = "meilisearch",
       .older_reads = never,
       .newer_reads = nobody_says,
       .words_back = says_meilisearch,
       .words_up = says_meilisearch},
      {.name = "kafka", .older_reads = within_series, .words_back = says_broker},
      {.name = "rabbitmq", .older_reads = within_series, .words_back = says_broker},
      {.name = "valkey", .format = valkey_format},
      {.name = "redis", .format = redis_format}};
  return kTable;
}

}  // namespace

const KnownEngine* known_engine(const model::Service& self) {
  const std::string provider = self.fields.text("provider");
  const bool is_other =
      model::mentions(provider, {"rds", "aurora", "cloudsql", "cloud-sql", "azure", "atlas",
                                 "documentdb", "cosmos*", "ferretdb", "tidb", "planetscale",
                                 "vitess", "singlestore", "polardb", "google", "gcp"});
  if (is_other) return nullptr;
  for (const KnownEngine& row : table()) {
    if (model::mentions(provider, {row.name})) return &row;
  }
  const auto of_kind = [&](const KnownEngine& row) { return row.of_kind && row.name == self.kind; };
  const auto found = std::ranges::find_if(table(), of_kind);
  return found == table().end() ? nullptr : &*found;
}

}  // namespace backout::services
