#include "services/postgres_state.hpp"

#include <algorithm>
#include <cctype>
#include <functional>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/witness/fitting.hpp"
#include "services/residue.hpp"

namespace backout::services {

namespace pg = backout::postgres;

std::uint64_t digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const unsigned char byte : text) hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

namespace {

std::string text_of_value(const pg::Value& value) {
  if (value.is_known()) return value.text();
  if (value.is_null()) return "NULL";
  return fmt::format("?{}.{}", static_cast<int>(value.kind()), value.identity());
}

const char* kind_word(pg::ObjectKind kind) {
  using Kind = pg::ObjectKind;
  switch (kind) {
    case Kind::schema:
      return "schemas";
    case Kind::sequence:
      return "sequences";
    case Kind::type:
      return "types";
    case Kind::view:
      return "views";
    case Kind::function:
      return "functions";
    case Kind::event_trigger:
      return "event_triggers";
    case Kind::extension:
      return "extensions";
    case Kind::role:
      return "roles";
    case Kind::statistics:
      return "statistics";
    case Kind::table:
    case Kind::constraint:
    case Kind::index:
    case Kind::trigger:
    case Kind::policy:
    case Kind::rule:
    case Kind::default_grants:
      break;
  }
  return "objects";
}

std::string constraint_word(char type) {
  switch (type) {
    case 'f':
      return "foreign key";
    case 'p':
      return "primary key";
    case 'u':
      return "unique";
    case 'x':
      return "exclusion";
    default:
      return "check";
  }
}

void table_facts(const pg::Database& database, const pg::Table& table, std::vector<Fact>& facts) {
  const std::string path = "tables." + fact_name(database, table);
  facts.push_back({path, "table"});
  for (const pg::Column& column : table.columns) {
    if (column.dropped) continue;
    const std::string at = fmt::format("{}.columns.{}", path, column.name);
    facts.push_back({at, pg::print_type(database, column.type, column.modifiers)});
    facts.push_back({at + ".not_null", column.not_null ? "true" : "false"});
    if (column.default_value)
      facts.push_back({at + ".default", pg::present_names(database, column.default_value.text)});
  }
}

/// An object that belongs to a table, or stands for itself.
Fact object_fact(const pg::Database& database, const pg::Object& object) {
  const pg::Object* table = object.parent == 0 ? nullptr : database.find(object.parent);
  const std::string within =
      table == nullptr ? "" : fmt::format("tables.{}.", fact_name(database, *table));
  if (const auto* constraint = database.get<pg::Constraint>(object.id)) {
    std::string word = constraint_word(constraint->type);
    if (constraint->check) word += " " + pg::present_names(database, constraint->check.text);
    return {fmt::format("{}constraints.{}", within, object.name), word};
  }
  if (const auto* index = database.get<pg::Index>(object.id)) {
    return {fmt::format("{}indexes.{}", within, object.name),
            (index->unique ? "unique " : "") + index->method};
  }
  if (const auto* type = database.get<pg::Type>(object.id)) {
    return {fmt::format("types.{}", fact_name(database, object)),
            fmt::format("{} {}", type->variety, fmt::join(type->labels, ","))};
  }
  const std::string name = table == nullptr ? fact_name(database, object) : object.name;
  return {fmt::format("{}{}.{}", within, kind_word(object.kind), name), "present"};
}

/// Facts that PostgreSQL brings itself and that no plan changes.
bool is_built_in(const pg::Object& object) {
  return (object.kind == pg::ObjectKind::schema && object.name == "public") ||
         (object.kind == pg::ObjectKind::role && object.name == "postgres");
}

void database_facts(const pg::Database& database, std::vector<Fact>& facts) {
  database.for_each([&](const pg::Object& object) {
    if (is_built_in(object)) return;
    if (const auto* table = database.get<pg::Table>(object.id)) {
      table_facts(database, *table, facts);
    } else {
      facts.push_back(object_fact(database, object));
    }
  });
}

std::string content_of(const std::string& table, const pg::Row& row) {
  std::string content = table;
  for (const pg::Value& value : row.values) content += '|' + text_of_value(value);
  return content;
}

/// How a row is called: by its key, else by the first value that is known.
std::string name_of_row(const pg::Database& database, const pg::Table& table, const pg::Row& row) {
  for (const pg::Constraint* key : database.parts_of<pg::Constraint>(table.id)) {
    if (key->type != 'p' || key->columns.empty()) continue;
    const pg::Value& value = row.at(key->columns.front() - std::size_t{1});
    if (value.is_known()) return value.text();
  }
  for (std::size_t slot = 0; slot < table.columns.size(); ++slot) {
    if (!table.columns[slot].dropped && row.at(slot).is_known()) return row.at(slot).text();
  }
  return fmt::format("{:x}", row.identity & 0xffffff);
}

/// The rows that steps inserted and that were not there before the deploy.
void facts_of_rows(const PostgresState& state, const pg::Database& database,
                   std::vector<Fact>& facts) {
  if (state.made_by_steps.empty()) return;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    const std::string name = fact_name(database, *table);
    for (const auto& row : rows->rows) {
      if (!row->certain || !state.made_by_steps.contains(row->identity)) continue;
      if (state.at_start != nullptr && state.at_start->contains(content_of(name, *row))) continue;
      facts.push_back({fmt::format("tables.{}.rows.{}", name, name_of_row(database, *table, *row)),
                       "inserted by a step"});
    }
  }
}

/// Whether the database gives the column its value: a number or a time that says nothing of what
/// was written.
bool fills_itself(const pg::Column& column) {
  return column.identity != '\0' || column.generated ||
         column.default_value.text.find("nextval") != std::string::npos;
}

/// Adds that columns of a row are NULL as they were before the deploy: a value in their place is
/// not what was there.
void add_nulls(const pg::Table& table, const pg::Row& row, const NullsAtStart& nulls,
               const std::string& path, std::vector<Datum>& data) {
  const auto found = nulls.find(row.identity);
  if (found == nulls.end()) return;
  for (const std::string& name : found->second) {
    const pg::ColumnId column = table.find(name);
    if (column == 0 || !row.at(column - std::size_t{1}).is_null()) continue;
    data.push_back({fmt::format("{}#{:x}.{}{}", path, row.identity & 0xffffff, name, kIsNull),
                    fmt::format("{}.columns.{}", path, name)});
  }
}

void database_data(const pg::Database& database, const NullsAtStart* nulls,
                   std::vector<Datum>& data) {
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    const std::string path = "tables." + fact_name(database, *table);
    for (const auto& row : rows->rows) {
      if (row->identity == 0) continue;
      const std::string name = fmt::format("{}#{:x}", path, row->identity & 0xffffff);
      data.push_back({name, path});
      if (nulls != nullptr) add_nulls(*table, *row, *nulls, path, data);
      for (std::size_t slot = 0; slot < table->columns.size(); ++slot) {
        const pg::Column& column = table->columns[slot];
        if (column.dropped || row->at(slot).is_null() || fills_itself(column) ||
            row->at(slot).is_symbol())
          continue;
        data.push_back({fmt::format("{}.{}={}", name, column.name, text_of_value(row->at(slot))),
                        fmt::format("{}.columns.{}", path, column.name)});
      }
    }
  }
}

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

/// A literal of the type, other for other tags.
std::string literal(const pg::Database& database, const pg::Column& column,
                    const std::string& tag) {
  using Family = pg::TypeClass;
  const std::uint64_t hash = digest(tag + column.name);
  if (column.type.is_array()) return "'{}'";
  switch (column.type.family) {
    case Family::boolean:
      return "true";
    case Family::int2:
      return fmt::format("{}", 1000 + hash % 20'000);
    case Family::int4:
    case Family::int8:
    case Family::oid:
    case Family::numeric:
    case Family::float4:
    case Family::float8:
    case Family::money:
      return fmt::format("{}", 100'000 + hash % 900'000);
    case Family::uuid:
      return fmt::format("'00000000-0000-4000-8000-{:012x}'", hash & 0xffffffffffff);
    case Family::date:
      return "'2026-01-01'";
    case Family::time:
    case Family::timetz:
      return "'12:00:00'";
    case Family::timestamp:
    case Family::timestamptz:
      return "'2026-01-01 12:00:00'";
    case Family::interval:
      return "'1 day'";
    case Family::json:
    case Family::jsonb:
      return "'{}'";
    case Family::inet:
      return "'127.0.0.1'";
    case Family::enumeration: {
      const auto* type = database.get<pg::Type>(column.type.user);
      return type == nullptr || type->labels.empty() ? "NULL"
                                                     : fmt::format("'{}'", type->labels.front());
    }
    case Family::unknown_literal:
    case Family::text:
    case Family::varchar:
    case Family::bpchar:
    case Family::name:
    case Family::citext:
    case Family::bytea:
    case Family::bit:
    case Family::composite:
    case Family::other:
    case Family::unknown:
      break;
  }
  std::string text = fmt::format("{}_{:x}", column.name, hash & 0xffff);
  if (column.type.length > 0 && text.size() > static_cast<std::size_t>(column.type.length))
    text.resize(column.type.length);
  return fmt::format("'{}'", text);
}

/// The column called `name` of a table that the statement mentions; any table's when none is
/// mentioned.
const pg::Column* find_column(const pg::Database& database, const std::string& sql,
                              const std::string& name) {
  const pg::Column* found = nullptr;
  std::string best;
  database.for_each([&](const pg::Object& object) {
    const auto* table = database.get<pg::Table>(object.id);
    if (table == nullptr || table->find(name) == 0 || sql.find(table->name) == std::string::npos)
      return;
    if (found != nullptr && best.size() >= table->name.size()) return;
    best = table->name;
    found = &table->column(table->find(name));
  });
  return found;
}

}  // namespace

std::string fact_name(const pg::Database& database, const pg::Object& object) {
  const pg::Object* schema = object.schema == 0 ? nullptr : database.find(object.schema);
  return schema == nullptr || schema->name == "public" ? object.name
                                                       : schema->name + '.' + object.name;
}

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
    return says_the_same(one.second.content, other.second.content);
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

std::set<std::string> content_of_rows(const pg::Database& database) {
  std::set<std::string> all;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    for (const auto& row : rows->rows) all.insert(content_of(fact_name(database, *table), *row));
  }
  return all;
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

namespace {

/// `sql` with each placeholder replaced by what `value` says of its name.
std::string replaced(const std::string& sql,
                     const std::function<std::string(const std::string& name)>& value) {
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    const unsigned char after = i + 1 < sql.size() ? static_cast<unsigned char>(sql[i + 1]) : '\0';
    const bool named =
        sql[i] == ':' && (std::isalpha(after) || after == '_') && (i == 0 || sql[i - 1] != ':');
    const bool numbered = sql[i] == '$' && std::isdigit(after);
    if (quoted || (!named && !numbered)) {
      result += sql[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < sql.size() &&
           (std::isalnum(static_cast<unsigned char>(sql[end])) || sql[end] == '_'))
      ++end;
    result += value(sql.substr(named ? i + 1 : i, end - i - (named ? 1 : 0)));
    i = end - 1;
  }
  return result;
}

}  // namespace

std::map<std::string, std::string> placeholders(const std::string& sql) {
  std::vector<std::string> names;
  const std::string numbered = replaced(sql, [&](const std::string& name) {
    const auto found = std::ranges::find(names, name);
    const auto at = found - names.begin();
    if (found == names.end()) names.push_back(name);
    return fmt::format("${}", at + 1);
  });
  std::map<std::string, std::string> columns;
  if (names.empty()) return columns;
  const std::map<int, std::string> said = pg::columns_of_parameters(numbered);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = said.find(static_cast<int>(i + 1));
    columns[names[i]] = found == said.end() ? names[i] : found->second;
  }
  return columns;
}

std::string with_literals(const pg::Database& database, const std::string& sql,
                          const std::string& tag,
                          const std::map<std::string, std::string>& chosen) {
  const std::map<std::string, std::string> columns = placeholders(sql);
  return replaced(sql, [&](const std::string& name) {
    if (const auto found = chosen.find(':' + name); found != chosen.end()) return found->second;
    const std::string& stands_for = columns.at(name);
    if (const auto found = chosen.find(stands_for); found != chosen.end()) return found->second;
    const pg::Column* column = find_column(database, sql, stands_for);
    if (column == nullptr) column = find_column(database, sql, name);
    return column != nullptr ? literal(database, *column, tag) : fmt::format("'{}'", name);
  });
}

}  // namespace backout::services
