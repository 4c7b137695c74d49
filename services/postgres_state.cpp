#include "services/postgres_state.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "services/postgres_facts.hpp"

namespace backout::services {

namespace pg = backout::postgres;

std::uint64_t digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const unsigned char byte : text) hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

namespace {

/// Whether states say the same of the two. Most are copies of each other.
bool says_the_same(const pg::Database& one, const pg::Database& other) {
  if (one.shares_all_with(other)) return true;
  const auto all_of = [](const pg::Database& database) {
    std::vector<std::string> all = {database.doubt()};
    std::vector<Fact> facts;
    database_facts(database, facts);
    for (const Fact& fact : facts) all.push_back(fact.path + '=' + fact.value);
    std::vector<Datum> data;
    database_data(database, nullptr, data);
    for (const Datum& datum : data) all.push_back(datum.id);
    std::sort(all.begin(), all.end());
    return all;
  };
  return all_of(one) == all_of(other);
}

}  // namespace

NullsAtStart nulls_of_rows(const pg::Database& database) {
  NullsAtStart nulls;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    for (const auto& row : rows->rows) {
      for (std::size_t slot = 0; slot < table->columns.size(); ++slot) {
        if (!table->columns[slot].dropped && row->at(slot).is_null())
          nulls[row->identity].insert(table->columns[slot].name);
      }
    }
  }
  return nulls;
}

const pg::Database* PostgresState::database() const {
  const auto found = databases.find(live);
  return found == databases.end() ? nullptr : &found->second;
}

StatePtr PostgresState::seal() {
  facts_.clear();
  data_.clear();
  if (const pg::Database* content = database()) {
    database_facts(*content, facts_);
    facts_of_rows(*this, *content, facts_);
    database_data(*content, nulls_at_start.get(), data_);
    if (!content->doubt().empty()) facts_.push_back({"doubt", content->doubt()});
  }
  facts_.push_back({"database", database() == nullptr ? "missing" : "present"});
  facts_.push_back({"locked", locked ? "true" : "false"});
  if (!engine.empty()) facts_.push_back({"engine", engine});
  if (!old_engine.empty()) facts_.push_back({"old_cluster", old_engine, false});
  facts_.push_back({"point", point, false});
  for (const std::string& name : leftovers)
    facts_.push_back({"tables." + name, "left behind by the restore"});
  for (const auto& [name, content] : databases) {
    if (name != live) facts_.push_back({"databases." + name, "present", false});
  }
  for (const auto& [name, dump] : dumps) {
    facts_.push_back({"dumps." + name, dump.format + " of " + dump.point, false});
    if (dump.damaged) facts_.push_back({"damaged." + name, "true", false});
  }
  for (const auto& [name, rows] : baselines)
    facts_.push_back({"baselines." + name.substr(0, name.find(' ')), "recorded", false});
  facts_.push_back({"sessions", has_sessions ? "open" : "none", false});
  const auto by_path = [](const Fact& a, const Fact& b) {
    return std::tie(a.path, a.value) < std::tie(b.path, b.value);
  };
  std::sort(facts_.begin(), facts_.end(), by_path);
  facts_.erase(std::unique(facts_.begin(), facts_.end(),
                           [](const Fact& a, const Fact& b) {
                             return a.path == b.path && a.value == b.value;
                           }),
               facts_.end());
  std::sort(data_.begin(), data_.end());
  std::string all;
  for (const Fact& fact : facts_) all += fact.path + '=' + fact.value + '\n';
  for (const Datum& datum : data_) all += datum.id + '\n';
  hash_ = digest(all);
  return std::make_shared<const PostgresState>(*this);
}

bool PostgresState::equals(const State& other) const {
  const auto& that = static_cast<const PostgresState&>(other);
  const auto same_fact = [](const Fact& a, const Fact& b) {
    return a.path == b.path && a.value == b.value;
  };
  const bool same =
      hash_ == that.hash_ && data_ == that.data_ && baselines == that.baselines &&
      std::equal(facts_.begin(), facts_.end(), that.facts_.begin(), that.facts_.end(), same_fact);
  // The facts name the same dumps and databases in both, and say what the live one holds.
  const auto same_dump = [](const auto& one, const auto& other) {
    return one.second.engine == other.second.engine &&
           says_the_same(one.second.content, other.second.content);
  };
  const auto same_database = [&](const auto& one, const auto& other) {
    return one.first == live || says_the_same(one.second, other.second);
  };
  const auto same_cluster = [](const auto& one, const auto& other) {
    return one.first == other.first && says_the_same(one.second, other.second);
  };
  return same &&
         std::equal(dumps.begin(), dumps.end(), that.dumps.begin(), that.dumps.end(), same_dump) &&
         std::equal(databases.begin(), databases.end(), that.databases.begin(),
                    that.databases.end(), same_database) &&
         std::equal(old_cluster.begin(), old_cluster.end(), that.old_cluster.begin(),
                    that.old_cluster.end(), same_cluster);
}

bool is_record_table(std::string_view name) {
  name = name.substr(name.rfind('.') + 1);
  return name.find("migration") != std::string_view::npos || name == "alembic_version" ||
         name == "flyway_schema_history" || name == "__EFMigrationsHistory" ||
         name == "goose_db_version" || name == "databasechangelog";
}

void note_rows_of_step(const PostgresState& before, PostgresState& after) {
  const pg::Database* now = after.database();
  if (now == nullptr) return;
  std::set<std::uint64_t> old;
  if (const pg::Database* then = before.database()) {
    if (then->shares_all_with(*now)) return;
    for (const auto& [id, rows] : then->rows().all()) {
      for (const auto& row : rows->rows) old.insert(row->identity);
    }
  }
  for (const auto& [id, rows] : now->rows().all()) {
    for (const auto& row : rows->rows) {
      if (row->identity != 0 && !old.contains(row->identity))
        after.made_by_steps.insert(row->identity);
    }
  }
}

void name_rows(pg::Database& database, const std::string& tag) {
  for (const auto& [id, rows] : database.rows().all()) {
    pg::TableRows named = *rows;
    std::size_t made = 0;
    for (std::size_t i = 0; i < named.rows.size(); ++i) {
      if (named.rows[i]->identity != 0) continue;
      pg::Row row = *named.rows[i];
      row.identity = digest(fmt::format("{} {}", tag, made++)) | 1;
      named.rows[i] = std::make_shared<const pg::Row>(std::move(row));
    }
    if (made > 0) database.rows().store(id, std::move(named));
  }
}

}  // namespace backout::services
